"""Associations: alerts of several surveys at one place on the sky, kept up as alerts come in."""

import sqlite3
from collections.abc import Iterable

import numpy as np

from vra_tui.domain.sky import separation

#: Alerts of two surveys within so many arcsec are one transient.
RADIUS_ARCSEC = 1.5
_DEGREES = RADIUS_ARCSEC / 3600.0


def associate(connection: sqlite3.Connection, alert_ids: Iterable[int]) -> None:
    """Find the neighbours in other surveys of alerts that are new or moved. Call inside a transaction.

    The index on declination makes the cost of each alert that of its neighbours.
    """
    for alert_id in alert_ids:
        connection.execute("DELETE FROM associations WHERE alert_id = ?1 OR other_id = ?1", (alert_id,))
        ra, dec, survey = connection.execute(
            "SELECT ra, dec, survey FROM alerts JOIN objects USING (alert_id) WHERE alert_id = ?", (alert_id,)
        ).fetchone()
        near = connection.execute(
            """SELECT alert_id, ra, dec FROM alerts JOIN objects USING (alert_id)
            WHERE dec BETWEEN ? AND ? AND alert_id != ? AND survey != ?""",
            (dec - _DEGREES, dec + _DEGREES, alert_id, survey),
        ).fetchall()
        if not near:
            continue
        others, *place = (list(column) for column in zip(*near, strict=True))
        arcsec = separation(ra, dec, *(np.array(axis) for axis in place))
        pairs = [(other, away) for other, away in zip(others, arcsec.tolist(), strict=True)]
        connection.executemany(
            "INSERT INTO associations VALUES (?, ?, ?)",
            [
                row
                for other, away in pairs
                if away <= RADIUS_ARCSEC
                for row in ((alert_id, other, away), (other, alert_id, away))
            ],
        )
