"""Reading a query's answer by columns, as arrays are made of them: without a row object for each row."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any


def read_columns(
    connection: sqlite3.Connection, query: str, values: Sequence[object] | Mapping[str, object] = ()
) -> list[tuple[Any, ...]]:
    """The columns of a query, each a tuple as long as there are rows; empty ones where there are none."""
    cursor = connection.cursor()
    cursor.row_factory = None
    rows = cursor.execute(query, values).fetchall()
    return list(zip(*rows, strict=True)) if rows else [()] * len(cursor.description)
