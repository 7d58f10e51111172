"""Cut an API object to what the server would have delivered at an earlier time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vra_tui.domain.times import mjd_of
from vra_tui.surveys.atlas.api import t0_of

_TIMES = {"lc": "mjd", "lcnondets": "mjd", "fp": "mjd_obs"}


def as_of(raw: Mapping[str, Any], mjd: float) -> dict[str, Any] | None:
    """The object with the epochs and TNS reports that existed at ``mjd``; None before it was raised.

    Exposures of the past are taken to have been there at once; a report by its discovery date, or by
    ``date_added`` where the row has one.
    """
    if t0_mjd(raw) > mjd:
        return None
    cut = dict(raw)
    for section, key in _TIMES.items():
        cut[section] = [row for row in raw.get(section) or [] if row[key] <= mjd]
    cut["tns_crossmatches"] = [row for row in raw.get("tns_crossmatches") or [] if _reported(row) <= mjd]
    return cut


def t0_mjd(raw: Mapping[str, Any]) -> float:
    """t0 of an object that has a flag date."""
    return t0_of(datetime.fromisoformat(raw["object"]["followup_flag_date"]))


def epochs_of(raw: Mapping[str, Any]) -> list[float]:
    """MJD of all its exposures and reports, in no order."""
    exposures = [row[key] for section, key in _TIMES.items() for row in raw.get(section) or []]
    return exposures + [_reported(row) for row in raw.get("tns_crossmatches") or []]


def _reported(row: Mapping[str, Any]) -> float:
    time = row.get("date_added") or row.get("disc_date")
    return mjd_of(datetime.fromisoformat(time)) if time else -float("inf")
