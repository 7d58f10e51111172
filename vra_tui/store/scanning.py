"""Read what a scanner's screen needs between two keys: each question is one step in an index."""

import sqlite3


def revision_of(connection: sqlite3.Connection, alert_id: int | None) -> int:
    """Tell how often an alert's data have changed; 0 where the store does not hold it."""
    row = connection.execute("SELECT revision FROM alerts WHERE alert_id = ?", (alert_id,)).fetchone()
    return 0 if row is None else int(row[0])


def standing_decision(connection: sqlite3.Connection, alert_id: int) -> tuple[str, str] | None:
    """The standing decision on an alert: its list and who took it; None while it is undecided."""
    row = connection.execute(
        "SELECT decided_list, decided_by FROM standing WHERE alert_id = ?", (alert_id,)
    ).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def awaiting_opinions(connection: sqlite3.Connection) -> list[int]:
    """The alerts on which somebody asked for a second opinion that is still wanted."""
    return [row[0] for row in connection.execute("SELECT alert_id FROM standing WHERE opinion = 'wanted'")]
