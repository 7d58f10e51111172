"""Read light curves from the store. Imports no survey or model, so the screen starts fast."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from vra_tui.domain.light_curve import LightCurve, LightCurves
from vra_tui.store.columns import read_columns
from vra_tui.store.id_lists import json_ids
from vra_tui.store.sections import unpacked, unpacked_detections, unpacked_forced, unpacked_nondetections


def light_curve(connection: sqlite3.Connection, alert_id: int) -> LightCurve:
    """The light curve of one alert. Raises KeyError when the store does not hold it."""
    row = connection.execute(
        "SELECT detections, nondetections, forced FROM lightcurves WHERE alert_id = ?", (alert_id,)
    ).fetchone()
    if row is None:
        raise KeyError(alert_id)
    return LightCurve.from_bytes(*unpacked(tuple(row)))


@dataclass(frozen=True, eq=False)
class SurveyCurve:
    """The light curve of another survey's alert of the same source."""

    survey: str
    curve: LightCurve


def associated_curves(connection: sqlite3.Connection, alert_id: int, most: int = 8) -> list[SurveyCurve]:
    """Other surveys' light curves of the same place, the nearest first; damaged ones are left out."""
    rows = connection.execute(
        """SELECT o.survey, c.detections, c.nondetections, c.forced FROM associations n
        JOIN objects o ON o.alert_id = n.other_id JOIN lightcurves c ON c.alert_id = n.other_id
        WHERE n.alert_id = ? ORDER BY n.separation_arcsec, n.other_id LIMIT ?""",
        (alert_id, most),
    )
    found = []
    for survey, *sections in rows:
        with suppress(ValueError):
            found.append(SurveyCurve(survey, LightCurve.from_bytes(*unpacked(sections))))
    return found


def light_curves(
    connection: sqlite3.Connection, alert_ids: Sequence[int], with_forced: bool = False
) -> LightCurves:
    """The light curves of many alerts in ascending order of alert_id; forced photometry where asked for."""
    forced_column = "forced" if with_forced else "NULL"
    query = f"""SELECT alert_id, detections, nondetections, {forced_column} FROM lightcurves
        WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id"""
    ids = json_ids(alert_ids)
    found, detections, nondetections, forced = read_columns(connection, query, (ids,))
    return LightCurves.from_bytes(
        found,
        [unpacked_detections(section) for section in detections],
        [unpacked_nondetections(section) for section in nondetections],
        [unpacked_forced(section) for section in forced] if with_forced else None,
    )


def readable_curves(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> LightCurves:
    """`light_curves` without forced photometry, and without those alerts whose light curve is damaged."""
    try:
        return light_curves(connection, alert_ids)
    except ValueError:
        good = []
        for alert_id in alert_ids:
            with suppress(ValueError):
                good += light_curves(connection, [alert_id]).alert_id.tolist()
        return light_curves(connection, good)
