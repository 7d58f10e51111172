"""Open an SQLite file without creating or migrating anything, and explain SQLite's errors."""

import os
import sqlite3
from pathlib import Path
from typing import Self

from vra_tui.store.handle import Store

#: How long a writer waits for another one, seconds.
BUSY_TIMEOUT = 45.0


class LogOutOfReach(sqlite3.OperationalError):
    """The latest changes stand in the log beside a file, and SQLite may make nothing there to read it by."""

    @classmethod
    def of(cls, error: sqlite3.OperationalError) -> Self:
        """The same error, known for what it is."""
        found = cls(*error.args)
        found.sqlite_errorcode, found.sqlite_errorname = error.sqlite_errorcode, error.sqlite_errorname
        return found


def readable(path: Path, only: bool = False) -> Store:
    """A connection that has read the file's first page, whatever it holds; nothing is made or migrated.

    ``only``: it cannot write. Where the folder cannot be written, SQLite cannot coordinate with writers;
    with no writer about, the file is read as one that does not change. `Store.is_read_only` says that it
    cannot be written. Raises sqlite3.Error, LogOutOfReach among them.
    """
    connection = _connect(path, "mode=ro" if only else "mode=rw")
    connection.is_read_only = only or not os.access(path, os.W_OK)
    try:
        _first_page(connection)
    except sqlite3.OperationalError as error:
        connection.close()
        # On a full disk there is no room for the memory that is shared with writers either.
        no_room = only and error.sqlite_errorname.startswith(("SQLITE_IOERR_SHM", "SQLITE_FULL"))
        no_right = _may_make_nothing_beside(path, error)
        if no_right and has_wal(path):
            raise LogOutOfReach.of(error) from error
        if not (no_room or no_right) or has_wal(path):
            raise
        connection = _connect(path, "immutable=1")
        connection.is_read_only = True
        _first_page(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _may_make_nothing_beside(path: Path, error: sqlite3.OperationalError) -> bool:
    """Tell whether a file that can be read failed since SQLite may not make its log and index beside it."""
    if error.sqlite_errorname == "SQLITE_READONLY_DIRECTORY":
        return True
    # On a disk that is mounted read-only it only says that something could not be opened.
    is_unnamed = error.sqlite_errorname.startswith("SQLITE_CANTOPEN")
    return is_unnamed and os.access(path, os.R_OK) and not os.access(path.parent, os.W_OK)


def _connect(path: Path, how: str) -> Store:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        factory=Store,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    distrust(connection)
    return connection


def distrust(connection: sqlite3.Connection) -> None:
    """Let what stands in a file's schema call no function that does more than compute."""
    connection.execute("PRAGMA trusted_schema = OFF")


def _first_page(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA user_version").fetchone()
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def has_wal(path: Path) -> bool:
    """Tell whether something stands in the log beside a file that may not be in the file yet."""
    wal = path.with_name(f"{path.name}-wal")
    return wal.exists() and wal.stat().st_size > 0


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the schema that the file says it has."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_locked(error: sqlite3.Error) -> bool:
    """Tell whether the store refused because another program holds its lock."""
    code = getattr(error, "sqlite_errorname", "") or ""
    return code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def reason(error: sqlite3.Error) -> str:
    """Why the store refused, and what helps: the end of a sentence, short enough for a line of the screen."""
    code = getattr(error, "sqlite_errorname", "") or ""
    if isinstance(error, LogOutOfReach):
        return (
            "its latest changes stand in the file -wal beside it, to be read only where its folder can be "
            "written; close the programs that have it open, or copy both files to a folder of your own"
        )
    if is_locked(error):
        return "another program has locked the store; try again"
    if code.startswith("SQLITE_FULL"):
        return "the disk is full: make room, try again"
    if code.startswith("SQLITE_IOERR"):
        return "disk full or failing: make room, try again"
    if code.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return "the store cannot be written; look at its permissions and its folder's"
    if code.startswith("SQLITE_CANTOPEN"):
        return "the store cannot be opened; look at its permissions and its folder's"
    if code.startswith("SQLITE_INTERRUPT"):
        return "it takes more steps to read than its size is worth: no vra-tui wrote what it holds"
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "the store is damaged; see `vra doctor`"
    return str(error)
