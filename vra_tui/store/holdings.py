"""What the store holds, counted by survey."""

import sqlite3
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Holdings:
    """How many alerts of one survey the store holds, and how many epochs and stamps of them."""

    alerts: int = 0
    detections: int = 0
    limits: int = 0
    forced: int = 0
    stamps: int = 0


def holdings(connection: sqlite3.Connection) -> dict[str, Holdings]:
    """What the store holds by survey; limits are non-detections, forced is forced photometry."""
    rows = connection.execute(
        """SELECT o.survey, count(*) AS alerts, sum(a.n_detections) AS detections,
            sum(a.n_nondetections) AS limits, sum(a.n_forced) AS forced,
            (SELECT count(*) FROM stamps JOIN objects p USING (alert_id) WHERE p.survey = o.survey) AS stamps
        FROM alerts a JOIN objects o USING (alert_id) GROUP BY o.survey ORDER BY o.survey"""
    )
    return {row["survey"]: Holdings(**{one.name: row[one.name] for one in fields(Holdings)}) for row in rows}
