"""Keep scores: append-only, one or more a visit; and read what scoring needs."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.store.columns import read_arrays
from vra_tui.store.connection import write_all
from vra_tui.store.id_lists import json_ids

Floats = NDArray[np.float64]

#: SQL: whether a score ``s`` of the alert ``a`` counts its days from the t0 that holds now. Since t0 moved
#: for the last time, that is: scores from before are stale even where it came back to where it was. So are
#: scores from before an epoch was called bad, or no longer.
IS_OF_THIS_T0 = """(s.t0_mjd = a.t0_mjd AND s.score_id > coalesce((SELECT max(o.score_id) FROM scores o
    WHERE o.alert_id = a.alert_id AND o.t0_mjd IS NOT a.t0_mjd), 0)
    AND s.score_id > coalesce((SELECT m.score_id FROM stale_scores m WHERE m.alert_id = a.alert_id), 0))"""


def alerts_to_score(connection: sqlite3.Connection, survey: str, everything: bool = False) -> list[int]:
    """Ids of a survey's alerts that changed since they were last scored, or of all, ascending."""
    pending = "" if everything else "AND pending_revision IS NOT NULL"
    rows = connection.execute(
        f"""SELECT s.alert_id FROM standing s CROSS JOIN objects o USING (alert_id)
        WHERE o.survey = ? {pending} ORDER BY s.alert_id""",
        (survey,),
    )
    return [row[0] for row in rows]


def without_model(connection: sqlite3.Connection, scored: Iterable[str]) -> dict[str, int]:
    """Tell how many alerts wait, undecided, of each survey but the ``scored`` ones."""
    # Through the index of what waits to be scored: that of the scored surveys is scored by now. The plus
    # keeps SQLite from the index of all that is undecided.
    rows = connection.execute(
        """SELECT o.survey, count(*) FROM standing s CROSS JOIN objects o USING (alert_id)
        WHERE s.pending_revision IS NOT NULL AND +s.is_undecided
        AND o.survey NOT IN (SELECT value FROM json_each(?))
        GROUP BY o.survey ORDER BY o.survey""",
        (json.dumps(list(scored)),),
    )
    return dict(map(tuple, rows))


def newly_visited(
    connection: sqlite3.Connection, scored: Iterable[str], at_mjd: float
) -> list[tuple[int, float]]:
    """Alerts of surveys but the ``scored`` with their last exposure, that their standing does not know."""
    rows = connection.execute(
        """SELECT s.alert_id, a.last_mjd FROM standing s
        CROSS JOIN objects o USING (alert_id) CROSS JOIN alerts a USING (alert_id)
        WHERE s.pending_revision IS NOT NULL AND o.survey NOT IN (SELECT value FROM json_each(?))
        AND a.last_mjd <= ? AND s.visited_mjd IS NOT a.last_mjd""",
        (json.dumps(list(scored)), min(at_mjd, 1e9)),
    )
    return [(alert_id, last_mjd) for alert_id, last_mjd in rows]


def latest_mjd(connection: sqlite3.Connection, survey: str | None = None) -> float:
    """MJD of the latest exposure of any alert (of a survey): the time that its stream has reached.

    NaN without data.
    """
    query, values = "SELECT max(last_mjd) FROM alerts", []
    if survey is not None:
        # From the latest one down the index: the survey's own is not far.
        query, values = (
            """SELECT a.last_mjd FROM alerts a CROSS JOIN objects o USING (alert_id)
            WHERE o.survey = ? AND a.last_mjd IS NOT NULL ORDER BY a.last_mjd DESC LIMIT 1""",
            [survey],
        )
    row = connection.execute(query, values).fetchone()
    return np.nan if row is None or row[0] is None else float(row[0])


@dataclass(frozen=True, eq=False)
class Records:
    """What scoring takes from the records of n alerts, in ascending order of id; each of shape (n,).

    ``tns_mjd``: when the earliest TNS report was listed there, else discovered, -1e9 where it has no date at
    all, NaN without one. ``tns_listed_mjd``: when it was listed, where the survey passes that on: a
    discovery is told after the fact. ``is_host``: the first cross-match is a galaxy that may host the alert.
    ``by_human``: the standing decision is a scanner's. ``in_garbage``: the policies discarded it, and that
    stands. ``is_lifted``: a rule lifts it to the fast track.
    """

    alert_id: NDArray[np.int64]
    revision: NDArray[np.int64]
    t0_mjd: Floats
    ra: Floats
    dec: Floats
    rb_pix: Floats
    ebv_sfd: Floats
    is_cv: NDArray[np.bool_]
    z: Floats
    photoz: Floats
    sep_arcsec: Floats
    distance_mpc: Floats
    direct_distance_mpc: Floats
    is_host: NDArray[np.bool_]
    tns_mjd: Floats
    by_human: NDArray[np.bool_]
    in_garbage: NDArray[np.bool_]
    tns_listed_mjd: Floats
    is_lifted: NDArray[np.bool_]


#: SQL: when TNS listed a report ``t``; NULL where the survey does not pass that on.
_LISTED_MJD = "julianday(json_extract(t.extra, '$.date_added')) - 2400000.5"
#: Sherlock's classes of what may have its best match for a host.
HOST_CLASSES = ("SN", "NT")
_RECORDS = f"""
SELECT a.alert_id, a.revision, a.t0_mjd, a.ra, a.dec, a.real_bogus, a.ebv_sfd,
    coalesce(a.context_class = 'CV', 0),
    m.z, m.photoz, m.separation_arcsec, m.distance_mpc, m.direct_distance_mpc,
    coalesce(a.context_class IN {HOST_CLASSES}, 0) AND m.position IS NOT NULL,
    (SELECT min(coalesce({_LISTED_MJD}, t.discovered_mjd, -1e9)) FROM tns_matches t
        WHERE t.alert_id = a.alert_id),
    coalesce(s.decided_by != 'vra', 0),
    coalesce(s.decided_by = 'vra' AND s.decided_list = 'garbage', 0),
    (SELECT min({_LISTED_MJD}) FROM tns_matches t WHERE t.alert_id = a.alert_id),
    s.lifted IS NOT NULL
FROM alerts a
JOIN standing s USING (alert_id)
LEFT JOIN matches m ON m.alert_id = a.alert_id AND m.position = 1
WHERE a.alert_id IN (SELECT value FROM json_each(?)) ORDER BY a.alert_id
"""


def read_records(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> Records:
    """The records of the named alerts; ids that the store does not hold are left out."""
    named = (json_ids(alert_ids),)
    return Records(*read_arrays(connection, _RECORDS, named, types="iifffff?fffff?f??f?"))


@dataclass(frozen=True, eq=False)
class ScoreRows:
    """Stored scores, the latest of each visit night; columns of equal length, sorted by alert and day."""

    alert_id: NDArray[np.int64]
    visit: NDArray[np.int64]
    day: NDArray[np.int64]
    mjd: Floats
    model: NDArray[np.object_]
    preal: Floats
    pgal: Floats
    pfast: Floats
    pfollow: Floats
    rank: Floats
    is_tns_match: NDArray[np.bool_]


def latest_of_each_night(which: str = "1") -> str:
    """SQL: the ids of the latest scores of each visit night, without the stale ones of another t0.

    ``which``: a condition on ``scores s`` that chooses alerts.
    """
    return f"""SELECT max(s.score_id) FROM scores s JOIN alerts a USING (alert_id)
        WHERE {IS_OF_THIS_T0} AND {which} GROUP BY s.alert_id, s.day"""


def latest_scores(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> ScoreRows:
    """The latest score of each visit night of the named alerts, without the stale ones of another t0."""
    columns = read_arrays(
        connection,
        f"""SELECT alert_id, visit, day, mjd, model, preal, pgal, pfast, pfollow, rank, is_tns_match
        FROM scores
        WHERE score_id IN ({latest_of_each_night("s.alert_id IN (SELECT value FROM json_each(?))")})
        ORDER BY alert_id, day""",
        (json_ids(alert_ids),),
        types="iiifOfffff?",
    )
    return ScoreRows(*columns)


def latest_score(connection: sqlite3.Connection) -> int:
    """The number of the score that was appended last; 0 where there is none."""
    return int(connection.execute("SELECT coalesce(max(score_id), 0) FROM scores").fetchone()[0])


def scored_after(connection: sqlite3.Connection, score_id: int, alert_ids: Sequence[int]) -> set[int]:
    """Those of the named alerts that got a score later than the one of that number."""
    rows = connection.execute(
        """SELECT DISTINCT alert_id FROM scores
        WHERE alert_id IN (SELECT value FROM json_each(?)) AND score_id > ?""",
        (json_ids(alert_ids), score_id),
    )
    return {row[0] for row in rows}


def follow_ups(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> dict[int, float]:
    """P(worth following up) of those of the named alerts of which a model tells it, by id."""
    rows = connection.execute(
        """SELECT alert_id, pfollow FROM standing
        WHERE pfollow IS NOT NULL AND alert_id IN (SELECT value FROM json_each(?))""",
        (json_ids(alert_ids),),
    )
    return dict(map(tuple, rows))


@dataclass(frozen=True, eq=False)
class LatestRows:
    """What the latest scores of n alerts say, in ascending order of id; each of shape (n,)."""

    filed: NDArray[np.object_]
    visit: NDArray[np.int64]
    day: NDArray[np.int64]
    rank: Floats
    max_rank: Floats
    mean_rank: Floats
    pfast: Floats
    is_gal_cand: NDArray[np.bool_]


def latest_standing(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> LatestRows:
    """Tell where the scores of the named alerts stand, each of which has one."""
    columns = read_arrays(
        connection,
        """SELECT filed, visit, day, rank, max_rank, mean_rank, pfast, is_gal_cand FROM standing
        WHERE alert_id IN (SELECT value FROM json_each(?)) AND visit IS NOT NULL ORDER BY alert_id""",
        (json_ids(alert_ids),),
        types="Oiiffff?",
    )
    return LatestRows(*columns)


_SCORE = "alert_id visit day mjd stage model preal pgal pfast rank is_gal_cand is_tns_match scored_at".split()


def append_scores(connection: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Append score rows ``alert_id, visit, day, mjd, stage, model, preal … scored_at, pfollow, t0_mjd``."""
    _append(connection, "scores", [*_SCORE, "pfollow", "t0_mjd"], rows)


def append_shadow_scores(connection: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Append rows as of `append_scores`, without t0, that a shadow model gave: they file nothing."""
    _append(connection, "shadow_scores", _SCORE, rows)


def _append(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    marks = ", ".join("?" * len(columns))
    write_all(connection, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
