"""Phase, days and visits: times of epochs relative to t0 (DESIGN.md section 1)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: History is -100 <= phase < 0; recent is history with dayN >= -5; visits are -5 < phase <= 15.
HISTORY_DAYS = 100.0
RECENT_DAY = -5
VISITS_FROM = -5.0
VISITS_TO = 15.0


def day_number(phase: ArrayLike) -> NDArray[np.float64]:
    """dayN of a phase in days: trunc(phase), + 1 where phase > 0. Day 0 is the night of the alert."""
    value = np.asarray(phase, dtype=np.float64)
    return np.trunc(value) + (value > 0)


def night_number(mjd: ArrayLike, longitude: ArrayLike) -> NDArray[np.int64]:
    """The night in which a site took an exposure: nights change at its local noon, never in the dark.

    ``longitude``: degrees east. Nights at Greenwich are named by the MJD that begins in them.
    """
    turned = np.asarray(mjd, dtype=np.float64) + np.asarray(longitude, dtype=np.float64) / 360.0
    return np.floor(turned + 0.5).astype(np.int64)


def longitude_of(mjd: NDArray[np.float64]) -> float:
    """Longitude, degrees east, at which noon is in the middle of the longest daily gap in exposures.

    For the nights of a unit whose site is not known; 0 without exposures.
    """
    if not len(mjd):
        return 0.0
    times = np.sort(mjd % 1.0)
    gaps = np.diff(times, append=times[0] + 1.0)
    longest = int(np.argmax(gaps))
    noon = times[longest] + gaps[longest] / 2.0
    return float((0.5 - noon) * 360.0)


def nights_of_units(
    mjd: NDArray[np.float64], unit: NDArray[np.uint8], longitude: ArrayLike
) -> NDArray[np.int64]:
    """`night_number` of the exposures of several units, shape (n,) each.

    ``longitude``: of each unit code, shape (256,), NaN where its site is not known: see `longitude_of`.
    """
    east = np.asarray(longitude, dtype=np.float64)[unit]
    for code in np.unique(unit[np.isnan(east)]):
        mine = unit == code
        east[mine] = longitude_of(mjd[mine])
    return night_number(mjd, east)
