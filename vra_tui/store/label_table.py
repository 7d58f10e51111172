"""Read the labels that stand, row by row for exports, and count them."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from vra_tui.store.bounds import as_typed
from vra_tui.store.log import HISTORY_KINDS, ONLY_SURVEY, HistoryQuery, chosen

_STANDING = """SELECT d.decision_id, o.survey, o.object_id, d.list, d.scanner, d.timestamp, d.reverts,
    d.preal, d.pgal, d.pfast, d.rank, d.model,
    coalesce(d.note, (SELECT group_concat(n.note, ' | ')
        OVER (ORDER BY n.note_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        FROM notes n WHERE n.alert_id = d.alert_id LIMIT 1)) AS note
FROM standing s JOIN decisions d ON d.decision_id = s.decision_id
LEFT JOIN objects o ON o.alert_id = d.alert_id
WHERE {} ORDER BY d.decision_id"""


def standing_rows(connection: sqlite3.Connection, query: HistoryQuery) -> Iterator[dict[str, Any]]:
    """One row a standing decision, in the order in which they were taken, with what was on screen.

    A note that was taken apart from the decision stands in place of one that it lacks.
    """
    condition, values = chosen(query)
    for row in connection.execute(_STANDING.format(condition), values):
        yield as_typed(row, HISTORY_KINDS)


def surveys_among(
    connection: sqlite3.Connection, query: HistoryQuery, is_history: bool = False
) -> dict[str, int]:
    """Tell how many of the standing decisions, or of all decisions, undos and notes, are of each survey."""
    source, values = _alerts(query, is_history)
    rows = connection.execute(
        f"SELECT coalesce(survey, '?'), count(*) FROM {source} LEFT JOIN objects USING (alert_id) GROUP BY 1",
        values,
    )
    return {survey: count for survey, count in rows}


def _alerts(query: HistoryQuery, is_history: bool) -> tuple[str, list[str]]:
    """SQL of a table of the alerts of such rows, and its values."""
    condition, values = chosen(query)
    if not is_history:
        return (
            f"(SELECT d.alert_id FROM standing JOIN decisions d USING (decision_id) WHERE {condition})",
            values,
        )
    of_notes, of_marks = (condition.replace("decision_id", name) for name in ("note_id", "mark_id"))
    return (
        f"""(SELECT d.alert_id FROM decisions d WHERE {condition}
        UNION ALL SELECT d.alert_id FROM notes d WHERE {of_notes}
        UNION ALL SELECT d.alert_id FROM epoch_marks d WHERE {of_marks})""",
        values * 3,
    )


def is_of_first_survey(connection: sqlite3.Connection, query: HistoryQuery, is_history: bool = False) -> bool:
    """Tell whether all such rows are of the one survey that versions before 5 knew."""
    known = connection.execute("SELECT min(survey), max(survey) FROM objects").fetchone()
    if tuple(known) == (ONLY_SURVEY, ONLY_SURVEY):
        return True  # told by an index alone
    return set(surveys_among(connection, query, is_history)) <= {ONLY_SURVEY}


def counts(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Standing decisions by list and scanner, the policies' own among them, most first."""
    rows = connection.execute(
        """SELECT s.decided_list AS list, s.decided_by AS scanner, count(*) AS decisions
        FROM standing s WHERE s.decided_list IS NOT NULL
        GROUP BY s.decided_list, s.decided_by ORDER BY decisions DESC, list, scanner"""
    )
    return [dict(row) for row in rows]
