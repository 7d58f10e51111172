"""Queries that people who read a store in a browser begin with: SQL and what each shows.

They use two functions beside SQLite's own: ``vra_curve(detections, nondetections, forced)``, which gives a
light curve as JSON, and ``vra_stamp(data, survey)``, which gives a stamp as PNG.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from vra_tui.store.schema import APPLICATION_ID, SCHEMA_VERSION


@dataclass(frozen=True)
class ReadyQuery:
    """A query with its title and a sentence on what it shows."""

    title: str
    description: str
    sql: str


_ALERT = "(SELECT alert_id FROM objects WHERE object_id = :object_id)"

#: The queries by name, in the order in which they are listed.
READY_QUERIES: Mapping[str, ReadyQuery] = {
    "waiting": ReadyQuery(
        "Waiting for a decision",
        "The best hundred of the alerts that nobody has decided. Click on an id for all of it.",
        """SELECT round(s.rank, 2) AS rank, o.survey, o.object_id, a.name,
    vra_curve(l.detections, l.nondetections, l.forced) AS light_curve, s.filed AS list,
    round(s.preal, 3) AS preal, round(s.pgal, 3) AS pgal, round(s.pfast, 3) AS pfast, a.context_class,
    round(a.last_mag, 2) AS last_mag
FROM standing s JOIN alerts a USING (alert_id) JOIN objects o USING (alert_id)
    LEFT JOIN lightcurves l USING (alert_id)
WHERE s.is_undecided ORDER BY s.rank DESC LIMIT 100""",
    ),
    "alert": ReadyQuery(
        "One alert",
        "What is known of an alert, by its survey's id.",
        """SELECT o.survey, o.object_id, a.name,
    vra_curve(l.detections, l.nondetections, l.forced) AS light_curve,
    round(a.ra, 6) AS ra, round(a.dec, 6) AS dec, round(s.rank, 2) AS rank, round(s.preal, 3) AS preal,
    round(s.pgal, 3) AS pgal, round(s.pfast, 3) AS pfast, s.model, s.filed AS filed_as,
    s.decided_list AS decided_as, s.decided_by, a.context_class, a.t0_mjd, round(a.last_mag, 2) AS last_mag
FROM objects o JOIN alerts a USING (alert_id) LEFT JOIN standing s USING (alert_id)
    LEFT JOIN lightcurves l USING (alert_id) WHERE o.object_id = :object_id""",
    ),
    "stamps": ReadyQuery(
        "Stamps of an alert",
        "Science, template and difference of each exposure that has some, the newest first.",
        f"""SELECT round(t.mjd, 5) AS mjd,
    max(CASE t.kind WHEN 'science' THEN vra_stamp(t.data, o.survey) END) AS science,
    max(CASE t.kind WHEN 'template' THEN vra_stamp(t.data, o.survey) END) AS template,
    max(CASE t.kind WHEN 'difference' THEN vra_stamp(t.data, o.survey) END) AS difference
FROM stamps t JOIN objects o USING (alert_id) WHERE alert_id IN {_ALERT}
GROUP BY t.alert_id, t.mjd, t.source_id ORDER BY t.mjd DESC LIMIT 50""",
    ),
    "decisions_of_alert": ReadyQuery(
        "Decisions on an alert",
        "Every decision and undo, the oldest first.",
        f"""SELECT timestamp, scanner, coalesce(list, 'undo') AS decision, round(rank, 2) AS rank, note
FROM decisions WHERE alert_id IN {_ALERT} ORDER BY decision_id""",
    ),
    "newest_decisions": ReadyQuery(
        "Newest decisions",
        "The last two hundred of people, undos among them.",
        """SELECT d.timestamp, d.scanner, o.survey, o.object_id, coalesce(d.list, 'undo') AS decision,
    round(d.rank, 2) AS rank,
    d.note
FROM decisions d LEFT JOIN objects o USING (alert_id) WHERE d.scanner != 'vra'
ORDER BY d.decision_id DESC LIMIT 200""",
    ),
    "labels": ReadyQuery(
        "Labels",
        "How many alerts each label stands on, by survey and scanner.",
        """SELECT o.survey, s.decided_list AS label, s.decided_by AS scanner, count(*) AS alerts
FROM standing s JOIN objects o USING (alert_id) WHERE s.decided_list IS NOT NULL
GROUP BY 1, 2, 3 ORDER BY alerts DESC""",
    ),
}


def is_store(connection: sqlite3.Connection) -> bool:
    """Whether a database is a store of the version that the queries are for."""
    found = [
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    ]
    return found == [APPLICATION_ID, SCHEMA_VERSION]
