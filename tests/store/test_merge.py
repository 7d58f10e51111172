"""Stores that saw the same decisions agree on all of them, in whatever order they saw them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import FIRST_ID, NO_NAMES, api_object, ingest_objects, score_all
from tests.harness.quick import examples
from vra_tui.domain.refusal import InputPiece
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decision_ids import new_id
from vra_tui.store.decisions import Author, DecisionError, add_note, decide, history, latest_by, undo
from vra_tui.store.epoch_marks import marks_of, read_epoch
from vra_tui.store.label_entry import Merged
from vra_tui.store.label_log import SqliteLabelLog
from vra_tui.store.log import HISTORY_COLUMNS, HistoryQuery, LogQuery, conflicts, history_rows, log_rows
from vra_tui.store.marked_alerts import mark_epochs
from vra_tui.store.merge import merge
from vra_tui.store.second_opinions import ASK

ZOE, ADA, EVE = (Author(name, "summit") for name in ("zoe", "ada", "eve"))
ALERTS = 2
START = datetime(2026, 3, 1, tzinfo=UTC)
#: When histories are taken in, by the clock here.
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def scored_file(tmp_path_factory):
    """A store of a few scored alerts, as bytes: each example starts from copies of it."""
    from tests.factories import Clock

    path = tmp_path_factory.mktemp("scored") / "vra.db"
    store = open_store(path, durable=False)
    ingest_objects(store, [api_object(n) for n in range(ALERTS)], Clock(START))
    score_all(store, Clock(START))
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path.read_bytes()


@dataclass
class Site:
    """A store with a scanner whose clock jumps."""

    store: object
    scanner: Author
    now: datetime = START
    written: int = 0
    refused: list = field(default_factory=list)

    def act(self, what, number, jump):
        self.now += timedelta(milliseconds=jump)
        with transaction(self.store):
            if what == "undo":
                own = latest_by(self.store, self.scanner.scanner, 1)
                if own:
                    undo(self.store, own[0].decision_id, self.scanner, self.now)
            elif what == "undo another's":
                row = self.store.execute(
                    """SELECT decision_id FROM decisions d WHERE list IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM decisions u WHERE u.reverts = d.decision_id) ORDER BY sequence LIMIT 1"""
                ).fetchone()
                if row:
                    undo(self.store, row[0], self.scanner, self.now)
            elif what == "note":
                add_note(self.store, FIRST_ID + number, f"note {self.now}", self.scanner, self.now)
            elif what.endswith("epoch"):
                is_bad = what == "bad epoch"
                alert_id, epoch = FIRST_ID + number, read_epoch(EPOCH)
                mark_epochs(self.store, alert_id, [epoch], is_bad, self.scanner, self.now, f"at {self.now}")
            elif what == "ask for a second opinion":
                decide(self.store, FIRST_ID + number, "good", self.scanner, self.now, tags=[ASK])
            else:
                decide(self.store, FIRST_ID + number, what, self.scanner, self.now)

    def take(self, other):
        merged = SqliteLabelLog(self.store, "here").append(
            list(SqliteLabelLog(other.store, "other").entries()), self.refused.append, now=NOW
        )
        assert not self.refused
        return merged


def everything(store):
    """What a store says of every decision and alert, in no order of its own."""
    standing = store.execute(
        """SELECT alert_id, list, is_undecided, is_back, decision_id, decided_list, decided_by, decided_visit,
        is_in_conflict, opinion FROM standing ORDER BY alert_id"""
    )
    return (
        [tuple(row.values()) for row in history_rows(store, HistoryQuery())],
        [tuple(row) for row in standing],
        [tuple(row) for row in store.execute("SELECT n_detections, last_mag FROM alerts ORDER BY alert_id")],
        conflicts(store),
    )


def sites(folder, scored_file, count=3):
    found = []
    for author in (ZOE, ADA, EVE)[:count]:
        path = folder / f"{author.scanner}.db"
        path.write_bytes(scored_file)
        found.append(Site(open_store(path, durable=False), author))
    return found


DOINGS = (
    "good,pm,garbage,eyeball,possible,undo,undo another's,note,ask for a second opinion,bad epoch,good epoch"
).split(",")
#: An epoch of all of these alerts.
EPOCH = "detections 60000.500000000/02a/o 60000.500000000 o"
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


@pytest.fixture
def two(tmp_path, scored_file):
    pair = sites(tmp_path, scored_file, 2)
    yield pair
    for site in pair:
        site.store.close()


def decided(site, number=0):
    row = site.store.execute("SELECT * FROM standing WHERE alert_id = ?", (FIRST_ID + number,)).fetchone()
    return row["decided_list"], bool(row["is_in_conflict"])


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


@pytest.fixture
def row(two):
    two[1].act("good", 0, 0)
    return next(history_rows(two[1].store, HistoryQuery()))


def refusals_of(store, *rows):
    refused = []
    pieces = [InputPiece("f.csv", f"line {n}", row) for n, row in enumerate(rows, 2)]
    merged = merge(store, pieces, refused.append, now=NOW)
    return merged, [f"{one.position}: {one.reason}" for one in refused]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"object_id": 1.1e18}, "a spreadsheet rounds it"),
        ({"object_id": "1.1E+18"}, "a spreadsheet rounds it"),
        ({"object_id": "7"}, "19 digits"),
        ({"object_id": "1,7E+17", "survey": "lsst"}, "a spreadsheet rounds it"),
        ({"object_id": True}, "object_id True"),
        ({"object_id": " ", "survey": "ztf"}, "object_id ' ': it is empty"),
        ({"object_id": ""}, "it is empty"),
        ({"object_id": None}, "object_id None"),
        ({"survey": None}, "survey None"),
        ({"survey": ""}, "survey ''"),
        ({"atlas_id": FIRST_ID + 1}, "object_id and atlas_id name two objects"),
        ({"atlas_id": 1.1e18, "object_id": None}, "atlas_id 1.1e+18: an alert's id is a text"),
        ({"decision_id": "7"}, "decision_id '7'"),
        ({"decision_id": "ffffffff-ffff-7fff-bfff-ffffffffffff"}, "the clock here says 2026-12-01"),
        ({"decision_id": new_id(datetime(2099, 12, 31, tzinfo=UTC))}, "from the future (of 2099-12-31"),
        ({"decision_id": new_id(NOW + timedelta(hours=25))}, "decision_id is from the future"),
        ({"timestamp": "2026-12-02T00:00:01+00:00"}, "timestamp is from the future (of 2026-12-02"),
        ({"batch_id": "this morning"}, "batch_id"),
        ({"list": "such nonsense"}, "garbage, followup, good"),
        ({"list": "Good"}, "a plain word of small letters"),
        ({"list": ["good"]}, "a plain word of small letters"),
        ({"list": "x" * 41}, "a plain word of small letters"),
        ({"list": "fasttrack"}, "a list, to which nothing is decided"),
        ({"list": "all"}, "a list, to which nothing is decided"),
        ({"list": None}, "no decision, no undo, no note and no mark"),
        ({"list": None, "epoch": "detections 12 60001.5 r"}, "says nothing of it"),
        ({"epoch": "detections 12 60001.5 r", "is_bad": 1}, "marks an epoch and decides at once"),
        ({"list": None, "epoch": "exposures 12 60001.5 r", "is_bad": 1}, "epoch"),
        ({"list": None, "epoch": "detections 12 soon r", "is_bad": 1}, "epoch"),
        ({"list": None, "epoch": "detections 12 1e9 r", "is_bad": 1}, "MJD"),
        ({"list": None, "epoch": "detections 12 60001.5 r", "is_bad": 2}, "is_bad"),
        ({"reverts": "01a20364-804b-715b-85af-fd72016759ff"}, "files and reverts at once"),
        ({"scanner": ""}, "scanner"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2026-03-01T00:00:00"}, "timezone"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "before 1970"),
        ({"note": "x" * 10_001}, "note"),
        ({"rank": "inf"}, "rank"),
        ({"seconds": "soon"}, "seconds"),
        ({"follows": "01ffffff-804b-715b-85af-fd72016759ff"}, "follows what came after it"),
        ({"note": "\ud800"}, "note"),
    ],
)
def test_a_row_that_is_not_whole_is_refused_by_itself(two, row, change, reason):
    other = {**row, "decision_id": row["decision_id"][:-12] + "0123456789ab"}
    merged, refused = refusals_of(two[0].store, {**row, **change}, other)
    assert (merged.refused, merged.decisions) == (1, 1)
    assert "line 2" in refused[0]
    assert reason in refused[0]


@pytest.mark.parametrize("name", [name for name in NO_NAMES if name != "vra"], ids=ascii)
def test_a_decision_under_no_name_is_refused_from_a_table_and_from_a_store(two, row, clock, name):
    merged, (refused,) = refusals_of(two[0].store, {**row, "scanner": name})
    assert merged.refused == 1
    assert "line 2: scanner " in refused
    there = two[1].store
    if "\udcff" not in name:  # which no store can hold
        with transaction(there):
            decide(there, FIRST_ID, "good", Author(name, "elsewhere"), clock())
        refused = []
        merge(two[0].store, SqliteLabelLog(there, "bundle.db").entries(), refused.append, now=NOW)
        assert [refusal.source for refusal in refused] == ["bundle.db"]
    assert name not in {row["scanner"] for row in history_rows(two[0].store, HistoryQuery())}


def test_rows_that_are_no_rows_are_refused(two, row):
    without = {name: value for name, value in row.items() if name != "scanner"}
    merged, refused = refusals_of(two[0].store, None, [], "text", 5, {}, without)
    assert (merged.refused, merged.decisions) == (6, 0)
    assert "scanner is missing" in refused[-1]


def test_a_known_decision_that_says_something_else_is_named_and_nothing_is_overwritten(two, row):
    here = two[0].store
    refusals_of(here, row)
    merged, refused = refusals_of(here, {**row, "list": "pm", "note": "forged"}, row)
    assert (merged.refused, merged.known) == (1, 1)
    assert f"{row['decision_id']} is known with another list, note" in refused[0]
    assert decided(two[0]) == ("good", False)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


ROW = dict.fromkeys(HISTORY_COLUMNS) | {
    "decision_id": "01a20364-804b-715b-85af-fd72016759ff", "survey": "atlas", "object_id": str(FIRST_ID),
    "list": "good", "host": "",
    "scanner": "zoe", "timestamp": "2026-03-01T00:00:00.000+00:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("empty") / "vra.db", durable=False)
    yield store
    store.close()


@settings(max_examples=examples(300))
@given(st.dictionaries(st.sampled_from([*HISTORY_COLUMNS, "atlas_id"]), ANYTHING, max_size=4) | ANYTHING)
def test_whatever_a_row_holds_it_is_taken_or_refused(empty, change):
    refused = []
    row = {**ROW, **change} if isinstance(change, dict) else change
    merged = merge(empty, [InputPiece("f", "row", row)], refused.append, now=NOW)
    assert len(refused) + merged.decisions + merged.undos + merged.notes + merged.known == 1
    assert all(one.reason for one in refused)


LABELS = (
    "decision_id survey object_id list scanner timestamp note reverts preal pgal pfast rank model".split()
)


def test_a_row_of_a_table_of_labels_agrees_with_what_a_history_says_beyond_it(two, row):
    here = two[0].store
    partial = {name: row[name] for name in LABELS} | {"note": "on one line"}
    for rows in ((partial, row), (row, partial), (partial, partial)):
        assert refusals_of(here, *rows)[0].refused == 0
    _, refused = refusals_of(here, {**partial, "list": "pm"})
    assert "another list;" in refused[0]


def test_the_same_row_twice_in_a_file_is_known_and_another_under_its_id_refused(two, row):
    merged, refused = refusals_of(two[0].store, row, dict(row), {**row, "scanner": "mallory"})
    assert (merged.decisions, merged.known, merged.refused) == (1, 1, 1)
    assert "another scanner" in refused[0]


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


def old_row(row, **changes):
    """A row as versions before 5 wrote it, which know ATLAS alone."""
    old = {name: value for name, value in row.items() if name not in ("survey", "object_id")}
    return {**old, "atlas_id": int(row["object_id"]), **changes}


@pytest.mark.parametrize("as_written", [int, str, lambda number: f"{number}"])
def test_a_history_of_an_older_version_is_that_of_atlas(two, row, as_written):
    here = two[0].store
    old = old_row(row)
    old["atlas_id"] = as_written(old["atlas_id"])
    merged, refused = refusals_of(here, old, row, {**old, "survey": "", "object_id": ""}, {**old, **row})
    assert (merged.decisions, merged.known, refused) == (1, 3, [])
    assert decided(two[0]) == ("good", False)
    assert next(history_rows(here, HistoryQuery())) == row


def test_a_row_without_any_name_of_an_alert_is_refused_by_it(two, row):
    nameless = {name: value for name, value in row.items() if name not in ("survey", "object_id")}
    _, (refused,) = refusals_of(two[0].store, nameless)
    assert "survey is missing" in refused


def test_the_same_id_in_two_surveys_is_two_objects(two, row):
    here = two[0].store
    other = {**row, "survey": "lsst", "decision_id": row["decision_id"][:-12] + "0123456789ab", "list": "pm"}
    assert refusals_of(here, row, other)[0].decisions == 2
    assert decided(two[0]) == ("good", False)
    found = [(one["survey"], one["object_id"], one["list"]) for one in history_rows(here, HistoryQuery())]
    assert sorted(found) == [("atlas", str(FIRST_ID), "good"), ("lsst", str(FIRST_ID), "pm")]
    # And a known decision is not moved from one to the other.
    _, (refused,) = refusals_of(here, {**other, "survey": "ztf"})
    assert "is known with another survey;" in refused


def test_objects_that_are_not_here_are_entered_once_and_only_for_what_is_kept(two, row):
    here = two[0].store
    far = [
        {
            **row,
            "survey": "ztf",
            "object_id": "ZTF18abcdefg",
            "decision_id": f"{row['decision_id'][:-12]}{n:012x}",
        }
        for n in range(3)
    ]
    machine = {**far[0], "object_id": "ZTF18machine", "scanner": "vra"}
    broken = {**far[0], "object_id": "ZTF18broken", "timestamp": "soon"}
    changed = {**far[0], "object_id": "ZTF18other"}
    merged, _ = refusals_of(here, *far, machine, broken, changed)
    assert (merged.decisions, merged.waiting, merged.machine, merged.refused) == (3, 3, 1, 2)
    rows = here.execute("SELECT object_id FROM objects WHERE survey = 'ztf'").fetchall()
    assert [one[0] for one in rows] == ["ZTF18abcdefg"]


def test_a_note_travels_with_the_name_of_its_alert(two, row):
    note = {**row, "list": None, "note": "host?", "survey": "ztf", "object_id": "ZTF18abcdefg"}
    assert refusals_of(two[0].store, note, note)[0].notes == 1
    (found,) = history_rows(two[0].store, HistoryQuery())
    assert (found["survey"], found["object_id"], found["note"]) == ("ztf", "ZTF18abcdefg", "host?")


def labels_of(store):
    return {row[0]: row[1] for row in store.execute("SELECT name, survey FROM labels")}


def test_a_label_that_is_not_known_becomes_one_of_its_survey(two, row):
    here, there = two
    before = labels_of(here.store)
    own = {**row, "list": "agn", "object_id": str(FIRST_ID + 1)}
    own["decision_id"] = row["decision_id"][:-12] + "0123456789ab"
    merged, refused = refusals_of(here.store, row, own, {**own, "list": "no word"})
    assert (merged.decisions, len(refused)) == (2, 1)
    assert labels_of(here.store) == before | {"agn": "atlas"}
    assert decided(here, 1) == ("agn", False)
    # It may be decided from now on, is listed and undone like any other, and travels on.
    here.act("agn", 1, 1)
    assert there.take(here).decisions == 2
    assert decided(there, 1) == ("agn", False)
    assert [one.list for one in log_rows(there.store, LogQuery(list="agn"))] == ["agn", "agn"]
    here.act("undo", 1, 1)
    there.take(here)
    assert decided(there, 1) == ("agn", False)  # the one before stands again
    assert everything(here.store) == everything(there.store)


def test_a_label_of_two_surveys_is_nobodys_own_in_whatever_order_they_come(two, row):
    rows = [
        {**row, "list": "agn", "survey": survey, "decision_id": f"{row['decision_id'][:-12]}{n:012x}"}
        for n, survey in enumerate(("ztf", "lsst"))
    ]
    for site, order in zip(two, (rows, rows[::-1] + rows), strict=True):
        refusals_of(site.store, *order)
        assert labels_of(site.store)["agn"] is None


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
