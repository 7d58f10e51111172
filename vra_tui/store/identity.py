"""Tell which store a file is, and whether a file is nothing but a backup of it."""

import os
import re
import sqlite3
import stat
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from vra_tui.domain.times import utc_text
from vra_tui.store.schema import APPLICATION_ID
from vra_tui.store.sqlite_file import readable

_ID = re.compile(r"[0-9a-f]{32}")
_HEADER_BYTES = 100
#: The header's versions for writing and reading of a file that no program has opened as a store since it
#: was made: opening turns them to 2, write-ahead log (https://sqlite.org/fileformat2.html, offset 18).
_ROLLBACK_JOURNAL = b"\x01\x01"
_TABLES = ("store_identity", "backup_marks", "decisions", "notes")


def store_id(connection: sqlite3.Connection) -> str | None:
    """The id that a store was given when it was made; None for one of a version before there were any."""
    with suppress(sqlite3.OperationalError):
        row = connection.execute("SELECT store_id FROM store_identity").fetchone()
        if row is not None and isinstance(row[0], str) and _ID.fullmatch(row[0]):
            return str(row[0])
    return None


def mark_as_backup(copy: sqlite3.Connection, identity: str, now: datetime) -> None:
    """Write into a copy of a store that it is a backup of the store with that id."""
    copy.execute(
        """INSERT OR REPLACE INTO backup_marks SELECT 1, ?, ?,
        (SELECT count(*) FROM decisions), (SELECT count(*) FROM notes)""",
        (identity, utc_text(now)),
    )


def become_store(copy: sqlite3.Connection, identity: str | None) -> None:
    """Make a copy a store that is at work: no backup any more, and known by ``identity`` if one is given."""
    copy.execute("DELETE FROM backup_marks")
    if identity is not None:
        copy.execute("INSERT OR REPLACE INTO store_identity VALUES (1, ?)", (identity,))


def why_no_backup_of(path: Path, identity: str | None, within: Path) -> str | None:
    """Say why a file is not, or not only, a backup of the store with that id; None where it is one.

    None is said of a plain file with our mark of that id, that nobody has opened as a store since it was
    made, and of which the store ``within`` holds every decision and note.
    """
    about = path.lstat()
    if not stat.S_ISREG(about.st_mode):
        return "it is no plain file"
    if any(os.path.lexists(f"{path}{end}") for end in ("-wal", "-journal")):
        return "it is a database in use"
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})"
    if not header.startswith(b"SQLite format 3\0") or header[68:72] != APPLICATION_ID.to_bytes(4, "big"):
        return "it is not a vra-tui store"
    if header[18:20] != _ROLLBACK_JOURNAL:
        return "it is a store that somebody has worked with"
    try:
        with closing(readable(path, only=True)) as found:
            return _why_not(found, identity, within)
    except sqlite3.Error as error:
        return f"it cannot be read ({error})"


def _why_not(found: sqlite3.Connection, identity: str | None, within: Path) -> str | None:
    found.execute("PRAGMA trusted_schema = OFF")
    held = {row[0] for row in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not held.issuperset(_TABLES):
        return "it carries no mark of a backup: older versions of vra-tui made none"
    mark = found.execute("SELECT * FROM backup_marks").fetchone()
    if mark is None:
        return "it carries no mark of a backup"
    if identity is None or mark["store_id"] != identity:
        return "it is a backup of another store"
    if [_count(found, "decisions"), _count(found, "notes")] != [mark["decisions"], mark["notes"]]:
        return "it holds labels that were taken in it"
    # A copy of the store that became another one has the same id: what only it decided is nowhere else.
    found.execute("ATTACH ? AS store", (f"{within.absolute().as_uri()}?mode=ro",))
    for table, key in (("decisions", "decision_id"), ("notes", "note_id")):
        query = f"""SELECT EXISTS (SELECT 1 FROM main.{table} WHERE NOT EXISTS
            (SELECT 1 FROM store.{table} s WHERE s.{key} = main.{table}.{key}))"""
        if found.execute(query).fetchone()[0]:
            return f"it holds {table} that the store lacks"
    return None


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM main.{table}").fetchone()[0])
