"""Read a query's answer by columns, without a row object for each row."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

#: Rows turned into columns at once: their tuples are gone from the memory before the collector counts them.
_ROWS = 500

_TYPES: Mapping[str, Any] = {"i": np.int64, "f": np.float64, "?": np.bool_, "O": np.object_}


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


def read_arrays(
    connection: sqlite3.Connection,
    query: str,
    values: Sequence[object] | Mapping[str, object] = (),
    *,
    types: str,
) -> list[Any]:
    """The columns of a query as arrays of one length.

    ``types``: a letter for each column: ``i`` int64, ``f`` float64 (NULL is NaN), ``?`` bool, ``O`` object.
    Raises ValueError when there are not as many letters as columns.
    """
    columns = read_columns(connection, query, values)
    return [np.array(column, dtype=_TYPES[one]) for column, one in zip(columns, types, strict=True)]
