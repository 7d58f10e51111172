"""Read stores that others made: limit the time that a query may take, and check the type of each value."""

import math
import sqlite3
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

#: Steps of SQLite's machine that any store may take, and those it may take for each of its bytes. Whole
#: stores need less than one a byte for everything that is read of another store here.
_FREE_STEPS = 50_000_000
_STEPS_PER_BYTE = 20
_AT_A_TIME = 100_000


def bound_reading(connection: sqlite3.Connection, path: Path) -> None:
    """Let queries end with an error once they took more steps than a store of this size is worth.

    A view can count for ever; a table of the same name cannot be told from it by the query. Counted in steps,
    not by the clock, so that a slow machine reads what a fast one does. What is cut off raises
    sqlite3.OperationalError (SQLITE_INTERRUPT).
    """
    left = (_FREE_STEPS + _STEPS_PER_BYTE * path.stat().st_size) // _AT_A_TIME

    def step() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    connection.set_progress_handler(step, _AT_A_TIME)


def as_typed(row: sqlite3.Row, kinds: dict[str, type]) -> dict[str, Any]:
    """The values of a row, each of its kind: what is no text is read as one, what is no number is missing.

    SQLite keeps in a column what it was given, whatever the column's type: a blob for a time, a text for a
    rank. A row that another program spoilt is shown as far as it can be, and hides none of the others.
    """
    return {name: _typed(value, kinds.get(name)) for name, value in dict(row).items()}


def _typed(value: Any, kind: type | None) -> Any:
    if value is None or kind is None or type(value) is kind:
        return value
    if kind is str:
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return kind(value) if isinstance(value, int | float) and math.isfinite(value) else None


def kinds_of(columns: type) -> dict[str, type]:
    """The kind of each field of a dataclass, without its None."""
    return {
        name: next(one for one in get_args(hint) or (hint,) if one is not NoneType)
        for name, hint in get_type_hints(columns).items()
    }
