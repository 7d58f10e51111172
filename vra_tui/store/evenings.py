"""Keep what labels had bought by each evening: one row a reckoning, of one survey."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vra_tui.ranking.lists import MACHINE
from vra_tui.store.connection import transaction


@dataclass(frozen=True)
class KeptEvening:
    """A reckoning as it was kept: ``at`` ISO 8601, how many ``labels`` there were, its figures."""

    survey: str
    at: str
    labels: int
    figures: Mapping[str, Any]


def put_evening(connection: sqlite3.Connection, evening: KeptEvening) -> bool:
    """Keep a reckoning beside those before; False where the store can only be read.

    Call outside of a transaction.
    """
    try:
        with transaction(connection):
            connection.execute(
                "INSERT INTO evenings (survey, at, labels, figures) VALUES (?, ?, ?, ?)",
                (evening.survey, evening.at, evening.labels, json.dumps(evening.figures)),
            )
    except sqlite3.OperationalError as error:
        # The low byte is the kind of error, the rest what exactly could not be written.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise
        return False
    return True


def evenings(connection: sqlite3.Connection, survey: str | None = None) -> list[KeptEvening]:
    """All reckonings, of one survey or of all, the oldest first; a row that was spoilt is left out."""
    rows = connection.execute(
        """SELECT survey, at, labels, figures FROM evenings WHERE ?1 IS NULL OR survey = ?1
        ORDER BY evening_id""",
        (survey,),
    )
    found = []
    for row in rows:
        try:
            figures = json.loads(row[3])
        except (TypeError, ValueError):
            continue
        if isinstance(figures, dict):
            found.append(KeptEvening(str(row[0]), str(row[1]), int(row[2]), figures))
    return found


def latest_evenings(connection: sqlite3.Connection) -> list[KeptEvening]:
    """The newest reckoning of each survey, by their names."""
    found = {one.survey: one for one in evenings(connection)}
    return [found[name] for name in sorted(found)]


def decided_by_survey(connection: sqlite3.Connection) -> dict[str, int]:
    """Tell on how many alerts of each survey a scanner's decision stands."""
    rows = connection.execute(
        """SELECT o.survey, count(*) FROM standing s JOIN objects o USING (alert_id)
        WHERE s.decided_by IS NOT NULL AND s.decided_by != ? GROUP BY o.survey ORDER BY o.survey""",
        (MACHINE,),
    )
    return {str(survey): int(count) for survey, count in rows}
