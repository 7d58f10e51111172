"""Read the history of decisions: filtered and newest first for people, whole for other stores."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from vra_tui.errors import VraError
from vra_tui.ranking.lists import MACHINE
from vra_tui.store.bounds import as_typed, kinds_of
from vra_tui.store.decision_ids import id_at
from vra_tui.store.decision_rows import COLUMNS, IS_REPLACED, IS_REVERTED
from vra_tui.store.decisions import DecisionError, OnScreen
from vra_tui.store.label_names import labels_taught
from vra_tui.store.precedence import heads
from vra_tui.store.standing import decision_nodes

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_ENDING = re.compile(r"[0-9a-f]{12}")
_AGO = re.compile(r"(\d{1,6})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_DAY = timedelta(days=1)


class LogError(VraError):
    """A filter of the history that cannot be understood."""


@dataclass(frozen=True)
class LogRow:
    """One decision or undo; an undo has no ``list`` and names what it ``reverts``.

    ``label``: what the decision teaches, "" for nothing. ``undone_by``: the scanner who undid it.
    """

    decision_id: str
    timestamp: str
    scanner: str
    host: str
    alert_id: int
    survey: str
    object_id: str
    name: str | None
    list: str | None
    label: str
    reverts: str | None
    rank: float | None
    model: str | None
    visit: int | None
    seconds: float | None
    note: str | None
    tags: str | None
    batch_id: str | None
    undone_by: str | None


@dataclass(frozen=True)
class LogQuery:
    """Which decisions and undos; None asks for any.

    ``after`` and ``until`` are bounds of ids as `bound` makes them. ``with_machine``: the policies' too.
    """

    scanner: str | None = None
    list: str | None = None
    label: str | None = None
    after: str | None = None
    until: str | None = None
    alert_id: int | None = None
    tag: str | None = None
    with_machine: bool = False
    only_undone: bool = False
    limit: int | None = 50


def bound(text: str, now: datetime, is_end: bool = False) -> str:
    """What ids are compared with for a decision's id, a day, a time, or a span before now (12h, 7d, 2w).

    Ids begin with their time and sort by it, so a time is the beginning of an id. Days and times without a
    zone are UTC; as an end a day is meant whole. Raises LogError.
    """
    if _ID.fullmatch(text):
        return text
    try:
        moment = _moment(text, now, is_end)
    except (ValueError, OverflowError):
        raise LogError(
            f"{text[:60]!r} is no decision's id, no date like 2026-11-22 or 2026-11-22T03:00, "
            "and no span like 12h, 7d or 2w."
        ) from None
    return id_at(moment)


def _moment(text: str, now: datetime, is_end: bool) -> datetime:
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if is_end:
        moment += _DAY if len(text) <= 10 else timedelta(milliseconds=1)
    return moment


_KINDS = kinds_of(LogRow)
#: The columns of a history, as it travels: those of the table, with what the alert is called elsewhere in
#: place of its number, which other stores may have given to another one.
HISTORY_COLUMNS = [
    name
    for column in (*COLUMNS, "epoch", "is_bad")
    for name in (("survey", "object_id") if column == "alert_id" else (column,))
]
#: What a value of each of them is.
HISTORY_KINDS = dict.fromkeys(HISTORY_COLUMNS, str) | kinds_of(OnScreen) | {"is_bad": int}
#: SQL: columns of a mark on an epoch ``d`` in the words of a history; all others are NULL.
MARK_IN_HISTORY = {
    "decision_id": "d.mark_id",
    "note": "nullif(d.reason, '')",
    "epoch": """d.section || ' ' || d.epoch || ' ' || iif(d.mjd IS NULL, '-', printf('%.9f', d.mjd)) || ' '
        || iif(d.band = '', '-', d.band)""",
    "is_bad": "d.is_bad",
    **{name: f"d.{name}" for name in "scanner host timestamp".split()},
}
#: The one survey that versions before 5 knew, and the column in which they named its objects: in tables of
#: that survey alone it still stands, for those who read it.
ONLY_SURVEY, ONLY_ID = "atlas", "atlas_id"
_LOG = """SELECT d.decision_id, d.timestamp, d.scanner, d.host, d.alert_id, coalesce(o.survey, '?') AS survey,
    coalesce(o.object_id, '?') AS object_id, a.name, d.list, d.reverts, d.rank, d.model, d.visit, d.seconds,
    d.note, d.tags, d.batch_id,
    (SELECT u.scanner FROM decisions u WHERE u.reverts = d.decision_id AND u.alert_id = d.alert_id
        ORDER BY u.decision_id LIMIT 1) AS undone_by
FROM decisions d LEFT JOIN alerts a USING (alert_id) LEFT JOIN objects o USING (alert_id)"""


def log_rows(connection: sqlite3.Connection, query: LogQuery) -> list[LogRow]:
    """The decisions and undos that a query asks for, newest first. Raises LogError for an unknown list."""
    taught = labels_taught(connection)
    conditions, values = _conditions(query, taught)
    rows = connection.execute(
        f"{_LOG} WHERE {' AND '.join(conditions)} ORDER BY d.decision_id DESC LIMIT ?",
        (*values, -1 if query.limit is None else query.limit),
    )
    return [_log_row(row, taught) for row in rows]


def _conditions(query: LogQuery, taught: Mapping[str, str]) -> tuple[list[str], list[object]]:
    conditions, values = ["1"], list[object]()

    def add(condition: str, *more: object) -> None:
        conditions.append(condition)
        values.extend(more)

    if query.scanner is not None:
        add("d.scanner = ?", query.scanner)
    if query.scanner != MACHINE and not query.with_machine:
        add(f"d.scanner != '{MACHINE}'")
    if query.after is not None:
        add("d.decision_id > ?", query.after)
    if query.until is not None:
        add("d.decision_id <= ?", query.until)
    if query.alert_id is not None:
        add("d.alert_id = ?", query.alert_id)
    if query.tag is not None:
        add("d.tags IS NOT NULL AND instr(' ' || d.tags || ' ', ?)", f" {query.tag} ")
    if query.list is not None or query.label is not None:
        names = _lists(query, taught)
        # One list is found by its index; several would be sorted whole, where the newest few suffice.
        column = "d.list" if len(names) == 1 else "+d.list"
        add(f"{column} IN ({', '.join('?' * len(names))})", *names)
    if query.only_undone:
        add(f"d.decision_id IN (SELECT reverts FROM decisions WHERE reverts IS NOT NULL) AND {IS_REVERTED}")
    return conditions, values


def _lists(query: LogQuery, taught: Mapping[str, str]) -> list[str]:
    if query.list is not None and query.list not in taught:
        raise LogError(f"Nothing is decided to be `{query.list}`; there are {', '.join(sorted(taught))}.")
    labels = {*taught.values()} - {""}
    if query.label is not None and query.label not in labels:
        raise LogError(f"There is no label `{query.label}`; there are {', '.join(sorted(labels))}.")
    return [
        name for name, label in taught.items() if query.list in (None, name) and query.label in (None, label)
    ]


def _log_row(row: sqlite3.Row, taught: Mapping[str, str]) -> LogRow:
    values = as_typed(row, _KINDS)
    return LogRow(**values, label=taught.get(values["list"], ""))


def find_decision(connection: sqlite3.Connection, text: str) -> str:
    """The id of the decision that ``text`` names: its id, or the last part of it, as the log shows it.

    Raises DecisionError where there is none, or more than one.
    """
    wanted = text.strip().lower()
    if _ID.fullmatch(wanted):
        return wanted
    found = []
    if _ENDING.fullmatch(wanted):
        rows = connection.execute(
            "SELECT decision_id FROM decisions WHERE substr(decision_id, 25) = ? LIMIT 2", (wanted,)
        )
        found = [str(row[0]) for row in rows]
    if len(found) != 1:
        many = "More than one decision's id ends" if found else "No decision's id ends"
        raise DecisionError(f"{many} in {text[:40]!r}. `vra log` shows the ids.")
    return found[0]


@dataclass(frozen=True)
class Conflict:
    """An alert that decisions which did not know of each other file differently; the latest one stands."""

    alert_id: int
    survey: str
    object_id: str
    name: str | None
    sides: list[LogRow]


def conflicts(connection: sqlite3.Connection, limit: int | None = None) -> list[Conflict]:
    """The alerts in conflict with the decisions side by side, each in the order of ids."""
    alerts = connection.execute(
        """SELECT s.alert_id, o.survey, o.object_id, a.name FROM standing s JOIN alerts a USING (alert_id)
        JOIN objects o USING (alert_id) WHERE s.is_in_conflict ORDER BY s.decision_id DESC LIMIT ?""",
        (-1 if limit is None else limit,),
    ).fetchall()
    taught = labels_taught(connection)
    return [Conflict(**dict(row), sides=_sides(connection, row["alert_id"], taught)) for row in alerts]


def _sides(connection: sqlite3.Connection, alert_id: int, taught: Mapping[str, str]) -> list[LogRow]:
    ids = [head.decision_id for head in heads(decision_nodes(connection, alert_id))]
    rows = connection.execute(
        f"{_LOG} WHERE d.decision_id IN ({', '.join('?' * len(ids))}) ORDER BY d.decision_id", ids
    )
    return [_log_row(row, taught) for row in rows]


@dataclass(frozen=True)
class HistoryQuery:
    """Which part of the history: a scanner's, what came after a bound; the policies' only if asked for.

    ``ids``: of these rows alone.
    """

    scanner: str | None = None
    after: str | None = None
    with_machine: bool = False
    ids: Sequence[str] | None = None


def history_rows(connection: sqlite3.Connection, query: HistoryQuery) -> Iterator[dict[str, Any]]:
    """Every decision, undo, note and mark as rows of `HISTORY_COLUMNS`, oldest first: all that a store needs.

    A row with a ``list`` is a decision, one that ``reverts`` is an undo, one with an ``epoch`` says whether
    that is bad (`vra_tui.store.epoch_marks.read_epoch`), any other is a note. What was
    from the future, and stands under another id now, is left out: no store would take it.
    """
    names = {name: f"o.{name}" for name in ("survey", "object_id")}
    noted = {"decision_id": "d.note_id"} | {
        name: f"d.{name}" for name in "scanner host timestamp note".split()
    }
    own = {"epoch": "NULL AS epoch", "is_bad": "NULL AS is_bad"}
    decided = ", ".join((names | own).get(name, f"d.{name}") for name in HISTORY_COLUMNS)
    marks = ", ".join((names | MARK_IN_HISTORY).get(name, "NULL") for name in HISTORY_COLUMNS)
    notes = ", ".join(names.get(name, noted.get(name, "NULL")) for name in HISTORY_COLUMNS)
    conditions, values = chosen(query)
    rows = connection.execute(
        f"""SELECT {decided} FROM decisions d LEFT JOIN objects o USING (alert_id)
        WHERE {conditions} AND NOT {IS_REPLACED}
        UNION ALL SELECT {notes} FROM notes d LEFT JOIN objects o USING (alert_id)
        WHERE {conditions.replace("decision_id", "note_id")}
        UNION ALL SELECT {marks} FROM epoch_marks d LEFT JOIN objects o USING (alert_id)
        WHERE {conditions.replace("decision_id", "mark_id")}
        ORDER BY decision_id""",
        values * 3,
    )
    for row in rows:
        yield as_typed(row, HISTORY_KINDS)


def chosen(query: HistoryQuery) -> tuple[str, list[str]]:
    """SQL on ``decisions d`` that a part of the history fulfils, and its values."""
    conditions, values = "d.decision_id > ?", [query.after or ""]
    if query.scanner is not None:
        conditions += " AND d.scanner = ?"
        values.append(query.scanner)
    elif not query.with_machine:
        conditions += f" AND d.scanner != '{MACHINE}'"
    if query.ids is not None:
        conditions += " AND d.decision_id IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(query.ids))
    return conditions, values
