"""Columns as they are read become pandas DataFrames, with the dtypes and units of `vra_tui.api.columns`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.api.columns import TABLES, Column

if TYPE_CHECKING:
    import pandas as pd

Values = Sequence[Any] | NDArray[Any]


def frame(table: str, values: Mapping[str, Values], order: NDArray[np.int64] | None = None) -> "pd.DataFrame":
    """A table of `TABLES` from the values of its columns, each of shape (n,); None where one is missing.

    ``order``: the rows wanted, by their places; all of them as they stand for None. ``attrs["units"]`` names
    the unit of each column that has one, as `astropy.units` writes it.
    """
    import pandas as pd

    columns = TABLES[table]
    rows: NDArray[np.int64] | slice = slice(None) if order is None else order
    made = pd.DataFrame({one.name: _series(one, values[one.name], rows) for one in columns}, copy=False)
    made.attrs["units"] = units(columns)
    return made


def frame_of_rows(table: str, rows: Iterable[Mapping[str, Any]]) -> "pd.DataFrame":
    """The same from rows; keys that are no columns of the table are left out."""
    held = list(rows)
    return frame(table, {column.name: [row[column.name] for row in held] for column in TABLES[table]})


def units(columns: Iterable[Column]) -> dict[str, str]:
    """The units of those columns that have one, by name."""
    return {column.name: column.unit for column in columns if column.unit}


def _series(column: Column, values: Values, rows: NDArray[np.int64] | slice) -> Any:
    import pandas as pd

    if column.dtype == "float64":
        return np.array(values, dtype=np.float64)[rows]
    if column.dtype == "object":
        return pd.Series(list(values), dtype=object).iloc[rows]
    held = np.array(values, dtype=object)[rows]
    if column.dtype == "string":
        return pd.array(held, dtype="string")
    # Whole numbers and flags take no way through floats, which would round them.
    is_missing = np.array(held == None, dtype=bool)  # noqa: E711  (of each value)
    filled = np.where(is_missing, 0, held)
    if column.dtype == "boolean":
        return pd.arrays.BooleanArray(filled.astype(bool), is_missing)
    return pd.arrays.IntegerArray(filled.astype(np.int64), is_missing)
