"""AT reports from light curves: what stands in them, and what cannot be reported."""

import json

import pytest

from tests.export.drafts.conftest import NOW, Reporting
from tests.factories import FIRST_ID, T0, detection, forced, missed_quad, put_alert, quad
from vra_tui.domain.epochs import pack_detections
from vra_tui.domain.light_curve import LightCurve, no_epochs
from vra_tui.export.drafts.at_checks import check
from vra_tui.export.drafts.at_form import mjd_of_text
from vra_tui.export.drafts.at_report import (
    NotReportable,
    build,
    changed,
    day_text,
    names,
    sexagesimal,
)
from vra_tui.export.drafts.facts import gather
from vra_tui.export.drafts.fill import TemplateError
from vra_tui.export.drafts.spelling import read_spelling, written
from vra_tui.pipeline.marking import epochs_at, mark
from vra_tui.pipeline.tns_target import survey_words
from vra_tui.store.decisions import Author
from vra_tui.store.finding import find_alert


def test_a_report_holds_what_the_light_curve_says(made):
    report = made(lc=[*quad(0, 18.5), *quad(2, 18.2)])
    # The quad's first exposure is at a phase of -0.53 d, MJD 60000.47.
    assert report["discovery_datetime"] == "2023-02-25.47000"
    assert [row["obsdate"] for _, row in report.points()] == ["2023-02-25.47000", "2023-02-27.47000"]
    first = dict(report.points())[0]
    assert (first["flux"], first["flux_error"], first["limiting_flux"]) == ("18.440", "0.100", "19.50")
    assert (first["unit"], first["filter"], first["instrument"], first["exptime"]) == ("1", "72", "160", "30")
    limit = report.limit()
    assert (limit["obsdate"], limit["limiting_flux"], limit["filter"], limit["instrument"]) == (
        "2023-02-23.50000", "19.30", "72", "159",
    )  # fmt: skip
    assert (limit["archive"], limit["archival_remarks"]) == ("", "")
    assert (report["reporting_group"], report["data_source"]) == ("111", "18")
    assert (report["internal_name"], report["internal_id"]) == ("ATLAS23abc", str(FIRST_ID))
    assert (report["host_name"], report["host_redshift"]) == ("NGC 9999", "0.05")
    assert (report["ra"], report["dec"]) == ("10:00:24.000", "+02:12:00.00")


def test_without_a_limit_an_archive_is_named(made):
    report = made(lcnondets=[])
    limit = report.limit()
    assert (limit["obsdate"], limit["limiting_flux"], limit["archive"]) == ("", "", "0")
    assert "no earlier non-detection" in limit["archival_remarks"]


def test_what_the_position_did_before_is_no_discovery(made):
    garbage = [detection(-400.0, 18.0), detection(-300.0, 18.1), detection(-2.5, 19.2)]
    report = made(lc=[*garbage, *quad(0)], lcnondets=missed_quad(-2) + missed_quad(-8))
    assert report["discovery_datetime"] == "2023-02-25.47000"
    assert report["non_detection.obsdate"].startswith("2023-02-17")


def test_negative_detections_and_limits_of_forced_photometry_are_no_photometry(made):
    report = made(lc=[*quad(0), detection(1.0, -18.4)], fp=[forced(1.2, 19.0)])
    assert len([*report.points()]) == 1


def test_a_host_is_named_by_what_people_call_it_and_never_by_a_photometric_redshift(made):
    sdss = {
        "catalogue_object_id": "1237663307453759945", "catalogue_table_name": "SDSS/PS1", "rank": 1,
        "association_type": "SN", "catalogue_object_type": "galaxy", "separationarcsec": 5.0, "photoz": 0.08,
    }  # fmt: skip
    note = {"classification": "SN", "annotation": 'with <em><a href="x">SDSS J1000+0212</a></em>; a galaxy'}
    report = made(sherlock_crossmatches=[sdss], sherlock_classifications=[note])
    assert (report["host_name"], report["host_redshift"]) == ("SDSS J1000+0212", "")
    note["annotation"] = "with <em>1237663307453759945</em>"
    report = made(2, sherlock_crossmatches=[sdss], sherlock_classifications=[note])
    assert report["host_name"] == ""
    star = {**sdss, "association_type": "VS", "catalogue_object_type": "star", "z": 0.01}
    report = made(1, sherlock_crossmatches=[star], sherlock_classifications=[{"classification": "VS"}])
    assert (report["host_name"], report["host_redshift"]) == ("", "")


def test_the_configuration_says_who_reports_and_what_is_hidden(facts):
    reporting = Reporting(
        data_source=18, internal_name="QUB-{object_id}", proprietary_days=30, proprietary_groups="4, 7",
        remarks="early", points=2,
    )  # fmt: skip
    found = facts(lc=[*quad(0), *quad(1), *quad(2), *quad(3)])
    report = build(found, reporting, NOW)
    assert (report["internal_name"], report["remarks"]) == (f"QUB-{FIRST_ID}", "early")
    assert report["proprietary_until"] == "2023-03-30"
    assert len([*report.points()]) == 2
    flat = written(report, read_spelling("flat"), NOW.date())["at_report"]["0"]
    assert (flat["end_prop_period"], flat["prop_period_groups"]) == ("2023-03-30", ["4", "7"])
    grouped = written(report, read_spelling("grouped"), NOW.date())["at_report"]["0"]
    assert grouped["proprietary_period"] == {
        "proprietary_period_value": "30", "proprietary_period_units": "days",
    }  # fmt: skip
    with pytest.raises(TemplateError, match=r"tns\.internal_name: line 1: there is no field `\{objekt\}`"):
        build(found, Reporting(internal_name="{objekt}"), NOW)


def test_each_survey_is_told_by_its_own_numbers_and_names(store, clock):
    columns = {
        "mjd": [T0 + 0.2, T0 + 1.2], "ra": [150.1] * 2, "dec": [2.2] * 2, "mag": [21.5, 21.4],
        "magerr": [0.05] * 2, "limit": [23.0] * 2, "instrument": [0, 0], "band": [0, 1],
    }  # fmt: skip
    seen = LightCurve(pack_detections(columns), no_epochs().nondetections, no_epochs().forced)
    cases = {
        "lsst": (
            "170028485706776685",
            "LSSTCam",
            ("g", "y"),
            "LSST-AP-DO-170028485706776685",
            "287",
            "161",
            "165",
        ),
        "ztf": ("ZTF23aaaaaaa", "ZTF", ("r", "i"), "ZTF23aaaaaaa", "196", "111", "48"),
    }
    for survey, (object_id, instrument, bands, name, unit, band, group) in cases.items():
        number = put_alert(
            store, survey, object_id, clock, light_curve=seen, instruments=(instrument,), bands=tuple(bands)
        )
        report = build(gather(store, number, survey_words), Reporting(), NOW)
        first = dict(report.points())[0]
        assert (report["internal_name"], report["data_source"]) == (name, group)
        assert (first["filter"], first["instrument"], first["unit"]) == (band, unit, "1")


def test_what_has_no_number_or_no_detection_is_refused_with_the_reason(store, clock, facts):
    columns = {
        "mjd": [T0], "ra": [150.1], "dec": [2.2], "mag": [18.0], "magerr": [0.1], "limit": [19.0],
        "instrument": [0], "band": [0],
    }  # fmt: skip
    seen = LightCurve(pack_detections(columns), no_epochs().nondetections, no_epochs().forced)
    table = put_alert(store, "mine", "star 7", clock, light_curve=seen, instruments=("cam",), bands=("V",))
    with pytest.raises(NotReportable, match="mine:star 7: no numbers of the TNS are known"):
        build(gather(store, table, survey_words), Reporting(), NOW)
    strange = put_alert(
        store, "atlas", str(FIRST_ID + 9), clock, light_curve=seen, instruments=("02a",), bands=("w",)
    )
    with pytest.raises(NotReportable, match="no number for the band `w` of atlas"):
        build(gather(store, strange, survey_words), Reporting(), NOW)
    with pytest.raises(NotReportable, match="no detection of positive flux"):
        build(facts(lc=[detection(0.0, -18.0)]), Reporting(), NOW)


def test_a_unit_that_nobody_knows_leaves_the_instrument_open(made):
    report = made(lc=[detection(-0.5, expname="09z60000o0001o"), detection(-0.45, number=2)])
    assert dict(report.points())[0]["instrument"] == ""


def test_a_field_is_changed_by_name_and_a_new_measurement_begins_behind_the_last(made):
    report = made()
    assert changed(report, "remarks", "not right: \x1b")["remarks"] == "not right: \x1b"
    more = changed(report, "photometry.1.flux", "18.1")
    assert (more.n_points, [*more.points()][1][1]["flux"]) == (2, "18.1")
    for name in ("photometry.7.flux", "photometry.0.colour", "nothing", "photometry.x.flux"):
        with pytest.raises(KeyError):
            changed(report, name, "1")
    assert set(names(report)) >= set(report.values)


@pytest.mark.parametrize(
    ("mjd", "text"),
    [
        (60_000.0, "2023-02-25.00000"),
        (60_000.999_999, "2023-02-26.00000"),
        (59_107.468_46, "2020-09-15.46846"),
    ],
)
def test_a_time_is_a_day_with_its_fraction(mjd, text):
    assert day_text(mjd) == text


@pytest.mark.parametrize(
    ("ra", "dec", "told"),
    [
        (0.0, -0.001, ("00:00:00.000", "-00:00:03.60")),
        (359.999_999_9, 89.999_999, ("00:00:00.000", "+90:00:00.00")),
        (62.517_59, -47.786_29, ("04:10:04.222", "-47:47:10.64")),
    ],
)
def test_a_position_is_told_in_hours_and_degrees(ra, dec, told):
    assert sexagesimal(ra, dec) == told


def test_the_error_of_the_position_shrinks_with_detections_and_stays_above_the_survey_s(facts):
    def error(found) -> float:
        return float(build(found, Reporting(), NOW)["ra_error"])

    assert error(facts(0, lc=quad(0)[:1])) == 0.4
    wide = [detection(0.1 * n, number=n, ra=150.1 + 4e-4 * (-1) ** n) for n in range(1, 9)]
    assert error(facts(3, lc=[*wide, detection(0.2, number=30, ra=330.1, dec=-2.2)])) == 0.2
    few, many = error(facts(1, lc=wide[:4])), error(facts(2, lc=wide))
    assert 0.2 < many < few


def flat_keys(value, inside="") -> set[str]:
    """All keys below a JSON value; entries that are numbered are one."""
    if isinstance(value, dict):
        return {
            found
            for key, inner in value.items()
            for name in [f"{inside}/{'#' if key.isdigit() else key}"]
            for found in {name} | flat_keys(inner, name)
        }
    return set()


def test_the_flat_spelling_has_the_keys_of_a_real_report(made, real_data):
    real = json.loads((real_data / "tns" / "at_report_example_lsst.json").read_text())
    ours = written(made(lc=[*quad(0), *quad(2)]), read_spelling("flat"), NOW.date())
    files = {"/at_report/#/related_files/#"}
    missing = {key for key in flat_keys(real) - flat_keys(ours) if not key.startswith(tuple(files))}
    assert missing == set()
    assert flat_keys(ours) - flat_keys(real) == set()
    (theirs,), (mine,) = real["at_report"].values(), ours["at_report"].values()
    for name, value in theirs.items():
        assert isinstance(mine[name], type(value)), name
    point, told = theirs["photometry"]["0"], mine["photometry"]["0"]
    assert all(isinstance(told[name], str) for name in point)
    assert mine["ra"]["units"] == theirs["ra"]["units"]
    # Of the rules in it one does not hold any more: the TNS refuses nJy.
    assert (point["flux_unitid"], told["flux_unitid"]) == ("34", "1")


def test_the_discovery_of_a_real_supernova_is_the_exposure_that_the_survey_reported(store, clock, real_data):
    from vra_tui.pipeline.ingest import ingest_paths

    ingest_paths(store, [real_data / "atlas_api"], clock=clock)
    found = gather(store, find_alert(store, "ATLAS20bbfr"), survey_words)
    report = build(found, Reporting(), NOW)
    (told,) = found.detail.tns
    # The survey cut its time to a thousandth of a day; its exposures are a hundredth apart.
    assert mjd_of_text(report["discovery_datetime"]) == pytest.approx(told.discovered_mjd, abs=1e-3)
    assert float(report["photometry.0.flux"]) == pytest.approx(told.mag, abs=1e-3)
    assert report["host_name"].startswith("SDSS J")
    assert report["host_redshift"] == ""


def test_epochs_that_a_scanner_called_bad_are_none_of_the_report(facts, store, clock):
    lone = [detection(-6.5, 18.0), detection(-6.45, 18.0, number=2)]
    found = facts(lc=[*lone, *quad(0)], lcnondets=[])
    assert build(found, Reporting(), NOW)["discovery_datetime"].startswith("2023-02-19")
    for row in lone:
        epochs = epochs_at(store, found.alert_id, row["mjd"])
        mark(store, found.alert_id, epochs, True, Author("zoe", "summit"), clock(), "trailed")
    again = gather(store, found.alert_id, survey_words)
    report = build(again, Reporting(), NOW)
    assert report["discovery_datetime"].startswith("2023-02-25")
    told = [one for one in check(report, again, NOW) if one.rule == "bad"]
    assert [one.what for one in told] == ["2 epochs that scanners called bad left out"]
