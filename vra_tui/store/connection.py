"""Opening a store: one SQLite file in WAL mode, private to its owner, of a known schema version."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.store.schema import APPLICATION_ID, SCHEMA_VERSION, migrate

#: How long a writer waits for another one, seconds.
BUSY_TIMEOUT = 30.0


class StoreError(VraError):
    """A store that cannot be opened or written; the message says why and what to do."""


def open_store(path: Path, create: bool = True, durable: bool = True) -> sqlite3.Connection:
    """Open the store at ``path``, making or migrating it where needed.

    ``durable``: each commit is on the disk before it returns (``synchronous=FULL``), as decisions need;
    without it a power cut may take the last commits, never the file, as is enough for what can be ingested
    or scored again. The connection is in autocommit mode: write inside `transaction`.

    Raises StoreError when there is no store and ``create`` is false, when the file is no store of ours, is
    of a newer version, or cannot be opened.
    """
    if not path.exists():
        if not create:
            raise StoreError(f"There is no store at {path}. Make one with `vra ingest`, or try `vra demo`.")
        _make_private(path)
    try:
        connection = _connect(path)
    except sqlite3.Error as error:
        raise StoreError(f"The store {path} cannot be opened: {error}.") from None
    try:
        _bring_up_to_date(connection, path)
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    except sqlite3.OperationalError as error:
        connection.close()
        raise StoreError(f"The store {path} cannot be used: {error}. Nothing was changed.") from None
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreError(
            f"{path} is not a vra-tui store ({error}). Nothing was changed; name another file with --db."
        ) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"No store can be made at {path}: {error.strerror or error}.") from None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if version > SCHEMA_VERSION and application == APPLICATION_ID:
        raise StoreError(
            f"The store {path} was written by a newer vra-tui (schema {version}, this one knows "
            f"{SCHEMA_VERSION}). Nothing was changed. Update vra-tui, or name another store with --db."
        )
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION_ID and tables:
        raise StoreError(f"{path} is an SQLite file of another program. Name another file with --db.")
    if version < SCHEMA_VERSION:
        connection.execute("PRAGMA journal_mode = WAL")
        # One transaction for all steps and the marks: a cut-off migration leaves nothing, and of two
        # processes that open an old store at once the second finds it done.
        with transaction(connection):
            if int(connection.execute("PRAGMA user_version").fetchone()[0]) < SCHEMA_VERSION:
                migrate(connection)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A write transaction: all of it or, when an exception leaves the block, nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
