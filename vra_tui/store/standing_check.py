"""Check that `standing` matches the latest score and decision, and repair it."""

import sqlite3
from collections.abc import Iterable, Sequence

from vra_tui.store.connection import transaction
from vra_tui.store.id_lists import json_ids
from vra_tui.store.standing import refresh

#: Alerts whose rows are derived in one transaction: other writers wait for it.
_CHUNK = 2_000

# Scores since t0 moved for the last time: those of the t0 of the latest one. Where epochs were marked since,
# and the alert was scored anew, those from before say nothing either.
_LATEST = """c.score_id > coalesce((SELECT max(o.score_id) FROM scores o WHERE o.alert_id = c.alert_id
    AND o.t0_mjd IS NOT (SELECT t0_mjd FROM scores z WHERE z.alert_id = c.alert_id
        ORDER BY z.score_id DESC LIMIT 1)), 0)
    AND c.score_id > coalesce((SELECT m.score_id FROM stale_scores m WHERE m.alert_id = c.alert_id
        AND EXISTS (SELECT 1 FROM scores n WHERE n.alert_id = m.alert_id AND n.score_id > m.score_id)), 0)"""
_NOT_AS_SCORED = f"""SELECT s.alert_id FROM standing s WHERE s.mjd IS NOT NULL AND (
    NOT EXISTS (SELECT 1 FROM scores c WHERE c.alert_id = s.alert_id AND c.visit = s.visit AND c.day = s.day
        AND c.mjd = s.mjd AND c.rank IS s.rank AND c.preal IS s.preal AND c.pgal IS s.pgal)
    OR EXISTS (SELECT 1 FROM scores c WHERE c.alert_id = s.alert_id AND c.visit > s.visit AND {_LATEST}))"""
_GIVE = """INSERT OR IGNORE INTO standing (alert_id, is_undecided, pending_revision)
    SELECT alert_id, 1, revision FROM alerts"""
_AS_SCORED = f"""UPDATE standing SET
    (visit, day, mjd, model, rank, preal, pgal, pfast, pfollow, is_gal_cand, is_tns_match) =
        (SELECT visit, day, mjd, model, rank, preal, pgal, pfast, pfollow, is_gal_cand, is_tns_match
        FROM scores c WHERE c.alert_id = standing.alert_id AND {_LATEST}
        ORDER BY visit DESC, score_id DESC LIMIT 1),
    (max_rank, mean_rank) = (SELECT max(rank), avg(rank) FROM scores WHERE score_id IN
        (SELECT max(score_id) FROM scores c WHERE c.alert_id = standing.alert_id AND {_LATEST}
        GROUP BY visit))
    WHERE alert_id = ?"""


def count_missing(connection: sqlite3.Connection) -> int:
    """Count the alerts without a row in `standing`."""
    query = "SELECT count(*) FROM alerts WHERE alert_id NOT IN (SELECT alert_id FROM standing)"
    return int(connection.execute(query).fetchone()[0])


def add_missing(connection: sqlite3.Connection) -> None:
    """Add a row for each alert that has none; scoring will file it. Call inside a transaction."""
    connection.execute(_GIVE)


def differing_from_scores(connection: sqlite3.Connection) -> list[int]:
    """Find alerts whose row shows another score than their latest one."""
    return [row[0] for row in connection.execute(_NOT_AS_SCORED)]


def differing_from_decisions(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> list[int]:
    """Find those of the alerts whose row, derived again from their decisions, differs from the stored one.

    Nothing is written, so no other program waits.
    """
    wrong: list[int] = []
    for first in range(0, len(alert_ids), _CHUNK):
        chunk = alert_ids[first : first + _CHUNK]
        # A temporary table of the same name hides the stored one from what derives the rows.
        connection.execute(
            """CREATE TEMP TABLE standing AS SELECT * FROM main.standing
            WHERE alert_id IN (SELECT value FROM json_each(?))""",
            (json_ids(chunk),),
        )
        try:
            connection.execute("CREATE INDEX temp.places ON standing (alert_id)")
            refresh(connection, chunk)
            query = "SELECT alert_id FROM (SELECT * FROM temp.standing EXCEPT SELECT * FROM main.standing)"
            wrong += [row[0] for row in connection.execute(query)]
        finally:
            connection.execute("DROP TABLE temp.standing")
    return wrong


def repair_standing(
    connection: sqlite3.Connection, by_score: Iterable[int], alert_ids: Sequence[int]
) -> None:
    """Write rows again: those of ``by_score`` from the latest score, those of ``alert_ids`` from decisions.

    Alerts without a row get one.
    """
    with transaction(connection):
        add_missing(connection)
        connection.executemany(_AS_SCORED, ((alert_id,) for alert_id in by_score))
    for first in range(0, len(alert_ids), _CHUNK):
        with transaction(connection):
            refresh(connection, alert_ids[first : first + _CHUNK])
