"""What Fink adds becomes annotations, matches and reports; its flat rows are the packets they tell of."""

import pytest

from tests.surveys.ztf.made import OBJECT, alert_of, packet_value
from tests.surveys.ztf.real import avro, cassette, needs_real_data, parquet
from vra_tui.surveys.ztf import Ztf, fink

FINK = {
    "finkclass": "SN candidate", "tnsclass": "(TNS) SN Ia", "tns": "SN Ia", "fink_science_version": "8.41.0",
    "snn_sn_vs_all": 0.75, "slsn_score": -1.0, "roid": 3, "tracklet": "TRCK_1", "cdsxmatch": "QSO",
    "vsx": "Fail 503", "gcvs": "Unknown", "DR3Name": "Gaia DR3 4175170869892010752", "Plx": 0.875,
    "gaiaClass": "nan", "x4lac": "Unknown",
    "mangrove": {"HyperLEDA_name": "NGC5674", "2MASS_name": "None", "lum_dist": "112.5", "ang_dist": "106.5"},
}  # fmt: skip


def test_classes_and_scores_are_an_annotation_with_its_version_and_time():
    alert = alert_of({**packet_value(), **FINK})
    (note,) = alert.annotations
    assert (note.topic, note.classification, note.version, note.mjd) == (
        "fink",
        "SN candidate",
        "8.41.0",
        alert.as_of,
    )
    assert (note.numbers["snn_sn_vs_all"], note.numbers["slsn_score"], note.numbers["roid"]) == (
        0.75,
        None,
        3,
    )
    assert note.explanation == "tracklet TRCK_1"


def test_catalogues_are_matches_and_no_answer_is_none():
    matches = {m.catalogue: m for m in alert_of({**packet_value(), **FINK}).matches}
    assert set(matches) == {"PS1", "Gaia DR1", "SIMBAD", "Gaia DR3", "MANGROVE"}
    assert matches["SIMBAD"].object_type == "QSO"
    assert matches["Gaia DR3"].extra == {"Plx": 0.875}
    assert (matches["MANGROVE"].catalogue_object_id, matches["MANGROVE"].distance_mpc) == ("NGC5674", 112.5)


@pytest.mark.parametrize(("tns", "kinds"), [("SN Ia", ["SN Ia"]), ("", []), ("nan", []), (None, [])])
def test_a_type_of_the_tns_is_a_report(tns, kinds):
    alert = alert_of({**packet_value(), "tns": tns, "tnsclass": "Unknown"})
    assert [report.type for report in alert.tns] == kinds


def flat():
    value = packet_value()
    rows = {f"i:{key}": inner for key, inner in value["candidate"].items()}
    return {**rows, "i:objectId": OBJECT, "d:cdsxmatch": "QSO", "d:mangrove_HyperLEDA_name": "NGC5674",
            "d:mangrove_lum_dist": "112.5", "v:classification": "SN candidate", "v:lapse": 2.5}  # fmt: skip


def test_a_flat_row_is_the_packet_that_it_tells_of():
    row, whole = alert_of(flat()), alert_of({**packet_value(), "prv_candidates": None, "fp_hists": None})
    assert row.facts == whole.facts
    assert row.light_curve.detections.records.tobytes() == whole.light_curve.detections.records.tobytes()
    assert row.annotations[0].classification == "SN candidate"
    assert row.matches[-1].distance_mpc == 112.5
    assert row.extra["packet"] == {"v:lapse": 2.5}


def test_a_flat_row_of_a_limit_says_nothing_of_the_object():
    limit = {**flat(), "i:magpsf": None, "i:candid": None, "i:ra": None, "i:dec": None, "i:isdiffpos": None}
    alert = alert_of(limit)
    assert (alert.facts, len(alert.light_curve.nondetections)) == ({}, 1)


@needs_real_data
def test_real_alerts_of_fink_are_taken_in_from_avro_parquet_and_server():
    packets = avro("ztf_alerts/fink_ztf_2026-03.avro") + parquet("ztf_alerts/fink_50alerts_2025-10.parquet")
    alerts = [Ztf().alert(packet) for packet in packets]
    assert len(alerts) == 71
    assert all(len(alert.stamps) == 3 and alert.annotations for alert in alerts)
    assert sorted(report.type for alert in alerts for report in alert.tns) == [
        "SN II",
        "SN II",
        "SN II",
        "SN Ia",
    ]
    rows = [Ztf().alert(packet) for packet in cassette("broker_responses/fink_get_alert.yaml")]
    assert [row.facts["real_bogus"] for row in rows] == [0.09077254, 0.2875158, 0.00664082]
    assert all(row.light_curve.detections.mag[0] < 0 for row in rows)


@pytest.mark.parametrize("key", ["cdsxmatch", "vsx", "DR3Name", "x3hsp", "x4lac", "spicy_class", "mangrove"])
def test_a_catalogue_that_gave_fink_no_answer_is_no_source_near_the_alert(key: str) -> None:
    failed: dict[str, object] = {"finkclass": "SN candidate"}
    failed[key] = {"HyperLEDA_name": "Fail 500", "lum_dist": "nan"} if key == "mangrove" else "Fail 500"

    assert fink.fink_additions(failed, 60_000.0).matches == ()
