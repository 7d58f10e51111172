"""Alerts at their entry, with night and telescope unit, as drift compares them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.inflow import is_far_from_usual, usual_inflow
from vra_tui.ranking.policy import Policy
from vra_tui.scoring.drift.shift import ShiftSample

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class DriftColumn:
    """One thing that is compared. ``use``: share of the model's gain, NaN where it is none of its features.

    ``counts``: whether a shift in it can raise the alarm.
    """

    name: str
    words: str
    use: float
    counts: bool


@dataclass(frozen=True, eq=False)
class EntryStream:
    """n alerts at their entry, in any order.

    ``night``, shape (n,): that raised each. ``unit``, shape (n,): index into ``units``, of which
    ``first_night``, shape (u,), is that of the earliest exposure known. ``values``, shape (n, m): of
    ``columns``, NaN where one has no value; a column of 0 and 1 is a share.
    """

    night: Ints
    unit: Ints
    units: tuple[str, ...]
    first_night: Ints
    columns: tuple[DriftColumn, ...]
    values: Floats

    def __len__(self) -> int:
        return len(self.night)

    def where(self, chosen: Bools) -> "EntryStream":
        """Some of the alerts, chosen by a mask of shape (n,)."""
        return replace(self, night=self.night[chosen], unit=self.unit[chosen], values=self.values[chosen])

    def between(self, first: int, last: int) -> "EntryStream":
        """The alerts of the nights from ``first`` to ``last``, both included."""
        return self.where((self.night >= first) & (self.night <= last))

    def of_unit(self, unit: int) -> "EntryStream":
        """The alerts of one unit, by its index."""
        return self.where(self.unit == unit)

    def column(self, name: str) -> Floats:
        """The values of one column, shape (n,). Raises ValueError when there is no such column."""
        return self.values[:, [column.name for column in self.columns].index(name)]

    @property
    def features(self) -> dict[str, Floats]:
        """The columns that are features of the model, by name."""
        return {
            column.name: self.values[:, index]
            for index, column in enumerate(self.columns)
            if column.use == column.use
        }

    @property
    def sample(self) -> ShiftSample:
        """The rows, to be compared."""
        return ShiftSample(self.values, self.night)

    def counts(self, nights: Ints) -> Ints:
        """Alerts of each of ``nights`` (ascending) and each unit, shape (k, u)."""
        size = (len(nights), len(self.units))
        mine = np.isin(self.night, nights)
        cell = np.searchsorted(nights, self.night[mine]) * size[1] + self.unit[mine]
        return np.bincount(cell, minlength=size[0] * size[1]).reshape(size)


@dataclass(frozen=True, eq=False)
class UnusualNights:
    """Nights on which a unit raised far more alerts than usual, arrays of shape (k,)."""

    night: Ints
    unit: Ints
    count: Ints
    usual: Floats

    def mask(self, stream: EntryStream) -> Bools:
        """Tell which alerts of a stream are of these, shape (n,)."""
        width = len(stream.units)
        return np.isin(stream.night * width + stream.unit, self.night * width + self.unit)


def unusual_nights(stream: EntryStream, policy: Policy) -> UnusualNights:
    """The nights and units far from usual, by the same rule by which the policies cap them."""
    nights = np.unique(stream.night)
    count = stream.counts(nights)
    row, unit = np.nonzero(count)
    number = count[row, unit]
    usual = usual_inflow(nights[row], unit, number)
    far = is_far_from_usual(number, usual, policy)
    return UnusualNights(nights[row][far], unit[far], number[far], usual[far])
