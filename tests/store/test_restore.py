"""A restore keeps the store that was there, and loses no label."""

import contextlib
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import FIRST_ID
from vra_tui.store.backup import BackupError, back_up
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.epoch_marks import marks_of, read_epoch
from vra_tui.store.identity import store_id
from vra_tui.store.marked_alerts import mark_epochs
from vra_tui.store.restore import restore

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


AMY = Author("amy", "summit")


def take(store, list_name, number=0, now=NOW):
    with transaction(store):
        return decide(store, FIRST_ID + number, list_name, AMY, now)


def back_up_of_a_stranger(folder):
    open_store(folder / "stranger.db").close()
    return back_up(folder / "stranger.db", folder / "strange.db", now=NOW).path


def test_a_restored_store_is_no_backup_and_keeps_its_id(scored, store_path, tmp_path):
    identity = store_id(scored)
    made = back_up(store_path, now=NOW)
    scored.close()
    for source in (made.path, back_up_of_a_stranger(tmp_path)):
        restore(source, store_path, now=NOW)
        with closing(open_store(store_path)) as store:
            assert store_id(store) == identity
            assert store.execute("SELECT count(*) FROM backup_marks").fetchone()[0] == 0
    again = [back_up(store_path, now=NOW + timedelta(days=day), keep=1) for day in (1, 2)]
    assert made.path in again[0].dropped


def test_a_restore_brings_marks_on_epochs_over_and_they_take_effect(scored, store_path):
    made = back_up(store_path, now=NOW)
    with transaction(scored):
        epoch = read_epoch("detections 60000.500000000/02a/o 60000.500000000 o")
        mark_epochs(scored, FIRST_ID, [epoch], True, AMY, NOW, "ghost")
    scored.close()
    done = restore(made.path, store_path, now=NOW)
    assert (done.brought, done.unread) == (1, None)
    with closing(open_store(store_path)) as store:
        assert [one.reason for one in marks_of(store, FIRST_ID)] == ["ghost"]
        assert store.execute(
            "SELECT n_detections FROM alerts WHERE alert_id = ?", (FIRST_ID,)
        ).fetchone()[0] == 3  # fmt: skip


def test_a_restore_keeps_the_store_and_the_labels_that_the_backup_lacks(scored, store_path):
    take(scored, "good")
    undone = take(scored, "pm", number=2)
    made = back_up(store_path, now=NOW)
    take(scored, "followup", number=1)
    with transaction(scored):
        undo(scored, undone, AMY, NOW)
        add_note(scored, FIRST_ID, "rising", AMY, NOW)
    before = [tuple(row) for row in scored.execute("SELECT alert_id, list, decision_id FROM standing")]
    scored.close()
    done = restore(made.path, store_path, now=NOW)
    assert (done.alerts, done.decisions, done.brought, done.unread) == (3, 4, 3, None)
    assert done.kept.name == "vra-20261122T030000Z-replaced.db"
    assert stat.S_IMODE(store_path.stat().st_mode) == 0o600
    with closing(open_store(store_path)) as store:
        after = [tuple(row) for row in store.execute("SELECT alert_id, list, decision_id FROM standing")]
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
        place = store.execute("SELECT list FROM standing WHERE alert_id = ?", (FIRST_ID + 7,)).fetchone()
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
