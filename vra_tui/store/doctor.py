"""Check a store (pages, indexes, schema, `standing`, files, backups) and repair what can be repaired."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from vra_tui.store.connection import transaction
from vra_tui.store.doctor_contents import CONTENT_CHECKS, Check, How
from vra_tui.store.doctor_files import Finding, check_files
from vra_tui.store.schema import APPLICATION_ID, SCHEMA_VERSION
from vra_tui.store.shape import difference
from vra_tui.store.sqlite_file import readable, reason, version_of

#: Beyond so many bytes the write-ahead log says that something keeps it from being written back.
_LARGE_WAL = 64e6


def examine(store: Path, *, now: datetime, full: bool = False, repair: bool = False) -> Iterator[Finding]:
    """Check a store, one finding after the other; nothing is migrated, and only ``repair`` changes anything.

    ``full``: compare every index with its table, read every light curve and derive the place of every alert
    anew; else the pages are checked, the light curves changed last and the places of the alerts decided last.
    ``repair``: make indexes and triggers anew, write the log back, and write derived places and associations
    that were found to be wrong.
    """
    yield from check_files(store, now)
    try:
        connection = readable(store, only=not repair)
    except sqlite3.Error as error:
        yield Finding("opening", "failure", reason(error))
        return
    with closing(connection):
        connection.execute("PRAGMA temp_store = MEMORY")  # there may be no room for files
        how = How(full, repair, now)
        kind = _found(_kind, connection, how)
        yield from kind
        if kind[-1].state == "failure":
            return
        checks = _FILE_CHECKS
        if version_of(connection) == SCHEMA_VERSION:
            checks += CONTENT_CHECKS
        for check in checks:
            yield from _found(check, connection, how)


def _found(check: Check, connection: sqlite3.Connection, how: How) -> list[Finding]:
    """What a check finds; that it could not read what it looks at is a finding too."""
    try:
        return list(check(connection, how))
    except sqlite3.DatabaseError as error:
        return [Finding(check.__name__.strip("_"), "failure", reason(error))]


def _kind(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        yield Finding("store", "failure", "this is not a vra-tui store")
        return
    version = version_of(connection)
    if version > SCHEMA_VERSION:
        yield Finding("store", "failure", f"schema {version} is of a newer vra-tui: update it")
    elif version < SCHEMA_VERSION:
        yield Finding("store", "warning", f"schema {version}: the next verb brings it to {SCHEMA_VERSION}")
    else:
        yield Finding("store", "ok", f"schema {version}, SQLite {sqlite3.sqlite_version}")


def _log(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    store = Path(connection.execute("PRAGMA database_list").fetchone()["file"])
    wal = store.with_name(f"{store.name}-wal")
    size = wal.stat().st_size if wal.exists() else 0
    if how.repair and size:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy:
            yield Finding("log", "repaired", f"{size / 1e6:.1f} MB of it written back into the store")
            return
    text = f"{size / 1e6:.1f} MB wait to be written back"
    if size > _LARGE_WAL:
        text += ": a program reads or writes for long; once it has ended, `vra doctor --repair`"
    yield Finding("log", "warning" if size > _LARGE_WAL else "ok", text)


def _pages(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    """Check table by table, so that the damage has a name."""
    pragma = "integrity_check" if how.full else "quick_check"
    tables = [row["name"] for row in connection.execute(_TABLES)]
    damaged = False
    for table in tables:
        why = _damage(connection, pragma, table)
        if why is None:
            continue
        if not _can_be_read(connection, table):
            cost = _COST.get(table, "what arrived can be ingested again, scores be made again")
            yield Finding("pages", "failure", f"table {table} is damaged ({why}): {cost}")
        elif how.repair and _is_reindexed(connection, pragma, table):
            yield Finding("pages", "repaired", f"the indexes of table {table} were made anew")
            continue
        else:
            text = f"an index of table {table} is damaged ({why}); all its rows can be read"
            yield Finding("pages", "failure", f"{text}. `vra doctor --repair` may make it anew")
        damaged = True
    if damaged:
        return
    why = _damage(connection, pragma)
    if why is not None:
        yield Finding("pages", "failure", why)
    else:
        what = "and every index with its table" if how.full else "quickly; --full compares indexes too"
        yield Finding("pages", "ok", f"{len(tables)} tables checked, {what}")


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
_COST = {
    "decisions": "these cannot be had again",
    "notes": "these cannot be had again",
    "standing": "it follows from decisions and scores",
    "insights": "`vra score` makes them again",
    "sky_map_places": "`vra gw add` with the event's map makes them again",
}


def _damage(connection: sqlite3.Connection, pragma: str, table: str | None = None) -> str | None:
    """The first thing that is wrong with a table and its indexes, or with the file."""
    try:
        rows = connection.execute(f"PRAGMA {pragma}('{table}')" if table else f"PRAGMA {pragma}")
        lines = [line for row in rows for line in str(row[0]).splitlines()]
    except sqlite3.DatabaseError as error:
        return str(error)
    return next((line for line in lines if line != "ok" and not line.startswith("***")), None)


def _can_be_read(connection: sqlite3.Connection, table: str) -> bool:
    """Tell whether all rows of a table can be read, whatever its indexes hold."""
    try:
        for _ in connection.execute(f"SELECT * FROM {table} NOT INDEXED"):
            pass
    except sqlite3.DatabaseError:
        return False
    return True


def _is_reindexed(connection: sqlite3.Connection, pragma: str, table: str) -> bool:
    try:
        connection.execute(f"REINDEX {table}")
    except sqlite3.DatabaseError:
        return False  # the damaged pages of the old index cannot be given back
    return _damage(connection, pragma, table) is None


def _decisions(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    count = 0
    names: set[str] = set()
    try:
        for row in connection.execute("SELECT * FROM decisions NOT INDEXED ORDER BY rowid"):
            count += 1
            names.add(row["scanner"])
    except sqlite3.DatabaseError as error:
        yield Finding("decisions", "failure", f"the first {count:,} can be read, then: {error}")
        return
    scanners = len(names - {"vra"})
    notes = connection.execute("SELECT count(*) FROM notes").fetchone()[0]
    yield Finding("decisions", "ok", f"{count:,} by {scanners} scanners and {notes:,} notes can all be read")


def _references(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    found = connection.execute("PRAGMA foreign_key_check").fetchmany(1_000)
    if found:
        tables = ", ".join(sorted({row["table"] for row in found}))
        yield Finding("references", "failure", f"rows of {tables} belong to no alert")
    else:
        yield Finding("references", "ok", "every row belongs to an alert that is there")


def _schema(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    version = version_of(connection)
    found = difference(connection, version)
    names = ", ".join(one.words for one in found.additions)
    if names:
        yield Finding("schema", "warning", f"not of this program, and never read here: {names}")
    odd = ", ".join(one.words for one in (*found.foreign, *found.changed))
    if odd:
        yield Finding(
            "schema",
            "failure",
            f"not as this program makes it: {odd}. SQLite obeys it unseen, and no other store takes "
            "anything from this file. Drop what others added (DROP TRIGGER), or `vra restore` a backup",
        )
    missing = sorted(found.missing, key=lambda one: (one.type != "table", one.name))
    text = ", ".join(one.name for one in missing)
    if not missing:
        if not odd:
            yield Finding("schema", "ok", "all tables, indexes and triggers are as they should be")
    elif how.repair and version == SCHEMA_VERSION:
        with transaction(connection):
            for one in missing:
                connection.execute(one.sql)
        yield Finding("schema", "repaired", f"made again: {text}")
    else:
        yield Finding("schema", "failure", f"missing: {text}. `vra doctor --repair` makes them")


_FILE_CHECKS: tuple[Check, ...] = (_log, _schema, _pages, _decisions, _references)
