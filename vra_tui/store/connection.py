"""Open a store: one SQLite file in WAL mode, private to its owner, of a known schema version."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.private import make_private
from vra_tui.store.backup import back_up_before_migration
from vra_tui.store.handle import Store
from vra_tui.store.schema import APPLICATION_ID, SCHEMA_VERSION, load, migrate
from vra_tui.store.shape import obeyed
from vra_tui.store.sqlite_file import has_wal, readable, reason, version_of
from vra_tui.store.transaction import transaction
from vra_tui.text import printable

#: The size in bytes of the smallest page, and so of the smallest database.
_SMALLEST = 512


class StoreError(VraError):
    """A store that cannot be opened or written; the message says why and what to do."""


def open_store(
    path: Path,
    create: bool = True,
    durable: bool = True,
    on_step: Callable[[str], None] = lambda step: None,
) -> Store:
    """Open the store at ``path``, making or migrating it where needed.

    ``durable``: each commit is on the disk before it returns (``synchronous=FULL``), as decisions need;
    without it a power cut may take the last commits, never the file, as is enough for what can be ingested
    or scored again. ``on_step`` is told of a migration, and where the store is kept as it was before it.
    The connection is in autocommit mode: write inside `transaction`. Where the file or its folder cannot be
    written it can be read; see `readable` for how.

    Raises StoreError when there is no store and ``create`` is false, when the file is no store of ours, is
    of a newer version, is damaged, or cannot be opened.
    """
    if not path.exists():
        if not create:
            raise StoreError(f"There is no store at {path}. Make one with `vra ingest`, or try `vra demo`.")
        _make_private(path)
    _refuse_what_is_none(path, create)
    while True:
        file = path.stat().st_ino
        connection = _opened(path, durable, on_step)
        if path.stat().st_ino == file:
            return connection
        # While this waited for a lock, `vra restore` put another file here: what is written belongs there.
        connection.close()


def _refuse_what_is_none(path: Path, create: bool) -> None:
    """Raise StoreError for what SQLite would wait for, or take for a database without tables.

    Only looked at, never opened: closing a file takes away all locks that this process has on it.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise StoreError(f"The store {path} cannot be opened: {error.strerror or error}.") from None
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"{path} is no store but {_kind(status.st_mode)}. Name another file with --db.")
    # While another process makes the store, what is in it may still stand in its log.
    is_empty = status.st_size == 0 and not create and not has_wal(path)
    if is_empty or 0 < status.st_size < _SMALLEST:
        raise StoreError(
            f"{path} is not a vra-tui store but a file of {status.st_size} bytes. Nothing was changed; name "
            "another file with --db, or bring a backup back with `vra restore`."
        )


def _kind(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device"


def _opened(path: Path, durable: bool, on_step: Callable[[str], None]) -> Store:
    try:
        connection = readable(path)
    except sqlite3.Error as error:
        raise _not_opened(path, error) from None
    try:
        _bring_up_to_date(connection, path, on_step)
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    except sqlite3.Error as error:
        connection.close()
        raise _not_opened(path, error) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    try:
        make_private(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"No store can be made at {path}: {error.strerror or error}.") from None


def _bring_up_to_date(connection: Store, path: Path, on_step: Callable[[str], None]) -> None:
    version = version_of(connection)
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if version > SCHEMA_VERSION and application == APPLICATION_ID:
        raise StoreError(
            f"The store {path} was written by a newer vra-tui (schema {version}, this one knows "
            f"{SCHEMA_VERSION}). Nothing was changed. Update vra-tui, or name another store with --db."
        )
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION_ID and tables:
        raise StoreError(f"{path} is an SQLite file of another program. Name another file with --db.")
    _refuse_obeyed(connection, path)
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
        _use_wal(connection)
    if version == SCHEMA_VERSION:
        return
    if connection.is_read_only:
        raise StoreError(
            f"The store {path} is of an older version (schema {version}, this one knows {SCHEMA_VERSION}): "
            "to be read it must be brought up to date, and it cannot be written. Copy it to a folder of your "
            "own and name the copy with --db."
        )
    load()  # hundreds of modules, and who waits for the lock would wait for them
    # One transaction for all steps and the marks: a cut-off migration leaves nothing, and of two processes
    # that open an old store at once the second finds it done.
    with transaction(connection):
        version = version_of(connection)
        if version < SCHEMA_VERSION:
            with _kept_as_it_was(path, version, on_step) if tables else nullcontext():
                migrate(connection)


def _refuse_obeyed(connection: sqlite3.Connection, path: Path) -> None:
    foreign = obeyed(connection)
    if foreign:
        names = ", ".join(one.name for one in foreign[:5])
        raise StoreError(
            f"The store {path} holds triggers that are not of this program: {printable(names, 200)}. "
            "SQLite would obey them unseen at every decision. Nothing was changed. `vra doctor` says more; "
            "if they are yours, drop them (DROP TRIGGER) and keep them out of the store."
        )


def _use_wal(connection: sqlite3.Connection) -> None:
    # A new file, or a backup that somebody put in the store's place: readers and writers would exclude each
    # other. One that others read, or that cannot be written, stays as it is.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")


@contextmanager
def _kept_as_it_was(path: Path, version: int, on_step: Callable[[str], None]) -> Iterator[None]:
    kept = back_up_before_migration(path, version, datetime.now(UTC))
    on_step(
        f"The store {path} is brought from schema {version} to {SCHEMA_VERSION}; as it was, it is {kept}."
    )
    try:
        yield
    except BaseException:
        # Nothing was migrated: tried every minute, it would fill the disk with copies of the store.
        kept.unlink(missing_ok=True)
        raise


def _not_opened(path: Path, error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_NOTADB":
        return StoreError(
            f"{path} is not a vra-tui store ({error}). Nothing was changed; name another file with --db, or "
            "bring a backup back with `vra restore`."
        )
    return StoreError(f"The store {path} cannot be used: {reason(error)}. Nothing was changed.")


def write_all(connection: sqlite3.Connection, statement: str, rows: Iterable[Sequence[object]]) -> int:
    """Run a writing statement once a row, each of which must write one row; returns how many.

    Raises StoreError where fewer or more were written: what a store drops unseen was not kept. Leaving the
    `transaction` by it takes back the others.
    """
    asked = 0

    def counted() -> Iterator[Sequence[object]]:
        nonlocal asked
        for row in rows:
            asked += 1
            yield row

    written = max(connection.executemany(statement, counted()).rowcount, 0)
    if written != asked:
        raise StoreError(
            f"The store took {written} of {asked} rows; something in it drops what is written. Nothing was "
            "kept. `vra doctor` tells what is not as this program made it."
        )
    return written
