"""Sky maps of events: the credible level, the density and the distance at a position; numpy alone.

A map is a set of HEALPix pixels of any order that cover the sky (Gorski et al. 2005; the multi-order form of
https://emfollow.docs.ligo.org/userguide/tutorial/multiorder_skymaps.html). Its pixels are kept as the ranges
that they are at the finest order, sorted: a position is looked up by bisection.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The finest order of HEALPix pixels that an int64 numbers.
FINEST = 29
#: Below so many sigma the moments of the distance would lose their digits.
_LEAST_RATIO = -5.0


@dataclass(frozen=True, eq=False)
class SkyMap:
    """Pixels in the order of their places; all arrays of shape (n,).

    ``first``: the first pixel at order `FINEST` that each covers, nested. ``order``: its own order.
    ``density``: probability per steradian, of which the whole map holds 1. ``mean``, ``sigma``: of the
    luminosity distance in Mpc in that direction, NaN where the map tells none. ``level``: the credible level
    that each just falls into: the probability of all pixels at least as dense.
    """

    first: Ints
    order: Ints
    density: Floats
    mean: Floats
    sigma: Floats
    level: Floats


def sky_map(
    order: ArrayLike, pixel: ArrayLike, density: ArrayLike, mean: ArrayLike, sigma: ArrayLike
) -> SkyMap:
    """A map from pixels in any order: HEALPix order and nested number, density per steradian, distances.

    What adds up to something else than 1 is scaled to 1. Raises ValueError where pixels overlap, leave holes,
    are out of range, or hold no probability.
    """
    orders, pixels = (np.asarray(values, dtype=np.int64) for values in (order, pixel))
    if not len(orders) or orders.min() < 0 or orders.max() > FINEST:
        raise ValueError(f"the orders of its pixels are not 0 to {FINEST}")
    if (pixels < 0).any() or (pixels >= 12 << 2 * orders).any():
        raise ValueError("a pixel's number is out of range")
    shift = 2 * (FINEST - orders)
    first, length = pixels << shift, np.int64(1) << shift
    place = np.argsort(first, kind="stable")
    first, length, orders = first[place], length[place], orders[place]
    ends = first + length
    if first[0] != 0 or ends[-1] != 12 << 2 * FINEST or (first[1:] != ends[:-1]).any():
        raise ValueError("its pixels overlap, or do not cover the sky")
    dense = np.asarray(density, dtype=np.float64)[place]
    dense = np.where(dense > 0, dense, 0.0)
    probability = dense * pixel_area(orders)
    whole = float(probability.sum())
    if not np.isfinite(whole) or whole <= 0:
        raise ValueError("its probabilities add up to nothing")
    dense, probability = dense / whole, probability / whole
    return SkyMap(
        first,
        orders,
        dense,
        np.asarray(mean, dtype=np.float64)[place],
        np.asarray(sigma, dtype=np.float64)[place],
        _levels(dense, probability),
    )


def pixel_area(order: ArrayLike) -> Floats:
    """The area in steradian of HEALPix pixels of an order."""
    return np.asarray(np.pi / 3.0 / 4.0 ** np.asarray(order, dtype=np.float64))


def rows_at(one: SkyMap, finest_pixel: Ints) -> Ints:
    """The rows of the map that cover pixels of order `FINEST`, nested."""
    return np.searchsorted(one.first, finest_pixel, side="right") - 1


def area_within(one: SkyMap, level: float) -> float:
    """Square degrees of the smallest area that holds the probability ``level``."""
    steradian = float(pixel_area(one.order[one.level <= level]).sum())
    return steradian * float(np.degrees(1.0)) ** 2


def distance_moments(mu: ArrayLike, sigma: ArrayLike) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the distance from a map's ``DISTMU`` and ``DISTSIGMA``, Mpc.

    The distance in one direction is distributed as r² N(r; mu, sigma) for r > 0 (Singer et al. 2016, ApJL
    829, L15, equation 1); its moments follow by partial integration. NaN where there is none: not finite, or
    more than 5 sigma below zero.
    """
    location, width = (np.asarray(values, dtype=np.float64) for values in (mu, sigma))
    with np.errstate(all="ignore"):
        ratio = location / width
        is_known = np.isfinite(ratio) & (width > 0) & (ratio > _LEAST_RATIO)
        x = np.where(is_known, ratio, 0.0)
        # In units of sigma: moments of the normal distribution cut off at zero.
        moments = [_below(x), x * _below(x) + _normal(x)]
        for power in (2, 3, 4):
            moments.append(x * moments[-1] + (power - 1) * moments[-2])
        mean = moments[3] / moments[2]
        variance = moments[4] / moments[2] - mean**2
        spread = np.sqrt(np.maximum(variance, 0.0))
    return np.where(is_known, mean * width, np.nan), np.where(is_known, spread * width, np.nan)


def _levels(density: Floats, probability: Floats) -> Floats:
    """Of each pixel the probability of all that are as dense or denser; equals share one level."""
    falling = np.argsort(-density, kind="stable")
    summed = np.minimum(np.cumsum(probability[falling]), 1.0)
    # The last of equals holds the sum with all of them.
    last = np.searchsorted(-density[falling], -density[falling], side="right") - 1
    levels = np.empty_like(summed)
    levels[falling] = summed[last]
    return levels


def _normal(x: Floats) -> Floats:
    return np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi)


def _below(x: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(x), dtype=np.float64)
