"""What the steps of the migration share: running a script inside a transaction, and tables that only grow."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from vra_tui.errors import VraError

_NEVER_CHANGED = """
CREATE TRIGGER {table}_are_never_changed BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are append-only: no row is ever changed'); END;
"""
_NEVER_DELETED = """
CREATE TRIGGER {table}_are_never_deleted BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are append-only: no row is ever deleted'); END;
"""

#: The triggers of every version by name, as they are made.
TRIGGERS = {
    f"{table}_are_never_{what}": statement.format(table=table).strip().removesuffix(";")
    for table in ("scores", "decisions", "notes", "shadow_scores", "outbox_events", "epoch_marks")
    for what, statement in (("changed", _NEVER_CHANGED), ("deleted", _NEVER_DELETED))
}


class MigrationError(VraError, ValueError):
    """What is stored of one alert cannot be read, so that the store stays of its version."""

    def __init__(self, message: str, alert_id: int) -> None:
        super().__init__(message)
        self.alert_id = alert_id


def never_changed(connection: sqlite3.Connection, *tables: str) -> None:
    """Let no row of these tables be changed."""
    for table in tables:
        run(connection, _NEVER_CHANGED.format(table=table))


def append_only(connection: sqlite3.Connection, *tables: str) -> None:
    """Let no row of these tables be changed or deleted."""
    for table in tables:
        run(connection, (_NEVER_CHANGED + _NEVER_DELETED).format(table=table))


def run(connection: sqlite3.Connection, script: str) -> None:
    """Run a script statement by statement: ``executescript`` would end the migration's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


@contextmanager
def views_set_aside(connection: sqlite3.Connection) -> Iterator[None]:
    """While the block runs, no view is there; those of a store are its users', and come back as they were.

    SQLite alters no table while a view names what is not, or no longer, there. One that names what the block
    has renamed can be read again when its user makes it anew.
    """
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid"
    views = connection.execute(query).fetchall()
    for name, _ in views:
        connection.execute('DROP VIEW "{}"'.format(name.replace('"', '""')))
    yield
    for _, statement in views:
        connection.execute(statement)
