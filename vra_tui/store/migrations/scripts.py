"""What the steps of the migration share: running a script inside a transaction, and tables that only grow."""

import sqlite3

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
    for table in ("scores", "decisions", "notes", "shadow_scores")
    for what, statement in (("changed", _NEVER_CHANGED), ("deleted", _NEVER_DELETED))
}


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
