"""A migration that is killed leaves the older store, whole."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.store import older
from tests.store.migrations.filled import filled
from vra_tui.store.connection import open_store
from vra_tui.store.schema import SCHEMA_VERSION

KILLED = """
import os, signal, sys
from pathlib import Path
from vra_tui.store import connection

number, migrate = int(sys.argv[2]), connection.migrate

def dies(store):
    left = [number]
    def step(statement):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    store.execute("PRAGMA cache_size = 1")  # so that the log holds much of it
    store.set_trace_callback(step)
    migrate(store)
    print(number - left[0])
    store.set_trace_callback(None)

connection.migrate = dies
connection.open_store(Path(sys.argv[1])).close()
"""


@pytest.mark.slow
def test_a_migration_that_is_killed_at_any_point_leaves_the_old_store(tmp_path, chance):
    whole = tmp_path / "whole" / "vra.db"
    filled(whole).close()
    before = whole.read_bytes()

    def run(path, number):
        path.parent.mkdir()
        path.write_bytes(before)
        done = subprocess.run([sys.executable, "-c", KILLED, str(path), str(number)], capture_output=True)
        return done.returncode, done.stdout

    statements = int(run(tmp_path / "to the end" / "vra.db", 1_000_000)[1])
    assert statements > 100
    with closing(sqlite3.connect(whole)) as store:
        rows = older.dump(store)
    for number in sorted([1, statements, *chance.sample(range(2, statements), 4)]):
        path = tmp_path / str(number) / "vra.db"
        assert run(path, number)[0] == -signal.SIGKILL
        with closing(sqlite3.connect(path)) as store:
            assert store.execute("PRAGMA user_version").fetchone()[0] == 4
            assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert older.dump(store) == rows
        with closing(open_store(path)) as store:
            assert store.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
            assert len(older.rows(store, "decisions")) == len(rows["decisions"])
