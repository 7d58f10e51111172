"""Backups: a checked copy of the store, taken beside its writers, whole or not there at all."""

import glob
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.locations import make_private
from vra_tui.store.bounds import bound_reading
from vra_tui.store.connection import readable, reason, version_of
from vra_tui.store.schema import APPLICATION_ID, SCHEMA_VERSION

#: So many backups are kept in a folder, and so many of the copies made before a migration.
KEEP, KEEP_MIGRATIONS = 7, 3
#: Pages copied at a time (of 4 kB).
_STEP = 4_096

Progress = Callable[[int, int], None]


class BackupError(VraError):
    """A backup that cannot be made or used; the message says what was left as it was."""


@dataclass(frozen=True)
class Backup:
    """A copy that was checked: how large, what is in it, and which older ones went for it."""

    path: Path
    size: int
    alerts: int
    decisions: int
    dropped: list[Path]


def folder_of(store: Path) -> Path:
    """Where the backups of a store lie unless a place is named: beside it."""
    return store.absolute().parent / "backups"


def backups_in(folder: Path, store: Path) -> list[Path]:
    """The backups of a store in a folder that carry names given here, oldest first."""
    return sorted(path for path in folder.glob(f"{glob.escape(store.stem)}-*Z.db") if path.is_file())


def back_up(
    store: Path,
    to: Path | None = None,
    *,
    now: datetime,
    keep: int = KEEP,
    on_progress: Progress = lambda done, total: None,
) -> Backup:
    """Copy the store beside its readers and writers, check the copy, and put it in its place.

    ``to``: a file, which is replaced, or a folder; without it `folder_of` the store. In a folder the copy's
    name tells the time, and of such copies the latest ``keep`` stay. Raises BackupError.
    """
    target = to or folder_of(store)
    in_folder = to is None or to.is_dir()
    if in_folder:
        target = target / f"{store.stem}-{_stamp(now)}.db"
    elif target.exists() and os.path.samefile(target, store):
        raise BackupError(f"{target} is the store itself. Name another file, or none.")
    elif target.with_name(f"{target.name}-wal").exists():
        raise BackupError(f"{target} is a database in use. Nothing was changed; name another file.")
    _sweep(target.parent, now)
    alerts, decisions = _copy(store, target, on_progress)
    dropped = _drop(backups_in(target.parent, store)[: -max(keep, 1)]) if in_folder else []
    return Backup(target, target.stat().st_size, alerts, decisions, dropped)


def back_up_before_migration(store: Path, version: int) -> Path:
    """Copy a store of an older version to `folder_of` it, and keep the latest few of such copies.

    Raises BackupError: without the copy nothing is migrated.
    """
    folder = folder_of(store)
    target = folder / f"{store.stem}-{_stamp(datetime.now(UTC))}-schema{version}.db"
    _copy(store, target, lambda done, total: None)
    _drop(sorted(folder.glob(f"{glob.escape(store.stem)}-*Z-schema*.db"))[:-KEEP_MIGRATIONS])
    return target


def check(path: Path) -> sqlite3.Connection:
    """A reading connection to a file that was found to be a whole store, of a version known here.

    Raises BackupError where it is damaged, of another program, or newer.
    """
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
    try:
        connection = readable(path, only=True)
    except sqlite3.Error as error:
        raise BackupError(f"{path} is no backup that can be used ({error}). Nothing was changed.") from None
    bound_reading(connection, path)
    try:
        why = _why_unfit(connection)
    except sqlite3.Error as error:
        why = f"it is damaged ({reason(error)})"
    if why:
        connection.close()
        raise BackupError(f"{path} is no backup that can be used: {why}. Nothing was changed.")
    return connection


def copy_pages(source: sqlite3.Connection, target: sqlite3.Connection, on_progress: Progress) -> None:
    """Copy one state of a database, however many write meanwhile, in steps of some megabytes."""
    # Inside a reading transaction the copy is of one moment; without it, SQLite begins again with every
    # commit of another program, and beside scoring would never end.
    source.execute("BEGIN")
    try:
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(
            target, pages=_STEP, progress=lambda status, left, total: on_progress(total - left, total)
        )
    finally:
        if source.in_transaction:
            source.execute("ROLLBACK")


@contextmanager
def made_beside(target: Path, mode: int = 0o600) -> Iterator[Path]:
    """A private file to fill, that takes the place of ``target`` when the block ends well, synced."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if not target.parent.exists():
            make_private(target.parent)
            if mode & 0o060 == 0o060:  # of a store that a group shares
                target.parent.chmod(0o2770)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        yield part
        os.chmod(part, mode)
        sync(part)
        part.replace(target)
        sync(target.parent)
    finally:
        for name in (part.name, f"{part.name}-journal", f"{part.name}-wal", f"{part.name}-shm"):
            part.with_name(name).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _copy(store: Path, target: Path, on_progress: Progress) -> tuple[int, int]:
    kept = "No backup was made; the store and earlier backups are as they were."
    try:
        # Who may read the store may read its backups: a shared one keeps its group's rights.
        with made_beside(target, stat.S_IMODE(store.stat().st_mode)) as part:
            with (
                closing(readable(store, only=True)) as source,
                closing(sqlite3.connect(part, isolation_level=None)) as copy,
            ):
                copy_pages(source, copy, on_progress)
                # One file, readable from places that cannot be written.
                copy.execute("PRAGMA journal_mode = DELETE")
            with closing(sqlite3.connect(part, isolation_level=None)) as copy:
                why = _why_unfit(copy)
                if why:
                    raise BackupError(f"The store {store} cannot be backed up: {why}. {kept}")
                return _count(copy, "alerts"), _count(copy, "decisions")
    except sqlite3.Error as error:
        raise BackupError(f"The backup {target} failed: {reason(error)}. {kept}") from None
    except OSError as error:
        raise BackupError(f"The backup {target} failed: {error.strerror or error}. {kept}") from None


def _why_unfit(connection: sqlite3.Connection) -> str | None:
    """Why a file is no whole store of a version known here; None where it is one."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        return "it is not a vra-tui store"
    if version_of(connection) > SCHEMA_VERSION:
        return "it was written by a newer vra-tui"
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
    return None if found == ["ok"] else "it is damaged; `vra doctor` tells where, and what helps"


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _sweep(folder: Path, now: datetime) -> None:
    """Drop what backups that were killed left in a folder; one that still runs is not a day old."""
    for part in folder.glob(".*.part*"):
        if now.timestamp() - part.stat().st_mtime > 86_400:
            part.unlink(missing_ok=True)


def _drop(paths: list[Path]) -> list[Path]:
    for path in paths:
        path.unlink(missing_ok=True)
    return paths
