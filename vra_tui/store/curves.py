"""Read light curves from the store. Imports no survey or model, so the screen starts fast.

What a scanner called bad is left out, whoever reads (`vra_tui.store.epoch_marks`), but by `whole_curve`.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from vra_tui.domain.epoch_identity import masks_of, split
from vra_tui.domain.light_curve import LightCurve, LightCurves, no_epochs
from vra_tui.store.bad_epochs import BadEpochs, bad_epochs, code_names
from vra_tui.store.columns import read_columns
from vra_tui.store.id_lists import json_ids
from vra_tui.store.sections import unpacked, unpacked_detections, unpacked_forced, unpacked_nondetections


def light_curve(connection: sqlite3.Connection, alert_id: int) -> LightCurve:
    """The light curve of one alert. Raises KeyError when the store does not hold it."""
    return curve_and_bad(connection, alert_id)[0]


def curve_and_bad(connection: sqlite3.Connection, alert_id: int) -> tuple[LightCurve, LightCurve]:
    """The light curve of one alert, and its bad epochs alone. Raises KeyError as `light_curve` does."""
    curve = whole_curve(connection, alert_id)
    bad = bad_epochs(connection, [alert_id])
    return split(curve, bad[alert_id], code_names(connection)) if bad else (curve, no_epochs())


def whole_curve(connection: sqlite3.Connection, alert_id: int) -> LightCurve:
    """The light curve of one alert with its bad epochs. Raises KeyError as `light_curve` does."""
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
        """SELECT n.other_id, o.survey, c.detections, c.nondetections, c.forced FROM associations n
        JOIN objects o ON o.alert_id = n.other_id JOIN lightcurves c ON c.alert_id = n.other_id
        WHERE n.alert_id = ? ORDER BY n.separation_arcsec, n.other_id LIMIT ?""",
        (alert_id, most),
    ).fetchall()
    bad = bad_epochs(connection, [row[0] for row in rows])
    found = []
    for other_id, survey, *sections in rows:
        with suppress(ValueError):
            curve = LightCurve.from_bytes(*unpacked(sections))
            if other_id in bad:
                curve, _ = split(curve, bad[other_id], code_names(connection))
            found.append(SurveyCurve(survey, curve))
    return found


def light_curves(
    connection: sqlite3.Connection,
    alert_ids: Sequence[int],
    with_forced: bool = False,
    known_by: Mapping[int, str] | None = None,
) -> LightCurves:
    """The light curves of many alerts in ascending order of alert_id; forced photometry where asked for.

    ``known_by``: for each alert the id of a decision: what was called bad after it is not left out.
    """
    forced_column = "forced" if with_forced else "NULL"
    query = f"""SELECT alert_id, detections, nondetections, {forced_column} FROM lightcurves
        WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id"""
    ids = json_ids(alert_ids)
    found, detections, nondetections, forced = read_columns(connection, query, (ids,))
    curves = LightCurves.from_bytes(
        found,
        [unpacked_detections(section) for section in detections],
        [unpacked_nondetections(section) for section in nondetections],
        [unpacked_forced(section) for section in forced] if with_forced else None,
    )
    bad = bad_epochs(connection, alert_ids, known_by)
    return without_epochs(connection, curves, bad) if bad else curves


def without_epochs(connection: sqlite3.Connection, curves: LightCurves, bad: BadEpochs) -> LightCurves:
    """The light curves without bad epochs; those of alerts without any are not looked at one by one."""
    names = code_names(connection)
    kept = [np.ones(len(curves.detections), bool), np.ones(len(curves.nondetections), bool)]
    if curves.forced is not None:
        kept.append(np.ones(len(curves.forced), bool))
    for alert_id, epochs in bad.items():
        row = int(np.searchsorted(curves.alert_id, alert_id))
        if row == len(curves) or curves.alert_id[row] != alert_id:
            continue
        starts = (curves.detection_start, curves.nondetection_start, curves.forced_start)
        for mask, found, start in zip(kept, masks_of(curves.one(row), epochs, names), starts, strict=False):
            if start is not None:
                mask[start[row] : start[row + 1]] = ~found
    return curves.kept(kept)


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
