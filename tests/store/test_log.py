"""The log finds what was decided, newest first, and says what became of it."""

from datetime import UTC, datetime

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, DecisionError, add_note, decide, undo
from vra_tui.store.log import HistoryQuery, LogError, LogQuery, bound, find_decision, history_rows, log_rows

ZOE, ADA = Author("zoe", "summit"), Author("ada", "home")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def decided(scored, clock):
    """Zoe's good, pm (undone by Ada) and attic, Ada's garbage, and what the policies discarded."""
    ingest_objects(scored, [api_object(9)], clock)
    score_all(scored, clock, preal=0.01, pgal=0.9)
    with transaction(scored):
        decide(scored, FIRST_ID, "good", ZOE, clock(), note="host?", tags=["sn", "nuclear"])
        wrong = decide(scored, FIRST_ID + 1, "pm", ZOE, clock())
        decide(scored, FIRST_ID + 2, "attic", ZOE, clock(), tags=["cv"])
        decide(scored, FIRST_ID + 2, "garbage", ADA, clock())
        undo(scored, wrong, ADA, clock())
    return scored


def lists(store, **query):
    return [row.list for row in log_rows(store, LogQuery(**query))]


def test_the_newest_stands_first_and_undos_are_among_them(decided):
    assert lists(decided) == [None, "garbage", "attic", "pm", "good"]
    assert lists(decided, limit=2) == [None, "garbage"]


def test_a_row_says_who_what_on_which_alert_and_who_undid_it(decided):
    undoing, *_, pm, good = log_rows(decided, LogQuery())
    assert (pm.scanner, pm.label, pm.undone_by) == ("zoe", "pm", "ada")
    assert (undoing.reverts, undoing.scanner, undoing.undone_by) == (pm.decision_id, "ada", None)
    assert (good.name, good.note, good.tags, good.host) == ("ATLAS23t000", "host?", "sn nuclear", "summit")
    assert good.rank == pytest.approx(9.0, abs=0.1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"scanner": "ada"}, [None, "garbage"]),
        ({"scanner": "vra"}, ["garbage"]),
        ({"with_machine": True, "list": "garbage"}, ["garbage", "garbage"]),
        ({"list": "garbage"}, ["garbage"]),
        ({"label": "good"}, ["good"]),
        ({"label": "good", "list": "attic"}, []),
        ({"tag": "nuclear"}, ["good"]),
        ({"tag": "nuc"}, []),
        ({"alert_id": FIRST_ID + 2}, ["garbage", "attic"]),
        ({"only_undone": True}, ["pm"]),
        ({"only_undone": True, "scanner": "ada"}, []),
    ],
)
def test_filters(decided, query, found):
    assert lists(decided, **query) == found


@pytest.mark.parametrize("query", [{"list": "nonsense"}, {"label": "nonsense"}, {"list": "fasttrack"}])
def test_lists_and_labels_that_nothing_is_decided_to_be_are_named(decided, query):
    with pytest.raises(LogError, match="garbage"):
        log_rows(decided, LogQuery(**query))


def test_bounds_are_ids_days_times_or_spans(decided):
    garbage, attic = (row.decision_id for row in log_rows(decided, LogQuery())[1:3])
    assert lists(decided, after=attic) == [None, "garbage"]
    assert lists(decided, until=attic) == ["attic", "pm", "good"]
    assert lists(decided, after=attic, until=garbage) == ["garbage"]
    for text, everything in (("2026-11-22", True), ("2026-11-23", False), ("12h", True), ("1h", False)):
        assert bool(lists(decided, after=bound(text, NOW))) == everything
    for text, everything in (("2026-11-22", True), ("2026-11-21", False), ("2026-11-22T02:59Z", False)):
        assert bool(lists(decided, until=bound(text, NOW, is_end=True))) == everything


def test_an_end_counts_itself_in(decided):
    newest = log_rows(decided, LogQuery())[0]
    assert lists(decided, until=bound(newest.timestamp, NOW, is_end=True))[0] is None
    assert lists(decided, after=bound(newest.timestamp, NOW)) == [None]


@pytest.mark.parametrize(
    "text", ["yesterday", "", "7y", "2026-13-01", "9999999999w", "9999-12-31", "999999w"]
)
def test_a_bound_that_is_none_is_said_or_far_away(text):
    with pytest.raises(LogError, match="12h"):
        bound(text, NOW, is_end=True)


def test_a_decision_is_found_by_the_last_part_of_its_id(decided):
    one = log_rows(decided, LogQuery(list="attic"))[0].decision_id
    assert find_decision(decided, one) == find_decision(decided, one[-12:]) == one
    for text in ("zzzzzzzzzzzz", one[-11:], "ffffffffffff", "%%%%%%%%%%%%"):
        with pytest.raises(DecisionError, match="vra log"):
            find_decision(decided, text)


def test_the_history_holds_every_decision_undo_and_note_oldest_first(decided, clock):
    with transaction(decided):
        add_note(decided, FIRST_ID, "look again", ZOE, clock())
    rows = list(history_rows(decided, HistoryQuery()))
    assert [row["list"] for row in rows] == ["good", "pm", "attic", "garbage", None, None]
    assert (rows[-1]["note"], rows[-1]["reverts"]) == ("look again", None)
    assert rows[3]["follows"] == rows[2]["decision_id"]


def test_a_part_of_the_history_is_a_scanners_or_what_came_after(decided):
    assert len(list(history_rows(decided, HistoryQuery(scanner="ada")))) == 2
    assert len(list(history_rows(decided, HistoryQuery(with_machine=True)))) == 6
    attic = log_rows(decided, LogQuery(list="attic"))[0].decision_id
    assert len(list(history_rows(decided, HistoryQuery(after=attic)))) == 2
