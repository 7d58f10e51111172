"""An object of an earlier time holds what was known then, and nothing of what came later."""

import copy

from tests.factories import T0, api_object, forced, missed_quad, quad, tns_report
from vra_tui.surveys.atlas.as_of import as_of, epochs_of

LATE = tns_report("2023late", disc_date="2023-02-28T00:00:00Z")
ADDED = tns_report("2023added", date_added="2023-03-02T00:00:00Z")
WHOLE = api_object(
    lc=quad(0) + quad(2), lcnondets=missed_quad(-2) + missed_quad(4), fp=[forced(-0.4), forced(3.0)],
    tns_crossmatches=[tns_report(), LATE, ADDED],
)  # fmt: skip


def test_only_the_epochs_and_reports_up_to_then_are_there():
    then = as_of(WHOLE, T0 + 1)
    assert [len(then[section]) for section in ("lc", "lcnondets", "fp")] == [4, 4, 1]
    assert [row["external_designation"] for row in then["tns_crossmatches"]] == ["2023abc"]


def test_before_it_was_raised_there_is_no_object():
    assert as_of(WHOLE, T0 - 0.1) is None


def test_at_the_end_it_is_whole_and_the_original_was_left_alone():
    before = copy.deepcopy(WHOLE)
    assert as_of(WHOLE, T0 + 100) == WHOLE == before


def test_every_exposure_and_report_is_an_event():
    assert len(epochs_of(WHOLE)) == 8 + 8 + 2 + 3


def test_missing_sections_are_no_trouble():
    assert as_of(api_object(lc=None, fp=None, tns_crossmatches=None), T0)["fp"] == []
