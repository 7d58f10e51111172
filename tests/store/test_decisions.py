"""A decision, once taken, is never lost and can always be undone."""

import sqlite3
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from tests.harness.quick import examples
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decision_ids import new_id
from vra_tui.store.decisions import (
    Author,
    DecisionError,
    OnScreen,
    add_note,
    decide,
    history,
    latest_by,
    undo,
)
from vra_tui.store.listing import list_ids, list_rows

ZOE, ADA = Author("zoe", "summit"), Author("ada", "home")


def take(store, clock, list_name, number=0, author=ZOE, **more):
    with transaction(store):
        return decide(store, FIRST_ID + number, list_name, author, clock(), **more)


def take_back(store, clock, decision_id, author=ZOE):
    with transaction(store):
        return undo(store, decision_id, author, clock())


def stands(store, number=0):
    return list_rows(store, [FIRST_ID + number])[0]


@pytest.mark.parametrize("list_name", [name for name in DECISIONS if name != "eyeball"])
def test_a_decision_files_the_alert(scored, clock, list_name):
    take(scored, clock, list_name)
    assert stands(scored).list == list_name
    assert not stands(scored).is_undecided


def test_eyeball_puts_an_alert_back_in_front_of_the_scanners(scored, clock):
    take(scored, clock, "garbage")
    take(scored, clock, "eyeball")
    assert stands(scored).is_undecided
    assert stands(scored).list == "extragalactic"


def test_a_decision_keeps_what_was_on_screen(scored, clock):
    take(scored, clock, "good", on_screen=OnScreen(3, 0.8, 0.2, 0.5, 8.1, "old-1"), note="host?")
    row = scored.execute("SELECT * FROM decisions").fetchone()
    seen = [row[name] for name in ("visit", "preal", "pgal", "pfast", "rank", "model", "note")]
    assert seen == [3, 0.8, 0.2, 0.5, 8.1, "old-1", "host?"]
    assert (row["scanner"], row["host"]) == ("zoe", "summit")
    assert datetime.fromisoformat(row["timestamp"]).tzinfo is not None


def test_without_a_screen_the_latest_score_is_what_was_seen(scored, clock):
    take(scored, clock, "good")
    row = scored.execute("SELECT visit, rank, model FROM decisions").fetchone()
    assert (row["visit"], row["rank"], row["model"]) == (1, stands(scored).rank, "fixed-1")


def test_undo_lets_the_decision_before_it_stand_again(scored, clock):
    take(scored, clock, "garbage")
    second = take(scored, clock, "good")
    take_back(scored, clock, second)
    assert stands(scored).list == "garbage"


def test_undoing_the_only_decision_makes_the_alert_undecided(scored, clock):
    before = stands(scored)
    take_back(scored, clock, take(scored, clock, "good"))
    assert stands(scored) == before


def test_a_decision_is_undone_only_once(scored, clock):
    decision_id = take(scored, clock, "good")
    take_back(scored, clock, decision_id)
    with pytest.raises(DecisionError, match="undone before"):
        take_back(scored, clock, decision_id)


def test_an_undo_cannot_be_undone_only_decided_anew(scored, clock):
    take_back(scored, clock, take(scored, clock, "good"))
    undoing = scored.execute("SELECT decision_id FROM decisions WHERE reverts IS NOT NULL").fetchone()[0]
    with pytest.raises(DecisionError, match="There is no decision"):
        take_back(scored, clock, undoing)


def test_a_list_that_is_none_and_an_alert_that_is_not_there_are_refused(scored, clock):
    with pytest.raises(DecisionError, match="garbage, followup"):
        take(scored, clock, "nonsense")
    with pytest.raises(DecisionError, match="holds no alert"):
        take(scored, clock, "good", number=99)
    assert scored.execute("SELECT count(*) FROM decisions").fetchone()[0] == 0


@pytest.mark.parametrize("table", ["decisions", "scores", "notes"])
def test_history_can_be_neither_changed_nor_deleted(scored, clock, table):
    take(scored, clock, "good")
    with transaction(scored):
        add_note(scored, FIRST_ID, "look again", ZOE, clock())
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET alert_id = alert_id"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            scored.execute(statement)


def test_a_scanner_sees_only_their_own_standing_decisions_newest_first(scored, clock):
    take(scored, clock, "good", number=0)
    undone = take(scored, clock, "pm", number=1)
    take(scored, clock, "attic", number=2)
    take(scored, clock, "garbage", number=1, author=ADA)
    take_back(scored, clock, undone)
    assert [(d.alert_id - FIRST_ID, d.list) for d in latest_by(scored, "zoe")] == [(2, "attic"), (0, "good")]


def test_the_history_of_an_alert_tells_what_was_undone(scored, clock):
    take_back(scored, clock, take(scored, clock, "good"))
    assert [(d.list, d.is_reverted) for d in history(scored, FIRST_ID)] == [("good", True), (None, False)]


def test_an_alert_that_asks_for_a_second_opinion_is_listed_until_two_have_voted(scored, clock):
    take(scored, clock, "good", tags=["second"])
    assert list_ids(scored, "second").tolist() == [FIRST_ID]
    take(scored, clock, "pm", author=ADA)
    assert stands(scored).opinion == "disagree"
    take(scored, clock, "pm")
    assert list_ids(scored, "second").tolist() == []
    assert stands(scored).opinion == "agree"


def test_a_tag_is_one_word(scored, clock):
    with pytest.raises(DecisionError, match="not one word"):
        take(scored, clock, "good", tags=["two words"])


def test_a_decision_keeps_how_long_it_took_and_what_it_knew_of(scored, clock):
    first = take(scored, clock, "good", tags=["odd", "odd", "cv"])
    take(scored, clock, "pm", author=ADA, on_screen=OnScreen(seconds=2.5))
    rows = scored.execute("SELECT seconds, tags, follows FROM decisions ORDER BY sequence").fetchall()
    assert [tuple(row) for row in rows] == [(None, "odd cv", None), (2.5, None, first)]


def test_decisions_survive_a_restart(scored, store_path, clock):
    take(scored, clock, "good")
    scored.close()
    again = open_store(store_path)
    assert stands(again).list == "good"
    assert latest_by(again, "zoe")[0].list == "good"
    again.close()


def test_ids_are_uuids_of_version_7_that_sort_by_time():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [new_id(start + timedelta(milliseconds=n)) for n in range(50)]
    assert ids == sorted(ids)
    assert {(uuid.UUID(i).version, uuid.UUID(i).variant) for i in ids} == {(7, uuid.RFC_4122)}


ACTIONS = st.lists(st.tuples(st.integers(0, 1), st.sampled_from([*DECISIONS, "undo"])), max_size=12)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_the_standing_decision_is_always_the_last_one_not_undone(actions, tmp_path_factory, clock):
    store = open_store(tmp_path_factory.mktemp("s") / "vra.db", durable=False)
    ingest_objects(store, [api_object(n) for n in range(2)], clock)
    score_all(store, clock)
    stack: dict[int, list[tuple[str, str]]] = {0: [], 1: []}
    for number, action in actions:
        if action != "undo":
            stack[number].append((take(store, clock, action, number), action))
        elif stack[number]:
            take_back(store, clock, stack[number].pop()[0])
    for number, decisions in stack.items():
        row = stands(store, number)
        assert row.decided_list == (decisions[-1][1] if decisions else None)
        assert row.is_undecided == (not decisions or decisions[-1][1] == "eyeball")
    store.close()


def test_what_a_scanner_decided_while_the_policies_looked_stands(scored, clock):
    from vra_tui.store.standing import put_machine_decisions

    before = take(scored, clock, "good")
    with transaction(scored):
        put_machine_decisions(
            scored, [("later", "garbage", "vra", 1, FIRST_ID), ("later", "garbage", "vra", 1, FIRST_ID + 1)]
        )
    rows = [stands(scored, number) for number in (0, 1)]
    assert [(row.decided_list, row.decided_by) for row in rows] == [("good", "zoe"), ("garbage", "vra")]
    assert (
        scored.execute("SELECT decision_id FROM standing WHERE alert_id = ?", (FIRST_ID,)).fetchone()[0]
        == before
    )


def test_a_note_that_is_empty_or_a_file_is_refused(scored, clock):
    for note, why in (("", "empty"), ("x" * 10_001, "10,001 characters")):
        with pytest.raises(DecisionError, match=why), transaction(scored):
            add_note(scored, FIRST_ID, note, ZOE, clock())
    with pytest.raises(DecisionError, match="10,001"):
        take(scored, clock, "good", note="x" * 10_001)
    take(scored, clock, "good", note="half a character \ud83d")
    assert history(scored, FIRST_ID)[0].note == "half a character ?"
