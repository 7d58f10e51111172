"""The trends of alerts in the store: derived from their light curves whenever these change."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from vra_tui.lightcurve.curves import LightCurves
from vra_tui.lightcurve.trend import trends

#: Light curves held in memory at once.
_CHUNK = 10_000
_CURVES = "SELECT atlas_id, detections, nondetections FROM lightcurves WHERE atlas_id"
_PUT = "UPDATE alerts SET rise = ?, rise_error = ?, rise_band = ? WHERE atlas_id = ?"


def put_trends(connection: sqlite3.Connection, atlas_ids: Sequence[int] | None = None) -> None:
    """Derive the trends of the named alerts, or of all, anew. Call inside a transaction."""
    if atlas_ids is not None:
        for first in range(0, len(atlas_ids), _CHUNK):
            ids = json.dumps([int(i) for i in atlas_ids[first : first + _CHUNK]])
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
    connection.executemany(
        _PUT,
        (
            (rise, error, chr(band), atlas_id) if is_known else (None, None, None, atlas_id)
            for rise, error, band, atlas_id, is_known in zip(
                found.rise.tolist(), found.error.tolist(), found.band.tolist(), ids, known, strict=True
            )
        ),
    )
