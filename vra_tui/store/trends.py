"""Derive the trend of alerts from their light curves, whenever these change."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from vra_tui.domain.light_curve import LightCurves
from vra_tui.lightcurve.trend import trends
from vra_tui.store.codes import band_names

#: Light curves held in memory at once.
_CHUNK = 10_000
_CURVES = "SELECT alert_id, detections, nondetections FROM lightcurves WHERE alert_id"
_PUT = "UPDATE alerts SET rise = ?, rise_error = ?, rise_band = ? WHERE alert_id = ?"


def put_trends(connection: sqlite3.Connection, alert_ids: Sequence[int] | None = None) -> None:
    """Derive the trends of the named alerts, or of all, anew. Call inside a transaction."""
    if alert_ids is not None:
        for first in range(0, len(alert_ids), _CHUNK):
            ids = json.dumps([int(i) for i in alert_ids[first : first + _CHUNK]])
            _put(connection, connection.execute(f"{_CURVES} IN (SELECT value FROM json_each(?))", (ids,)))
        return
    after = -1
    while rows := connection.execute(f"{_CURVES} > ? ORDER BY 1 LIMIT {_CHUNK}", (after,)).fetchall():
        after = rows[-1][0]
        _put(connection, rows)


def _put(connection: sqlite3.Connection, rows: Iterable[tuple[int, bytes, bytes]]) -> None:
    held = list(rows)
    if not held:
        return
    ids, seen, missed = (list(column) for column in zip(*held, strict=True))
    found = trends(LightCurves.from_bytes(ids, seen, missed))
    known = [value == value for value in found.rise.tolist()]
    names = band_names(connection)
    connection.executemany(
        _PUT,
        (
            (rise, error, names.get(band, "?"), alert_id) if is_known else (None, None, None, alert_id)
            for rise, error, band, alert_id, is_known in zip(
                found.rise.tolist(), found.error.tolist(), found.band.tolist(), ids, known, strict=True
            )
        ),
    )
