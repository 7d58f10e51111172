"""Put a backup in the store's place. The store is kept, and labels that only it has are carried over."""

import fcntl
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.store.backup import BackupError, Progress, check, copy_pages
from vra_tui.store.connection import StoreError, open_store, transaction
from vra_tui.store.damaged_tables import tolerant
from vra_tui.store.identity import become_store, store_id
from vra_tui.store.migrations.scripts import MigrationError
from vra_tui.store.outbox_restore import bring_outbox, doubt_outbox
from vra_tui.store.parts import made_beside, sweep, sync
from vra_tui.store.salvage import Salvaged, bring_labels
from vra_tui.store.schema import APPLICATION_ID, SCHEMA_VERSION, migrate
from vra_tui.store.sqlite_file import distrust, readable, version_of
from vra_tui.store.standing import refresh

#: The bytes on which every connection to an SQLite file holds a lock (https://sqlite.org/fileformat2.html,
#: "the lock-byte page"): first and length.
_LOCKED_BYTES = 0x40000002, 510


@dataclass(frozen=True)
class Restored:
    """The result of a restore: the new contents, the path of the old store, and what was carried over.

    ``unread``: why the labels of the one before could not be read, or places of it that could not.
    """

    store: Path
    kept: Path | None
    alerts: int
    decisions: int
    brought: int
    unread: str | None


def restore(
    backup: Path, store: Path, *, now: datetime, on_progress: Progress = lambda done, total: None
) -> Restored:
    """Put a copy of ``backup`` in the place of ``store``, which is kept beside it under a name that says so.

    Decisions and notes that stand only in the present store are brought over, as far as they can be read.
    Raises BackupError, before anything was changed, when the backup is not whole, when another program has
    the store open, or when the disk has no room.
    """
    store = store.resolve()
    if not backup.is_file():
        raise BackupError(f"There is no file {backup}.")
    if store.exists() and os.path.samefile(backup, store):
        raise BackupError(f"{backup} is the store itself.")
    _refuse_foreign(store)
    brought, kept = Salvaged(), None
    try:
        with closing(check(backup)) as source, ExitStack() as held:
            sweep(store.parent, now)
            mode = stat.S_IMODE(store.stat().st_mode) if store.exists() else 0o600
            with made_beside(store, mode) as part:
                unread = _fill(part, source, store, brought, on_progress, now)
                if store.exists():
                    held.enter_context(_nobody_else(store))
                    kept = held.enter_context(_set_aside(store, now))
    except (sqlite3.Error, StoreError, MigrationError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise BackupError(f"{backup} could not be restored: {why}. The store is as it was.") from None
    labels = brought.labels
    with closing(open_store(store)) as connection:
        if kept is not None:
            # What was decided between the first reading and the exchange of the files.
            late = Salvaged()
            unread = _bring(kept, connection, late) or unread
            labels += late.labels
        alerts, decisions = (
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("alerts", "decisions")
        )
    return Restored(store, kept, alerts, decisions, labels, unread)


def _refuse_foreign(store: Path) -> None:
    with suppress(sqlite3.Error), closing(readable(store, only=True)) as present:
        if present.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise BackupError(f"{store} is a file of another program. Nothing was changed.")


def _fill(
    part: Path,
    source: sqlite3.Connection,
    store: Path,
    brought: Salvaged,
    on_progress: Progress,
    now: datetime,
) -> str | None:
    """Make ``part`` the store to be: the backup, brought up to date, and the labels of the present store."""
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        distrust(copy)
        copy_pages(source, copy, on_progress)
    with closing(readable(part)) as copy:
        if version_of(copy) < SCHEMA_VERSION:
            with transaction(copy):
                migrate(copy)
        become_store(copy, _identity(store))
        unread = _bring(store, copy, brought) if store.exists() else None
        _keep_outbox(store, copy, now)
        copy.execute("PRAGMA journal_mode = DELETE")
    sync(part)
    return unread


def _keep_outbox(present: Path, copy: sqlite3.Connection, now: datetime) -> None:
    """Let nothing leave again that left after the backup was made."""
    try:
        with closing(readable(present, only=True)) as source, transaction(copy):
            if version_of(source) != SCHEMA_VERSION:
                raise sqlite3.DatabaseError("it has no outbox, or that of another version")
            bring_outbox(source, copy)
    except sqlite3.Error:
        with transaction(copy):
            doubt_outbox(copy, now)


def _identity(store: Path) -> str | None:
    """The id of the store that is replaced: the one in its place goes on under it, and so do its backups."""
    try:
        with closing(readable(store, only=True)) as present:
            return store_id(present)
    except sqlite3.Error:
        return None


def _bring(present: Path, copy: sqlite3.Connection, brought: Salvaged) -> str | None:
    """Bring the labels over that only ``present`` has; what of it could not be read, in words."""
    last = copy.execute("SELECT coalesce(max(sequence), 0) FROM decisions").fetchone()[0]
    try:
        with closing(tolerant(present)) as source, transaction(copy):
            bring_labels(source, copy, brought)
            query = "SELECT DISTINCT alert_id FROM decisions WHERE sequence > ?"
            refresh(copy, [row[0] for row in copy.execute(query, (last,))])
            if brought.refused and not brought.damaged:
                raise StoreError(
                    f"{brought.refused:,} labels of the present store were not taken by the restored one"
                )
    except sqlite3.DatabaseError as error:
        return f"the labels of the store before could not be read ({error})"
    if brought.damaged:
        return f"the store before is damaged: {brought.lost} of its decisions are known by their ids alone"
    return None


@contextmanager
def _nobody_else(store: Path) -> Iterator[None]:
    """While the block runs no other program can read or write the store. Raises BackupError."""
    file = os.open(store, os.O_RDWR)
    try:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKED_BYTES[1], _LOCKED_BYTES[0])
        except OSError:
            raise BackupError(
                f"Another program has {store} open: a screen, or `vra score`. Leave it and restore again. "
                "The store is as it was."
            ) from None
        yield
    finally:
        os.close(file)


@contextmanager
def _set_aside(store: Path, now: datetime) -> Iterator[Path]:
    """Move the store with its write-ahead log; it comes back should the block fail."""
    stem = f"{store.stem}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-replaced"
    kept = store.with_name(f"{stem}{store.suffix}")
    while kept.exists():
        stem += "-too"
        kept = store.with_name(f"{stem}{store.suffix}")
    wal, shared = (store.with_name(f"{store.name}{end}") for end in ("-wal", "-shm"))
    # At no moment does another file's log stand beside a store: SQLite would apply it.
    if wal.exists():
        shutil.copyfile(wal, kept.with_name(f"{kept.name}-wal"))
    store.rename(kept)
    try:
        wal.unlink(missing_ok=True)
        shared.unlink(missing_ok=True)
        yield kept
    except BaseException:
        if (kept_wal := kept.with_name(f"{kept.name}-wal")).exists():
            kept_wal.rename(wal)
        kept.rename(store)
        raise
