"""Tables of the store read column by column, for whoever wants many alerts at once."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.store.columns import read_columns
from vra_tui.store.id_lists import json_ids
from vra_tui.store.objects import Name
from vra_tui.store.scores import latest_of_each_night

#: Values of one table by column name, in step with each other; None where a value is not there.
Columns = Mapping[str, Sequence[Any]]

#: The columns of `alert_columns`, and the SQL that gives each. ``a`` alerts, ``o`` objects, ``s`` standing,
#: ``m`` the best match that may be a host.
_ALERT = {
    "survey": "o.survey",
    "object_id": "o.object_id",
    "name": "a.name",
    "ra": "a.ra",
    "dec": "a.dec",
    "t0_mjd": "a.t0_mjd",
    "preal": "s.preal",
    "pgal": "s.pgal",
    "pfast": "s.pfast",
    "rank": "s.rank",
    # Without a score nobody has said yet that it is none.
    "is_gal_cand": "CASE WHEN s.rank IS NOT NULL THEN s.is_gal_cand END",
    "list": "s.list",
    "visit": "s.visit",
    "model": "s.model",
    "other_name": "a.other_name",
    "day": "s.day",
    "is_undecided": "s.is_undecided",
    "decided_list": "s.decided_list",
    "decided_by": "s.decided_by",
    "is_tns_match": "CASE WHEN s.rank IS NOT NULL THEN s.is_tns_match END",
    "last_mjd": "a.last_mjd",
    "last_mag": "a.last_mag",
    "n_detections": "a.n_detections",
    "real_bogus": "a.real_bogus",
    "ebv_sfd": "a.ebv_sfd",
    "context_class": "a.context_class",
    "sep_arcsec": "m.separation_arcsec",
    "pfollow": "s.pfollow",
}
_HOST = """LEFT JOIN matches m ON m.alert_id = a.alert_id AND m.position = 1
    AND m.source NOT IN ('gaia', 'ps1', 'fink')"""
_OF_THESE = "alert_id IN (SELECT value FROM json_each(?))"

_SCORE = "visit day mjd stage model preal pgal pfast rank is_gal_cand is_tns_match pfollow".split()
_MATCH = (
    "position source catalogue_object_id catalogue association_type object_type separation_arcsec "
    "north_arcsec east_arcsec z photoz photoz_err distance_mpc direct_distance_mpc physical_separation_kpc "
    "mag mag_band star_score".split()
)


def alert_columns(
    connection: sqlite3.Connection, alert_ids: NDArray[np.int64], names: Sequence[str] = tuple(_ALERT)
) -> tuple[Columns, NDArray[np.int64]]:
    """What lists say of the named alerts as it lies in the store, and the place there of each one asked.

    Ids that the store does not hold are left out. In the order of the list the rows would be read, or put in
    order value by value, twice as slowly as an array is. ``names``: the columns wanted. Raises KeyError for
    one that is none.
    """
    selected = ", ".join(_ALERT[name] for name in names)
    number, *columns = read_columns(
        connection,
        f"""SELECT a.alert_id, {selected} FROM alerts a JOIN objects o USING (alert_id)
        JOIN standing s USING (alert_id) {_HOST} WHERE a.{_OF_THESE}""",
        (json_ids(alert_ids),),
    )
    held = np.array(number, dtype=np.int64)
    wanted = np.asarray(alert_ids, dtype=np.int64)
    if len(held) < len(wanted):
        wanted = wanted[np.isin(wanted, held)]
    ascending = np.argsort(held)
    places: NDArray[np.int64] = ascending[np.searchsorted(held, wanted, sorter=ascending)]
    return dict(zip(names, columns, strict=True)), places


def numbers_of_alerts(connection: sqlite3.Connection, names: Sequence[Name]) -> dict[Name, int]:
    """The numbers of those objects that are alerts of the store; of others it may know decisions alone."""
    rows = connection.execute(
        """SELECT o.survey, o.object_id, o.alert_id FROM json_each(?) w
        JOIN objects o ON o.survey = w.value ->> 0 AND o.object_id = w.value ->> 1
        JOIN alerts a ON a.alert_id = o.alert_id""",
        (json.dumps(list(dict.fromkeys(names))),),
    )
    return {(survey, object_id): number for survey, object_id, number in rows}


def score_columns(connection: sqlite3.Connection, alert_ids: Sequence[int] | None = None) -> Columns:
    """The latest score of each visit night of some alerts or of all, by alert and day, without stale ones."""
    where, values = _where("s", alert_ids)
    return _read(
        connection,
        ("survey", "object_id", *_SCORE),
        f"""SELECT o.survey, o.object_id, {_of("s", _SCORE)} FROM scores s JOIN objects o USING (alert_id)
        WHERE s.score_id IN ({latest_of_each_night(where)})
        ORDER BY o.survey, o.object_id, s.day""",
        values,
    )


def match_columns(connection: sqlite3.Connection, alert_ids: Sequence[int] | None = None) -> Columns:
    """The catalogued sources near some alerts or all of them, by alert, the best match first."""
    where, values = _where("m", alert_ids)
    return _read(
        connection,
        ("survey", "object_id", *_MATCH),
        f"""SELECT o.survey, o.object_id, {_of("m", _MATCH)} FROM matches m JOIN objects o USING (alert_id)
        WHERE {where} ORDER BY o.survey, o.object_id, m.position""",
        values,
    )


def annotation_columns(connection: sqlite3.Connection, alert_ids: Sequence[int] | None = None) -> Columns:
    """What classifiers said of some alerts or of all, by alert, the oldest first; ``said`` as it is kept."""
    where, values = _where("n", alert_ids)
    return _read(
        connection,
        ("survey", "object_id", "said"),
        f"""SELECT o.survey, o.object_id, n.said FROM annotations n JOIN objects o USING (alert_id)
        WHERE {where} ORDER BY o.survey, o.object_id, n.mjd, n.topic, n.said""",
        values,
    )


def stamp_columns(connection: sqlite3.Connection, alert_id: int) -> Columns:
    """The cutouts that are held of one alert, the latest exposure first, with their bytes as they came."""
    return _read(
        connection,
        ("kind", "mjd", "source_id", "taken_in", "data"),
        """SELECT kind, mjd, source_id, taken_in, data FROM stamps WHERE alert_id = ?
        ORDER BY mjd DESC, source_id, stamp_id""",
        (alert_id,),
    )


def totals(connection: sqlite3.Connection) -> tuple[int, int]:
    """Count the alerts of the store and the decisions of people, undone ones among them."""
    row = connection.execute(
        """SELECT (SELECT count(*) FROM alerts),
        (SELECT count(*) FROM decisions WHERE scanner != 'vra' AND list IS NOT NULL)"""
    ).fetchone()
    return int(row[0]), int(row[1])


def _read(
    connection: sqlite3.Connection, names: Sequence[str], query: str, values: Sequence[object]
) -> Columns:
    return dict(zip(names, read_columns(connection, query, values), strict=True))


def _where(table: str, alert_ids: Sequence[int] | None) -> tuple[str, tuple[object, ...]]:
    return ("1", ()) if alert_ids is None else (f"{table}.{_OF_THESE}", (json_ids(alert_ids),))


def _of(table: str, names: Sequence[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in names)
