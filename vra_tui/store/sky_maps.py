"""Sky maps of events in the store, every version of them, and where alerts lie on the newest ones."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.store.columns import read_arrays
from vra_tui.store.connection import write_all
from vra_tui.store.id_lists import json_ids

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StoredMap:
    """The newest version of what is known of an event. ``about``: what else was told of it.

    ``placed``: the window by which alerts were placed on it, as `set_placed` was told; None before.
    """

    event: str
    version: int
    event_mjd: float
    added_at: str
    is_retracted: bool
    about: Mapping[str, Any]
    placed: str | None = None


@dataclass(frozen=True, eq=False)
class Candidates:
    """Alerts that may belong to an event; arrays of shape (n,), in ascending order of ids.

    ``revision``: of each alert as it was read. Degrees; the host's distances in Mpc and its redshifts, NaN
    where there is none.
    """

    alert_id: NDArray[np.int64]
    revision: NDArray[np.int64]
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
    ``is_within``: whether the level is one within which alerts are looked at.
    """

    event: str
    level: float
    density: float
    distance_mpc: float | None
    distance_sigma_mpc: float | None
    days: float
    host_sigma: float | None
    is_within: bool
    about: Mapping[str, Any]


def add_version(
    connection: sqlite3.Connection,
    event: str,
    event_mjd: float,
    content: bytes | None,
    about: Mapping[str, Any],
    *,
    told_at: str,
    now: str,
    is_retracted: bool = False,
) -> int | None:
    """Keep a new version of an event's map; its number, None where one of them says the same.

    ``told_at``: when its source told it, ISO 8601 in UTC. The one that was told last counts, in whatever
    order they arrive. Call inside a transaction.
    """
    told = json.dumps(about, sort_keys=True)
    row = (event, event_mjd, int(is_retracted), told, told_at, content)
    if connection.execute(
        """SELECT 1 FROM sky_maps WHERE event = ? AND event_mjd = ? AND is_retracted = ? AND about = ?
        AND told_at = ? AND content IS ?""",
        row,
    ).fetchone():
        return None
    (version,) = connection.execute(
        "SELECT coalesce(max(version), 0) + 1 FROM sky_maps WHERE event = ?", (event,)
    ).fetchone()
    connection.execute(
        """INSERT INTO sky_maps (event, event_mjd, is_retracted, about, told_at, content, added_at, version)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (*row, now, version),
    )
    return int(version)


_NEWEST = """sky_maps s WHERE s.version = (SELECT o.version FROM sky_maps o WHERE o.event = s.event
    ORDER BY o.told_at DESC, o.version DESC LIMIT 1)"""


def newest_maps(connection: sqlite3.Connection) -> list[StoredMap]:
    """Of each event the version that was told last, retracted ones among them; the latest event first."""
    rows = connection.execute(
        f"""SELECT s.event, s.version, s.event_mjd, s.added_at, s.is_retracted, s.about, s.placed
        FROM {_NEWEST} ORDER BY s.event_mjd DESC, s.event"""
    )
    return [
        StoredMap(event, version, mjd, added, bool(retracted), json.loads(about), placed)
        for event, version, mjd, added, retracted, about, placed in rows
    ]


def map_of(connection: sqlite3.Connection, event: str) -> bytes | None:
    """The bytes of the newest map of an event; None where it has none or was retracted."""
    row = connection.execute(
        f"SELECT s.content FROM {_NEWEST} AND s.event = ? AND NOT s.is_retracted", (event,)
    ).fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


_CANDIDATES = """SELECT a.alert_id, a.revision, a.ra, a.dec, a.t0_mjd, m.direct_distance_mpc, m.distance_mpc,
    m.z, m.photoz FROM alerts a LEFT JOIN matches m ON m.alert_id = a.alert_id AND m.position = 1"""


def candidates(connection: sqlite3.Connection, first_mjd: float, last_mjd: float) -> Candidates:
    """The alerts whose t0 lies between two times, MJD."""
    where = "WHERE a.t0_mjd BETWEEN ? AND ? ORDER BY a.alert_id"
    return _candidates(connection, f"{_CANDIDATES} {where}", (first_mjd, last_mjd))


def candidates_among(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> Candidates:
    """The alerts of these ids."""
    where = "WHERE a.alert_id IN (SELECT value FROM json_each(?)) ORDER BY a.alert_id"
    return _candidates(connection, f"{_CANDIDATES} {where}", (json_ids(alert_ids),))


def _candidates(connection: sqlite3.Connection, query: str, values: Sequence[object]) -> Candidates:
    return Candidates(*read_arrays(connection, query, values, types="iifffffff"))


def changed_candidates(
    connection: sqlite3.Connection, days_before: float, days_after: float
) -> dict[str, list[int]]:
    """Of each event the alerts within so many days that changed since they were placed, or never were.

    Looked for among those that wait to be scored: call it before scoring takes them off that list.
    """
    rows = connection.execute(
        f"""SELECT e.event, a.alert_id FROM standing w CROSS JOIN alerts a USING (alert_id)
        JOIN (SELECT s.event, s.event_mjd FROM {_NEWEST} AND NOT s.is_retracted) e
            ON a.t0_mjd BETWEEN e.event_mjd - ? AND e.event_mjd + ?
        LEFT JOIN sky_map_places p ON p.event = e.event AND p.alert_id = a.alert_id
        WHERE w.pending_revision IS NOT NULL AND p.revision IS NOT a.revision""",
        (days_before, days_after),
    )
    found: dict[str, list[int]] = {}
    for event, alert_id in rows:
        found.setdefault(event, []).append(alert_id)
    return found


def left_behind(
    connection: sqlite3.Connection, days_before: float, days_after: float
) -> list[tuple[str, int]]:
    """Events and alerts on their maps whose t0 is no longer within so many days; of those that changed."""
    rows = connection.execute(
        f"""SELECT p.event, p.alert_id FROM standing w CROSS JOIN sky_map_places p USING (alert_id)
        JOIN alerts a USING (alert_id)
        JOIN (SELECT s.event, s.event_mjd FROM {_NEWEST}) e ON e.event = p.event
        WHERE w.pending_revision IS NOT NULL AND p.revision != a.revision
        AND a.t0_mjd NOT BETWEEN e.event_mjd - ? AND e.event_mjd + ?""",
        (days_before, days_after),
    )
    return [(event, alert_id) for event, alert_id in rows]


def drop_places(connection: sqlite3.Connection, places: Iterable[tuple[str, int]]) -> None:
    """Take alerts off the maps of events: pairs of event and alert."""
    connection.executemany("DELETE FROM sky_map_places WHERE event = ? AND alert_id = ?", places)


def clear_places(connection: sqlite3.Connection, event: str) -> None:
    """Take all alerts off the map of an event."""
    connection.execute("DELETE FROM sky_map_places WHERE event = ?", (event,))


def put_places(connection: sqlite3.Connection, event: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Put the places of alerts on an event's map in place of those that these alerts had there.

    Rows of alert, revision, level, density, distance, its sigma, days, the host's sigma, whether within.
    """
    write_all(
        connection,
        """INSERT OR REPLACE INTO sky_map_places (alert_id, revision, level, density, distance_mpc,
        distance_sigma_mpc, days, host_sigma, is_within, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        ((*row, event) for row in rows),
    )


def set_placed(connection: sqlite3.Connection, event: str, version: int, window: str) -> None:
    """Note that all alerts of a window are placed on a version of an event's map."""
    connection.execute(
        "UPDATE sky_maps SET placed = ? WHERE event = ? AND version = ?", (window, event, version)
    )


_PLACE_COLUMNS = f"""p.event, p.level, p.density, p.distance_mpc, p.distance_sigma_mpc, p.days, p.host_sigma,
    p.is_within, (SELECT s.about FROM {_NEWEST} AND s.event = p.event) AS about"""


def places_of(connection: sqlite3.Connection, alert_id: int) -> list[MapPlace]:
    """Tell where an alert lies on the maps of events, the most credible first."""
    rows = connection.execute(
        f"SELECT {_PLACE_COLUMNS} FROM sky_map_places p WHERE p.alert_id = ? ORDER BY p.level, p.event",
        (alert_id,),
    )
    return [_place(*row) for row in rows]


def levels_within(connection: sqlite3.Connection) -> dict[int, float]:
    """The alerts that lie within on the map of any event, and the smallest level of each."""
    rows = connection.execute(
        "SELECT alert_id, min(level) FROM sky_map_places WHERE is_within GROUP BY alert_id"
    )
    return dict(map(tuple, rows))


def places_on(
    connection: sqlite3.Connection, event: str, level: float, limit: int | None = None
) -> list[tuple[int, MapPlace]]:
    """The alerts up to a credible level on the map of an event, the most credible first; their ids."""
    rows = connection.execute(
        f"""SELECT p.alert_id, {_PLACE_COLUMNS} FROM sky_map_places p WHERE p.event = ? AND p.level <= ?
        ORDER BY p.level, p.alert_id LIMIT ?""",
        (event, level, -1 if limit is None else limit),
    )
    return [(alert_id, _place(*place)) for alert_id, *place in rows]


def _place(*row: Any) -> MapPlace:
    values = (*row[:-2], bool(row[-2]), json.loads(row[-1]))
    return MapPlace(*values)


def count_places(connection: sqlite3.Connection) -> dict[str, tuple[int, int]]:
    """By event how many alerts are of its time, and how many of them lie within."""
    rows = connection.execute("SELECT event, count(*), sum(is_within) FROM sky_map_places GROUP BY event")
    return {event: (count, within) for event, count, within in rows}
