"""A backup is whole, private and of one moment, and takes the place of nothing but a backup."""

import contextlib
import os
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import FIRST_ID
from vra_tui.store import backup as backup_module
from vra_tui.store.backup import BackupError, back_up, backups_in, folder_of
from vra_tui.store.connection import StoreError, open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.identity import store_id
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
