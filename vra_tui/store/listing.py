"""Read a ranked list: how many alerts, their ids in order, and the rows to show."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.errors import VraError
from vra_tui.ranking.lists import ALL, LIST_ORDER, ListName
from vra_tui.store.label_names import own_labels


class UnknownList(VraError):
    """A list name that does not exist."""


@dataclass(frozen=True)
class ListRow:
    """One line of a ranked list; None where the alert has no score, magnitude or cross-match (yet).

    ``survey`` and ``object_id`` name it outside of the store, ``alert_id`` inside. ``age_days`` is not here:
    it depends on the time of looking. ``list`` is None before the first score.
    """

    alert_id: int
    survey: str
    object_id: str
    name: str | None
    ra: float
    dec: float
    t0_mjd: float
    preal: float | None
    pgal: float | None
    pfast: float | None
    pfollow: float | None
    rank: float | None
    is_gal_cand: bool
    is_tns_match: bool
    list: str | None
    visit: int | None
    day: int | None
    model: str | None
    is_undecided: bool
    is_back: bool
    decided_list: str | None
    decided_by: str | None
    last_mjd: float | None
    last_mag: float | None
    #: The survey's own words on its trend.
    trend_text: str | None
    context_class: str | None
    host: str | None
    sep_arcsec: float | None
    other_name: str | None
    has_note: bool
    score_mjd: float | None
    follow_up: str | None
    speed: str | None
    is_outside: bool
    is_anomaly: bool
    #: What a second opinion came to: wanted, disagree, agree; None where none was asked for.
    opinion: str | None
    is_in_conflict: bool
    #: The trend of its light curve (`lightcurve.trend`): magnitudes a day, positive where it brightens.
    rise: float | None
    rise_error: float | None
    rise_band: str | None
    #: MJD of the last exposure that was known when it was scored last.
    visited_mjd: float | None
    #: The rule that lifts it to the fast track, whatever its scores; None without one.
    lifted: str | None
    #: The credible level within which it lies on the map of an event; None where on none.
    gw_level: float | None


_FLAGS = (
    "is_gal_cand",
    "is_tns_match",
    "is_undecided",
    "is_back",
    "has_note",
    "is_outside",
    "is_anomaly",
    "is_in_conflict",
)

#: A window that ends within so many days puts an alert on the list `closing`.
CLOSING_DAYS = 14

#: SQL: the alerts that lie within the credible level looked at on the map of an event.
WITHIN_SQL = "SELECT alert_id FROM sky_map_places WHERE is_within"

_NOW = "(SELECT max(last_mjd) FROM alerts)"
#: Lists that show alerts of other lists: the conditions on ``standing s``.
_VIEWS = {
    ALL: "1",
    ListName.EYEBALL.value: "s.is_undecided",
    ListName.ANOMALIES.value: """s.list = 'followup' AND s.alert_id IN
        (SELECT alert_id FROM insights WHERE anomaly IS NOT NULL)""",
    # The plus keeps SQLite from walking through five lists: few windows are closing.
    ListName.CLOSING.value: f"""+s.list IN ('good', 'possible', 'fasttrack', 'extragalactic', 'galactic')
        AND s.alert_id IN (SELECT alert_id FROM insights
            WHERE window_ends_mjd > {_NOW} AND window_ends_mjd <= {_NOW} + {CLOSING_DAYS})""",
    ListName.TEACH.value: """s.alert_id IN (SELECT alert_id FROM teach)
        AND (s.is_undecided OR s.decided_by = 'vra')""",
    # Whoever decides anew has looked again.
    ListName.DOUBT.value: "s.decision_id IN (SELECT decision_id FROM doubt)",
    ListName.SECOND.value: "s.opinion IN ('wanted', 'disagree')",
    ListName.CONFLICTS.value: "s.is_in_conflict",
    # What may be the counterpart: what waits, and what somebody took for a transient; no garbage, no stars.
    ListName.GW.value: f"""s.alert_id IN ({WITHIN_SQL})
        AND (s.is_undecided OR s.decided_list IN ('good', 'followup', 'possible'))""",
}

#: The condition of a list that alerts stand in; one that holds an alert of so many is a large one.
_LISTED, _LARGE_SHARE = "s.list = ?", 12
_BY_RANK = "s.rank DESC"
#: Lists with an order of their own, which stands in place of that by rank.
_OWN_ORDER = {
    ListName.TEACH.value: "(SELECT t.worth FROM teach t WHERE t.alert_id = s.alert_id) DESC",
    ListName.DOUBT.value: "(SELECT d.worth FROM doubt d WHERE d.alert_id = s.alert_id) DESC",
    ListName.GW.value: """(SELECT min(p.level) FROM sky_map_places p WHERE p.alert_id = s.alert_id
        AND p.is_within), s.rank DESC""",
}


def list_condition(connection: sqlite3.Connection, name: str) -> tuple[str, tuple[object, ...]]:
    """SQL on ``standing s`` for a list, also that of a survey's own label, and its values.

    Raises UnknownList.
    """
    if name in _VIEWS:
        return _VIEWS[name], ()
    own = [] if name in LIST_ORDER else own_labels(connection)
    if name in LIST_ORDER or name in own:
        return _LISTED, (name,)
    known = ", ".join([*(listed.value for listed in LIST_ORDER), ALL, *own])
    raise UnknownList(f"There is no list `{name}`. The lists are: {known}.")


def is_large(connection: sqlite3.Connection, name: str) -> bool:
    """Tell whether a list holds so much of the store that to read it in the order of ids is the fastest.

    An index has its alerts in the order of ranks, and leads to each of them by a search of its own.
    """
    condition, values = list_condition(connection, name)
    if condition not in (_VIEWS[ListName.EYEBALL.value], _LISTED):
        return condition == _VIEWS[ALL]
    held = connection.execute(f"SELECT count(*) FROM standing s WHERE {condition}", values).fetchone()[0]
    all_of_them = connection.execute("SELECT count(*) FROM standing").fetchone()[0]
    return bool(held * _LARGE_SHARE >= all_of_them)


def own_order(name: str) -> str | None:
    """SQL that orders a list of which neither rank nor urgency tells what is best; None for the others."""
    return _OWN_ORDER.get(name)


def list_ids(connection: sqlite3.Connection, name: str, limit: int | None = None) -> NDArray[np.int64]:
    """Ids of a list, best rank first, unranked last; equals in order of ids.

    `teach` has what is worth most first, `gw` what is most credible. Raises UnknownList.
    """
    condition, values = list_condition(connection, name)
    return ordered_ids(
        connection, f"standing s WHERE {condition}", own_order(name) or _BY_RANK, values, limit
    )


def ordered_ids(
    connection: sqlite3.Connection,
    source: str,
    order: str,
    values: Sequence[object] = (),
    limit: int | None = None,
) -> NDArray[np.int64]:
    """The ids of a ``source`` (SQL after FROM, with ``standing s``), ordered by SQL, equals in order of ids.

    All come as one text: row by row they would take longer, and the interpreter from the screen's thread
    meanwhile. ``limit``: so many at most; the first few are found without sorting the rest.
    """
    order = f"{order}, s.alert_id"
    if limit is not None:
        few = connection.execute(
            f"SELECT s.alert_id FROM {source} ORDER BY {order} LIMIT ?", (*values, limit)
        ).fetchall()
        return np.fromiter((row[0] for row in few), dtype=np.int64, count=len(few))
    # An aggregate takes rows in any order: only that of a window is promised. (3.44 can say it shorter.)
    # As bytes: a str of a million ids would be copied once more.
    window = f"OVER (ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    whole = f"SELECT CAST(group_concat(s.alert_id) {window} AS BLOB) FROM {source} LIMIT 1"
    row = connection.execute(whole, values).fetchone()
    return np.empty(0, dtype=np.int64) if row is None else np.fromstring(row[0], dtype=np.int64, sep=",")


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Count the alerts of each list, in the order in which lists are offered."""
    by_list = dict(
        connection.execute(
            "SELECT list, count(*) FROM standing WHERE list IS NOT NULL GROUP BY list"
        ).fetchall()
    )
    views: dict[str, int] = {
        name: connection.execute(f"SELECT count(*) FROM standing s WHERE {condition}").fetchone()[0]
        for name, condition in _VIEWS.items()
        if name != ALL
    }
    return {name.value: (by_list | views).get(name.value, 0) for name in LIST_ORDER}


_ROWS = """
SELECT a.alert_id, o.survey, o.object_id, a.name, a.ra, a.dec, a.t0_mjd,
    s.preal, s.pgal, s.pfast, s.pfollow, s.rank, s.is_gal_cand, s.is_tns_match,
    s.list, s.visit, s.day, s.model, s.is_undecided, s.is_back, s.decided_list, s.decided_by,
    a.last_mjd, a.last_mag, a.trend_text, a.context_class, m.catalogue_object_id AS host,
    m.separation_arcsec AS sep_arcsec, a.other_name,
    EXISTS (SELECT 1 FROM notes n WHERE n.alert_id = a.alert_id) AS has_note,
    s.mjd AS score_mjd, i.follow_up, i.speed, coalesce(i.outside != '[]', 0) AS is_outside,
    i.anomaly IS NOT NULL AS is_anomaly, s.opinion, s.is_in_conflict, a.rise, a.rise_error, a.rise_band,
    s.visited_mjd, s.lifted,
    (SELECT min(p.level) FROM sky_map_places p WHERE p.alert_id = a.alert_id AND p.is_within) AS gw_level
FROM alerts a
JOIN objects o USING (alert_id)
JOIN standing s USING (alert_id)
LEFT JOIN matches m ON m.alert_id = a.alert_id AND m.position = 1
    AND m.source NOT IN ('gaia', 'ps1', 'fink') -- neighbours, whether or not they are hosts
LEFT JOIN insights i ON i.alert_id = a.alert_id
WHERE a.alert_id IN (SELECT value FROM json_each(?))
"""


def list_rows(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> list[ListRow]:
    """The rows of the named alerts, in the order asked; ids that the store does not hold are left out."""
    ids = [int(alert_id) for alert_id in alert_ids]
    found = {row["alert_id"]: _list_row(row) for row in connection.execute(_ROWS, (json.dumps(ids),))}
    return [found[alert_id] for alert_id in ids if alert_id in found]


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes whenever another connection has committed to the store."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _list_row(row: sqlite3.Row) -> ListRow:
    values = dict(row)
    for name in _FLAGS:
        values[name] = bool(values[name])
    return ListRow(**values)
