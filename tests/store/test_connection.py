"""A store is opened only when it is one of ours, of a version we know, and private to its owner."""

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vra_tui.store.connection import StoreError, open_store, transaction
from vra_tui.store.decisions import history
from vra_tui.store.schema import SCHEMA_VERSION, migrate


@pytest.fixture(autouse=True)
def new_stores_are_copied() -> None:
    """Here they are made: that is what is tested."""


def test_a_new_store_is_private_in_wal_mode_and_at_the_current_version(store_path):
    connection = open_store(store_path)
    assert stat.S_IMODE(store_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store_path.parent.stat().st_mode) == 0o700
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    connection.close()


def test_opening_again_changes_nothing(store_path):
    open_store(store_path).close()
    before = sqlite3.connect(store_path).execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    open_store(store_path).close()
    assert (
        sqlite3.connect(store_path).execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
        == before
    )


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store_path):
    connection = open_store(store_path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(StoreError, match=r"newer vra-tui.*Nothing was changed"):
        open_store(store_path)


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="another program"):
        open_store(path)
    assert sqlite3.connect(path).execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


@pytest.mark.parametrize("content", [b"\n", b"x", b"SQLite format 3\x00", b"\x00" * 511])
@pytest.mark.parametrize("create", [True, False])
def test_a_file_too_small_to_be_a_database_is_refused_and_left_alone(tmp_path, content, create):
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a vra-tui store"):
        open_store(path, create=create)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_is_made_a_store_only_where_one_is_to_be_made(tmp_path):
    path = tmp_path / "vra.db"
    path.touch()
    with pytest.raises(StoreError, match="0 bytes"):
        open_store(path, create=False)
    assert path.stat().st_size == 0
    open_store(path).close()
    open_store(path, create=False).close()


def test_what_is_no_file_is_not_waited_for(tmp_path):
    pipe = tmp_path / "vra.db"
    os.mkfifo(pipe)
    for path, word in ((pipe, "pipe"), (tmp_path, "folder"), (Path(os.devnull), "device")):
        with pytest.raises(StoreError, match=word):
            open_store(path)


def test_opening_a_store_takes_no_lock_from_those_who_have_it_open(store_path):
    """POSIX: a process that closes a file loses every lock it has on it, whoever took it."""
    first = open_store(store_path)
    first.execute("SELECT count(*) FROM alerts").fetchone()
    open_store(store_path).close()
    lock = "fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)"
    look = f"import fcntl, sys; {lock}"
    found = subprocess.run([sys.executable, "-c", look, str(store_path)], capture_output=True)
    assert found.returncode == 1
    first.close()


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100)
    with pytest.raises(StoreError, match="not a vra-tui store"):
        open_store(path)
    assert path.read_text().startswith("not a database")


def test_without_a_store_the_message_says_how_to_make_one(store_path):
    with pytest.raises(StoreError, match="vra ingest"):
        open_store(store_path, create=False)
    assert not store_path.exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="No store can be made"):
        open_store(tmp_path / "file" / "vra.db")


def test_decisions_are_synced_to_the_disk(store_path):
    full, normal = 2, 1
    assert open_store(store_path).execute("PRAGMA synchronous").fetchone()[0] == full
    assert open_store(store_path, durable=False).execute("PRAGMA synchronous").fetchone()[0] == normal


def test_a_transaction_that_fails_leaves_nothing(store):
    def fail() -> None:
        with transaction(store):
            store.execute("INSERT INTO instruments (code, survey, name) VALUES (9, 'atlas', '09z')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.execute("SELECT count(*) FROM instruments WHERE code = 9").fetchone()[0] == 0


@pytest.mark.slow
def test_two_processes_may_make_the_same_store_at_once(store_path):
    code = "import sys; from pathlib import Path; from vra_tui.store.connection import open_store; "
    code += "open_store(Path(sys.argv[1])).close()"
    command = [sys.executable, "-c", code, str(store_path)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    errors = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, errors


def test_an_older_store_keeps_its_decisions_and_notes(store_path):
    store_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(store_path, isolation_level=None)) as old:
        with transaction(old):
            migrate(old, stop_before="v3_labels_that_travel")
        old.execute(
            """INSERT INTO alerts (atlas_id, ra, dec, t0_mjd, n_detections, n_nondetections, n_forced,
            ingested_at, updated_at) VALUES (7, 1, 2, 60000, 0, 0, 0, '', '')"""
        )
        for number, (filed, reverts) in enumerate([("good", None), (None, "id 0"), ("pm", None)]):
            old.execute(
                """INSERT INTO decisions
                (decision_id, atlas_id, list, reverts, scanner, host, timestamp, rank)
                VALUES (?, 7, ?, ?, 'zoe', 'summit', 'then', 8.5)""",
                (f"id {number}", filed, reverts),
            )
        old.execute("INSERT INTO notes VALUES ('note', 7, 'zoe', 'summit', 'then', 'odd')")
    connection = open_store(store_path)
    assert [(d.decision_id, d.list, d.reverts, d.rank, d.seconds) for d in history(connection, 7)] == [
        ("id 0", "good", None, 8.5, None),
        ("id 1", None, "id 0", 8.5, None),
        ("id 2", "pm", None, 8.5, None),
    ]
    assert connection.execute("SELECT note FROM notes").fetchone()[0] == "odd"
    for table in ("decisions", "notes"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(f"DELETE FROM {table}")
    connection.close()


def test_a_migration_that_is_cut_off_leaves_nothing_behind(store_path, monkeypatch):
    def cut_off(connection):
        migrate(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr("vra_tui.store.connection.migrate", cut_off)
    with pytest.raises(KeyboardInterrupt):
        open_store(store_path)
    assert sqlite3.connect(store_path).execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    monkeypatch.undo()
    open_store(store_path).close()
