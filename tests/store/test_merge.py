"""Stores that saw the same decisions agree on all of them, in whatever order they saw them."""

import json
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from tests.harness.quick import examples
from tests.harness.sites import (
    ALERTS,
    NOW,
    START,
    decided,
    everything,
    refusals_of,
    sites,
)
from vra_tui.domain.refusal import InputPiece
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.decision_ids import new_id
from vra_tui.store.decisions import DecisionError, history, latest_by
from vra_tui.store.epoch_marks import marks_of
from vra_tui.store.label_entry import Merged
from vra_tui.store.label_log import SqliteLabelLog
from vra_tui.store.log import HistoryQuery, conflicts, history_rows
from vra_tui.store.merge import merge

DOINGS = (
    "good,pm,garbage,eyeball,possible,undo,undo another's,note,ask for a second opinion,bad epoch,good epoch"
).split(",")


ACTIONS = st.one_of(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(DOINGS),
        st.integers(0, ALERTS - 1),
        st.integers(-5_000, 5_000),
    ),
    st.tuples(st.integers(0, 2), st.just("merge"), st.integers(0, 2), st.just(0)),
)


@settings(max_examples=examples(40))
@given(st.lists(ACTIONS, max_size=14), st.permutations(list(permutations(range(3), 2))))
def test_stores_that_saw_the_same_agree_whatever_the_order(scored_file, tmp_path_factory, actions, exchanges):
    three = sites(tmp_path_factory.mktemp("sites"), scored_file)
    for site, what, number, jump in actions:
        if what == "merge":
            three[site].take(three[number])
        else:
            three[site].act(what, number, jump)
    for _ in range(2):
        for here, there in exchanges:
            three[here].take(three[there])
    assert everything(three[0].store) == everything(three[1].store) == everything(three[2].store)
    assert all(not site.take(other).decisions for site in three for other in three)
    for site in three:
        site.store.close()


def test_decisions_that_did_not_know_of_each_other_are_kept_side_by_side(two):
    here, there = two
    here.act("good", 0, 0)
    there.act("pm", 0, 1)
    here.take(there)
    assert decided(here) == ("pm", True)
    found = conflicts(here.store)
    assert [(side.scanner, side.list) for side in found[0].sides] == [("zoe", "good"), ("ada", "pm")]


def test_a_decision_that_knows_of_both_settles_it_everywhere(two):
    here, there = two
    here.act("good", 0, 0)
    there.act("pm", 0, 1)
    here.take(there)
    here.act("attic", 0, -10_000)  # with a clock that was put back
    there.take(here)
    assert decided(here) == decided(there) == ("attic", False)
    here.act("undo", 0, 0)
    there.take(here)
    assert decided(there) == ("pm", True)


def test_the_policies_decisions_of_another_store_are_left_out(two, clock):
    here, there = two
    ingest_objects(there.store, [api_object(9)], clock)
    score_all(there.store, clock, preal=0.01, pgal=0.9)
    rows = list(history_rows(there.store, HistoryQuery(with_machine=True)))
    assert [row["scanner"] for row in rows] == ["vra"]
    merged = merge(here.store, [InputPiece("x", "row 1", row) for row in rows], now=NOW)
    assert (merged.machine, merged.decisions) == (1, 0)
    assert not here.store.execute("SELECT 1 FROM decisions").fetchone()


def test_decisions_wait_for_an_alert_that_is_not_here(two, clock):
    here, there = two
    ingest_objects(there.store, [api_object(9)], clock)
    score_all(there.store, clock)
    there.act("good", 9, 0)
    assert here.take(there).waiting == 1
    ingest_objects(here.store, [api_object(9)], clock)
    assert decided(here, 9) == ("good", False)


def test_what_was_decided_on_an_alert_that_is_not_here_can_be_undone(two, clock):
    here, there = two
    ingest_objects(there.store, [api_object(9)], clock)
    score_all(there.store, clock)
    there.act("good", 9, 0)
    here.take(there)
    here.act("undo another's", 0, 0)
    there.take(here)
    assert decided(there, 9) == (None, False)


def test_an_undo_of_another_alerts_decision_undoes_nothing(two, row):
    here = two[0].store
    undoing = {**row, "list": None, "reverts": row["decision_id"], "object_id": str(FIRST_ID + 1)}
    undoing["decision_id"] = row["decision_id"][:-12] + "ffffffffffff"
    assert refusals_of(here, undoing, row)[0].refused == 0
    assert decided(two[0]) == ("good", False)
    assert not latest_by(here, "zoe")
    assert [one.is_reverted for one in history(here, FIRST_ID)] == [False]


def test_a_merge_that_is_cut_off_is_finished_by_doing_it_again(two, monkeypatch):
    here, there = two
    for number in range(4):
        there.act("good" if number % 2 else "pm", number % ALERTS, 1)
    rows = list(SqliteLabelLog(there.store, "there").entries())
    monkeypatch.setattr("vra_tui.store.merge._CHUNK", 3)

    def cut_off():
        yield from rows[:3]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        merge(here.store, cut_off(), now=NOW)
    merged = merge(here.store, rows, now=NOW)
    assert merged.known + merged.decisions == 4
    assert everything(here.store) == everything(there.store)


def test_every_decision_there_is_can_travel(two):
    here, there = two
    for name in DECISIONS:
        there.act(name, 0, 1)
    merged = here.take(there)
    assert merged == Merged(decisions=len(DECISIONS), import_id=merged.import_id)


def test_counts_of_several_merges_add_up():
    both = Merged(decisions=1, in_conflict=4) + Merged(decisions=2, refused=1, in_conflict=3, import_id="x")
    assert both == Merged(decisions=3, refused=1, in_conflict=3, import_id="x")
    assert json.dumps(vars(both))


def test_a_decision_for_no_label_is_refused_where_it_is_taken(two):
    with pytest.raises(DecisionError, match="no decision `agn`; there are garbage"):
        two[0].act("agn", 0, 1)


def test_a_surveys_own_label_is_a_vote_of_a_second_opinion_as_any_other(two, row):
    here, there = two
    there.act("ask for a second opinion", 1, 1)
    own = {**row, "list": "agn", "scanner": "eve", "object_id": str(FIRST_ID + 1)}
    own["decision_id"] = new_id(START + timedelta(hours=1))
    here.take(there)
    assert refusals_of(here.store, own)[0].decisions == 1
    state = "SELECT opinion, decided_list FROM standing WHERE alert_id = ?"
    assert tuple(here.store.execute(state, (FIRST_ID + 1,)).fetchone()) == ("disagree", "agn")


def test_marks_on_epochs_travel_and_take_effect_where_they_arrive(two):
    here, there = two
    there.act("bad epoch", 0, 0)
    came = here.take(there)
    assert (came.marks, came.decisions, came.notes) == (1, 0, 0)
    assert marks_of(here.store, FIRST_ID) == marks_of(there.store, FIRST_ID)
    query = "SELECT n_detections FROM alerts ORDER BY alert_id"
    assert [row[0] for row in here.store.execute(query)] == [3, 4]
    assert here.take(there).marks == 0
    there.act("good epoch", 0, 1_000)
    here.take(there)
    assert [row[0] for row in here.store.execute(query)] == [4, 4]
