"""ZTF's own packets become alerts: signs, limits, sentinels, forced fluxes, stamps, near sources."""

from itertools import pairwise

import numpy as np
import pytest

from tests.surveys.ztf.made import CANDID, JD, MJD, OBJECT, STAMP, alert_of, packet_value
from tests.surveys.ztf.real import avro, needs_real_data, series
from vra_tui.domain.alert import FACTS, Refused, StampKind
from vra_tui.domain.epochs import ABSENT
from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.surveys.ztf import Ztf


def test_the_candidate_and_its_history_become_the_light_curve():
    alert = alert_of(packet_value())
    seen, missed = alert.light_curve.detections, alert.light_curve.nondetections
    assert (alert.survey, alert.object_id, alert.as_of) == ("ztf", OBJECT, MJD)
    assert seen.mjd.tolist() == pytest.approx([MJD - 2, MJD], abs=1e-8)
    assert seen.mag.tolist() == [-18.5, 18.25]
    assert seen.magerr.tolist() == [0.25, 0.125]
    assert seen.source_id.tolist() == [CANDID - 10**15, CANDID]
    assert [alert.bands[code] for code in seen.band] == ["g", "r"]
    assert missed.limit.tolist() == [20.25]
    assert alert.instruments == ("ZTF",)


def test_only_the_candidate_has_the_score_of_the_deep_network():
    score = alert_of(packet_value()).light_curve.detections.score
    assert np.isnan(score[0])
    assert score[1] == 0.875
    assert alert_of(packet_value(drb=None)).facts["real_bogus"] == 0.5


@pytest.mark.parametrize(
    ("written", "sign"),
    [
        ("t", 1),
        ("1", 1),
        (True, 1),
        (1, 1),
        ("true", 1),
        (None, 1),
        ("f", -1),
        ("0", -1),
        (False, -1),
        (0, -1),
        (-1, -1),
    ],
)
def test_the_sign_of_the_difference_flux_is_read_however_it_is_written(written, sign):
    assert alert_of(packet_value(isdiffpos=written)).light_curve.detections.mag[-1] == sign * 18.25


def test_numbers_that_stand_for_none_are_missing():
    alert = alert_of(packet_value())
    assert {alert.facts[name] for name in ("solar_arcsec", "solar_mag", "solar_name")} == {None}
    assert [(match.source, match.separation_arcsec) for match in alert.matches] == [
        ("ps1", 1.5),
        ("gaia", 2.5),
    ]
    assert (alert.matches[0].mag, alert.matches[0].mag_band, alert.matches[0].extra) == (
        19.5,
        "r",
        {"i_mag": 19.0},
    )
    assert alert.matches[0].catalogue_object_id == "100962670007864356"
    assert all(value not in (-999, -99999, "null") for value in alert.details[str(CANDID)].values())


def test_facts_are_those_the_packet_names_in_the_units_of_facts():
    facts = alert_of(packet_value()).facts
    assert set(facts) <= set(FACTS)
    assert "t0_mjd" not in facts
    assert facts["reference_arcsec"] == pytest.approx(0.506)
    assert facts["fwhm_arcsec"] == pytest.approx(2.024)
    assert facts["first_told_mjd"] == pytest.approx(MJD - 5)
    assert (facts["n_detections_told"], facts["star_score"], facts["gaia_mag"]) == (7, 0.25, 19.75)
    value = packet_value()
    for key in ("drb", "rb", "neargaia", "ssdistnr"):
        del value["candidate"][key]
    assert not {"real_bogus", "gaia_arcsec", "solar_arcsec"} & set(alert_of(value).facts)


def test_forced_fluxes_are_microjansky_by_their_zero_points():
    forced = alert_of(packet_value()).light_curve.forced
    assert forced.flux.tolist() == pytest.approx([100 * 10 ** ((23.9 - 26.0) / 2.5)], rel=1e-6)
    assert forced.dflux.tolist() == pytest.approx([10 * 10 ** ((23.9 - 26.0) / 2.5)], rel=1e-6)
    value = packet_value()
    value["fp_hists"][0].update(forcediffimflux=-99999.0, forcediffimfluxunc=-99999.0, procstatus="61")
    assert len(alert_of(value).light_curve.forced) == 0


def test_stamps_are_kept_as_they_came():
    stamps = alert_of(packet_value()).stamps
    assert [stamp.kind for stamp in stamps] == [StampKind.SCIENCE, StampKind.TEMPLATE, StampKind.DIFFERENCE]
    assert {(stamp.data, stamp.mjd, stamp.source_id) for stamp in stamps} == {(STAMP, MJD, CANDID)}
    value = packet_value()
    value["cutoutTemplate"], value["cutoutScience"]["stampData"] = None, b""
    assert [stamp.kind for stamp in alert_of(value).stamps] == [StampKind.DIFFERENCE]


@pytest.mark.parametrize("absent", ["prv_candidates", "fp_hists", "cutoutScience", "publisher", "candid"])
def test_what_older_schemas_do_not_have_is_not_missed(absent):
    value = packet_value()
    del value[absent]
    assert len(alert_of(value).light_curve.detections) >= 1
    value[absent] = None
    assert len(alert_of(value).light_curve.detections) >= 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"jd": None}, "`jd`"),
        ({"jd": "yesterday"}, "`jd` is no number"),
        ({"jd": 59000.0}, "`jd` is no time"),
        ({"fid": 7}, "`fid` is 7"),
        ({"ra": 400.0}, "`ra`"),
        ({"dec": -91.0}, "`dec`"),
        ({"magpsf": 1e300}, "does not fit"),
        ({"magpsf": float("inf")}, "`magpsf` is not finite"),
        ({"magpsf": [1]}, "`magpsf` is no number"),
        ({"isdiffpos": "maybe"}, "`isdiffpos`"),
        ({"candid": 3.367463101415010e18}, "floating-point"),
        ({"candid": -5}, "`candid`"),
        ({"drb": {}}, "`drb`"),
        ({"nbad": 0.5}, "`nbad`"),
        ({"nbad": 1e200}, "`nbad`"),
    ],
)
def test_a_broken_candidate_is_refused_by_the_name_of_its_key(change, reason):
    with pytest.raises(Refused, match=reason) as refused:
        alert_of(packet_value(**change))
    assert refused.value.object_id == OBJECT


@pytest.mark.parametrize(
    ("key", "broken", "reason"),
    [
        ("objectId", None, "no object is named"),
        ("objectId", 12, "`objectId` is '12'"),
        ("objectId", "../../etc", "not an id of ZTF's"),
        ("prv_candidates", 3, "`prv_candidates` is no list"),
        ("prv_candidates", [3], "`prv_candidates` is no list"),
        ("prv_candidates", [{"fid": 1}], "`jd`"),
        ("fp_hists", [{"jd": JD, "fid": 9}], "`fid` is 9"),
        ("cutoutScience", {"stampData": b"GIF89a"}, "`cutoutScience` holds no FITS"),
        ("cutoutScience", {"stampData": STAMP[:12]}, "`cutoutScience` holds no FITS"),
        ("cutoutScience", {"stampData": "text"}, "`cutoutScience` holds no FITS"),
        ("cutoutScience", b"bare", "`cutoutScience` is"),
    ],
)
def test_a_broken_packet_is_refused_by_the_name_of_its_key(key, broken, reason):
    value = packet_value()
    value[key] = broken
    with pytest.raises(Refused, match=reason):
        alert_of(value)


def test_a_packet_without_candidate_is_refused():
    with pytest.raises(Refused, match="`candidate` is missing"):
        alert_of({"objectId": OBJECT, "schemavsn": "4.02"})


def test_unknown_keys_are_kept_and_endless_ones_are_cut():
    value = packet_value(novelty=3.5, words="x" * 20_000)
    value["broker"] = {"deep": {"number": 1, "bytes": b"x", "nan": float("nan")}}
    deep = value["bottomless"] = {}
    for _ in range(500):
        deep["in"] = deep = {"n": 1}
    alert = alert_of(value)
    assert alert.details[str(CANDID)]["novelty"] == 3.5
    assert len(alert.details[str(CANDID)]["words"]) == 10_000
    assert alert.extra["packet"]["broker"] == {"deep": {"number": 1}}
    assert len(str(alert.extra["packet"]["bottomless"])) < 200


def units(packets):
    """The light curves of packets with the times at which they were told."""
    alerts = [Ztf().alert(packet) for packet in packets]
    assert len({alert.bands for alert in alerts}) == 1
    return [TimedLightCurve.of(alert.light_curve, alert.as_of) for alert in alerts]


@needs_real_data
def test_the_34_packets_of_one_object_unite_to_the_same_in_any_order_with_repeats():
    told = units(series())
    random = np.random.default_rng(3)
    results = set()
    for _ in range(4):
        order = random.permutation(np.r_[np.arange(len(told)), random.integers(len(told), size=8)])
        whole = told[order[0]]
        for i in order[1:]:
            whole = whole.united(told[i])
        results.add((*(s.records.tobytes() for s in whole.curve.sections), whole.packed_times()))
    assert len(results) == 1
    scores = whole.curve.detections.score[whole.curve.detections.records["score"] != ABSENT["score"]]
    assert len(scores) == len(told)


@needs_real_data
def test_a_real_packet_has_a_row_for_every_row_that_was_sent():
    for packet in [*series()[::6], *avro("ztf_alerts/schema4_2023/2475433850215010008.avro")]:
        value, curve = packet.value, Ztf().alert(packet).light_curve
        sent = value["prv_candidates"] or []
        assert len(curve.detections) == 1 + sum(row["candid"] is not None for row in sent)
        assert len(curve.nondetections) == sum(row["magpsf"] is None for row in sent)
        told = [row for row in value.get("fp_hists") or [] if row["forcediffimflux"] > -99999]
        assert len(curve.forced) == len(told)


@needs_real_data
def test_a_real_history_row_is_the_detection_that_was_once_a_packet_of_its_own():
    for earlier, later in pairwise(series()[:6]):
        own = Ztf().alert(earlier).light_curve.detections[-1:]
        again = Ztf().alert(later).light_curve.detections
        again = again[again.source_id == own.source_id[0]]
        for name in ("day", "fraction", "ra", "dec", "instrument", "limit"):
            assert abs(int(again.records[name][0]) - int(own.records[name][0])) <= 1, name
        # Histories round magnitudes to four digits or six.
        assert again.mag[0] == pytest.approx(own.mag[0], abs=1e-4)
