"""Add decisions, notes and marks of other stores to this one; any order, any number of times, gives the same.

What was decided is only ever added, under the id it was given where it was taken; what stands then follows
from the set (`vra_tui.store.precedence`). A row that is not whole, or that contradicts one that is here, is
refused by itself.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from vra_tui.domain.refusal import InputPiece, Refusal
from vra_tui.store.connection import transaction
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decision_rows import COLUMNS, insert_decisions, insert_notes
from vra_tui.store.epoch_marks import insert_marks, read_epoch
from vra_tui.store.id_lists import json_ids
from vra_tui.store.label_entry import LIST, OBJECT, SURVEY, Merged, Row, checked, new_rows
from vra_tui.store.label_names import enter_labels
from vra_tui.store.log import HISTORY_COLUMNS, MARK_IN_HISTORY
from vra_tui.store.marked_alerts import follow_marks
from vra_tui.store.objects import numbers
from vra_tui.store.standing import refresh

#: Rows that are checked and written in one transaction: screens on the same store wait no longer than that.
_CHUNK = 2_000


def merge(
    connection: sqlite3.Connection,
    pieces: Iterable[InputPiece | Refusal],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    *,
    now: datetime,
    import_id: str | None = None,
) -> Merged:
    """Add the decisions, undos, notes and marks that ``pieces`` hold, and derive where their alerts stand.

    A piece is a mapping with the keys `HISTORY_COLUMNS`, or with as many of them as a table of labels has:
    then it is kept with the host `NOT_SAID`, and agrees with whatever a history says beyond it. Rows of
    versions before 5 name the alert in `ONLY_ID`. Objects and labels that the store does not know are
    entered: an alert by that name may come later. The policies' own
    decisions are left out: each store's policies file what no scanner decided, from the data that it has.
    What is later than ``now`` by more than clocks may differ is refused. ``import_id``: of the import that
    this is a part of. Written by the chunk: when it is cut off, what was taken is whole, and doing it again
    adds the rest.
    """
    merged = Merged()
    import_id = import_id or new_id(now)

    def refuse(refusal: Refusal) -> None:
        merged.refused += 1
        on_refusal(refusal)

    waiting = iter(pieces)
    while chunk := list(islice(waiting, _CHUNK)):
        entries = list(checked(chunk, now, refuse))
        with transaction(connection):
            _take(connection, entries, import_id, merged, refuse, timestamp(now))
    query = "SELECT count(*) FROM standing WHERE is_in_conflict"
    merged.in_conflict = int(connection.execute(query).fetchone()[0])
    return merged


_NOTE_COLUMNS = "decision_id alert_id scanner host timestamp note".split()
_NOTE_TRAVELS = frozenset("decision_id survey object_id scanner host timestamp note".split())
_NOTE = [COLUMNS.index(name) for name in _NOTE_COLUMNS]
_NUMBERED = [*COLUMNS, "epoch", "is_bad"]
_AS_ALERT, _AS_LIST, _AS_REVERTS, _AS_EPOCH = map(_NUMBERED.index, ("alert_id", "list", "reverts", "epoch"))


def _take(
    connection: sqlite3.Connection,
    entries: list[tuple[InputPiece, Row]],
    import_id: str,
    merged: Merged,
    refuse: Callable[[Refusal], None],
    now: str,
) -> None:
    """Write what is new of a chunk, and re-file its alerts."""
    new = new_rows(entries, _stored(connection, [row[0] for _, row in entries]), merged, refuse)
    held = numbers(connection, (row[SURVEY : OBJECT + 1] for row in new))
    enter_labels(connection, ((row[LIST], row[SURVEY]) for row in new if row[LIST] is not None))
    # From here on as the table has them: with the number that this store gave to the alert.
    numbered = [(*row[:SURVEY], held[row[SURVEY : OBJECT + 1]], *row[OBJECT + 1 :]) for row in new]
    decided = [row for row in numbered if row[_AS_LIST] is not None or row[_AS_REVERTS] is not None]
    marked = [row for row in numbered if row[_AS_EPOCH] is not None]
    noted = [row for row in numbered if row[_AS_LIST] is row[_AS_REVERTS] is row[_AS_EPOCH] is None]
    insert_decisions(connection, (row[: len(COLUMNS)] for row in decided), import_id)
    insert_notes(connection, ([row[index] for index in _NOTE] for row in noted))
    insert_marks(connection, map(_mark_row, marked))
    follow_marks(connection, {row[_AS_ALERT] for row in marked}, now)
    if decided:
        merged.import_id = import_id
    alerts = {row[_AS_ALERT] for row in decided}
    refresh(connection, alerts)
    here = _held(connection, alerts)
    merged.waiting += sum(row[_AS_LIST] is not None and row[_AS_ALERT] not in here for row in decided)


def _mark_row(row: Row) -> Row:
    """A mark as its table has it, of a row as `_NUMBERED` names its values."""
    known = dict(zip(_NUMBERED, row, strict=True))
    epoch = read_epoch(known["epoch"])
    return (
        known["decision_id"], known["alert_id"], epoch.name.section, epoch.name.epoch, epoch.mjd, epoch.band,
        known["is_bad"], known["scanner"], known["host"], known["timestamp"], known["note"] or "",
    )  # fmt: skip


def _stored(connection: sqlite3.Connection, ids: list[str]) -> dict[str, Row]:
    """The rows that the store holds under these ids, with empty texts as no texts."""
    cursor = connection.cursor()
    cursor.row_factory = None
    own = {"epoch": "NULL AS epoch", "is_bad": "NULL AS is_bad"}
    decided = ", ".join(own.get(name, name) for name in HISTORY_COLUMNS)
    notes = ", ".join(name if name in _NOTE_TRAVELS else "NULL" for name in HISTORY_COLUMNS)
    of_mark = {"survey": "survey", "object_id": "object_id"} | MARK_IN_HISTORY
    marks = ", ".join(of_mark.get(name, "NULL") for name in HISTORY_COLUMNS)
    rows = cursor.execute(
        f"""SELECT {decided} FROM decisions LEFT JOIN objects USING (alert_id)
        WHERE decision_id IN (SELECT value FROM json_each(?1))
        UNION ALL SELECT {notes.replace("decision_id", "note_id")} FROM notes
        LEFT JOIN objects USING (alert_id) WHERE note_id IN (SELECT value FROM json_each(?1))
        UNION ALL SELECT {marks} FROM epoch_marks d
        LEFT JOIN objects USING (alert_id) WHERE mark_id IN (SELECT value FROM json_each(?1))""",
        (json.dumps(ids),),
    )
    return {
        row[0]: tuple(_whole(name, value) for name, value in zip(HISTORY_COLUMNS, row, strict=True))
        for row in rows
    }


def _whole(name: str, value: Any) -> Any:
    return None if value == "" and name != "host" else value


def _held(connection: sqlite3.Connection, alert_ids: set[int]) -> set[int]:
    """Those of the alerts that the store holds."""
    rows = connection.execute(
        "SELECT alert_id FROM standing WHERE alert_id IN (SELECT value FROM json_each(?))",
        (json_ids(alert_ids),),
    )
    return {row[0] for row in rows}
