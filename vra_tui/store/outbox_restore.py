"""Keep an outbox true where a store is replaced: what left after the backup was made does not leave again."""

import sqlite3
from datetime import datetime

from vra_tui.store.changes import horizon
from vra_tui.store.outbox import note_event
from vra_tui.store.outbox_items import State

_ASK = "the store was restored: it may have left since"


def bring_outbox(present: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    """Bring items, their history and how far rules have seen from the store that is replaced.

    Raises sqlite3.DatabaseError where they cannot be read. Call inside a transaction of ``copy``.
    """
    for table in ("outbox", "outbox_alerts"):
        rows = [tuple(row) for row in present.execute(f"SELECT * FROM {table}")]
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            copy.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
    known = dict(copy.execute("SELECT item_id, count(*) FROM outbox_events GROUP BY item_id").fetchall())
    seen: dict[str, int] = {}
    query = "SELECT item_id, state, at, by, answer FROM outbox_events ORDER BY event_id"
    for item_id, *event in present.execute(query).fetchall():
        seen[item_id] = seen.get(item_id, 0) + 1
        if seen[item_id] > known.get(item_id, 0):
            copy.execute(
                "INSERT INTO outbox_events (item_id, state, at, by, answer) VALUES (?, ?, ?, ?, ?)",
                (item_id, *event),
            )
    states = "SELECT item_id, state, attempts, due_at, owner FROM outbox_states"
    copy.executemany(
        "INSERT OR REPLACE INTO outbox_states VALUES (?, ?, ?, ?, ?)",
        [tuple(row) for row in present.execute(states)],
    )
    rules = "SELECT source, part, position, kept_at FROM source_positions WHERE source LIKE 'outbox:%'"
    copy.executemany(
        "INSERT OR REPLACE INTO source_positions (source, part, position, kept_at) VALUES (?, ?, ?, ?)",
        [tuple(row) for row in present.execute(rules)],
    )


def doubt_outbox(connection: sqlite3.Connection, now: datetime) -> None:
    """Ask about everything that was approved before it is sent, and let rules begin anew at the end.

    For a store of which nobody knows what happened to it since: a backup on another machine, or one in the
    place of a store that cannot be read. Call inside a transaction.
    """
    rows = connection.execute("SELECT item_id FROM outbox_states WHERE state = 'approved'").fetchall()
    for row in rows:
        note_event(connection, row[0], State.SENDING, "vra", now, _ASK)
    ends = horizon(connection)
    for part, position in (("decisions", ends.decision), ("scores", ends.score)):
        connection.execute(
            "UPDATE source_positions SET position = ? WHERE source LIKE 'outbox:%' AND part = ?",
            (str(position), part),
        )
