"""Tell in moments what a store has at all, before anything is counted."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True)
class FirstSight:
    """Whether a store has any alert, any score, any sky map of an event."""

    alerts: bool
    scores: bool
    sky_maps: bool


def first_sight(connection: sqlite3.Connection) -> FirstSight:
    """What the store has, in whatever number; as fast for a million alerts as for one."""
    row = connection.execute(
        """SELECT EXISTS (SELECT 1 FROM alerts), EXISTS (SELECT 1 FROM scores),
        EXISTS (SELECT 1 FROM sky_maps)"""
    ).fetchone()
    return FirstSight(*map(bool, row))
