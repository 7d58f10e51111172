"""Derive the trend of alerts from their light curves, whenever these change."""

import sqlite3
from collections.abc import Iterable, Sequence

from vra_tui.domain.light_curve import LightCurves
from vra_tui.lightcurve.trend import trends
from vra_tui.store.bad_epochs import bad_epochs
from vra_tui.store.codes import band_names
from vra_tui.store.curves import without_epochs
from vra_tui.store.id_lists import json_ids
from vra_tui.store.sections import unpacked_detections, unpacked_nondetections

#: Light curves held in memory at once.
_CHUNK = 10_000
_CURVES = "SELECT alert_id, detections, nondetections FROM lightcurves WHERE alert_id"
_PUT = "UPDATE alerts SET rise = ?, rise_error = ?, rise_band = ? WHERE alert_id = ?"


def put_trends(
    connection: sqlite3.Connection, alert_ids: Sequence[int] | None = None, is_packed: bool = True
) -> None:
    """Derive the trends of the named alerts, or of all, anew. Call inside a transaction.

    ``is_packed``: whether light curves stand there as `vra_tui.store.sections` writes them; before version 7
    their records did as they are.
    """
    if alert_ids is not None:
        for first in range(0, len(alert_ids), _CHUNK):
            ids = json_ids(alert_ids[first : first + _CHUNK])
            named = connection.execute(f"{_CURVES} IN (SELECT value FROM json_each(?))", (ids,))
            _put(connection, named, is_packed)
        return
    after = -1
    while rows := connection.execute(f"{_CURVES} > ? ORDER BY 1 LIMIT {_CHUNK}", (after,)).fetchall():
        after = rows[-1][0]
        _put(connection, rows, is_packed)


def _put(connection: sqlite3.Connection, rows: Iterable[tuple[int, bytes, bytes]], is_packed: bool) -> None:
    held = list(rows)
    if not held:
        return
    ids, seen, missed = (list(column) for column in zip(*held, strict=True))
    if is_packed:
        seen, missed = list(map(unpacked_detections, seen)), list(map(unpacked_nondetections, missed))
    curves = LightCurves.from_bytes(ids, seen, missed)
    # Before version 7 there were no marks.
    if is_packed and (bad := bad_epochs(connection, ids)):
        curves = without_epochs(connection, curves, bad)
    found = trends(curves)
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
