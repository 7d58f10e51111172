"""Objects are understood as the API writes them, and refused with a reason that names the place."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.factories import FIRST_ID, T0, api_object, detection, forced, nondetection, tns_report
from vra_tui.survey.parse import parse_object
from vra_tui.survey.refusal import Refused
from vra_tui.survey.times import mjd_of, t0_of


def unit_code(name: str) -> int:
    return int(name[1]) if name[:2].isdigit() else 0


def parse(raw):
    return parse_object(raw, unit_code)


def test_an_object_is_understood():
    parsed = parse(api_object(7, tns_crossmatches=[tns_report()], fp=[forced(-0.4)]))
    assert parsed.atlas_id == FIRST_ID + 7
    assert parsed.t0_mjd == T0
    assert len(parsed.curve.detections) == 4
    assert parsed.curve.detections.unit.tolist() == [2] * 4
    assert len(parsed.curve.nondetections) == 8
    assert parsed.matches[0].separation_arcsec == 5.0
    assert parsed.tns[0].designation == "2023abc"
    assert parsed.note.classification == "SN"


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
    assert parse(raw).atlas_id == FIRST_ID


def test_keys_that_are_not_understood_are_kept():
    raw = api_object(stamps=["a.fits"])
    raw["object"]["new_key"] = 5
    raw["lcnondets"][0]["cloud"] = 0.3
    raw["lc"][0]["chin"] = 2.5
    parsed = parse(raw)
    assert parsed.header.extra["new_key"] == 5
    assert parsed.extra["stamps"] == ["a.fits"]
    assert list(parsed.extra["lcnondets"].values()) == [{"cloud": 0.3}]
    first = str(parsed.curve.detections.key[0])
    assert parsed.detection_extra[first][0]["chin"] == 2.5


NEAR = {"catalogue_object_id": "NGC 1", "separationarcsec": 5.0, "z": 0.01, "photoz": 0.02, "distance": 40.0}


@pytest.mark.parametrize("value", [1e300, -1e300, -999.0, 10**400, "1e300"])
@pytest.mark.parametrize("key", ["z", "photoz", "distance", "separationarcsec", "photozerr", "radeg"])
def test_a_number_that_cannot_be_is_missing_and_what_stood_there_is_kept(key, value):
    (match,) = parse(api_object(sherlock_crossmatches=[{**NEAR, key: value}])).matches
    (without,) = parse(api_object(sherlock_crossmatches=[{**NEAR, key: None}])).matches
    assert match.extra.pop("out_of_range").keys() == {key}
    assert match.model_dump(exclude={"out_of_range"}) == without.model_dump()


def test_a_report_and_a_header_out_of_range_lose_that_number_alone():
    report = {**tns_report(), "mag": 1e300, "object_z": -5.0}
    parsed = parse(api_object(tns_crossmatches=[report], header={"rb_pix": 1e300}))
    assert (parsed.tns[0].mag, parsed.tns[0].object_z, parsed.header.rb_pix) == (None, None, None)
    assert parsed.tns[0].extra["out_of_range"].keys() == {"mag", "object_z"}
    assert parsed.header.extra["out_of_range"].keys() == {"rb_pix"}


def test_an_id_of_digits_in_quotes_is_an_id():
    assert parse(api_object(header={"id": str(FIRST_ID)})).atlas_id == FIRST_ID


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
    assert refused.value.atlas_id == FIRST_ID


@pytest.mark.parametrize("raw", [None, 5, "x", [], [{}], {}, {"object": None}, {"object": [1]}])
def test_what_is_no_object_is_refused(raw):
    with pytest.raises(Refused):
        parse(raw)


def test_null_magnitudes_and_odd_names_are_gaps_not_errors():
    parsed = parse(api_object(lc=[detection(-0.5, mag=None, expname=None, filter=None)]))
    assert np.isnan(parsed.curve.detections.mag[0])
    assert chr(parsed.curve.detections.filter[0]) == "?"


def test_a_negative_magnitude_keeps_its_sign():
    assert parse(api_object(lc=[detection(-0.5, mag=-18.22)])).curve.detections.mag[0] == -18.22


def test_counts_of_older_servers_become_microjansky_by_the_rows_own_zero_point():
    detected = forced(-0.5, mag=18.9, flux=1000.0, dflux=100.0)
    limit = forced(-0.4, mag=20.0, is_limit=True, flux=-50.0, dflux=100.0, expname="02a60000o0001o")
    fp = parse(api_object(fp=[detected, limit])).curve.forced
    assert fp.flux[0] == pytest.approx(100.0)
    assert fp.dflux[0] == pytest.approx(10.0)
    # A limit of 20.0 mag is 3 sigma: 36.3 microjansky, so sigma is 12.1.
    assert fp.dflux[1] == pytest.approx(12.1, abs=0.01)
    assert fp.flux[1] == pytest.approx(-6.05, abs=0.01)


def test_microjansky_of_newer_servers_are_taken_as_they_are():
    fp = parse(api_object(fp=[forced(-0.5, uJy=42.0, duJy=4.0)])).curve.forced
    assert (fp.flux[0], fp.dflux[0]) == (42.0, 4.0)


def test_an_exposure_that_was_detected_is_no_nondetection():
    same = detection(-0.5)
    row = nondetection(-0.5, expname=same["expname"])
    assert len(parse(api_object(lc=[same], lcnondets=[row])).curve.nondetections) == 0


def test_without_a_flag_date_t0_is_the_day_after_the_latest_detection():
    parsed = parse(api_object(header={"followup_flag_date": None}))
    assert (parsed.t0_mjd, parsed.t0_is_derived) == (T0, True)


def test_without_flag_date_and_detections_there_is_no_t0():
    with pytest.raises(Refused, match="followup_flag_date"):
        parse(api_object(header={"followup_flag_date": None}, lc=[]))


def test_times_are_mjd_in_utc():
    assert mjd_of(datetime(2000, 1, 1, 12, tzinfo=UTC)) == 51544.5
    assert mjd_of(datetime.fromisoformat("2023-02-25T06:00:00+06:00")) == 60000.0


def test_a_date_without_time_means_the_end_of_its_night():
    assert t0_of(datetime(2023, 2, 25)) == 60001.0
    assert t0_of(datetime(2023, 2, 25, 6)) == 60000.25


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
    assert len(parse(api_object(header={"local_comments": "x" * 50_000})).header.comments) == 10_000


def test_only_names_that_look_like_a_units_take_a_place_among_the_units():
    asked = []
    rows = [
        detection(-1 - n, expname=name) for n, name in enumerate(["05r6o", "\x1b[2", "abc", "zz", None, 5])
    ]
    parse_object(api_object(lc=rows, lcnondets=[]), lambda name: asked.append(name) or 0)
    assert set(asked) == {"05r", "?"}
