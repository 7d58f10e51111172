"""Objects are understood as the ATLAS API writes them, and refused with a reason that names the place."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.factories import FIRST_ID, T0, api_object, detection, forced, nondetection, tns_report
from vra_tui.domain.alert import Refused, detail_key
from vra_tui.domain.epochs import exposure_numbers
from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.domain.times import mjd_of
from vra_tui.surveys.atlas import Atlas
from vra_tui.surveys.atlas.api import alert_of_object, t0_of
from vra_tui.surveys.base import Packet


def parse(raw):
    assert Atlas().recognises(Packet("made", "object 1", raw))
    return Atlas().alert(Packet("made", "object 1", raw))


def names(alert, section, which="instruments"):
    codes = getattr(section, which.removesuffix("s"))
    return [getattr(alert, which)[code] for code in codes]


def test_an_object_is_understood():
    alert = parse(api_object(7, tns_crossmatches=[tns_report()], fp=[forced(-0.4)]))
    curve = alert.light_curve
    assert (alert.survey, alert.object_id) == ("atlas", str(FIRST_ID + 7))
    assert alert.facts["t0_mjd"] == T0
    assert names(alert, curve.detections) == ["02a"] * 4
    assert names(alert, curve.detections, "bands") == ["o"] * 4
    assert [len(section) for section in curve.sections] == [4, 8, 1]
    assert alert.matches[0].separation_arcsec == 5.0
    assert alert.matches[0].source == "sherlock"
    assert alert.tns[0].designation == "2023abc"
    assert alert.tns[0].discovered_mjd == T0 - 0.5
    assert alert.context.classification == "SN"
    assert alert.as_of == mjd_of(datetime(2023, 2, 26, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    "section",
    ["lc", "lcnondets", "fp", "sherlock_crossmatches", "sherlock_classifications", "tns_crossmatches"],
)
@pytest.mark.parametrize("how", ["missing", "null", "empty"])
def test_any_section_may_be_missing_null_or_empty(section, how):
    raw = api_object()
    if how == "missing":
        del raw[section]
    else:
        raw[section] = None if how == "null" else []
    assert parse(raw).object_id == str(FIRST_ID)


def test_a_section_that_is_missing_says_nothing_and_an_empty_one_that_there_is_none():
    raw = api_object()
    del raw["sherlock_crossmatches"], raw["sherlock_classifications"], raw["external_crossmatches"]
    silent, empty = parse(raw), parse(api_object(sherlock_crossmatches=[], sherlock_classifications=[]))
    assert (silent.matches, silent.context, silent.external) == (None, None, None)
    assert (empty.matches, empty.external) == ((), ())
    assert empty.context.classification is None


def test_only_facts_that_the_header_names_are_said_and_null_is_said_as_none():
    raw = api_object(header={"local_comments": None})
    del raw["object"]["rb_pix"]
    facts = parse(raw).facts
    assert "real_bogus" not in facts
    assert facts["comments"] is None
    assert facts["name"] == "ATLAS23t000"


def test_keys_that_are_not_understood_are_kept():
    raw = api_object(stamps=["a.fits"])
    raw["object"]["new_key"] = 5
    raw["lcnondets"][0]["cloud"] = 0.3
    raw["lc"][0]["chin"] = 2.5
    alert = parse(raw)
    assert alert.extra["object"]["new_key"] == 5
    assert alert.extra["stamps"] == ["a.fits"]
    assert list(alert.extra["lcnondets"].values()) == [{"cloud": 0.3}]
    key = detail_key(0, int(exposure_numbers([raw["lc"][0]["mjd"]])[0]))
    assert alert.details[key]["chin"] == 2.5


def test_two_detections_of_one_exposure_are_two_and_stay_two():
    row = detection(-0.5, x=100.5, y=200.25, ra=150.1)
    other = {**row, "x": 103.5, "ra": 150.1009}
    alert = parse(api_object(lc=[row, other, row]))
    detections = alert.light_curve.detections
    assert sorted(detections.ra.tolist()) == [150.1, 150.1009]
    assert len(alert.details) == 2
    timed = TimedLightCurve.of(alert.light_curve, alert.as_of)
    assert len(timed.united(timed).curve.detections) == 2
    whole = timed.united(TimedLightCurve.of(parse(api_object(lc=[other, row])).light_curve, alert.as_of))
    assert whole.curve.detections.records.tobytes() == detections.records.tobytes()


def test_an_exposure_whose_double_was_taken_back_holds_what_the_newer_response_says():
    row = detection(-0.5, x=100.5, y=200.25)
    old = parse(api_object(lc=[row, {**row, "x": 103.5, "mag": 17.0}])).light_curve
    new = parse(api_object(lc=[row])).light_curve
    older, newer = TimedLightCurve.of(old, 60_001.0), TimedLightCurve.of(new, 60_002.0)
    for united in (older.united(newer), newer.united(older)):
        assert united.curve.detections.mag.tolist() == [18.5]


def test_an_id_of_digits_in_quotes_is_an_id():
    assert parse(api_object(header={"id": str(FIRST_ID)})).object_id == str(FIRST_ID)


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ({"id": None}, "object.id"),
        ({"id": 12345}, "19 digits"),
        ({"id": -FIRST_ID}, "19 digits"),
        ({"id": 10**19}, "19 digits"),
        ({"id": 10**4000}, "object"),
        ({"id": float(FIRST_ID)}, "object.id"),
        ({"id": True}, "object"),
        ({"id": [FIRST_ID]}, "object.id"),
        ({"ra": float("nan")}, "object.ra"),
        ({"ra": 360.5}, "object.ra"),
        ({"ra": None}, "object.ra"),
        ({"dec": -90.1}, "object.dec"),
        ({"dec": "north"}, "object.dec"),
        ({"rb_pix": "high"}, "object.rb_pix"),
        ({"followup_flag_date": "yesterday"}, "object.followup_flag_date"),
    ],
)
def test_a_wrong_header_is_refused_by_name(header, place):
    with pytest.raises(Refused, match=place):
        parse(api_object(header=header))


@pytest.mark.parametrize(
    ("sections", "place"),
    [
        ({"lc": "none"}, "section `lc` is not a list but text"),
        ({"lc": [1]}, r"lc\[0\] is not an object but a number"),
        ({"lc": [detection(-1), detection(-1, mjd=1e9)]}, r"lc\[1\].mjd is 1e\+09"),
        ({"lc": [detection(-1, mjd=None)]}, r"lc\[0\].mjd is missing"),
        ({"lc": [detection(-1, mjd="60000.1")]}, r"lc\[0\].mjd is not a number: '60000.1'"),
        ({"lc": [detection(-1, mag=[18.0])]}, r"lc\[0\].mag is not a number"),
        ({"lc": [detection(-1, mag=True)]}, r"lc\[0\].mag is not a number"),
        ({"lc": [detection(-1, mag=10**400)]}, r"lc\[0\].mag"),
        ({"lc": [detection(-1, ra=float("inf"))]}, r"lc\[0\].ra"),
        ({"lcnondets": [nondetection(-1, limit=500.0)]}, r"lcnondets\[0\].mag5sig is 500"),
        ({"fp": {"mjd_obs": 1}}, "section `fp`"),
        ({"sherlock_crossmatches": [{"z": "far"}]}, r"sherlock_crossmatches\[0\]"),
    ],
)
def test_a_wrong_section_refuses_the_object_naming_row_and_key(sections, place):
    with pytest.raises(Refused, match=place) as refused:
        parse(api_object(**sections))
    assert refused.value.object_id == str(FIRST_ID)


@pytest.mark.parametrize("raw", [None, 5, "x", [], [{}], {}, {"object": None}, {"object": [1]}])
def test_what_is_no_object_is_not_known_and_refused(raw):
    assert not Atlas().recognises(Packet("made", "object 1", raw))
    if isinstance(raw, dict):
        with pytest.raises(Refused):
            alert_of_object(raw)


def test_reports_of_others_that_hold_an_object_are_not_known():
    ampel = {"object": {"id": 170472689154654242, "ra": 1.0, "dec": 2.0}, "state": 5, "photometry": []}
    assert not Atlas().recognises(Packet("made", "record 1", ampel, "avro"))


def test_null_magnitudes_and_odd_names_are_gaps_not_errors():
    alert = parse(api_object(lc=[detection(-0.5, mag=None, expname=None, filter=None)], lcnondets=[]))
    assert np.isnan(alert.light_curve.detections.mag[0])
    assert (alert.bands, alert.instruments) == (("?",), ("?",))


def test_a_negative_magnitude_keeps_its_sign():
    assert parse(api_object(lc=[detection(-0.5, mag=-18.22)])).light_curve.detections.mag[0] == -18.22


def test_counts_of_older_servers_become_microjansky_by_the_rows_own_zero_point():
    detected = forced(-0.5, mag=18.9, flux=1000.0, dflux=100.0)
    limit = forced(-0.4, mag=20.0, is_limit=True, flux=-50.0, dflux=100.0, expname="02a60000o0001o")
    fp = parse(api_object(fp=[detected, limit])).light_curve.forced
    assert fp.flux[0] == pytest.approx(100.0)
    assert fp.dflux[0] == pytest.approx(10.0)
    # A limit of 20.0 mag is 3 sigma: 36.3 microjansky, so sigma is 12.1.
    assert fp.dflux[1] == pytest.approx(12.1, abs=0.01)
    assert fp.flux[1] == pytest.approx(-6.05, abs=0.01)


def test_microjansky_of_newer_servers_are_taken_as_they_are():
    fp = parse(api_object(fp=[forced(-0.5, uJy=42.0, duJy=4.0)])).light_curve.forced
    assert (fp.flux[0], fp.dflux[0]) == (42.0, 4.0)


def test_an_exposure_that_was_detected_is_no_nondetection():
    same = detection(-0.5)
    row = nondetection(-0.5, expname=same["expname"])
    assert len(parse(api_object(lc=[same], lcnondets=[row])).light_curve.nondetections) == 0


@pytest.mark.parametrize("sections", [{}, {"lc": []}])
def test_without_a_flag_date_no_t0_is_said(sections):
    assert "t0_mjd" not in parse(api_object(header={"followup_flag_date": None}, **sections)).facts


def test_a_date_without_time_means_the_end_of_its_night():
    assert t0_of(datetime(2023, 2, 25)) == 60001.0
    assert t0_of(datetime(2023, 2, 25, 6)) == 60000.25


@pytest.mark.parametrize("date", [None, "", "soon", "2023-13-45"])
def test_a_record_without_a_time_of_change_is_as_old_as_its_latest_exposure(date):
    header = {"date_modified": date}
    assert parse(api_object(header=header, lc=[], lcnondets=[], fp=[])).as_of == 0.0
    rows = {"lc": [detection(2.0), detection(1.0)], "lcnondets": [nondetection(-3.0)]}
    assert parse(api_object(header=header, **rows)).as_of == T0 + 2.0
    assert parse(api_object(header=header, **rows, fp=[forced(5.0), forced(4.0)])).as_of == T0 + 5.0


def test_exposures_that_a_server_adds_without_a_new_date_of_change_make_a_record_newer():
    header = {"date_modified": "2023-03-05T12:00:00Z"}
    times = [parse(api_object(header=header, lc=[detection(phase)])).as_of for phase in (1.0, 30.0)]
    assert times == [mjd_of(datetime(2023, 3, 5, 12)), T0 + 30.0]


def nested(levels: int):
    value: object = 1
    for number in range(levels):
        value = [value] if number % 2 else {"a": value}
    return value


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (api_object(header={"detection_list_id": 2**63}), "detection_list_id"),
        (api_object(header={"atlas_designation": ["a"]}), "this is not text"),
        (api_object(header={"ra": 10**400}), "object.ra"),
        (api_object(header={"ra": nested(500)}), "object.ra"),
        (api_object(header={"new_key": nested(200)}), "deeper than 50"),
        (api_object(lc=[detection(-1, new_key=nested(200))]), "deeper than 50"),
        (api_object(tns_crossmatches=[tns_report(new_key=nested(200))]), "deeper than 50"),
        (api_object(new_key=nested(200)), "deeper than 50"),
        (api_object(lc=[detection(-1, mag=nested(500))]), "lc[0].mag is not a number"),
        (api_object(lc=[detection(-1, mjd=99_999.9)]), "lc[0].mjd"),
        (api_object(header={"followup_flag_date": "0001-01-01"}), "no time of the survey"),
    ],
)
def test_what_no_store_could_hold_is_refused_with_a_short_reason(response, reason):
    with pytest.raises(Refused) as refused:
        parse(response)
    assert reason in str(refused.value)
    assert len(str(refused.value)) < 300


def test_long_texts_are_cut():
    assert len(parse(api_object(header={"local_comments": "x" * 50_000})).facts["comments"]) == 10_000


def test_only_names_that_look_like_a_units_take_a_place_among_the_units():
    rows = [
        detection(-1 - n, expname=name) for n, name in enumerate(["05r6o", "\x1b[2", "abc", "zz", None, 5])
    ]
    assert set(parse(api_object(lc=rows, lcnondets=[])).instruments) == {"05r", "?"}


def test_bands_of_more_than_a_letter_are_unknown():
    rows = [detection(-1 - n, filter=name) for n, name in enumerate(["o", "c", "ri", "", "\x1b", 7])]
    assert set(parse(api_object(lc=rows, lcnondets=[])).bands) == {"o", "c", "?"}


NEAR = {"catalogue_object_id": "NGC 1", "separationarcsec": 5.0, "z": 0.01, "photoz": 0.02, "distance": 40.0}


@pytest.mark.parametrize("value", [1e300, -1e300, -999.0, 10**400, "1e300"])
@pytest.mark.parametrize("key", ["z", "photoz", "distance", "separationarcsec", "photozerr", "radeg"])
def test_a_number_that_cannot_be_is_missing_and_what_stood_there_is_kept(key, value):
    (match,) = parse(api_object(sherlock_crossmatches=[{**NEAR, key: value}])).matches
    (without,) = parse(api_object(sherlock_crossmatches=[{**NEAR, key: None}])).matches
    assert match.extra["out_of_range"].keys() == {key}
    assert replace(match, extra={}) == replace(without, extra={})


def test_a_report_and_a_header_out_of_range_lose_that_number_alone():
    report = {**tns_report(), "mag": 1e300, "object_z": -5.0}
    found = parse(api_object(tns_crossmatches=[report], header={"rb_pix": 1e300}))
    assert (found.tns[0].mag, found.tns[0].object_z) == (None, None)
    assert "real_bogus" not in found.facts
    assert found.tns[0].extra["out_of_range"].keys() == {"mag", "object_z"}
    assert found.extra["object"]["out_of_range"].keys() == {"rb_pix"}
