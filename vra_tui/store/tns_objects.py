"""The public list of the Transient Name Server as it was taken in, and the alerts that it is matched with."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.tns_objects import NamedAlert, TnsObject, TnsObjects
from vra_tui.store.connection import transaction
from vra_tui.store.id_lists import json_ids

Floats = NDArray[np.float64]
#: Objects written in one transaction, so that no decision waits for a whole list.
_AT_ONCE = 2_000
_COLUMNS = ", ".join(f'"{one.name}"' for one in fields(TnsObject))


@dataclass(frozen=True, eq=False)
class Places:
    """Numbers of things, and where each is: degrees, all of shape (n,)."""

    number: NDArray[np.int64]
    ra: Floats
    dec: Floats


def put_tns_objects(connection: sqlite3.Connection, objects: TnsObjects) -> None:
    """Keep a list, or what changed in it; of an object the version that was modified last.

    What a whole list does not hold any more is let go of; reports of alerts are never taken back. In short
    transactions of its own, between which others write: call outside of one.
    """
    names = [f'"{one.name}"' for one in fields(TnsObject)]
    told = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    for first in range(0, len(objects.objects), _AT_ONCE):
        part = objects.objects[first : first + _AT_ONCE]
        with transaction(connection):
            connection.executemany(
                f"""INSERT INTO tns_objects ({_COLUMNS}) VALUES ({", ".join("?" * len(names))})
                ON CONFLICT (objid) DO UPDATE SET {told}
                WHERE coalesce(excluded.modified, '') >= coalesce(modified, '')""",
                ([getattr(one, column.name) for column in fields(TnsObject)] for one in part),
            )
    if objects.is_whole:
        kept = json.dumps([one.objid for one in objects.objects])
        with transaction(connection):
            connection.execute(
                "DELETE FROM tns_objects WHERE objid NOT IN (SELECT value FROM json_each(?))", (kept,)
            )


def count_tns_objects(connection: sqlite3.Connection) -> int:
    """How many objects the list holds."""
    return int(connection.execute("SELECT count(*) FROM tns_objects").fetchone()[0])


def tns_list_is_of(connection: sqlite3.Connection) -> str | None:
    """When something in the list was changed last, as the TNS writes times (UTC); None for no list."""
    row = connection.execute("SELECT max(coalesce(modified, received)) FROM tns_objects").fetchone()
    return None if row[0] is None else str(row[0])


def tns_places(
    connection: sqlite3.Connection, around: Places | None = None, radius_arcsec: float = 0.0
) -> Places:
    """Where the objects of the list are: all, or those whose declination is near one of a few places."""
    if around is None:
        return _places(_plain(connection).execute("SELECT objid, ra, dec FROM tns_objects"))
    width = radius_arcsec / 3600.0 * 1.001
    found: set[tuple[int, float, float]] = set()
    for dec in around.dec.tolist():
        rows = connection.execute(
            "SELECT objid, ra, dec FROM tns_objects WHERE dec BETWEEN ? AND ?", (dec - width, dec + width)
        )
        found.update((row[0], row[1], row[2]) for row in rows)
    return _places(sorted(found))


def alert_places(connection: sqlite3.Connection, alert_ids: Sequence[int] | None = None) -> Places:
    """Where alerts are, all or these, in the order of their numbers; those without a place are left out."""
    chosen = None if alert_ids is None else json_ids(alert_ids)
    rows = _plain(connection).execute(
        """SELECT alert_id, ra, dec FROM alerts WHERE ra IS NOT NULL AND dec IS NOT NULL
        AND (?1 IS NULL OR alert_id IN (SELECT value FROM json_each(?1))) ORDER BY alert_id""",
        (chosen,),
    )
    return _places(rows)


def tns_objects_of(connection: sqlite3.Connection, objids: Iterable[int]) -> Mapping[int, TnsObject]:
    """Objects of the list by their numbers."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM tns_objects WHERE objid IN (SELECT value FROM json_each(?))",
        (json_ids(objids),),
    )
    return {row[0]: TnsObject(*row) for row in rows}


def named_alerts(connection: sqlite3.Connection, alert_ids: Iterable[int]) -> Mapping[int, NamedAlert]:
    """Names of alerts by their numbers."""
    chosen = (json_ids(alert_ids),)
    known: dict[int, list[str]] = {}
    for alert_id, designation in connection.execute(
        """SELECT alert_id, designation FROM tns_matches
        WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id, designation""",
        chosen,
    ):
        known.setdefault(alert_id, []).append(designation)
    rows = connection.execute(
        """SELECT alert_id, survey, object_id, other_name FROM alerts JOIN objects USING (alert_id)
        WHERE alert_id IN (SELECT value FROM json_each(?))""",
        chosen,
    )
    return {row[0]: NamedAlert(row[1], row[2], row[3], tuple(known.get(row[0], ()))) for row in rows}


def _places(rows: Iterable[tuple[int, float, float]]) -> Places:
    number, ra, dec = tuple(zip(*rows, strict=True)) or ((), (), ())
    places = np.array([ra, dec], dtype=np.float64)
    known = np.isfinite(places).all(axis=0)
    return Places(np.array(number, dtype=np.int64)[known], places[0][known], places[1][known])


def _plain(connection: sqlite3.Connection) -> sqlite3.Cursor:
    """A cursor whose rows are tuples: named rows of a whole list take twice the time."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor
