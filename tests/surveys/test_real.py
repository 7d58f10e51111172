"""Real files give as many alerts, epochs and refusals as they hold, and real packets their numbers."""

import json
import math
from collections import Counter

import fastavro
import numpy as np
import pytest

from vra_tui.domain.alert import NotAnAlert, Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.files import find_files, read_file
from vra_tui.sources.reading import Reading
from vra_tui.surveys import installed_surveys

#: Alerts by survey, detections, limits, forced points, stamps; refused, and no alerts.
COUNTS = {
    "atlas_api": {"atlas": 2, "seen": 30, "missed": 6227, "forced": 305, "refused": 1},
    "atlas_forced": {"atlas": 34, "forced": 26845},
    "atlas_stamps": {"atlas": 8, "seen": 8, "stamps": 16, "refused": 1},
    "lsst_alerts": {"lsst": 5, "seen": 976, "forced": 1204, "stamps": 9, "refused": 1, "no alert": 2},
    "lasair/lsst_stream_20260205.json": {"lsst": 64, "seen": 288},
    "lasair/alert_313637921267122191.json": {"lsst": 1, "seen": 8},
    "lasair/object_313637921267122191.json": {"lsst": 1},
    "lasair/lite_313637921267122191.json": {"refused": 1},
    "lasair/lsst_object_SLSN_10321.json": {"lsst": 1, "seen": 116},
    "lasair/alert_schema10.0.json": {"lsst": 1, "seen": 32},
    "lasair/alert_schema7.1.json": {"lsst": 1, "seen": 71, "forced": 1},
    "ztf_bts": {"table": 1895, "seen": 65637, "refused": 1},
    "vra_duck": {"refused": 4},
    "gw": {"refused": 8},
    "tns": {"refused": 2},
}
#: Of files that hold no alerts, what is said of them.
REASONS = {
    "lasair/lite_313637921267122191.json": "--name",
    "lasair/sample_cutout_lsst.fits": "FITS image",
    "lasair/nb_object.ipynb": "Jupyter notebook",
    "lasair/object_api_ZTF23aabplmy.md": "Markdown",
    "broker_responses/lasair_cone.yaml": "YAML",
    "broker_responses/boom_query.yaml": "YAML",
    "lsst_schemas/10.0/lsst.v10_0.alert.avsc": "Avro schema",
    "lsst_alerts/fakeAlert_v7_4.avro": "midpointMjdTai is 1.48",
    "gw/GW190425_initial.voevent.xml": "VOEvent",
    "gw/igwn_gwalert_preliminary.json": "its keys are alert_type",
    "broker_responses/ampel_report.avro": "its keys are object, state, photometry",
    "vra_duck/X_train_day1.csv": "--columns",
    "README.md": "no JSON and no table",
}


def taken(folder, **reading):
    """Alerts of a file or folder, and the reasons of what is none."""
    surveys, alerts, reasons = installed_surveys(), [], []
    for path in find_files([folder]):
        assert not isinstance(path, Refusal)
        for piece in read_file(path, Reading(**reading)):
            if isinstance(piece, Refusal):
                reasons.append(("refused", piece.reason))
                continue
            try:
                alerts.append(surveys.recognise(piece).alert(piece))
            except NotAnAlert as reason:
                reasons.append(("no alert", str(reason)))
            except Refused as reason:
                reasons.append(("refused", str(reason)))
    return alerts, reasons


@pytest.mark.parametrize("name", COUNTS)
def test_a_file_gives_what_was_counted_in_it(real_data, name):
    alerts, reasons = taken(real_data / name)
    found = Counter(alert.survey for alert in alerts) + Counter(kind for kind, _ in reasons)
    for alert in alerts:
        for kind, section in zip(("seen", "missed", "forced"), alert.light_curve.sections, strict=True):
            found[kind] += len(section)
        found["stamps"] += len(alert.stamps)
    assert +found == COUNTS[name]


@pytest.mark.parametrize("name", REASONS)
def test_what_is_refused_is_refused_for_the_right_reason(real_data, name):
    alerts, reasons = taken(real_data / name)
    assert not alerts
    assert all(REASONS[name] in reason for _, reason in reasons)


def test_the_short_form_is_taken_in_under_a_name(real_data):
    alerts, _ = taken(real_data / "lasair/lite_313637921267122191.json", name="313637921267122191")
    whole, _ = taken(real_data / "lasair/alert_313637921267122191.json")
    short, full = alerts[0].light_curve.detections, whole[0].light_curve.detections
    assert np.array_equal(short.mjd, full.mjd)
    assert np.array_equal(short.mag, full.mag, equal_nan=True)


def test_three_real_lsst_packets_hold_the_numbers_that_were_sent(real_data):
    path = real_data / "lsst_alerts/fink_lsst_v10_0_2026-03.avro"
    with path.open("rb") as file:
        sent = [value for value in fastavro.reader(file) if value["diaSource"]["diaObjectId"]]
    alerts, _ = taken(path)
    assert len(alerts) == 3
    for value, alert in zip(sent, alerts, strict=True):
        own = value["diaSource"]
        assert alert.object_id == str(own["diaObjectId"])
        detections = alert.light_curve.detections
        rows = {row["diaSourceId"]: row for row in [own, *value["prvDiaSources"]]}
        assert set(detections.source_id.tolist()) == set(rows)
        for i in (0, len(detections) // 2, len(detections) - 1):
            row = rows[int(detections.source_id[i])]
            mag = math.copysign(31.4 - 2.5 * math.log10(abs(row["psfFlux"])), row["psfFlux"])
            assert detections.mag[i] == pytest.approx(mag, abs=1e-6)
            assert detections.mjd[i] == pytest.approx(row["midpointMjdTai"] - 37 / 86_400, abs=2e-9)
            assert detections.ra[i] == pytest.approx(row["ra"], abs=1e-7)
            assert alert.bands[detections.band[i]] == row["band"]
        forced = value["prvDiaForcedSources"]
        assert alert.light_curve.forced.flux.sum() == pytest.approx(
            sum(r["psfFlux"] for r in forced) / 1e3, rel=1e-4
        )
        assert {stamp.data for stamp in alert.stamps} == {
            value[f"cutout{kind}"] for kind in ("Science", "Template", "Difference")
        }


@pytest.mark.parametrize("name", ["1000005291314656200_sn.json", "1052941460110907400_pm.json"])
def test_real_atlas_objects_hold_the_numbers_that_were_sent(real_data, name):
    sent = json.loads((real_data / "atlas_api" / name).read_bytes())
    (alert,), _ = taken(real_data / "atlas_api" / name)
    detections = alert.light_curve.detections
    assert alert.object_id == str(sent["object"]["id"])
    for key, column in (("mjd", "mjd"), ("mag", "mag"), ("ra", "ra"), ("dec", "dec"), ("mag5sig", "limit")):
        assert sorted(getattr(detections, column)) == pytest.approx(sorted(row[key] for row in sent["lc"]))
    missed = {(row["mjd"], row["expname"][:3]) for row in sent["lcnondets"]}
    seen = {(row["mjd"], row["expname"][:3]) for row in sent["lc"]}
    assert len(alert.light_curve.nondetections) == len(missed - seen)
    assert alert.facts["real_bogus"] == sent["object"]["rb_pix"]


def test_a_real_atlas_packet_holds_the_numbers_that_were_sent(real_data):
    path = real_data / "atlas_stamps/02a59543o0273o_003637.avro"
    with path.open("rb") as file:
        (sent,) = fastavro.reader(file)
    (alert,), _ = taken(path)
    detections, candidate = alert.light_curve.detections, sent["candidate"]
    assert abs(detections.mag[0]) == pytest.approx(abs(candidate["Mag"]), abs=1e-6)
    assert detections.mjd[0] == pytest.approx(candidate["mjd"], abs=1e-9)
    assert detections.ra[0] == pytest.approx(candidate["RA"], abs=1e-7)
    assert alert.instruments == ("02a",)
