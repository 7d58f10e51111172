"""Columns as they are read become pandas DataFrames, with the dtypes and units of `vra_tui.api.columns`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.api.columns import TABLES, Column

if TYPE_CHECKING:
    import pandas as pd

Values = Sequence[Any] | NDArray[Any]


def frame(table: str, values: Mapping[str, Values]) -> "pd.DataFrame":
    """A table of `TABLES` from the values of its columns, each of shape (n,); None where one is missing.

    ``attrs["units"]`` names the unit of each column that has one, as `astropy.units` writes it.
    """
    import pandas as pd

    columns = TABLES[table]
    made = pd.DataFrame({column.name: _series(column, values[column.name]) for column in columns}, copy=False)
    made.attrs["units"] = units(columns)
    return made


def frame_of_rows(table: str, rows: Iterable[Mapping[str, Any]]) -> "pd.DataFrame":
    """The same from rows; keys that are no columns of the table are left out."""
    held = list(rows)
    return frame(table, {column.name: [row[column.name] for row in held] for column in TABLES[table]})


def units(columns: Iterable[Column]) -> dict[str, str]:
    """The units of those columns that have one, by name."""
    return {column.name: column.unit for column in columns if column.unit}


def _series(column: Column, values: Values) -> Any:
    import pandas as pd

    if column.dtype == "float64":
        return np.array(values, dtype=np.float64)
    if column.dtype == "object":
        return pd.Series(list(values), dtype=object)
    if column.dtype == "string":
        return pd.array(np.array(values, dtype=object), dtype="string")
    return _nullable(column.dtype, values)


def _nullable(dtype: str, values: Values) -> Any:
    """Whole numbers or flags of which some may be missing, without a way through floats that would round."""
    import pandas as pd

    is_missing = np.fromiter((value is None for value in values), dtype=bool, count=len(values))
    filled = [0 if value is None else value for value in values] if is_missing.any() else values
    if dtype == "boolean":
        return pd.arrays.BooleanArray(np.array(filled, dtype=bool), is_missing)
    return pd.arrays.IntegerArray(np.array(filled, dtype=np.int64), is_missing)
