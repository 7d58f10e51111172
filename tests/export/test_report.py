"""The report reads the same in a terminal and as Markdown, and nobody's text breaks out of it."""

from dataclasses import replace

import pytest

from vra_tui.export.report import ReportSection, as_markdown, as_record, sections
from vra_tui.store.activity import Activity, Period, Purgatory, ScannerWork
from vra_tui.store.decision_times import Hours
from vra_tui.store.flow import Flow, SpanFlow, SurveyFlow
from vra_tui.store.potential_misses import Discarded, Discards, PutAside

EMPTY = Activity(
    Period("2026-11-15", "2026-11-22"), 0, 0, 0, None, [], {}, 0, 0, {},
    Discards(0, 0, []), Purgatory(0, None, None), [], {}, 0, [], Flow([], "day", []), {}, {}, [],
)  # fmt: skip


def text_of(found, warnings=()):
    return as_markdown("Friday", sections(found, warnings))


def test_an_empty_week_is_reported_in_whole_sentences():
    assert "0 alerts arrived; 0 were decided by scanners." in text_of(EMPTY)
    assert "Nothing is left undecided." in text_of(EMPTY)
    assert "## Scanners" not in text_of(EMPTY)


def test_what_a_stranger_wrote_stays_inside_its_cell():
    evil = Discarded("ztf", "ZTF|7\x1b[2J", "AT|x `rm`\x1b]0;t\x07", 1.2, "a\nb", None, "<b>SN</b>")
    text = text_of(replace(EMPTY, discards=Discards(1, 0, [evil])))
    row = next(line for line in text.splitlines() if line.startswith("| ztf:ZTF\\|7 |"))
    assert row.replace("\\|", "").count("|") == 7
    assert "\x1b" not in text
    assert "\\<b\\>" in row


def test_scanners_share_one_table_with_a_column_for_every_list():
    work = [ScannerWork("ada", 2, {"good": 2}, 0, 1.5), ScannerWork("zoe", 1, {"pm": 1}, 3, None)]
    text = text_of(replace(EMPTY, scanners=work))
    assert "| scanner | alerts | good | pm | undone | s/alert |" in text
    assert "| zoe | 1 | 0 | 1 | 3 | - |" in text


@pytest.mark.parametrize(("hours", "said"), [(0.5, "30 min"), (5, "5.0 h"), (72, "3.0 d")])
def test_times_are_told_in_the_unit_one_would_say(hours, said):
    assert f"median {said}" in text_of(replace(EMPTY, first_decision=Hours(1, hours, hours)))


def test_warnings_stand_in_the_summary_and_in_the_record():
    assert "Warning: unit 05r drifts" in text_of(EMPTY, ["unit 05r drifts"])
    assert as_record(EMPTY, ["x"])["warnings"] == ["x"]


def test_what_came_and_left_is_told_by_survey_and_day_by_day():
    flow = Flow([SurveyFlow("ztf", 12, 3, 8, 1)], "day", [SpanFlow("2026-11-20", 12, 3, 8)])
    text = text_of(replace(EMPTY, flow=flow))
    assert "| ztf | 12 | 3 | 8 | 1 |" in text
    assert "    2026-11-20  12 ████████████  3 ███           8 ████████" in text


def test_the_time_to_the_decision_is_told_for_each_list():
    lists = {"good": Hours(4, 0.5, 5.0), "garbage": Hours(1, 50.0, 50.0)}
    found = replace(EMPTY, first_decision_by_list=lists, first_decision_spans={"under 15 min": 5})
    assert "| good | 4 | 30 min | 5.0 h |" in text_of(found)
    assert "| garbage | 1 | 2.1 d | 2.1 d |" in text_of(found)
    assert "under 15 min 5 █" in text_of(found)


def test_what_scanners_put_aside_stands_with_what_the_tns_says():
    one = PutAside("ztf", "ZTF1", None, None, "garbage", "ada", "2026abc SN Ia")
    assert "| ztf:ZTF1 | - | - | garbage | ada | 2026abc SN Ia |" in text_of(replace(EMPTY, put_aside=[one]))


def test_columns_of_numbers_are_known_for_all_forms():
    section = ReportSection(
        "x", (), ["a", "b", "c", "d"], [["1,204", "-", "ada", "5.0 h"], ["7", "-0.1", "3", "-"]]
    )
    assert section.number_columns() == {0, 1, 3}
