"""Frozen tables of numpy columns of one length: the form of scenes, nights and sources."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Columns:
    """Base of a frozen dataclass whose fields (arrays, or tables of that length) have one value a row."""

    def __post_init__(self) -> None:
        lengths = {
            field.name: len(getattr(self, field.name)) for field in fields(self) if self._per_row(field.name)
        }
        if len(set(lengths.values())) > 1:
            raise ValueError(f"{type(self).__name__}: the columns differ in length: {lengths}")

    def _per_row(self, name: str) -> bool:
        """Tell whether the field has one row an alert."""
        return True

    def _row_fields(self) -> Iterator[str]:
        return (field.name for field in fields(self) if self._per_row(field.name))

    def __len__(self) -> int:
        return len(getattr(self, next(self._row_fields())))

    def take(self, rows: NDArray[np.integer] | slice) -> Self:
        """The same table with these rows only, in this order."""
        return replace(self, **{name: _rows(getattr(self, name), rows) for name in self._row_fields()})


def _rows(column: "NDArray | Columns", rows: NDArray[np.integer] | slice) -> "NDArray | Columns":
    return column.take(rows) if isinstance(column, Columns) else column[rows]


def column(value: ArrayLike, n: int, dtype: type = np.float64) -> NDArray:
    """One value, or one an alert, as a column of n."""
    return np.broadcast_to(np.asarray(value, dtype=dtype), (n,)).copy()
