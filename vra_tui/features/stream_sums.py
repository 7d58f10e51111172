"""Sums over ragged groups: medians, weighted means and straight lines of many alerts, no loop over them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def counts(owner: Ints, n: int) -> Floats:
    """Count the values of each of n groups, shape (n,)."""
    return np.bincount(owner, minlength=n).astype(np.float64)


def total(values: Floats, owner: Ints, n: int) -> Floats:
    """Sum of the values of each of n groups, 0 for a group without; shape (n,)."""
    summed: Floats = np.bincount(owner, values, minlength=n).astype(np.float64, copy=False)
    return summed


def last(values: Floats, owner: Ints, n: int) -> Floats:
    """The last known value of each of n groups, in the order of ``values``; NaN without one."""
    known = ~np.isnan(values)
    found = np.full(n, np.nan)
    # Of several values written to one place the last one stays.
    found[owner[known]] = values[known]
    return found


def greatest(values: Floats, owner: Ints, n: int) -> Floats:
    """The greatest known value of each of n groups; NaN without one."""
    found = np.full(n, np.nan)
    np.fmax.at(found, owner, values)
    return found


def least(values: Floats, owner: Ints, n: int) -> Floats:
    """The least known value of each of n groups; NaN without one."""
    found = np.full(n, np.nan)
    np.fmin.at(found, owner, values)
    return found


def decimal_median(values: Floats, owner: Ints, n: int, decimals: int) -> Floats:
    """Median of n groups of values from 0 to 2000 with so many decimals; NaN without a known value.

    Packed records hold whole numbers of the last decimal: with their owner above them they sort as integers,
    ten times as fast as two keys do.
    """
    known = ~np.isnan(values)
    scale = 10.0**decimals
    keys = np.sort((owner[known] << 32) | np.rint(values[known] * scale).astype(np.int64))
    size = np.bincount(keys >> 32, minlength=n)
    start = np.cumsum(size) - size
    filled = size > 0
    low, high = (start + (size - 1) // 2)[filled], (start + size // 2)[filled]
    found = np.full(n, np.nan)
    found[filled] = 0.5 * ((keys[low] & 0xFFFF_FFFF) + (keys[high] & 0xFFFF_FFFF)) / scale
    return found


def changes(owner: Ints, values: NDArray[np.generic]) -> Bools:
    """Tell where a new owner, or a new value within one, begins; of arrays in which equals stand together."""
    starts = np.ones(len(owner), dtype=np.bool_)
    starts[1:] = (owner[1:] != owner[:-1]) | (values[1:] != values[:-1])
    return starts


@dataclass(frozen=True, eq=False)
class Lines:
    """Slopes of n straight lines and their errors from the errors of the points; NaN where there is none."""

    slope: Floats
    error: Floats


def mean_of(values: Floats, weight: Floats, group: Ints, n_groups: int) -> Floats:
    """Weighted mean of each group; NaN for one without weight. Equal values give exactly that value."""
    origin = np.zeros(n_groups)
    origin[group] = values
    weighted = total(weight * (values - origin[group]), group, n_groups)
    return origin + weighted / total(weight, group, n_groups)


def fit_lines(
    x: Floats, y: Floats, error: Floats, groups: tuple[Ints, int], owners: tuple[Ints, int], spread: float
) -> Lines:
    """Weighted least squares: one slope for each owner, an offset of its own for each of its groups.

    ``groups``, ``owners``: for each point the number of its group (an owner's band), of its owner, and how
    many there are. Offsets drop out when every point is counted from the weighted mean of its group; the
    slope is then Sxy / Sxx and its error Sxx ** -0.5 (Bevington & Robinson 2003, chapter 6). NaN where the
    points scatter along x, about the means of their groups, by no more than ``spread``.
    """
    (group, n_groups), (owner, n) = groups, owners
    weight = error**-2.0
    dx = x - mean_of(x, weight, group, n_groups)[group]
    dy = y - mean_of(y, weight, group, n_groups)[group]
    sxx = total(weight * dx * dx, owner, n)
    fits = sxx > spread**2 * total(weight, owner, n)
    slope = total(weight * dx * dy, owner, n) / sxx
    return Lines(np.where(fits, slope, np.nan), np.where(fits, sxx**-0.5, np.nan))
