"""Nights: the epochs of many alerts averaged by night and filter, on days from the first detection."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import LIMIT_SIGMA
from vra_tui.lightcurve.bank import FIRST_DAY, LAST_DAY
from vra_tui.lightcurve.flux_epochs import Photometry

Floats = NDArray[np.float64]

#: Exposures are averaged over half days.
_CELLS_PER_DAY = 2
#: Limits that make a night's only detection doubtful, and the error it then gets, as a share of its flux.
_CONTRADICTED, _LONE_FLUX = 2, 0.5
#: Scatter of a night about a smooth shape, share of its flux: calibration, and shapes that are too simple.
FLUX_FLOOR = 0.08
#: The same as a share of the brightest night: what an analytic shape leaves near peak and in the tail.
PEAK_FLOOR = 0.02
#: An exposure further than this many sigma from the median of its night is left out, of so many or more.
_CLIP, _CLIPPED_FROM = 4.0, 3
#: A night of limits alone is flux 0 with this many times the error of one exposure, however many there were:
#: an exposure without detection says only that the flux is below 5 sigma, and a good part of what is brighter
#: is missed as well. Of 2.2, 3.5, 5, 7, 10 this made the labels right most often (simulator; docs/labels.md).
LIMIT_WIDTH = 3.5


@dataclass(frozen=True, eq=False)
class Nights:
    """Averages of n alerts, one row a night and filter, shape (e,), sorted by alert.

    ``day``: from ``anchor``, the MJD of each alert's first detection, shape (n,), NaN where there is none.
    ``band``: row of ``filters``. ``flux`` in units of ``scale``, the brightest night of the alert, (n,), in
    microjansky; ``weight``: 1 / variance in the same units. ``is_limit``: the night holds limits alone.
    """

    anchor: Floats
    scale: Floats
    filters: NDArray[np.uint8]
    owner: NDArray[np.int64]
    band: NDArray[np.int64]
    day: Floats
    flux: Floats
    weight: Floats
    is_limit: NDArray[np.bool_]


def first_detection(photometry: Photometry) -> Floats:
    """MJD of the first night with two positive detections, else of the first one; NaN where there is none.

    Two detections of one exposure are one: both may be of the same satellite.
    """
    seen = ~photometry.is_limit & (photometry.flux > LIMIT_SIGMA * 0.6 * photometry.dflux)
    owner, mjd = photometry.owner[seen], photometry.mjd[seen]
    order = np.lexsort([mjd, owner])
    owner, mjd = owner[order], mjd[order]
    apart = mjd[1:] - mjd[:-1]
    close = (owner[1:] == owner[:-1]) & (apart > 0) & (apart < 1.0 / _CELLS_PER_DAY)
    anchor = np.full(photometry.n, np.nan)
    # Written from the last to the first, so that the first one stays.
    anchor[owner[::-1]] = mjd[::-1]
    paired = np.flatnonzero(close)[::-1]
    anchor[owner[paired]] = mjd[paired]
    return anchor


def _outlying(row: NDArray[np.int64], data: Photometry) -> NDArray[np.bool_]:
    """Detections far from the median of the three or more of their night and filter (``row``)."""
    result = np.zeros(len(row), dtype=bool)
    seen = np.flatnonzero(~data.is_limit)
    seen = seen[np.lexsort([data.flux[seen], row[seen]])]
    count = np.bincount(row[seen], minlength=int(row.max(initial=-1)) + 1)
    middle = np.cumsum(count) - count + (count - 1) // 2
    mine = row[seen]
    median = data.flux[seen][middle[mine]]
    error = np.hypot(data.dflux[seen], FLUX_FLOOR * median)
    result[seen] = (count[mine] >= _CLIPPED_FROM) & (np.abs(data.flux[seen] - median) > _CLIP * error)
    return result


def _exposures(row: NDArray[np.int64], mjd: Floats, n: int) -> NDArray[np.int64]:
    """Of each of n nights the number of exposures among detections, of which one may hold several."""
    order = np.lexsort([mjd, row])
    row, mjd = row[order], mjd[order]
    is_first = (np.diff(row, prepend=-1) != 0) | (np.diff(mjd, prepend=-np.inf) != 0)
    return np.bincount(row[is_first], minlength=n)


def nights(photometry: Photometry, anchor: Floats | None = None) -> Nights:
    """Average the exposures of each half day and filter; alerts without a detection have no nights."""
    anchor = first_detection(photometry) if anchor is None else anchor
    day = photometry.mjd - anchor[photometry.owner]
    data = photometry.keep((day >= FIRST_DAY) & (day < LAST_DAY))
    filters, band = np.unique(data.band, return_inverse=True)
    cells = int((LAST_DAY - FIRST_DAY) * _CELLS_PER_DAY)
    day = data.mjd - anchor[data.owner]
    # The cell's edge stands a quarter day before the first detection, so that its night is in one.
    cell = np.clip(((day - FIRST_DAY + 0.25) * _CELLS_PER_DAY).astype(np.int64), 0, cells - 1)
    key, row = np.unique((data.owner * len(filters) + band) * cells + cell, return_inverse=True)
    seen = ~data.is_limit
    # What disagrees with the others of its night (a satellite, a bad subtraction) is not averaged into it.
    weight = np.where(_outlying(row, data), 0.0, data.dflux**-2.0)
    detected = np.bincount(row, weight * seen, len(key))
    is_limit = detected == 0
    # Limits of a night with detections are left out: they are the lower half of the same scatter.
    used = seen | is_limit[row]
    weight = np.where(used, weight, 0.0)
    total = np.bincount(row, weight, len(key))
    mean_day = np.bincount(row, weight * day, len(key)) / total
    # Before the first night that two exposures agree on, one detection among several limits is often noise.
    lone = _exposures(row[seen], data.mjd[seen], len(key)) == 1
    lone &= np.bincount(row, ~seen, len(key)) >= _CONTRADICTED
    lone &= mean_day < -1.0 / _CELLS_PER_DAY
    flux = np.bincount(row, weight * data.flux, len(key)) / total
    count = np.bincount(row, used, len(key))
    variance = np.where(is_limit, LIMIT_WIDTH**2 * count, 1.0) / total
    owner = key // (len(filters) * cells)
    scale = np.full(photometry.n, -np.inf)
    np.maximum.at(scale, owner[~is_limit], flux[~is_limit])
    scale = np.where(scale > 0, scale, 1.0)
    mine = scale[owner]
    floor = np.where(lone, _LONE_FLUX * np.abs(flux), 0.0) ** 2
    floor += np.where(is_limit, 0.0, (FLUX_FLOOR * np.maximum(flux, 0.0)) ** 2 + (PEAK_FLOOR * mine) ** 2)
    return Nights(
        anchor,
        scale,
        filters,
        owner,
        key // cells % len(filters) if len(filters) else key,
        mean_day,
        flux / mine,
        mine**2 / (variance + floor),
        is_limit,
    )
