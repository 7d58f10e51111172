"""Check a store (pages, indexes, schema, `standing`, files, backups) and repair what can be repaired."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vra_tui.store import consistency, outbox_check, standing_check
from vra_tui.store.connection import transaction
from vra_tui.store.decision_ids import taken_at
from vra_tui.store.doctor_files import Finding, check_files
from vra_tui.store.healing import from_the_future, set_right
from vra_tui.store.schema import APPLICATION_ID, SCHEMA_VERSION
from vra_tui.store.shape import difference
from vra_tui.store.sqlite_file import readable, reason, version_of
from vra_tui.store.transaction import one_view

#: Beyond so many bytes the write-ahead log says that something keeps it from being written back.
_LARGE_WAL = 64e6
#: So many of the latest decided alerts are looked at unless all are asked for.
_SAMPLE = 2_000


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
        for check in _CHECKS:
            try:
                findings = list(check(connection, _How(full, repair, now)))
            except sqlite3.DatabaseError as error:
                findings = [Finding(check.__name__.strip("_"), "failure", reason(error))]
            yield from findings
            if check is _kind and findings[-1].state == "failure":
                return


@dataclass(frozen=True)
class _How:
    full: bool
    repair: bool
    now: datetime


def _kind(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
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


def _log(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
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


def _pages(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
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


def _decisions(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
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


def _references(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
    found = connection.execute("PRAGMA foreign_key_check").fetchmany(1_000)
    if found:
        tables = ", ".join(sorted({row["table"] for row in found}))
        yield Finding("references", "failure", f"rows of {tables} belong to no alert")
    else:
        yield Finding("references", "ok", "every row belongs to an alert that is there")


def _schema(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
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


def _ids(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
    """Tell whether decisions are from the future: they would sort before all that is decided until then."""
    if version_of(connection) != SCHEMA_VERSION:
        return
    found = from_the_future(connection, how.now)
    if not found:
        yield Finding("ids", "ok", "no decision is from the future")
        return
    moment = taken_at(found[0])
    first = f"{found[0]}{f' of {moment:%Y-%m-%d}' if moment else ''}"
    text = f"{len(found):,} decisions are from the future, the first {first}"
    if how.repair:
        with transaction(connection):
            fresh = set_right(connection, how.now)
        yield Finding("ids", "repaired", f"{text}: {len(fresh):,} stand under ids of now")
    else:
        helps = "the next decision here, or `vra doctor --repair`, writes them anew under ids of now"
        yield Finding(
            "ids", "warning", f"{text}; no other store takes them. Is the clock right? Then {helps}"
        )


def _places(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
    """Tell whether each alert stands where its scores and decisions say."""
    if version_of(connection) != SCHEMA_VERSION:
        return
    lost = standing_check.count_missing(connection)
    unbacked = standing_check.differing_from_scores(connection) if how.full else []
    query = "SELECT alert_id FROM standing ORDER BY alert_id" if how.full else _DECIDED_LAST
    ids = [row[0] for row in connection.execute(query)]
    wrong = {*unbacked, *standing_check.differing_from_decisions(connection, ids)}
    count = lost + len(wrong)
    which = f"{len(ids):,} alerts" if how.full else f"the {len(ids):,} alerts decided last"
    if not count:
        yield Finding("places", "ok", f"{which} stand where their scores and decisions say")
    elif how.repair:
        standing_check.repair_standing(connection, unbacked, sorted(wrong))
        helps = "; `vra score --all` files those that had no place" if lost else ""
        yield Finding("places", "repaired", f"{count:,} of {which} stand where they should{helps}")
    else:
        text = f"{count:,} of {which} do not stand where their scores and decisions say"
        yield Finding("places", "failure", f"{text}. `vra doctor --repair` derives them anew")


_DECIDED_LAST = f"""SELECT DISTINCT alert_id FROM
    (SELECT alert_id FROM decisions ORDER BY sequence DESC LIMIT {_SAMPLE})"""


def _objects(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
    """Tell whether each alert has a name, and the number that goes with it in every store."""
    if version_of(connection) != SCHEMA_VERSION:
        return
    nameless, misnumbered = consistency.nameless(connection), consistency.misnumbered(connection)
    if nameless:
        text = f"{len(nameless):,} alerts have no survey and object id, the first is number {nameless[0]}"
        yield Finding("objects", "failure", text)
    if misnumbered:
        survey, object_id = misnumbered[0]
        text = (
            f"{len(misnumbered):,} objects stand under the number of another, the first {survey} {object_id}"
        )
        yield Finding("objects", "failure", text)
    if not nameless and not misnumbered:
        count = connection.execute("SELECT count(*) FROM objects").fetchone()[0]
        yield Finding("objects", "ok", f"{count:,}, each with its survey, its id and its own number")


def _times(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
    """Tell whether it can be read when each thing was said."""
    if version_of(connection) != SCHEMA_VERSION:
        return
    found = consistency.untimely(connection)
    text = f"of {len(found):,} alerts it cannot be read when what is known of them was said"
    if not found:
        yield Finding("times", "ok", "of every alert it is known when what is known of it was said")
    elif how.repair:
        with transaction(connection):
            consistency.forget_times(connection, found)
        yield Finding("times", "repaired", f"{text}: it is taken as said by their newest packet")
    else:
        helps = "`vra doctor --repair` takes all of it as said by their newest packet"
        yield Finding("times", "failure", f"{text}; nothing of theirs can be taken in. {helps}")


def _curves(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
    """Tell whether light curves can be read, and what their codes mean."""
    if version_of(connection) != SCHEMA_VERSION:
        return
    query = "SELECT alert_id FROM alerts ORDER BY alert_id" if how.full else _CHANGED_LAST
    found = consistency.look_at_curves(connection, [row[0] for row in connection.execute(query)])
    if found.unreadable:
        text = f"of {len(found.unreadable):,} alerts they cannot be read ({found.why})"
        yield Finding("light curves", "failure", f"{text}: `vra restore` a backup, or ingest them anew")
    if found.uncoded:
        text = f"{len(found.uncoded):,} hold codes of instruments or bands that are not their survey's"
        yield Finding("light curves", "failure", f"{text}: `vra restore` a backup brings the tables back")
    if not found.unreadable and not found.uncoded:
        which = "all" if how.full else "the latest"
        text = f"{which} {found.count:,} can be read, and all their instruments and bands are known"
        yield Finding("light curves", "ok", text)


def _associations(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
    """Tell whether alerts of several surveys at one place, and no others, are associated."""
    if version_of(connection) != SCHEMA_VERSION:
        return
    with one_view(connection):
        written, right = consistency.associated(connection), consistency.neighbours(connection)
    count = consistency.differing(written, right)
    text = f"{count:,} do not follow from where the alerts are"
    if not count:
        yield Finding("associations", "ok", f"{len(right) // 2:,}, as the alerts' positions say")
    elif how.repair:
        with transaction(connection):
            consistency.write_associations(connection, consistency.neighbours(connection))
        yield Finding("associations", "repaired", f"{text}: found anew")
    else:
        yield Finding("associations", "failure", f"{text}. `vra doctor --repair` finds them anew")


def _outbox(connection: sqlite3.Connection, how: _How) -> Iterator[Finding]:
    """Tell whether each item that is to leave is as far as its history says."""
    if version_of(connection) != SCHEMA_VERSION:
        return
    wrong = outbox_check.differing_from_events(connection)
    text = f"{len(wrong):,} items are not as far as their history says"
    if not wrong:
        count = connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
        yield Finding("outbox", "ok", f"{count:,} items, each as far as its history says")
    elif how.repair:
        with transaction(connection):
            outbox_check.repair_states(connection, wrong)
        yield Finding("outbox", "repaired", f"{text}: derived anew")
    else:
        yield Finding("outbox", "failure", f"{text}. `vra doctor --repair` derives that anew")


_CHANGED_LAST = f"SELECT alert_id FROM alerts ORDER BY updated_at DESC, alert_id LIMIT {_SAMPLE}"
_CHECKS = (
    _kind, _log, _schema, _pages, _decisions, _references, _objects, _ids, _times, _curves, _associations,
    _places, _outbox,
)  # fmt: skip
