"""What strangers put into a file is read in bounded time."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from vra_tui.store.backup import BackupError, check
from vra_tui.store.bounds import bound_reading
from vra_tui.store.bundle import newer_there, other_store
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.label_log import SqliteLabelLog
from vra_tui.store.sqlite_file import reason

ENDLESS = """WITH RECURSIVE endless (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless)
    SELECT {columns} FROM endless WHERE n < 0"""


@pytest.fixture
def filled(store, store_path, clock, tmp_path):
    """A copy of a store with decisions, as it comes from elsewhere."""
    ingest_objects(store, [api_object(n) for n in range(20)], clock)
    score_all(store, clock)
    with transaction(store):
        for number in range(20):
            decide(store, FIRST_ID + number, "good", Author("zoe", "summit"), clock())
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return shutil.copy(store_path, tmp_path / "theirs.db")


@pytest.mark.parametrize("table", ["decisions", "notes", "alerts"])
def test_a_view_that_never_ends_is_given_up(filled, store, table):
    with closing(sqlite3.connect(filled)) as theirs:
        names = [row[1] for row in theirs.execute(f"PRAGMA table_info({table})")]
        theirs.execute(f"ALTER TABLE {table} RENAME TO hidden")
        columns = ", ".join(f"n AS {name}" for name in names)
        theirs.execute(f"CREATE VIEW {table} AS {ENDLESS.format(columns=columns)}")

    def read():
        with other_store(filled) as other:
            list(SqliteLabelLog(other, "theirs.db").entries())
            newer_there(store, other)

    with pytest.raises((sqlite3.OperationalError, BackupError)) as given_up:
        read()
    error = given_up.value
    told = reason(error) if isinstance(error, sqlite3.Error) else str(error)
    assert "more steps" in told or f"view {table}" in told


def test_a_whole_store_needs_a_small_part_of_what_it_may_take(filled):
    """Counted again: twenty times what a store of real alerts takes still fits."""
    steps = 0

    def count():
        nonlocal steps
        steps += 1
        return False

    with closing(check(filled)) as other:
        other.set_progress_handler(count, 1)
        other.execute("PRAGMA integrity_check").fetchall()
        list(SqliteLabelLog(other, "theirs.db").entries())
    assert steps < filled.stat().st_size


def test_what_is_cut_off_is_told_in_words(filled):
    with closing(sqlite3.connect(filled)) as theirs:
        bound_reading(theirs, filled)
        with pytest.raises(sqlite3.OperationalError) as given_up:
            theirs.execute(ENDLESS.format(columns="n")).fetchall()
    assert "more steps" in reason(given_up.value)
