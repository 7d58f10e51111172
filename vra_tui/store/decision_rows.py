"""Append rows to the tables of decisions and notes; nothing is checked or filed here."""

import sqlite3
from collections.abc import Iterable, Sequence

from vra_tui.store.connection import write_all

#: The columns of a decision in the order of the table, without its place in it.
COLUMNS = (
    "decision_id alert_id list reverts scanner host timestamp note visit preal pgal pfast rank model "
    "seconds tags follows seen_mjd batch_id".split()
)
#: SQL: whether a decision ``d`` was undone. An undo that names another alert's decision undoes nothing.
IS_REVERTED = """EXISTS (SELECT 1 FROM decisions undoing
    WHERE undoing.reverts = d.decision_id AND undoing.alert_id = d.alert_id)"""
#: SQL: whether ``d`` was written anew under another id (`vra_tui.store.healing`). Only then is the id of what
#: reverts it the smaller one: an undo sorts behind all that was known.
IS_REPLACED = """EXISTS (SELECT 1 FROM decisions mark WHERE mark.reverts = d.decision_id
    AND mark.alert_id = d.alert_id AND mark.decision_id < d.decision_id)"""


def insert_decisions(
    connection: sqlite3.Connection, rows: Iterable[Sequence[object]], import_id: str | None = None
) -> None:
    """Append rows of `COLUMNS` as they stand in the table, without re-filing anything.

    ``import_id``: the import through which they came; None for what is decided here. Raises StoreError where
    the store did not take every row.
    """
    names = (*COLUMNS, "import_id")
    write_all(
        connection,
        f"INSERT INTO decisions ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        ((*row, import_id) for row in rows),
    )


def latest_id(connection: sqlite3.Connection) -> str | None:
    """The greatest id of any decision in the store, but for those that were replaced."""
    query = f"SELECT decision_id FROM decisions d WHERE NOT {IS_REPLACED} ORDER BY decision_id DESC LIMIT 1"
    row = connection.execute(query).fetchone()
    return None if row is None else str(row[0])


def insert_notes(connection: sqlite3.Connection, rows: Iterable[Sequence[object]]) -> None:
    """Append notes: rows of id, alert, scanner, host, timestamp, text. Raises StoreError."""
    write_all(
        connection,
        "INSERT INTO notes (note_id, alert_id, scanner, host, timestamp, note) VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )
