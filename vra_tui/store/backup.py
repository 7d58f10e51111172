"""Make a backup: a checked copy of the store, taken while others write to it."""

import errno
import os
import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.store.bounds import bound_reading
from vra_tui.store.handle import Store
from vra_tui.store.identity import mark_as_backup, store_id, why_no_backup_of
from vra_tui.store.parts import made_beside, sweep
from vra_tui.store.schema import APPLICATION_ID, SCHEMA_VERSION
from vra_tui.store.shape import difference
from vra_tui.store.sqlite_file import readable, reason, version_of
from vra_tui.store.transaction import one_view

#: So many backups are kept in a folder, and so many of the copies made before a migration.
KEEP, KEEP_MIGRATIONS = 7, 3
#: How the time stands in a backup's name.
_TIME = r"\d{8}T\d{6}Z"
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
    """Tell where the backups of a store lie unless a place is named: beside it."""
    return store.absolute().parent / "backups"


def backups_in(folder: Path, store: Path) -> list[Path]:
    """The files in a folder that are named as backups of a store are, now or by older versions; oldest first.

    A name proves nothing: what is dropped, `why_no_backup_of` has looked into.
    """
    named = _named(folder, re.compile(rf"{re.escape(store.stem)}-(?:[0-9a-f]{{8}}-)?({_TIME})\.db"))
    return [path for path in named if path.is_file()]


def back_up(
    store: Path,
    to: Path | None = None,
    *,
    now: datetime,
    keep: int = KEEP,
    on_progress: Progress = lambda done, total: None,
) -> Backup:
    """Copy the store beside its readers and writers, check the copy, and put it in its place.

    ``to``: a file, or a folder; without it `folder_of` the store. A file that is there is replaced only
    where it is a backup of this very store. In a folder the copy's name tells the store's name, its id and
    the time, and of such backups of this store the latest ``keep`` stay. Raises BackupError.
    """
    target = to or folder_of(store)
    in_folder = to is None or to.is_dir()
    identity = _identity(store)
    if in_folder:
        target = target / f"{_stem(store, identity)}-{_stamp(now)}.db"
    elif target.exists() and os.path.samefile(target, store):
        raise BackupError(f"{target} is the store itself. Name another file, or none.")
    _refuse_to_replace(target, identity, store)
    for folder in {target.parent, store.absolute().parent}:
        sweep(folder, now)
    alerts, decisions = _copy(store, target, identity, now, on_progress)
    dropped = []
    if in_folder and identity is not None:
        stem = re.escape(_stem(store, identity))
        older = _named(target.parent, re.compile(rf"{stem}-({_TIME})\.db"))
        dropped = _drop_all_but(max(keep, 1) - 1, older, target, store, identity)
    return Backup(target, target.stat().st_size, alerts, decisions, dropped)


def back_up_before_migration(store: Path, version: int, now: datetime) -> Path:
    """Copy a store of an older version to `folder_of` it, and keep the latest few of such copies.

    Raises BackupError: without the copy nothing is migrated.
    """
    folder, identity = folder_of(store), _identity(store)
    target = folder / f"{_stem(store, identity)}-{_stamp(now)}-schema{version}.db"
    _refuse_to_replace(target, identity, store)
    _copy(store, target, identity, now, lambda done, total: None)
    if identity is not None:
        stem = re.escape(_stem(store, identity))
        older = _named(folder, re.compile(rf"{stem}-({_TIME})-schema\d+\.db"))
        _drop_all_but(KEEP_MIGRATIONS - 1, older, target, store, identity)
    return target


def check(path: Path) -> Store:
    """A reading connection to a file that was found to be a whole store, of a version known here.

    Raises BackupError where it is damaged, of another program, or newer, or its schema is not the one that
    this program makes.
    """
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
    try:
        connection = readable(path, only=True)
    except sqlite3.Error as error:
        raise BackupError(f"{path} is no backup that can be used ({error}). Nothing was changed.") from None
    bound_reading(connection, path)
    try:
        # A file that others may have made: what stands in its schema would be obeyed unseen.
        why = _why_unfit(connection) or difference(connection, version_of(connection)).why_unfit
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
    with one_view(source):
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(
            target, pages=_STEP, progress=lambda status, left, total: on_progress(total - left, total)
        )


def _identity(store: Path) -> str | None:
    try:
        with closing(readable(store, only=True)) as connection:
            return store_id(connection)
    except sqlite3.Error:
        return None  # what is wrong with it the copying says


def _stem(store: Path, identity: str | None) -> str:
    return store.stem if identity is None else f"{store.stem}-{identity[:8]}"


def _refuse_to_replace(target: Path, identity: str | None, store: Path) -> None:
    """Raise BackupError for a file that is there and is not a backup of this store."""
    if not os.path.lexists(target):
        return
    why = why_no_backup_of(target, identity, store)
    if why is not None:
        raise BackupError(
            f"{target} is there and is not replaced: {why}. Nothing was changed. Name a new file, or a "
            "folder, or move that one away yourself."
        )


def _copy(
    store: Path, target: Path, identity: str | None, now: datetime, on_progress: Progress
) -> tuple[int, int]:
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
                if identity is not None:
                    mark_as_backup(copy, identity, now)
            with closing(sqlite3.connect(part, isolation_level=None)) as copy:
                why = _why_unfit(copy)
                if why:
                    raise BackupError(f"The store {store} cannot be backed up: {why}. {kept}")
                counts = _count(copy, "alerts"), _count(copy, "decisions")
            _refuse_to_replace(target, identity, store)  # the copying may have taken long
            return counts
    except sqlite3.Error as error:
        raise BackupError(f"The backup {target} failed: {reason(error)}. {kept}") from None
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "the disk is full: make room, try again" if full else error.strerror or str(error)
        raise BackupError(f"The backup {target} failed: {why}. {kept}") from None


def _why_unfit(connection: sqlite3.Connection) -> str | None:
    """Say why a file is no whole store of a version known here; None where it is one."""
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


def _named(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    """The files whose whole name is as given, by the time in it."""
    if not folder.is_dir():
        return []
    found = [(match[1], path) for path in folder.iterdir() if (match := pattern.fullmatch(path.name))]
    return [path for _, path in sorted(found)]


def _drop_all_but(keep: int, older: list[Path], made: Path, store: Path, identity: str) -> list[Path]:
    """Drop the oldest backups of this store beyond ``keep``; never the one just made, nor another's."""
    ours = [
        path
        for path in older
        if not os.path.samefile(path, made)
        and not os.path.samefile(path, store)
        and why_no_backup_of(path, identity, store) is None
    ]
    dropped = ours[: max(0, len(ours) - keep)]
    for path in dropped:
        path.unlink(missing_ok=True)
    return dropped
