"""Inflow: find nights on which a unit raised far more alerts than usual, and choose which alerts to show.

One night of trailed images put 40,000 bogus alerts with high ranks before the scanners of a real survey. Such
a night is told from an ordinary one by its number alone, against the median of the unit's nights before it: a
median is not moved by one bad night, nor by the clouds of another.
"""

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.policy import Policy

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Nights before a night that say what is usual, and how many of them with alerts it takes to say it.
RECENT_NIGHTS = 14
ENOUGH_NIGHTS = 3


def usual_inflow(night: Ints, unit: Ints, count: Ints) -> Floats:
    """The usual number of alerts for each of m nights of a unit, shape (m,); NaN where none can be told.

    The median over the same unit's nights of the fortnight before; for a unit that has just joined, over
    all units' nights. Nights without any alert are no rows, and do not count.
    """
    before = (night[None, :] < night[:, None]) & (night[None, :] >= night[:, None] - RECENT_NIGHTS)
    own = before & (unit[None, :] == unit[:, None])
    enough = own.sum(axis=1) >= ENOUGH_NIGHTS
    chosen = np.where(enough[:, None], own, before)
    told = chosen.sum(axis=1) >= ENOUGH_NIGHTS
    usual = np.full(len(night), np.nan)
    values = np.where(chosen, count[None, :].astype(np.float64), np.nan)
    usual[told] = np.nanmedian(values[told], axis=1)
    return usual


def is_far_from_usual(count: Ints, usual: Floats, policy: Policy) -> Bools:
    """Tell whether each of m counts is far above the usual one; False where nothing says what is usual."""
    with np.errstate(invalid="ignore"):
        return (count > policy.night_floor) & (count > policy.night_factor * usual)


def best_of_each(rank: Floats, group: Ints, most: float) -> Bools:
    """Tell which of n alerts are among the ``most`` best ranked of their group; of equals the first."""
    order = np.lexsort((np.arange(len(rank)), -np.nan_to_num(rank, nan=-1.0), group))
    sorted_group = group[order]
    place = np.arange(len(rank)) - np.searchsorted(sorted_group, sorted_group)
    kept = np.zeros(len(rank), dtype=bool)
    kept[order] = place < most
    return kept
