"""Save what can still be read of a damaged store into a new one, decisions first."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.private import make_private
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.damaged_tables import Row, columns_of, number_column, readable_rows, tolerant
from vra_tui.store.decision_ids import timestamp
from vra_tui.store.label_names import enter_carried, fault_of_label, known_labels
from vra_tui.store.migrations.scripts import MigrationError
from vra_tui.store.outbox_restore import doubt_outbox
from vra_tui.store.renumber import Renumbering, has_names, name_all
from vra_tui.store.schema import migrate, step_after
from vra_tui.store.sqlite_file import readable
from vra_tui.store.standing import refresh
from vra_tui.store.standing_check import add_missing, differing_from_scores

#: Decisions and notes cannot be had again, nor the names of what they are on; the rest can be ingested and
#: scored again.
_FIRST = ("objects", "labels", "decisions", "notes", "alerts", "standing")
#: Made with the store, or of no use in another one: what was lost of a packet that was seen must come again.
_NOT_COPIED = ("_sqlite_migrations", "viewing", "store_identity", "backup_marks", "packets_seen")
#: Codes in packed light curves: those of the store that is salvaged, not those that a new one begins with.
_CODES = ("instruments", "bands")
#: The last version in which alerts have no names beside their numbers.
_NAMELESS = 4
#: Alerts whose light curves are left behind one by one, each of which costs an attempt to migrate.
_SPOILT = 20


@dataclass
class Salvaged:
    """The result of a salvage: rows by table, places that could not be read, and the labels.

    ``refused``: labels that were read and that the new store did not take. ``patched``: decisions of which
    only the indexes and the standing were left. ``lost``: decisions of which the id is known and not where
    they filed the alert. ``to_score``: alerts that are to be scored anew.
    """

    rows: dict[str, int] = field(default_factory=dict)
    damaged: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    patched: int = 0
    lost: int = 0
    to_score: int = 0

    @property
    def labels(self) -> int:
        """Decisions and notes brought over."""
        return self.rows.get("decisions", 0) + self.rows.get("notes", 0) + self.patched


def salvage(store: Path, to: Path) -> Salvaged:
    """Copy everything that can be read of the store at ``store`` into a new one at ``to``.

    Raises sqlite3.Error when not even the list of tables can be read, StoreError when ``to`` cannot be made.
    """
    with closing(tolerant(store)) as source:
        found = Salvaged()
        with closing(_new_store(to, has_names(source))) as target:
            target.execute("PRAGMA foreign_keys = OFF")
            with transaction(target):
                _bring_all(source, target, found)
            if not has_names(source):
                _bring_up_to_date(target, found)
            with transaction(target):
                name_all(source, target)
                enter_carried(target)
                _complete(target, found)
            with transaction(target):
                _settle(target)
                # Of a damaged store nobody knows whether what it says of its outbox is the latest.
                doubt_outbox(target, datetime.now(UTC))
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return found


def _new_store(to: Path, is_of_today: bool) -> sqlite3.Connection:
    """An empty store; for rows of an older one, of the last version whose tables have their columns."""
    if is_of_today:
        return open_store(to, durable=False)
    make_private(to.parent)
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    target = readable(to)
    with transaction(target):
        migrate(target, stop_before=step_after(_NAMELESS))
    return target


def _bring_all(source: sqlite3.Connection, target: sqlite3.Connection, found: Salvaged) -> None:
    """Copy all tables, with the numbers that the alerts have."""
    fresh = {}
    for table in _CODES if has_names(source) else ("telescope_units",):
        fresh[table] = [tuple(row) for row in target.execute(f"SELECT * FROM {table}")]
        target.execute(f"DELETE FROM {table}")
    for table in _tables(target):
        _bring(source, target, table, found)
        if table == "notes" and "decisions" in found.damaged:
            _patch(source, target, found)
    for table, rows in fresh.items():  # where theirs could not be read
        marks = ", ".join("?" * len(columns_of(target, table)))
        target.executemany(f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT DO NOTHING", rows)


def _bring_up_to_date(target: sqlite3.Connection, found: Salvaged) -> None:
    """Migrate what was copied; what of an alert's light curve cannot be read and stops it is left behind.

    Where that is much, all light curves are: they can be ingested again, decisions can not.
    """
    for _ in range(_SPOILT):
        try:
            with transaction(target):
                migrate(target)
            return
        except MigrationError as error:
            with transaction(target):
                _leave_behind(target, found, "WHERE atlas_id = ?", (error.alert_id,))
    with transaction(target):
        _leave_behind(target, found, "", ())
        migrate(target)


def _leave_behind(target: sqlite3.Connection, found: Salvaged, where: str, values: tuple[int, ...]) -> None:
    for table in ("lightcurves", "detection_extras"):
        gone = target.execute(f"DELETE FROM {table} {where}", values).rowcount
        found.rows[table] = found.rows.get(table, 0) - gone
        found.damaged[table] = found.damaged.get(table, 0) + gone
    target.execute(f"UPDATE alerts SET key_times = NULL {where}", values)


def bring_labels(source: sqlite3.Connection, target: sqlite3.Connection, found: Salvaged) -> None:
    """Bring the decisions and notes over that ``target`` lacks. Call inside a transaction on ``target``.

    ``target`` is of the current version and may number alerts otherwise. Places are not derived anew. A
    decision whose page is damaged is put together from what indexes hold.
    """
    numbered = Renumbering(source, target)
    target.execute("PRAGMA defer_foreign_keys = ON")  # a label may be known by its decisions alone
    if has_names(source):
        _bring(source, target, "labels", found)
    for table in ("decisions", "notes"):
        _bring(source, target, table, found, numbered)
    if "decisions" in found.damaged:
        _patch(source, target, found, numbered)
    enter_carried(target)


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = [
        row[0]
        for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if row[0] not in _NOT_COPIED and not row[0].startswith("sqlite_")
    ]
    return sorted(names, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))


def _bring(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    table: str,
    found: Salvaged,
    numbered: Renumbering | None = None,
) -> None:
    """Copy the rows of a table that ``target`` lacks; ``numbered``: where it numbers alerts otherwise."""
    number, theirs = number_column(target), number_column(source)
    held = {number if name == theirs else name for name in columns_of(source, table)}
    # A store of an older version lacks columns. The place of a decision in its table is another here.
    names = [name for name in columns_of(target, table) if name in held and name != "sequence"]
    if not names:
        return
    keep = "1"
    if table == "scores":
        # An alert whose place was lost is scored anew, which files it: that takes a visit without a score.
        keep = f"EXISTS (SELECT 1 FROM standing WHERE {number} = :{number} AND mjd IS NOT NULL)"
    elif table not in ("objects", "decisions", "notes", "alerts") and number in names:
        keep = f"EXISTS (SELECT 1 FROM alerts WHERE {number} = :{number})"
    # What is there already is passed over, and that alone: a row that the table refuses is a damaged one.
    statement = (
        f"INSERT INTO {table} ({', '.join(names)}) "
        f"SELECT {', '.join(f':{name}' for name in names)} WHERE {keep} ON CONFLICT DO NOTHING"
    )
    if not _is_table(source, table):
        found.damaged[table] = found.damaged.get(table, 0) + 1  # a view says what it likes, and may never end
        return
    lacking = _Lacking(target, table) if table in _LABELS else None
    rows = readable_rows(source, table, found.damaged)
    is_label = _may_decide(target, found) if table == "decisions" else None
    taken = spoilt = 0
    for row in rows if lacking is None else lacking.counted(rows):
        if is_label is not None and not is_label(row["list"]):
            spoilt += 1
            continue
        if number in names:
            own = row.pop(theirs)
            row[number] = own if numbered is None else numbered(int(str(own)))
        try:
            taken += max(target.execute(statement, row).rowcount, 0)
        except sqlite3.IntegrityError:
            spoilt += 1
    found.rows[table] = found.rows.get(table, 0) + taken
    if spoilt:
        found.damaged[table] = found.damaged.get(table, 0) + spoilt
    if lacking is not None:
        found.refused += lacking.count - taken - spoilt


def _may_decide(target: sqlite3.Connection, found: Salvaged) -> Callable[[object], bool]:
    """Tell whether a decision may carry a label: one that was brought over; any, where they were not read."""
    if not has_names(target):
        return lambda label: True  # a rule of the table says so
    known = {None, *known_labels(target)}
    if "labels" not in found.damaged:
        return lambda label: label in known
    return lambda label: label in known or (isinstance(label, str) and fault_of_label(label) is None)


_LABELS = {"decisions": "decision_id", "notes": "note_id"}


class _Lacking:
    """Counts the labels that the target does not hold: so many must be taken, or some were dropped."""

    def __init__(self, target: sqlite3.Connection, table: str) -> None:
        self.count = 0
        self._target = target
        self._query = f"SELECT 1 FROM {table} WHERE {_LABELS[table]} = ?"
        self._id = _LABELS[table]

    def counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows as they come."""
        for row in rows:
            self.count += self._target.execute(self._query, (row[self._id],)).fetchone() is None
            yield row


def _is_table(connection: sqlite3.Connection, name: str) -> bool:
    row = connection.execute("SELECT type FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    return row is not None and row[0] == "table"


_PIECES = (
    "sequence, decision_id FROM decisions INDEXED BY sqlite_autoindex_decisions_1 WHERE decision_id > ''",
    "sequence, decision_id, {number} AS alert_id FROM decisions INDEXED BY decisions_by_alert",
    "sequence, decision_id, scanner FROM decisions INDEXED BY decisions_by_scanner WHERE scanner > ''",
    "sequence, decision_id, list FROM decisions INDEXED BY decisions_by_list WHERE scanner != 'vra'",
    "sequence, reverts FROM decisions INDEXED BY decisions_reverted WHERE reverts IS NOT NULL",
)


def _patch(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    found: Salvaged,
    numbered: Renumbering | None = None,
) -> None:
    number, theirs, is_label = number_column(target), number_column(source), _may_decide(target, found)
    pieces: dict[int, Row] = {}
    for query in _PIECES:
        with suppress(sqlite3.DatabaseError):
            for row in source.execute(f"SELECT {query.format(number=theirs)}"):
                pieces.setdefault(row["sequence"], {}).update(dict(row))
    here = {row[0] for row in target.execute("SELECT decision_id FROM decisions")}
    missing = {str(row["decision_id"]): row for row in pieces.values() if row.get("decision_id") not in here}
    for row in readable_rows(source, "standing", {}):
        if row["decision_id"] in missing:
            missing[str(row["decision_id"])] |= {
                "alert_id": row[theirs],
                "list": row["decided_list"],
                "scanner": row["decided_by"],
                "visit": row["decided_visit"],
            }
    for decision_id, row in missing.items():
        if "alert_id" not in row or not (row.get("list") or row.get("reverts")):
            found.lost += 1
            continue
        if not is_label(row.get("list")):  # where it filed the alert is damaged everywhere
            found.lost += 1
            continue
        if numbered is not None:
            row["alert_id"] = numbered(int(str(row["alert_id"])))
        try:
            target.execute(
                f"""INSERT INTO decisions
                (decision_id, {number}, list, reverts, scanner, host, timestamp, note, visit) VALUES
                (:decision_id, :alert_id, :list, :reverts, :scanner, '?', :timestamp, :note, :visit)""",
                {
                    "list": None,
                    "reverts": None,
                    "scanner": "?",
                    "visit": None,
                    **row,
                    "timestamp": _taken_at(decision_id),
                    "note": "salvaged: its note and what was on screen are lost",
                },
            )
        except sqlite3.IntegrityError:
            found.lost += 1
        else:
            found.patched += 1


def _taken_at(decision_id: str) -> str:
    """The time that an id of version 7 begins with."""
    return timestamp(datetime.fromtimestamp(int(decision_id.replace("-", "")[:12], 16) / 1000, UTC))


def _complete(target: sqlite3.Connection, found: Salvaged) -> None:
    """Give every alert the rows that it must have; what is lost of it is ingested or scored again."""
    # A place that was lost, or whose score was, is derived anew by the next scoring.
    unbacked = [(alert_id,) for alert_id in differing_from_scores(target)]
    target.executemany("DELETE FROM standing WHERE alert_id = ?", unbacked)
    add_missing(target)
    target.execute(
        """INSERT OR IGNORE INTO lightcurves (alert_id, detections, nondetections, forced)
        SELECT alert_id, x'', x'', x'' FROM alerts"""
    )
    query = "SELECT count(*) FROM standing WHERE pending_revision IS NOT NULL"
    found.to_score = target.execute(query).fetchone()[0]


def _settle(target: sqlite3.Connection) -> None:
    refresh(target, [row[0] for row in target.execute("SELECT DISTINCT alert_id FROM decisions")])
