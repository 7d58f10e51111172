"""Scores in the store: append-only, one or more a visit, and what scoring needs to read."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.store.columns import read_columns
from vra_tui.store.connection import write_all

Floats = NDArray[np.float64]

#: SQL: whether a score ``s`` of the alert ``a`` counts its days from the t0 that holds now. Since t0 moved
#: for the last time, that is: scores from before are stale even where it came back to where it was.
IS_OF_THIS_T0 = """(s.t0_mjd = a.t0_mjd AND s.score_id > coalesce((SELECT max(o.score_id) FROM scores o
    WHERE o.alert_id = a.alert_id AND o.t0_mjd IS NOT a.t0_mjd), 0))"""


def alerts_to_score(connection: sqlite3.Connection, everything: bool = False) -> list[int]:
    """Ids of the alerts that changed since they were last scored, or of all, ascending."""
    where = "" if everything else "WHERE pending_revision IS NOT NULL"
    return [row[0] for row in connection.execute(f"SELECT alert_id FROM standing {where} ORDER BY alert_id")]


def latest_mjd(connection: sqlite3.Connection) -> float:
    """MJD of the latest exposure of any alert: the time that the stream has reached; NaN without data."""
    value = connection.execute("SELECT max(last_mjd) FROM alerts").fetchone()[0]
    return np.nan if value is None else float(value)


@dataclass(frozen=True, eq=False)
class Records:
    """What scoring takes from the records of n alerts, in ascending order of id; each of shape (n,).

    ``tns_mjd``: when the earliest TNS report was listed there, else discovered, -1e9 where it has no date at
    all, NaN without one. ``tns_listed_mjd``: when it was listed, where the survey passes that on: a
    discovery is told after the fact. ``is_host``: the first cross-match is a galaxy that may host the alert.
    ``by_human``: the standing decision is a scanner's. ``in_garbage``: the policies discarded it, and that
    stands.
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
    (SELECT min({_LISTED_MJD}) FROM tns_matches t WHERE t.alert_id = a.alert_id)
FROM alerts a
JOIN standing s USING (alert_id)
LEFT JOIN matches m ON m.alert_id = a.alert_id AND m.position = 1
WHERE a.alert_id IN (SELECT value FROM json_each(?)) ORDER BY a.alert_id
"""


def read_records(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> Records:
    """The records of the named alerts; ids that the store does not hold are left out."""
    columns = read_columns(connection, _RECORDS, (json.dumps([int(i) for i in alert_ids]),))

    def number(index: int) -> Floats:
        return np.array(columns[index], dtype=np.float64)

    def flag(index: int) -> NDArray[np.bool_]:
        return np.array(columns[index], dtype=bool)

    return Records(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        number(2), number(3), number(4), number(5), number(6), flag(7), number(8), number(9), number(10),
        number(11), number(12), flag(13), number(14), flag(15), flag(16), number(17),
    )  # fmt: skip


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
    rank: Floats
    is_tns_match: NDArray[np.bool_]


def latest_scores(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> ScoreRows:
    """The latest score of each visit night of the named alerts, without the stale ones of another t0."""
    columns = read_columns(
        connection,
        f"""SELECT alert_id, visit, day, mjd, model, preal, pgal, pfast, rank, is_tns_match FROM scores
        WHERE score_id IN (
            SELECT max(s.score_id) FROM scores s JOIN alerts a USING (alert_id)
            WHERE {IS_OF_THIS_T0} AND s.alert_id IN (SELECT value FROM json_each(?))
            GROUP BY s.alert_id, s.day)
        ORDER BY alert_id, day""",
        (json.dumps([int(i) for i in alert_ids]),),
    )

    def number(index: int) -> Floats:
        return np.array(columns[index], dtype=np.float64)

    return ScoreRows(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=np.int64),
        number(3),
        np.array(columns[4], dtype=object),
        number(5), number(6), number(7), number(8),
        np.array(columns[9], dtype=bool),
    )  # fmt: skip


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
    """Where the scores of the named alerts stand, each of which has one."""
    columns = read_columns(
        connection,
        """SELECT filed, visit, day, rank, max_rank, mean_rank, pfast, is_gal_cand FROM standing
        WHERE alert_id IN (SELECT value FROM json_each(?)) AND visit IS NOT NULL ORDER BY alert_id""",
        (json.dumps([int(i) for i in alert_ids]),),
    )

    def number(index: int) -> Floats:
        return np.array(columns[index], dtype=np.float64)

    return LatestRows(
        np.array(columns[0], dtype=object),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=np.int64),
        number(3), number(4), number(5), number(6),
        np.array(columns[7], dtype=bool),
    )  # fmt: skip


_SCORE = "alert_id visit day mjd stage model preal pgal pfast rank is_gal_cand is_tns_match scored_at".split()


def append_scores(connection: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Append score rows ``alert_id, visit, day, mjd, stage, model, preal … scored_at, t0_mjd``."""
    _append(connection, "scores", [*_SCORE, "t0_mjd"], rows)


def append_shadow_scores(connection: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Append rows as of `append_scores`, without t0, that a shadow model gave: they file nothing."""
    _append(connection, "shadow_scores", _SCORE, rows)


def _append(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    marks = ", ".join("?" * len(columns))
    write_all(connection, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
