"""A backup is whole, private and of one moment; a restore loses no label."""

import contextlib
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import FIRST_ID
from vra_tui.store import backup as backup_module
from vra_tui.store.backup import BackupError, back_up, backups_in, folder_of
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.restore import restore
from vra_tui.store.schema import SCHEMA_VERSION, migrate

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
AMY = Author("amy", "summit")


def take(store, list_name, number=0, now=NOW):
    with transaction(store):
        return decide(store, FIRST_ID + number, list_name, AMY, now)


def test_a_backup_is_a_checked_private_copy_with_the_time_in_its_name(scored, store_path):
    take(scored, "good")
    made = back_up(store_path, now=NOW)
    assert made.path == store_path.parent / "backups" / "vra-20261122T030000Z.db"
    assert (made.alerts, made.decisions) == (3, 1)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]
    with closing(open_store(made.path)) as copy:
        assert copy.execute("SELECT list FROM decisions").fetchone()[0] == "good"


def test_a_backup_is_of_one_moment_however_much_is_written_meanwhile(scored, store_path, monkeypatch):
    monkeypatch.setattr(backup_module, "_STEP", 1)
    steps = []

    def write_between(done, total):
        steps.append(done)
        if len(steps) < 20:
            with closing(open_store(store_path)) as other:
                take(other, "good", number=len(steps) % 3, now=NOW + timedelta(seconds=len(steps)))

    made = back_up(store_path, now=NOW, on_progress=write_between)
    assert len(steps) == made.size // 4_096  # never begun again
    assert made.decisions == 0
    assert scored.execute("SELECT count(*) FROM decisions").fetchone()[0] == 19


def test_writers_do_not_wait_for_a_backup(scored, store_path, monkeypatch):
    monkeypatch.setattr("vra_tui.store.connection.BUSY_TIMEOUT", 0.0)
    monkeypatch.setattr(backup_module, "_STEP", 1)
    written = threading.Event()

    def write_once(done, total):
        if not written.is_set():
            take(scored, "good")
            written.set()

    back_up(store_path, now=NOW, on_progress=write_once)
    assert written.is_set()


def test_the_latest_few_are_kept_and_other_files_left_alone(scored, store_path):
    folder = folder_of(store_path)
    folder.mkdir()
    (folder / "vra-mine.db").write_text("kept")
    made = [back_up(store_path, now=NOW + timedelta(days=day), keep=2) for day in range(4)]
    assert backups_in(folder, store_path) == [made[2].path, made[3].path]
    assert made[3].dropped == [made[1].path]
    assert (folder / "vra-mine.db").read_text() == "kept"


def test_a_named_file_is_replaced_and_a_named_folder_filled(scored, store_path, tmp_path):
    target = tmp_path / "copy.db"
    target.write_text("old")
    assert back_up(store_path, target, now=NOW).path == target
    assert target.read_bytes()[:6] == b"SQLite"
    assert back_up(store_path, tmp_path, now=NOW).path == tmp_path / "vra-20261122T030000Z.db"


def test_a_store_is_never_backed_up_over_itself_or_over_a_store_in_use(scored, store_path, tmp_path):
    with pytest.raises(BackupError, match="the store itself"):
        back_up(store_path, store_path, now=NOW)
    with closing(open_store(tmp_path / "other.db")) as other:
        other.execute("SELECT count(*) FROM alerts").fetchone()
        with pytest.raises(BackupError, match="in use"):
            back_up(store_path, tmp_path / "other.db", now=NOW)


def test_a_backup_that_is_broken_off_leaves_nothing(scored, store_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(store_path, now=NOW, on_progress=stop)
    assert list(folder_of(store_path).iterdir()) == []


def test_a_restore_keeps_the_store_and_the_labels_that_the_backup_lacks(scored, store_path):
    take(scored, "good")
    undone = take(scored, "pm", number=2)
    made = back_up(store_path, now=NOW)
    take(scored, "followup", number=1)
    with transaction(scored):
        undo(scored, undone, AMY, NOW)
        add_note(scored, FIRST_ID, "rising", AMY, NOW)
    before = [tuple(row) for row in scored.execute("SELECT atlas_id, list, decision_id FROM standing")]
    scored.close()
    done = restore(made.path, store_path, now=NOW)
    assert (done.alerts, done.decisions, done.brought, done.unread) == (3, 4, 3, None)
    assert done.kept.name == "vra-20261122T030000Z-replaced.db"
    assert stat.S_IMODE(store_path.stat().st_mode) == 0o600
    with closing(open_store(store_path)) as store:
        after = [tuple(row) for row in store.execute("SELECT atlas_id, list, decision_id FROM standing")]
        assert after == before
        assert store.execute("SELECT note FROM notes").fetchone()[0] == "rising"
        assert store.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    again = restore(done.kept, store_path, now=NOW)  # and back; nothing is missing either way
    assert (again.decisions, again.brought) == (4, 0)
    assert again.kept != done.kept


def test_labels_of_alerts_that_the_backup_lacks_wait_for_them(scored, store_path, clock, tmp_path):
    from tests.factories import api_object, ingest_objects, score_all

    made = back_up(store_path, now=NOW)
    late = api_object(7)
    ingest_objects(scored, [late], clock)
    take(scored, "followup", number=7)
    scored.close()
    restore(made.path, store_path, now=NOW)
    with closing(open_store(store_path)) as store:
        ingest_objects(store, [late], clock)
        score_all(store, clock)
        place = store.execute("SELECT list FROM standing WHERE atlas_id = ?", (FIRST_ID + 7,)).fetchone()
        assert place["list"] == "followup"


HOLD = """
import sys
from pathlib import Path
from vra_tui.store.connection import open_store
store = open_store(Path(sys.argv[1]))
store.execute("SELECT count(*) FROM alerts").fetchone()
print("open", flush=True)
sys.stdin.readline()
"""


def test_a_store_that_another_program_has_open_is_not_replaced(scored, store_path):
    made = back_up(store_path, now=NOW)
    scored.close()
    before = store_path.read_bytes()
    command = [sys.executable, "-c", HOLD, store_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(BackupError, match="Another program has"):
            restore(made.path, store_path, now=NOW)
        other.stdin.close()
    assert store_path.read_bytes() == before
    assert not list(store_path.parent.glob("*replaced*"))
    assert not list(store_path.parent.glob(".*"))
    restore(made.path, store_path, now=NOW)


def test_what_is_no_whole_backup_is_refused_and_nothing_changed(scored, store_path, tmp_path):
    scored.close()
    before = store_path.read_bytes()
    foreign, text, damaged = (tmp_path / name for name in ("foreign.db", "notes.txt", "damaged.db"))
    with contextlib.closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE theirs (x)")
    text.write_text("not a database " * 1_000)
    damaged.write_bytes(before[: len(before) // 2])
    for path in (foreign, text, damaged, tmp_path / "none.db"):
        with pytest.raises(BackupError):
            restore(path, store_path, now=NOW)
    made = back_up(store_path, now=NOW)
    with pytest.raises(BackupError, match="another program"):
        restore(made.path, foreign, now=NOW)
    assert store_path.read_bytes() == before


def test_a_restore_that_cannot_end_puts_the_store_back(scored, store_path, monkeypatch):
    take(scored, "good")
    made = back_up(store_path, now=NOW)
    scored.close()
    monkeypatch.setattr(
        "pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with pytest.raises(BackupError, match="No space left"):
        restore(made.path, store_path, now=NOW)
    monkeypatch.undo()
    with closing(open_store(store_path, create=False)) as store:
        assert store.execute("SELECT count(*) FROM decisions").fetchone()[0] == 1


def older(store_path):
    """A store of the schema before this one, with an alert in it."""
    store_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(store_path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        with transaction(old):
            migrate(old, stop_before="v3_labels_that_travel")
        old.execute(
            """INSERT INTO alerts (atlas_id, ra, dec, t0_mjd, n_detections, n_nondetections, n_forced,
            ingested_at, updated_at) VALUES (7, 1, 2, 60000, 0, 0, 0, '', '')"""
        )


def test_an_older_store_is_kept_as_it_was_before_it_is_migrated(store_path):
    older(store_path)
    told = []
    open_store(store_path, on_step=told.append).close()
    (kept,) = folder_of(store_path).iterdir()
    assert kept.name.endswith("Z-schema2.db")
    assert len(told) == 1
    assert str(kept) in told[0]
    with closing(sqlite3.connect(kept)) as old:
        assert old.execute("PRAGMA user_version").fetchone()[0] == 2
        assert old.execute("SELECT atlas_id FROM alerts").fetchone()[0] == 7
    open_store(store_path, on_step=told.append).close()
    assert len(told) == 1
    done = restore(kept, store_path, now=NOW)
    assert done.alerts == 1
    assert list(folder_of(store_path).iterdir()) == [kept]
    with closing(open_store(store_path)) as store:
        assert store.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION


def test_copies_from_before_migrations_do_not_push_out_backups_nor_grow_for_ever(store_path, monkeypatch):
    older(store_path)
    made = back_up(store_path, now=NOW, keep=1)
    for day in range(5):
        monkeypatch.setattr(backup_module, "_stamp", lambda now, day=day: f"2027010{day}T000000Z")
        kept = backup_module.back_up_before_migration(store_path, 2)
    names = sorted(path.name for path in folder_of(store_path).iterdir())
    assert len(names) == 1 + backup_module.KEEP_MIGRATIONS
    assert (names[0], names[-1]) == (made.path.name, kept.name)


def test_without_room_for_the_copy_nothing_is_migrated(store_path, monkeypatch):
    older(store_path)
    folder_of(store_path).write_text("a file where the folder should be")
    with pytest.raises(BackupError, match="as they were"):
        open_store(store_path)
    with closing(sqlite3.connect(store_path)) as store:
        assert store.execute("PRAGMA user_version").fetchone()[0] == 2


def test_a_writer_that_waited_for_a_restore_writes_into_the_new_store(scored, store_path, monkeypatch):
    """A program may have opened the file in the moment in which another took its place."""
    from vra_tui.store import connection as connection_module

    made = back_up(store_path, now=NOW)
    scored.close()
    real = connection_module.readable
    swapped = []

    def readable_late(path, only=False):
        opened = real(path, only)
        if not swapped:
            swapped.append(path)
            path.rename(path.with_name("aside.db"))
            path.write_bytes(made.path.read_bytes())
        return opened

    monkeypatch.setattr(connection_module, "readable", readable_late)
    with closing(open_store(store_path)) as store:
        take(store, "good")
    with closing(sqlite3.connect(store_path)) as store:
        assert store.execute("SELECT count(*) FROM decisions").fetchone()[0] == 1


def test_what_a_killed_backup_left_is_swept_up_by_a_later_one(scored, store_path):
    folder = folder_of(store_path)
    folder.mkdir()
    left = folder / ".vra-20261101T030000Z.db.12345.part"
    left.write_text("half")
    back_up(store_path, now=NOW)
    assert left.exists()  # it may still run
    back_up(store_path, now=datetime.now(UTC) + timedelta(days=2))
    assert not left.exists()
