"""Associations: alerts of several surveys at one place on the sky, kept up as alerts come in."""

import json
import math
import sqlite3
from collections.abc import Iterable

import numpy as np

from vra_tui.domain.sky import separation
from vra_tui.store.id_lists import json_ids

#: Alerts of two surveys within so many arcsec are one transient.
RADIUS_ARCSEC = 1.5
_DEGREES = RADIUS_ARCSEC / 3600.0


#: Places of alerts, and how far in right ascension a neighbour of each may lie, degrees.
_PLACES = "SELECT alert_id, ra, dec FROM alerts WHERE alert_id IN (SELECT value FROM json_each(?))"
# CROSS JOIN fixes the order: from each alert to its neighbours by the index of places, whose columns the
# comparison takes, and only from those to their surveys.
_NEAR = f"""
SELECT a.alert_id, a.ra, a.dec, n.alert_id, n.ra, n.dec
FROM json_each(?) w
CROSS JOIN alerts a ON a.alert_id = w.value ->> 0
CROSS JOIN alerts n ON n.dec BETWEEN a.dec - {_DEGREES!r} AND a.dec + {_DEGREES!r}
    AND min(abs(n.ra - a.ra), 360.0 - abs(n.ra - a.ra)) <= w.value ->> 1
CROSS JOIN objects mine ON mine.alert_id = a.alert_id
CROSS JOIN objects other ON other.alert_id = n.alert_id
WHERE other.survey != mine.survey
"""


def associate(connection: sqlite3.Connection, alert_ids: Iterable[int]) -> None:
    """Find the neighbours in other surveys of alerts that are new or moved. Call inside a transaction.

    The index on declination makes the cost of each alert that of its neighbours.
    """
    ids = json_ids(alert_ids)
    among = "SELECT value FROM json_each(?)"
    # Each pair stands there both ways, so that both are found by the primary key.
    connection.execute(
        f"""DELETE FROM associations WHERE (alert_id, other_id) IN (
            SELECT other_id, alert_id FROM associations WHERE alert_id IN ({among}))""",
        (ids,),
    )
    connection.execute(f"DELETE FROM associations WHERE alert_id IN ({among})", (ids,))
    places = connection.execute(_PLACES, (ids,)).fetchall()
    wanted = json.dumps([(number, _width(dec)) for number, _, dec in places])
    near = connection.execute(_NEAR, (wanted,)).fetchall()
    if not near:
        return
    one, ra, dec, other, other_ra, other_dec = (list(column) for column in zip(*near, strict=True))
    arcsec = separation(*(np.array(axis) for axis in (ra, dec, other_ra, other_dec))).tolist()
    connection.executemany(
        "INSERT OR REPLACE INTO associations VALUES (?, ?, ?)",
        [
            row
            for a, b, away in zip(one, other, arcsec, strict=True)
            if away <= RADIUS_ARCSEC
            for row in ((a, b, away), (b, a, away))
        ],
    )


def _width(dec: float) -> float:
    """Tell how many degrees of right ascension the radius spans at most at a declination."""
    cosine = math.cos(math.radians(min(abs(dec) + _DEGREES, 90.0)))
    return min(_DEGREES / cosine * 1.001, 180.0) if cosine > 0.0 else 180.0
