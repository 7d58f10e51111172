"""Times of the survey as Modified Julian Dates."""

from datetime import UTC, datetime

_MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
_SECONDS_PER_DAY = 86_400.0


def mjd_of(time: datetime) -> float:
    """MJD (days, UTC) of a time; one without a zone counts as UTC, as the survey writes it."""
    aware = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    elapsed = aware - _MJD_EPOCH
    return elapsed.days + (elapsed.seconds + elapsed.microseconds * 1e-6) / _SECONDS_PER_DAY


def t0_of(flag_date: datetime) -> float:
    """t0 (MJD) of an object's ``followup_flag_date``.

    Old records hold only the date: the day after it then, so that the night which raised the alert lies
    before t0 (DESIGN.md section 1).
    """
    mjd = mjd_of(flag_date)
    return mjd + 1.0 if mjd == int(mjd) else mjd
