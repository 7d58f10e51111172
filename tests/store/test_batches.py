"""One undo takes back what one key or command did, and never an import."""

import contextlib
import sqlite3
from datetime import UTC, datetime

import pytest

from tests.factories import FIRST_ID, Clock
from vra_tui.domain.refusal import InputPiece
from vra_tui.store.batches import batch, latest_batch
from vra_tui.store.bundle import bundle_out
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decisions import Author, DecisionError, decide, history, undo_all
from vra_tui.store.label_log import SqliteLabelLog
from vra_tui.store.log import HistoryQuery, history_rows
from vra_tui.store.merge import merge
from vra_tui.store.schema import migrate

AMY, LAPTOP = Author("amy", "summit"), Author("amy", "laptop")
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def key(store, list_name, numbers, author=AMY, now=NOW):
    """What one key does to marked alerts: all in one moment."""
    first = None
    with transaction(store):
        for number in numbers:
            one = decide(store, FIRST_ID + number, list_name, author, now, batch_id=first)
            first = first or one
    return first


def labels(count, author=AMY, start=0):
    """A table of labels with one time for all, as other programs write them."""
    for number in range(start, start + count):
        yield InputPiece(
            "table", f"line {number}",
            {
                "decision_id": new_id(NOW), "survey": "atlas", "object_id": str(FIRST_ID + number),
                "list": "good", "scanner": author.scanner, "timestamp": timestamp(NOW), "host": author.host,
            },
        )  # fmt: skip


def taken_back(store, author=AMY):
    found = latest_batch(store, author)
    with transaction(store):
        undo_all(store, [one.decision_id for one in found], author, NOW)
    return [one.alert_id - FIRST_ID for one in found]


def test_one_undo_takes_back_one_key_though_the_clock_stood_still(scored):
    key(scored, "good", [0])
    key(scored, "pm", [2, 1])
    key(scored, "good", [0])
    assert [taken_back(scored) for _ in range(4)] == [[0], [1, 2], [0], []]


@pytest.mark.parametrize("author", [AMY, LAPTOP, Author("amy", "?")])
def test_no_undo_takes_back_what_was_imported_whoever_decided_it_and_where(scored, author):
    key(scored, "pm", [0])
    merge(scored, labels(300, author), now=NOW)
    assert taken_back(scored) == [0]
    assert taken_back(scored) == []
    assert len(list(history_rows(scored, HistoryQuery()))) == 302


def test_an_import_is_taken_back_whole_by_its_own_id_and_only_once(scored):
    key(scored, "pm", [0])
    first = merge(scored, labels(2), now=NOW).import_id
    second = merge(scored, labels(1, start=2), now=NOW).import_id
    assert merge(scored, SqliteLabelLog(scored, "itself").entries(), now=NOW).import_id is None
    for name, count in ((first, 2), (second[-12:], 1)):
        found = batch(scored, name)
        assert len(found) == count
        with transaction(scored):
            undo_all(scored, [one.decision_id for one in found], AMY, NOW)
        with pytest.raises(DecisionError, match="taken back before"):
            batch(scored, name)
    assert taken_back(scored) == [0]
    with pytest.raises(DecisionError, match="No key"):
        batch(scored, "0123456789ab")


def test_a_batch_travels_and_an_older_version_that_knows_none_contradicts_nothing(scored, tmp_path):
    first = key(scored, "pm", [0, 1])
    with contextlib.closing(open_store(tmp_path / "other.db", durable=False)) as other:
        merge(other, SqliteLabelLog(scored, "here").entries(), now=NOW)
        assert {row["batch_id"] for row in history_rows(other, HistoryQuery())} == {first}
        assert len(batch(other, first)) == 2
    rows = [{**row} for row in history_rows(scored, HistoryQuery())]
    for row in rows:
        del row["batch_id"]
    merged = merge(scored, [InputPiece("old", "row", row) for row in rows], now=NOW)
    assert (merged.known, merged.refused) == (2, 0)


def test_in_a_bundle_undo_takes_back_what_was_decided_there(scored, store_path, tmp_path):
    key(scored, "pm", [0, 1])
    bundle_out(store_path, tmp_path / "laptop.db", [FIRST_ID, FIRST_ID + 2])
    with contextlib.closing(open_store(tmp_path / "laptop.db")) as laptop:
        key(laptop, "good", [2], LAPTOP)
        assert taken_back(laptop, LAPTOP) == [2]
        assert taken_back(laptop, LAPTOP) == []


def test_an_undo_of_many_is_all_or_nothing(scored):
    first = key(scored, "pm", [0])
    with pytest.raises(DecisionError), transaction(scored):
        undo_all(scored, [first, "01a20364-804b-715b-85af-fd72016759ff"], AMY, NOW)
    assert [one.is_reverted for one in history(scored, FIRST_ID)] == [False]


INSERT = """INSERT INTO decisions (decision_id, atlas_id, list, scanner, host, timestamp)
    VALUES (?, ?, 'good', 'amy', ?, ?)"""


def test_what_was_decided_before_batches_were_kept_is_grouped_where_ids_tell_it(store_path):
    """A key of three, then imports with the same time: of random ids, from nowhere, and of older ids."""
    store_path.parent.mkdir(parents=True)
    clock = Clock(NOW)
    first = new_id(NOW)
    ids = [first, (second := new_id(NOW, first)), new_id(NOW, second)]
    with contextlib.closing(sqlite3.connect(store_path, isolation_level=None)) as old:
        with transaction(old):
            migrate(old, stop_before="v4_trust")
        said = timestamp(NOW)
        old.executemany(INSERT, [(one, FIRST_ID + n, "summit", said) for n, one in enumerate(ids)])
        late = sorted(new_id(clock()) for _ in range(20))
        old.executemany(INSERT, [(one, FIRST_ID + 50 + n, "?", said) for n, one in enumerate(late)])
        early = datetime(2026, 1, 1, tzinfo=UTC)
        rows = [(new_id(early), FIRST_ID + 100 + n, "summit", said) for n in range(20)]
        old.executemany(INSERT, rows)
    with contextlib.closing(open_store(store_path)) as store:
        assert taken_back(store) == [2, 1, 0]
        assert taken_back(store) == []
        for change in ("UPDATE decisions SET batch_id = 'x'", "DELETE FROM decisions"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                store.execute(change)
