"""Say when something was: so long ago, in the unit that tells it best."""

from datetime import datetime

from vra_tui.domain.times import mjd_of

_HOURS, _MINUTES = 24.0, 1440.0
#: Longer ago than this, days, years say more.
_YEARS = 730.0
_DAYS_PER_YEAR = 365.25


def span_words(days: float) -> str:
    """A length of time: minutes below an hour, hours below a day, then days, years after two."""
    size = abs(days)
    if size < 1 / _HOURS:
        return f"{size * _MINUTES:.0f} min"
    if size < 0.98:
        return f"{size * _HOURS:.0f} h"
    if size < 9.95:
        return f"{size:.1f} d"
    return f"{size:.0f} d" if size < _YEARS else f"{size / _DAYS_PER_YEAR:.1f} y"


def ago(mjd: float, now_mjd: float) -> str:
    """How long ago an MJD was, or how long it is until then."""
    days = now_mjd - mjd
    return f"{span_words(days)} ago" if days >= 0 else f"in {span_words(days)}"


def mjd_of_text(timestamp: str) -> float | None:
    """The MJD of a time as the store writes it; None for what is none."""
    try:
        return mjd_of(datetime.fromisoformat(timestamp))
    except ValueError:
        return None
