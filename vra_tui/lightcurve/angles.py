"""Angles that go round: right ascensions of one alert on both sides of 0 degrees are close to each other."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def unwrapped(degrees: Floats, owner: NDArray[np.int64] | None = None, n: int = 1) -> Floats:
    """The angles, whole turns added or taken away, so that each is within 180 of the mean of its group.

    ``owner``: for each angle its group, 0 to n - 1; without it all are one group. The mean of a group is the
    direction of the sum of unit vectors. Angles that need no turn come back as they are; NaN stays NaN.
    """
    owner = np.zeros(len(degrees), dtype=np.int64) if owner is None else owner
    radians = np.radians(np.where(np.isnan(degrees), 0.0, degrees))
    known = ~np.isnan(degrees)
    east = np.bincount(owner, np.sin(radians) * known, minlength=n)
    north = np.bincount(owner, np.cos(radians) * known, minlength=n)
    mean = np.degrees(np.arctan2(east, north)) % 360.0
    turns = np.rint((degrees - mean[owner]) / 360.0)
    return degrees - 360.0 * turns
