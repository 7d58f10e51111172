"""Statistics of ragged groups: values of many alerts in one flat array, each with the row that owns it."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def counts(owner: Ints, n: int) -> Floats:
    """Count the values of each of n groups, shape (n,)."""
    return np.bincount(owner, minlength=n).astype(np.float64)


def mean_and_std(values: Floats, owner: Ints, n: int) -> tuple[Floats, Floats]:
    """Mean and sample standard deviation (ddof 1) of n groups, shapes (n,); NaN values are left out.

    The mean is NaN for a group without values, the standard deviation for one with fewer than two.
    """
    known = ~np.isnan(values)
    values, owner = values[known], owner[known]
    size = np.bincount(owner, minlength=n)
    # From a value of the group itself: equal values then scatter by 0, not by the last digit of their sum.
    origin = np.zeros(n)
    origin[owner] = values
    values = values - origin[owner]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(owner, values, minlength=n) / size
        # Second pass over the deviations: right ascensions scatter by 1e-4 of 300 degrees.
        squares = np.bincount(owner, (values - mean[owner]) ** 2, minlength=n)
        std = np.sqrt(squares / (size - 1))
    std[size < 2] = np.nan
    return origin + mean, std


def median(values: Floats, owner: Ints, n: int) -> Floats:
    """Median of n groups, shape (n,); NaN values are left out, NaN for a group without values."""
    known = ~np.isnan(values)
    values, owner = values[known], owner[known]
    order = np.lexsort((values, owner))
    size = np.bincount(owner, minlength=n)
    start = np.cumsum(size) - size
    result = np.full(n, np.nan)
    filled = size > 0
    low = order[(start + (size - 1) // 2)[filled]]
    high = order[(start + size // 2)[filled]]
    result[filled] = 0.5 * (values[low] + values[high])
    return result
