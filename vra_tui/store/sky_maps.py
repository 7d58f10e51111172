"""Sky maps of events in the store, every version of them, and where alerts lie on the newest ones."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.store.columns import read_arrays
from vra_tui.store.connection import write_all

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StoredMap:
    """The newest version of what is known of an event. ``about``: what else was told of it."""

    event: str
    version: int
    event_mjd: float
    added_at: str
    is_retracted: bool
    about: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Alerts that may belong to an event; arrays of shape (n,), in ascending order of ids.

    Degrees; the host's distances in Mpc and its redshifts, NaN where there is none.
    """

    alert_id: NDArray[np.int64]
    ra: Floats
    dec: Floats
    t0_mjd: Floats
    direct_distance_mpc: Floats
    distance_mpc: Floats
    z: Floats
    photoz: Floats


@dataclass(frozen=True)
class MapPlace:
    """Where an alert lies on the map of an event.

    ``level``: the credible level that it just falls into, 0 to 1. ``density``: per square degree.
    ``distance_mpc``, ``distance_sigma_mpc``: of the event in that direction. ``days``: from the event to the
    alert's t0. ``host_sigma``: how many sigma farther than the event the alert's host is. None where unknown.
    """

    event: str
    level: float
    density: float
    distance_mpc: float | None
    distance_sigma_mpc: float | None
    days: float
    host_sigma: float | None
    about: Mapping[str, Any]


def add_version(
    connection: sqlite3.Connection,
    event: str,
    event_mjd: float,
    content: bytes | None,
    about: Mapping[str, Any],
    now: str,
    is_retracted: bool = False,
) -> int | None:
    """Keep a new version of an event's map; its number, None where the newest one says the same."""
    told = json.dumps(about, sort_keys=True)
    newest = connection.execute(
        """SELECT version, event_mjd, is_retracted, about, content FROM sky_maps
        WHERE event = ? ORDER BY version DESC LIMIT 1""",
        (event,),
    ).fetchone()
    row = (event_mjd, int(is_retracted), told, content)
    if newest is not None and tuple(newest)[1:] == row:
        return None
    version = 1 if newest is None else int(newest[0]) + 1
    connection.execute(
        """INSERT INTO sky_maps (event, version, event_mjd, added_at, is_retracted, about, content)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        (event, version, event_mjd, now, int(is_retracted), told, content),
    )
    return version


_NEWEST = """sky_maps s WHERE s.version = (SELECT max(o.version) FROM sky_maps o WHERE o.event = s.event)"""


def newest_maps(connection: sqlite3.Connection) -> list[StoredMap]:
    """The newest version of each event, retracted ones among them; the latest event first."""
    rows = connection.execute(
        f"""SELECT s.event, s.version, s.event_mjd, s.added_at, s.is_retracted, s.about FROM {_NEWEST}
        ORDER BY s.event_mjd DESC, s.event"""
    )
    return [StoredMap(row[0], row[1], row[2], row[3], bool(row[4]), json.loads(row[5])) for row in rows]


def map_of(connection: sqlite3.Connection, event: str) -> bytes | None:
    """The bytes of the newest map of an event; None where it has none or was retracted."""
    row = connection.execute(
        f"SELECT s.content FROM {_NEWEST} AND s.event = ? AND NOT s.is_retracted", (event,)
    ).fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


def candidates(connection: sqlite3.Connection, first_mjd: float, last_mjd: float) -> Candidates:
    """The alerts whose t0 lies between two times, MJD."""
    columns = read_arrays(
        connection,
        """SELECT a.alert_id, a.ra, a.dec, a.t0_mjd, m.direct_distance_mpc, m.distance_mpc, m.z, m.photoz
        FROM alerts a LEFT JOIN matches m ON m.alert_id = a.alert_id AND m.position = 1
        WHERE a.t0_mjd BETWEEN ? AND ? ORDER BY a.alert_id""",
        (first_mjd, last_mjd),
        types="ifffffff",
    )
    return Candidates(*columns)


def put_places(connection: sqlite3.Connection, event: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Put the places of alerts on an event's map in place of those that were there.

    Rows of alert, level, density, distance, its sigma, days, the host's sigma.
    """
    connection.execute("DELETE FROM sky_map_places WHERE event = ?", (event,))
    write_all(
        connection,
        """INSERT INTO sky_map_places (alert_id, level, density, distance_mpc, distance_sigma_mpc, days,
        host_sigma, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        ((*row, event) for row in rows),
    )


def places_of(connection: sqlite3.Connection, alert_id: int) -> list[MapPlace]:
    """Tell where an alert lies on the maps of events, the most credible first."""
    rows = connection.execute(
        f"""SELECT p.event, p.level, p.density, p.distance_mpc, p.distance_sigma_mpc, p.days, p.host_sigma,
            (SELECT s.about FROM {_NEWEST} AND s.event = p.event) AS about
        FROM sky_map_places p WHERE p.alert_id = ? ORDER BY p.level, p.event""",
        (alert_id,),
    )
    return [MapPlace(**{**dict(row), "about": json.loads(row["about"])}) for row in rows]
