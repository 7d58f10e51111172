"""Each row of a history is taken or refused by itself, whatever it holds and whoever it names."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import FIRST_ID, NO_NAMES
from tests.harness.quick import examples
from tests.harness.sites import NOW, decided, everything, refusals_of
from vra_tui.domain.refusal import InputPiece
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decision_ids import new_id
from vra_tui.store.decisions import Author, decide
from vra_tui.store.label_log import SqliteLabelLog
from vra_tui.store.log import HISTORY_COLUMNS, HistoryQuery, LogQuery, history_rows, log_rows
from vra_tui.store.merge import merge


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
