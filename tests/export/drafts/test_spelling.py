"""The spellings of reports' keys: those of the program, and one's own, checked before they are used."""

import json

import pytest

from tests.export.drafts.conftest import NOW
from vra_tui.export.drafts.at_report import changed
from vra_tui.export.drafts.spelling import SpellingError, joined, read_spelling, spellings, written


def test_both_spellings_say_the_same_in_other_keys(sound):
    report = sound
    flat, grouped = (
        written(report, read_spelling(name), NOW.date())["at_report"]["0"] for name in spellings()
    )
    assert (flat["reporting_groupid"], flat["data_source_groupid"]) == (
        grouped["reporting_group_id"], grouped["discovery_data_source_id"],
    )  # fmt: skip
    points, rows = flat["photometry"], grouped["photometry"]["photometry_group"]
    assert list(points) == list(rows) == ["0", "1"]
    for number, point in points.items():
        row = rows[number]
        assert (point["flux_unitid"], point["filterid"], point["instrumentid"]) == (
            row["flux_units"], row["filter_value"], row["instrument_value"],
        )  # fmt: skip
        assert [point[name] for name in ("obsdate", "flux", "flux_error")] == [
            row[name] for name in ("obsdate", "flux", "flux_error")
        ]
    assert flat["non_detection"]["filterid"] == grouped["non_detection"]["filter_value"] == "72"


def test_measurements_are_numbered_anew_where_one_was_emptied(sound):
    report = changed(sound, "photometry.2.flux", "18.4")
    report = changed(changed(report, "photometry.1.flux", ""), "photometry.1.limiting_flux", "")
    told = written(report, read_spelling("flat"))["at_report"]["0"]["photometry"]
    assert list(told) == ["0", "1"]


def test_a_value_is_never_taken_for_a_field(sound):
    report = changed(sound, "remarks", "{reporter}")
    report = changed(report, "host_name", "{@proprietary_groups}")
    told = written(report, read_spelling("flat"))["at_report"]["0"]
    assert (told["remarks"], told["host_name"]) == ("{reporter}", "{@proprietary_groups}")


def test_several_reports_are_joined_for_a_person_to_hand_in(sound):
    one = written(sound, read_spelling("flat"))
    told = joined([one, one])
    assert list(told["at_report"]) == ["0", "1"]


def test_a_spelling_of_one_s_own_is_checked(tmp_path, sound):
    own = tmp_path / "mine.json"
    template = read_spelling("flat")
    template["at_report"]["0"]["AT_REMARK"] = "{remarks}"
    own.write_text(json.dumps(template))
    told = written(changed(sound, "remarks", "mine"), read_spelling(str(own)))
    assert told["at_report"]["0"]["AT_REMARK"] == "mine"
    for change, said in (
        ({"x": "{nothing}"}, "`{nothing}` is no field"),
        ({"x": "{row.flux}"}, r"`{row.flux}` is no field"),
        ({"x": "{ra!r}"}, "is no field"),
    ):
        own.write_text(json.dumps({"at_report": {"0": {**template["at_report"]["0"], **change}}}))
        with pytest.raises(SpellingError, match=said):
            read_spelling(str(own))
    own.write_text('{"at_report": {"0": {"ra": "{ra}"}}}')
    with pytest.raises(SpellingError, match=r"leaves out \{at_type\}"):
        read_spelling(str(own))
    own.write_text("{")
    with pytest.raises(SpellingError, match="is no JSON"):
        read_spelling(str(own))
    with pytest.raises(SpellingError, match="there are flat, grouped"):
        read_spelling("flatt")
