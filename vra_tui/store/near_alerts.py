"""Find the other alerts of a field, by the index of places that associations use."""

import math
import sqlite3
from dataclasses import dataclass

import numpy as np

from vra_tui.domain.sky import offsets
from vra_tui.store.id_lists import json_ids


@dataclass(frozen=True)
class NearAlert:
    """Another alert of the store in the field. East and north of the one looked at, arcsec.

    ``last_mag`` is that of its latest detection; ``list`` where it was decided to be,
    None while it is undecided or a second opinion on it is wanted.
    """

    survey: str
    object_id: str
    name: str | None
    last_mag: float | None
    last_mjd: float | None
    rank: float | None
    list: str | None
    east_arcsec: float
    north_arcsec: float


#: Other alerts are looked for within so many arcsec, and so many of them are told.
FIELD_ARCSEC = 120.0
_MOST_ALERTS = 30
# All that these ask for is in the index of places; plain comparisons, since a stripe of sky that a survey
# looks at again and again holds thousands of alerts of the same declination.
_IN_BOX = """SELECT alert_id, ra, dec FROM alerts
WHERE dec BETWEEN :low AND :high AND ra BETWEEN :first AND :last"""
_IN_BOX_OVER_0_HOURS = """SELECT alert_id, ra, dec FROM alerts
WHERE dec BETWEEN :low AND :high AND (ra >= :first OR ra <= :last)"""
_NEAR_ALERTS = """
SELECT o.survey, o.object_id, n.name, n.last_mag, n.last_mjd, s.rank,
    iif(s.opinion = 'wanted', NULL, s.decided_list)
FROM json_each(?) w CROSS JOIN alerts n ON n.alert_id = w.value
CROSS JOIN objects o ON o.alert_id = n.alert_id
LEFT JOIN standing s ON s.alert_id = n.alert_id ORDER BY w.key
"""


def near_alerts(
    connection: sqlite3.Connection, alert_id: int, radius_arcsec: float = FIELD_ARCSEC
) -> tuple[NearAlert, ...]:
    """The other alerts of any survey within a radius, the nearest first; of many the first thirty."""
    place = connection.execute("SELECT ra, dec FROM alerts WHERE alert_id = ?", (alert_id,)).fetchone()
    if place is None:
        return ()
    ra, dec = place
    reach = radius_arcsec / 3600.0
    cosine = math.cos(math.radians(min(abs(dec) + reach, 90.0)))
    wide = min(reach / cosine * 1.001, 180.0) if cosine > 0.0 else 180.0
    first, last = (ra - wide) % 360.0, (ra + wide) % 360.0
    box = _IN_BOX if first < last else _IN_BOX_OVER_0_HOURS
    bounds = {"low": dec - reach, "high": dec + reach, "first": first, "last": last}
    plain = connection.cursor()
    plain.row_factory = None  # a crowded field is read with each key
    others = [row for row in plain.execute(box, bounds) if row[0] != alert_id]
    if not others:
        return ()
    number, their_ra, their_dec = (np.array(column) for column in zip(*others, strict=True))
    east, north = offsets(their_ra, their_dec, ra, dec)
    apart = np.hypot(east, north)
    nearest = np.lexsort((number, apart))
    nearest = nearest[apart[nearest] <= radius_arcsec][:_MOST_ALERTS]
    rows = connection.execute(_NEAR_ALERTS, (json_ids(number[nearest].tolist()),))
    at = zip(east[nearest].tolist(), north[nearest].tolist(), strict=True)
    return tuple(NearAlert(*(*row, *offset)) for row, offset in zip(rows, at, strict=True))
