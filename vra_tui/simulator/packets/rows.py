"""Columns of simulated packets as rows of plain Python values."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = dict[str, Any]


def rows_of(columns: Mapping[str, NDArray[np.generic]]) -> list[Row]:
    """One row for each element of the columns, which are of one length."""
    names = list(columns)
    return [
        dict(zip(names, values, strict=True))
        for values in zip(*(column.tolist() for column in columns.values()), strict=True)
    ]
