"""A backup is whole, private and of one moment; a restore loses no label."""

import contextlib
import os
import signal
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
from vra_tui.store.connection import StoreError, open_store, transaction
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.identity import store_id
from vra_tui.store.parts import made_beside, sweep
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
    identity = store_id(scored)
    assert made.path == store_path.parent / "backups" / f"vra-{identity[:8]}-20261122T030000Z.db"
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
    monkeypatch.setattr("vra_tui.store.sqlite_file.BUSY_TIMEOUT", 0.0)
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


def test_a_named_backup_of_the_store_is_replaced_and_a_named_folder_filled(scored, store_path, tmp_path):
    target = tmp_path / "copy.db"
    assert back_up(store_path, target, now=NOW).decisions == 0
    take(scored, "good")
    made = back_up(store_path, target, now=NOW)
    assert (made.path, made.decisions, made.dropped) == (target, 1, [])
    assert back_up(store_path, tmp_path, now=NOW).path.name.endswith("-20261122T030000Z.db")


def a_text(path, other):
    path.write_text("not a database")


def an_empty_file(path, other):
    path.touch()


def a_database_of_another_program(path, other):
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE theirs (x)")


def a_store_with_decisions_of_its_own(path, other):
    with closing(open_store(path)) as theirs:
        theirs.execute("INSERT INTO notes VALUES ('a', 7, 'ben', 'here', '2026', 'taken here alone')")


def a_backup_of_another_store(path, other):
    back_up(other, path, now=NOW)


def a_link_to_a_backup(path, other):
    path.symlink_to(back_up(other, path.parent / "behind the link.db", now=NOW).path)


def a_link_to_nothing(path, other):
    path.symlink_to(path.parent / "nothing")


def a_fifo(path, other):
    os.mkfifo(path)


def an_old_copy_without_a_mark(path, other):
    with closing(sqlite3.connect(path, isolation_level=None)) as old, transaction(old):
        migrate(old, stop_before="v4_trust")


@pytest.mark.parametrize(
    "what",
    [
        a_text, an_empty_file, a_database_of_another_program, a_store_with_decisions_of_its_own,
        a_backup_of_another_store, a_link_to_a_backup, a_link_to_nothing, a_fifo, an_old_copy_without_a_mark,
    ],
)  # fmt: skip
def test_what_is_no_backup_of_this_store_is_never_replaced(scored, store_path, tmp_path, what):
    other = tmp_path / "other" / "vra.db"
    open_store(other).close()
    target = tmp_path / "target.db"
    what(target, other)
    before = snapshot(tmp_path)
    with pytest.raises(BackupError, match=r"is not replaced: .*Nothing was changed\. Name a new file"):
        back_up(store_path, target, now=NOW)
    assert snapshot(tmp_path) == before


def snapshot(folder):
    """Every file with its content, links by where they lead; without the store at work and its log."""
    return {
        path: path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if not path.name.startswith("vra.db")
    }


def test_a_backup_that_somebody_worked_in_is_neither_replaced_nor_dropped(scored, store_path, tmp_path):
    folder = folder_of(store_path)
    first = back_up(store_path, now=NOW).path
    with closing(open_store(first)) as worked_in:  # `vra --db backups/…`
        take(worked_in, "good")
    edited = back_up(store_path, now=NOW + timedelta(seconds=1)).path
    with closing(sqlite3.connect(edited, isolation_level=None)) as by_hand:
        by_hand.row_factory = sqlite3.Row
        take(by_hand, "pm")
    for path in (first, edited):
        with pytest.raises(BackupError, match="is not replaced"):
            back_up(store_path, path, now=NOW)
    for day in range(1, 4):
        back_up(store_path, now=NOW + timedelta(days=day), keep=1)
    assert len(backups_in(folder, store_path)) == 3
    for path in (first, edited):
        with closing(sqlite3.connect(path)) as kept:
            assert kept.execute("SELECT count(*) FROM decisions").fetchone()[0] == 1


def test_backups_of_a_copy_that_went_its_own_way_are_kept_for_what_only_they_hold(
    scored, store_path, tmp_path
):
    twin = tmp_path / "twin" / "vra.db"
    twin.parent.mkdir()
    scored.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    twin.write_bytes(store_path.read_bytes())
    with closing(open_store(twin)) as store:
        take(store, "good")
    together = tmp_path / "together"
    together.mkdir()
    theirs = back_up(twin, together, now=NOW).path
    with pytest.raises(BackupError, match="holds decisions that the store lacks"):
        back_up(store_path, theirs, now=NOW)
    for day in range(1, 4):
        back_up(store_path, together, now=NOW + timedelta(days=day), keep=1)
    assert theirs.exists()
    assert len(list(together.iterdir())) == 2


def test_backups_of_a_store_with_a_similar_name_are_not_dropped(scored, store_path):
    """`vra-2025.db` beside `vra.db`: the name of the one begins as that of the other does."""
    folder = folder_of(store_path)
    other = store_path.with_name("vra-2025.db")
    open_store(other).close()
    theirs = [back_up(other, now=NOW + timedelta(seconds=n)).path for n in range(2)]
    live = folder / "vra-20200101T000000Z.db"
    open_store(live).close()
    named_as_ours = folder / f"vra-{store_id(scored)[:8]}-20200101T000000Z.db"
    open_store(named_as_ours).close()
    landed = folder / "vra-20200102T000000Z.db"  # as versions without marks named them
    a_database_of_another_program(landed, None)
    for day in range(1, 9):
        made = back_up(store_path, now=NOW + timedelta(days=day), keep=1)
        assert made.path.exists()
    assert all(path.exists() for path in (*theirs, live, named_as_ours, landed))
    assert len(made.dropped) == 1


def test_a_backup_made_by_a_clock_that_went_back_is_not_dropped_for_older_ones(scored, store_path):
    for day in range(1, 4):
        back_up(store_path, now=NOW + timedelta(days=day))
    made = back_up(store_path, now=NOW - timedelta(days=100), keep=1)
    assert made.path.exists()
    assert [path for path in made.path.parent.iterdir()] == [made.path]


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


def back_up_of_a_stranger(folder):
    open_store(folder / "stranger.db").close()
    return back_up(folder / "stranger.db", folder / "strange.db", now=NOW).path


def test_a_store_is_never_backed_up_over_itself_or_over_a_store_in_use(scored, store_path, tmp_path):
    with pytest.raises(BackupError, match="the store itself"):
        back_up(store_path, store_path, now=NOW)
    with closing(open_store(tmp_path / "other.db")) as other:
        other.execute("SELECT count(*) FROM alerts").fetchone()
        with pytest.raises(BackupError, match="in use"):
            back_up(store_path, tmp_path / "other.db", now=NOW)
    with pytest.raises(BackupError, match="the store itself"):
        back_up(store_path, tmp_path / "store" / ".." / "store" / "vra.db", now=NOW)


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


def test_copies_from_before_migrations_do_not_push_out_backups_nor_grow_for_ever(scored, store_path):
    made = back_up(store_path, now=NOW, keep=1)
    for day in range(5):
        now = NOW + timedelta(days=day)
        kept = backup_module.back_up_before_migration(store_path, SCHEMA_VERSION, now)
    names = sorted(path.name for path in folder_of(store_path).iterdir())
    assert len(names) == 1 + backup_module.KEEP_MIGRATIONS
    assert (names[0], names[-1]) == (made.path.name, kept.name)


def test_an_older_store_is_backed_up_under_a_name_without_an_id_and_nothing_is_dropped(store_path):
    older(store_path)
    made = [back_up(store_path, now=NOW + timedelta(days=day), keep=1) for day in range(3)]
    assert made[0].path.name == "vra-20261122T030000Z.db"
    assert backups_in(folder_of(store_path), store_path) == [one.path for one in made]


def test_a_migration_that_fails_leaves_no_copy_for_each_time_it_is_tried(store_path, monkeypatch):
    def fails(connection):
        raise sqlite3.OperationalError("no")

    older(store_path)
    monkeypatch.setattr("vra_tui.store.connection.migrate", fails)
    for _ in range(3):
        with pytest.raises(StoreError, match="cannot be used: no"):
            open_store(store_path)
    assert list(folder_of(store_path).iterdir()) == []


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


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from vra_tui.store.backup import back_up
from vra_tui.store.restore import restore

def die(done, total):
    os.kill(os.getpid(), signal.SIGKILL)

store, backup = map(Path, sys.argv[2:])
now = datetime(2026, 11, 22, 4, tzinfo=UTC)
if sys.argv[1] == "restore":
    restore(backup, store, now=now, on_progress=die)
else:
    back_up(store, now=now, on_progress=die)
"""


def parts_under(folder):
    return [path for path in folder.rglob(".*") if "part" in path.name]


@pytest.mark.parametrize("verb", ["backup", "restore"])
@pytest.mark.parametrize("later", ["backup", "restore"])
def test_what_a_killed_backup_or_restore_left_is_swept_by_a_later_one(scored, store_path, verb, later):
    made = back_up(store_path, now=NOW)
    scored.close()
    done = subprocess.run([sys.executable, "-c", KILLED, verb, store_path, made.path], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = parts_under(store_path.parent)
    assert left.parent == (store_path.parent if verb == "restore" else folder_of(store_path))
    back_up(store_path, now=NOW)
    assert left.exists()  # its program may still run, on another host
    now = datetime.now(UTC) + timedelta(days=2)
    if later == "backup":
        back_up(store_path, now=now)
        assert parts_under(store_path.parent) == []
    elif verb == "restore":
        restore(made.path, store_path, now=now)
        assert parts_under(store_path.parent) == []


def test_a_part_that_is_still_being_filled_is_never_swept(scored, store_path):
    def look(done, total):
        (part,) = parts_under(folder_of(store_path))
        sweep(folder_of(store_path), datetime.now(UTC) + timedelta(days=400))
        assert (part / "part.db").exists()

    back_up(store_path, now=NOW, on_progress=look)


def test_nothing_is_swept_that_is_not_provably_a_part_of_ours(scored, store_path, tmp_path):
    folder = folder_of(store_path)
    folder.mkdir()
    (folder / ".my.partner-thesis.tex").write_text("three years of work")
    (folder / ".vra-20261101T030000Z.db.12345.part").write_text("of a version without marks")
    for name, files in {
        ".vra-part-aaaaaaaa": {"part.db": "no mark"},
        ".vra-part-bbbbbbbb": {"made-by-vra-tui": "another's words", "part.db": "x"},
        ".vra-part-cccccccc": {"made-by-vra-tui": mark_of(tmp_path), "part.db": "x", "thesis.tex": "mine"},
        ".vra-part-another's": {"made-by-vra-tui": mark_of(tmp_path), "part.db": "x"},
    }.items():
        (folder / name).mkdir()
        for file, text in files.items():
            (folder / name / file).write_text(text)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "made-by-vra-tui").write_text(mark_of(tmp_path))
    (folder / ".vra-part-dddddddd").symlink_to(elsewhere)
    before = snapshot(folder) | snapshot(elsewhere)
    sweep(folder, datetime.now(UTC) + timedelta(days=400))
    assert snapshot(folder) | snapshot(elsewhere) == before


def mark_of(folder):
    with made_beside(folder / "any") as part:
        return (part.parent / "made-by-vra-tui").read_text()
