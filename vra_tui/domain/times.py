"""Times: as Modified Julian Dates in UTC, from calendar dates, JD and TAI; and moments as texts."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
_SECONDS_PER_DAY = 86_400.0
#: MJD of JD 0.
_JD_ZERO = 2_400_000.5
#: MJD (UTC) from which TAI - UTC has been so many seconds; IERS Bulletin C. None was added since 2017.
_LEAP_SECONDS = (
    (50_083.0, 30.0), (50_630.0, 31.0), (51_179.0, 32.0), (53_736.0, 33.0),
    (54_832.0, 34.0), (56_109.0, 35.0), (57_204.0, 36.0), (57_754.0, 37.0),
)  # fmt: skip
#: The same in TAI, and by how many days TAI is ahead before and from each one on.
_SINCE = np.array([mjd + seconds / _SECONDS_PER_DAY for mjd, seconds in _LEAP_SECONDS])
_AHEAD = np.array([29.0, *(seconds for _, seconds in _LEAP_SECONDS)]) / _SECONDS_PER_DAY


def mjd_of(time: datetime) -> float:
    """MJD (days, UTC) of a time; one without a zone counts as UTC."""
    aware = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    elapsed = aware - _MJD_EPOCH
    return elapsed.days + (elapsed.seconds + elapsed.microseconds * 1e-6) / _SECONDS_PER_DAY


def utc_text(moment: datetime) -> str:
    """A moment as the store keeps it: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def date_of_mjd(mjd: float) -> date:
    """The day (UTC) on which an MJD lies."""
    return (_MJD_EPOCH + timedelta(days=mjd)).date()


def mjd_of_jd(jd: ArrayLike) -> NDArray[np.float64]:
    """MJD of Julian dates of the same scale."""
    return np.asarray(jd, dtype=np.float64) - _JD_ZERO


def mjd_of_tai(mjd_tai: ArrayLike) -> NDArray[np.float64]:
    """MJD (UTC) of MJDs in TAI, as Rubin writes them; NaN stays NaN."""
    tai = np.asarray(mjd_tai, dtype=np.float64)
    return tai - _AHEAD[np.searchsorted(_SINCE, tai, side="right")]


def tai_of_mjd(mjd: ArrayLike) -> NDArray[np.float64]:
    """MJD in TAI of MJDs in UTC: the inverse of `mjd_of_tai`."""
    utc = np.asarray(mjd, dtype=np.float64)
    since = np.array([start for start, _ in _LEAP_SECONDS])
    return utc + _AHEAD[np.searchsorted(since, utc, side="right")]
