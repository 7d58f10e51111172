"""The trend of many alerts: change of one band's mean between the last two nights, with its error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import LIMIT_SIGMA, magnitude
from vra_tui.domain.light_curve import LightCurves
from vra_tui.lightcurve.flux_epochs import Photometry, photometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: A change smaller than so many times its error is no trend (DESIGN.md section 3).
SIGNIFICANT = 2.0
#: Exposures of one band that lie closer than this, days, are of one night: sites around the globe look at a
#: position one after the other, and half a day later the first one looks again.
NIGHT_GAP = 0.45
#: A night further than this before the last detection, days, says nothing of how it changes now.
MAX_DAYS = 14.0
#: Zero points of nights differ by about this, magnitudes.
FLOOR = 0.02
#: The mean flux of a night must exceed its error so many times to have a magnitude.
_DETECTED = 3.0
_PER_FLUX = 2.5 / np.log(10.0)


@dataclass(frozen=True, eq=False)
class Trends:
    """Trends of n alerts, shape (n,) each.

    ``rise``: magnitudes a day, positive where it brightens; ``error``: its standard error; ``band``: the
    band's code. NaN and 0 where the data say nothing.
    """

    rise: Floats
    error: Floats
    band: NDArray[np.uint8]


def is_significant(rise: float | None, error: float | None) -> bool:
    """Tell whether a trend stands out of its error."""
    return rise is not None and error is not None and abs(rise) >= SIGNIFICANT * error


def trend_words(rise: float | None, error: float | None, band: str | None) -> str:
    """A trend in words: magnitudes a day with their error, and the band."""
    if rise is None or error is None:
        return "unknown: it takes two nights of one band of late, and none since that missed it"
    size = f"{abs(rise):.2f}±{error:.2f} mag a day in {band}"
    if not is_significant(rise, error):
        return f"none above {SIGNIFICANT:g} sigma: {'-' if rise < 0 else '+'}{size}"
    return f"{'rising' if rise > 0 else 'fading'} {size}"


def trends(curves: LightCurves) -> Trends:
    """The trend of each alert, from the means of the last two nights of a band in which it was detected.

    A night's mean is that of the flux of its exposures, negative flux and all, each exposure counting once
    however many detections it holds; its error is that of the measurements or that of their scatter, the
    greater one, and `FLOOR`. Of several bands, the one seen last, then the one with the smaller error.
    There is no trend where a band was seen on one night only in the last `MAX_DAYS` up to the last
    detection, where the mean of one does not stand out of its error, and where a later night of the band,
    though deep enough, found nothing.
    """
    n = len(curves)
    found = Trends(np.full(n, np.nan), np.full(n, np.nan), np.zeros(n, dtype=np.uint8))
    latest = _last_detection(curves)
    # A day more, so that no night is cut; what lies earlier is most of the data.
    nights = _nights(photometry(curves.since(latest - MAX_DAYS - 1.0)))
    seen = np.flatnonzero(nights.is_detected)
    group = nights.group[seen]
    # The night before the last one of its band is the row before it.
    pair = np.flatnonzero(_starts(group[::-1])[::-1])
    pair = pair[(pair > 0) & (group[pair] == group[pair - 1])]
    last, before = seen[pair], seen[pair - 1]
    days = nights.mjd[last] - nights.mjd[before]
    good = nights.has_mag[last] & nights.has_mag[before] & ~_was_missed(nights, last)
    good &= nights.mjd[before] >= latest[nights.owner[before]] - MAX_DAYS
    last, before, days = last[good], before[good], days[good]
    rise = (nights.mag[before] - nights.mag[last]) / days
    error = np.hypot(nights.error[before], nights.error[last]) / days
    owner = nights.owner[last]
    # Written from the worst to the best, so that the best stays.
    order = np.lexsort((nights.band[last], -error, nights.mjd[last], owner))
    found.rise[owner[order]] = rise[order]
    found.error[owner[order]] = error[order]
    found.band[owner[order]] = nights.band[last][order]
    return found


@dataclass(frozen=True, eq=False)
class _Nights:
    """One row a night of a band of an alert, in order of alert, band and time; ``group`` numbers the bands.

    ``flux``: the mean in microjansky; of a night of limits alone, the faintest that would have been seen.
    ``has_mag``: it stands out of its error; elsewhere ``mag`` and ``error`` mean nothing.
    """

    group: Ints
    owner: Ints
    band: NDArray[np.uint8]
    mjd: Floats
    flux: Floats
    is_detected: Bools
    has_mag: Bools
    mag: Floats
    error: Floats


def _was_missed(nights: _Nights, last: Ints) -> Bools:
    """Tell whether a later night than ``last`` of the same band should have found the source and did not."""
    deepest = np.full(int(nights.group.max(initial=-1)) + 1, np.inf)
    final = np.full(len(deepest), -1)
    final[nights.group[last]] = last
    late = np.flatnonzero(~nights.is_detected & (np.arange(len(nights.group)) > final[nights.group]))
    np.minimum.at(deepest, nights.group[late], nights.flux[late])
    return np.asarray(deepest[nights.group[last]] < nights.flux[last])


def _last_detection(curves: LightCurves) -> Floats:
    """MJD of the last detection of each alert; 0 without one."""
    latest = np.zeros(len(curves))
    some = np.diff(curves.detection_start) > 0
    latest[some] = curves.detections[curves.detection_start[1:][some] - 1].mjd
    return latest


def _nights(data: Photometry) -> _Nights:
    # Within an exposure by flux too: sums must not depend on the order in which its detections came.
    order = np.lexsort((data.dflux, data.flux, data.mjd, data.band, data.owner))
    owner, band, mjd = data.owner[order], data.band[order], data.mjd[order]
    flux, variance, is_limit = data.flux[order], data.dflux[order] ** 2, data.is_limit[order]
    new_group = _starts(owner) | _starts(band)
    # Exposures: detections of one time and band are of one exposure; their errors are not independent.
    exposure = np.cumsum(new_group | _starts(mjd)) - 1
    first = np.flatnonzero(_starts(exposure))
    size = np.bincount(exposure)
    detected = np.bincount(exposure, ~is_limit) > 0
    limit = np.where(detected, np.inf, LIMIT_SIGMA * np.sqrt(variance[first]))
    flux = np.bincount(exposure, flux) / np.maximum(size, 1)
    variance = np.bincount(exposure, variance) / np.maximum(size, 1)
    owner, band, mjd, new_group = owner[first], band[first], mjd[first], new_group[first]
    group = np.cumsum(new_group, dtype=np.int64)
    night = np.cumsum(new_group | (np.diff(mjd, prepend=-np.inf) > NIGHT_GAP)) - 1
    start = np.flatnonzero(_starts(night))
    # Limits of a night with detections are left out: they are the lower half of the same scatter.
    count = np.bincount(night, detected)
    used = np.where(detected, 1.0 / np.maximum(count, 1)[night], 0.0)
    mean = np.bincount(night, used * flux)
    measured = np.bincount(night, used**2 * variance)
    scattered = np.bincount(night, used**2 * (flux - mean[night]) ** 2) * count / np.maximum(count - 1, 1)
    sigma = np.sqrt(np.maximum(measured, scattered))
    has_mag = (count > 0) & (mean > _DETECTED * sigma)
    safe = np.where(has_mag, mean, 1.0)
    return _Nights(
        group[start],
        owner[start],
        band[start],
        np.where(count > 0, np.bincount(night, used * mjd), mjd[start]),
        np.where(count > 0, mean, np.minimum.reduceat(limit, start) if len(start) else mean),
        count > 0,
        has_mag,
        magnitude(safe),
        np.hypot(_PER_FLUX * sigma / safe, FLOOR),
    )


def _starts(values: NDArray[np.generic]) -> Bools:
    """Tell where a run of equal values begins."""
    changes = np.ones(len(values), dtype=bool)
    changes[1:] = values[1:] != values[:-1]
    return changes
