"""Light curves read from the store, without the input models: the screen starts faster for it."""

import json
import sqlite3
from collections.abc import Sequence

from vra_tui.domain.light_curve import LightCurve, LightCurves
from vra_tui.store.sections import unpacked, unpacked_detections, unpacked_nondetections


def light_curve(connection: sqlite3.Connection, alert_id: int) -> LightCurve:
    """The light curve of one alert. Raises KeyError when the store does not hold it."""
    row = connection.execute(
        "SELECT detections, nondetections, forced FROM lightcurves WHERE alert_id = ?", (alert_id,)
    ).fetchone()
    if row is None:
        raise KeyError(alert_id)
    return LightCurve.from_bytes(*unpacked(tuple(row)))


def light_curves(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> LightCurves:
    """The light curves of many alerts, without forced photometry, in ascending order of alert_id."""
    ids, detections, nondetections = [], [], []
    query = """SELECT alert_id, detections, nondetections FROM lightcurves
        WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id"""
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: half the time of named rows
    for alert_id, seen, missed in cursor.execute(query, (json.dumps([int(i) for i in alert_ids]),)):
        ids.append(alert_id)
        detections.append(unpacked_detections(seen))
        nondetections.append(unpacked_nondetections(missed))
    return LightCurves.from_bytes(ids, detections, nondetections)
