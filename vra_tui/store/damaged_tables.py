"""Read the rows of a damaged table that can still be read, past the damage."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from vra_tui.store.log import ONLY_ID
from vra_tui.store.renumber import has_names
from vra_tui.store.sqlite_file import readable

_LARGEST = 2**63 - 1

Row = dict[str, object]


def tolerant(store: Path) -> sqlite3.Connection:
    """A reading connection that takes damaged text for what it is. Raises sqlite3.Error."""
    connection = readable(store, only=True)
    # A damaged text is still worth more than none.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection


def readable_rows(connection: sqlite3.Connection, table: str, damaged: dict[str, int]) -> Iterator[Row]:
    """The rows of a table in the order of their keys, without those that cannot be read.

    ``damaged``: counts, by table, the places at which it could not be read.
    """
    key = _key(connection, table)
    if key is None:
        yield from _rows_before_damage(connection, table, damaged)
        return
    query = f"SELECT {key} AS salvage_key, * FROM {table} WHERE {key} >= ? ORDER BY {key}"
    start: int | None = -(2**63)
    while start is not None:
        last = start - 1
        try:
            for row in connection.execute(query, (start,)):
                values = dict(row)
                last = values.pop("salvage_key")
                yield values
            return
        except sqlite3.DatabaseError:
            # Python's driver reads one row ahead: the last one before the damage was not handed out.
            is_readable, row = _first(connection, query, last + 1)
            if not is_readable:
                damaged[table] = damaged.get(table, 0) + 1
                start = _beyond(connection, query, last)
            elif row is None:
                return
            else:
                values = dict(row)
                start = values.pop("salvage_key") + 1
                yield values


def _rows_before_damage(connection: sqlite3.Connection, table: str, damaged: dict[str, int]) -> Iterator[Row]:
    try:
        for row in connection.execute(f"SELECT * FROM {table}"):
            yield dict(row)
    except sqlite3.DatabaseError:
        damaged[table] = damaged.get(table, 0) + 1


def _first(connection: sqlite3.Connection, query: str, start: int) -> tuple[bool, sqlite3.Row | None]:
    """Tell whether the way to the first row from a key on can be read, and the row if there is one."""
    try:
        return True, connection.execute(f"{query} LIMIT 1", (start,)).fetchone()
    except sqlite3.DatabaseError:
        return False, None


def _beyond(connection: sqlite3.Connection, query: str, last: int) -> int | None:
    """The least key after ``last`` from which rows can be read again; None when there is none."""
    start, step = max(last, -_LARGEST), 1
    while not _first(connection, query, min(start + step, _LARGEST))[0]:
        if start + step >= _LARGEST:
            return None
        step *= 2
    bad, good = start + step // 2, min(start + step, _LARGEST)
    while good - bad > 1:
        middle = (good + bad) // 2
        if _first(connection, query, middle)[0]:
            good = middle
        else:
            bad = middle
    return good


def _key(connection: sqlite3.Connection, table: str) -> str | None:
    """The whole number by which a table is sorted; None for one that is sorted by names."""
    made = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    if made is None or "WITHOUT ROWID" not in made[0]:
        return "rowid"
    number = number_column(connection)
    return number if number in columns_of(connection, table) else None


def number_column(connection: sqlite3.Connection) -> str:
    """The column that names an alert, in the words of the store's version."""
    return "alert_id" if has_names(connection) else ONLY_ID


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """The names of a table's columns."""
    return [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
