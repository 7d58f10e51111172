"""Read a query's answer by columns, without a row object for each row."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

#: Rows turned into columns at once: their tuples are gone from the memory before the collector counts them.
_ROWS = 500


def read_columns(
    connection: sqlite3.Connection, query: str, values: Sequence[object] | Mapping[str, object] = ()
) -> list[list[Any]]:
    """The columns of a query, each a list as long as there are rows; empty ones where there are none."""
    cursor = connection.cursor()
    cursor.row_factory = None
    found = cursor.execute(query, values)
    columns: list[list[Any]] = [[] for _ in cursor.description]
    while rows := found.fetchmany(_ROWS):
        for column, part in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(part)
    return columns
