"""Read when alerts entered the list and which telescope unit raised them, for counts of each night."""

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.store.columns import read_arrays
from vra_tui.store.id_lists import json_ids
from vra_tui.store.sections import unpacked_detections

#: No alert enters later: what bounds a time that may be infinite.
_NEVER = 1e9


def unscored_days(connection: sqlite3.Connection, alert_ids: Iterable[int], until_mjd: float) -> list[int]:
    """The days (whole MJD) of t0, up to a time, of those of some alerts that were never scored."""
    rows = connection.execute(
        """SELECT DISTINCT cast(t0_mjd AS INTEGER) FROM standing JOIN alerts USING (alert_id)
        WHERE visit IS NULL AND t0_mjd <= ? AND alert_id IN (SELECT value FROM json_each(?))""",
        (min(until_mjd, _NEVER), json_ids(alert_ids)),
    )
    return [row[0] for row in rows]


def entered_on(
    connection: sqlite3.Connection, days: Iterable[int], until_mjd: float, seen_mjd: float
) -> list[int]:
    """The alerts with t0 on one of some days (whole MJD), up to a time, in ascending order.

    Only those that were looked at since ``seen_mjd``: the index on that spares a look at all alerts.
    """
    rows = connection.execute(
        """SELECT alert_id FROM alerts WHERE last_mjd >= ? AND t0_mjd <= ?
        AND cast(t0_mjd AS INTEGER) IN (SELECT value FROM json_each(?)) ORDER BY alert_id""",
        (seen_mjd, min(until_mjd, _NEVER), json_ids(days)),
    )
    return [row[0] for row in rows]


def revisions_entered_on(
    connection: sqlite3.Connection, survey: str, days: Iterable[int], until_mjd: float, seen_mjd: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """As `entered_on`, of one survey: ids in ascending order, and the revision of each alert's data."""
    ids, revisions = read_arrays(
        connection,
        """SELECT a.alert_id, a.revision FROM alerts a CROSS JOIN objects o USING (alert_id)
        WHERE a.last_mjd >= ? AND a.t0_mjd <= ?
        AND cast(a.t0_mjd AS INTEGER) IN (SELECT value FROM json_each(?)) AND o.survey = ?
        ORDER BY a.alert_id""",
        (seen_mjd, min(until_mjd, _NEVER), json_ids(days), survey),
        types="ii",
    )
    return ids, revisions


def detections_and_t0(
    connection: sqlite3.Connection, alert_ids: Sequence[int]
) -> tuple[LightCurves, NDArray[np.float64]]:
    """Light curves of detections alone and t0 (MJD) of some alerts, both in ascending order of their ids."""
    cursor = connection.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        """SELECT alert_id, t0_mjd, detections FROM lightcurves JOIN alerts USING (alert_id)
        WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id""",
        (json_ids(alert_ids),),
    ).fetchall()
    seen = [unpacked_detections(row[2]) for row in rows]
    curves = LightCurves.from_bytes([row[0] for row in rows], seen, [b""] * len(rows))
    return curves, np.array([row[1] for row in rows])


def filed_among(connection: sqlite3.Connection, alert_ids: Iterable[int]) -> list[int]:
    """Those of some alerts that the policies have filed, in ascending order."""
    rows = connection.execute(
        """SELECT alert_id FROM standing WHERE filed IS NOT NULL
        AND alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id""",
        (json_ids(alert_ids),),
    )
    return [row[0] for row in rows]
