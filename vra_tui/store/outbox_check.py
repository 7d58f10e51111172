"""Check that the state of each item of the outbox is that of its latest event, and repair it."""

import sqlite3

_LATEST = """(SELECT e.state FROM outbox_events e WHERE e.item_id = o.item_id
    ORDER BY e.event_id DESC LIMIT 1)"""


def differing_from_events(connection: sqlite3.Connection) -> list[str]:
    """Find items whose state is not that of their latest event, or that have none."""
    rows = connection.execute(
        f"""SELECT o.item_id FROM outbox o LEFT JOIN outbox_states s USING (item_id)
        WHERE s.state IS NOT {_LATEST} ORDER BY o.item_id"""
    )
    return [str(row[0]) for row in rows]


def repair_states(connection: sqlite3.Connection, item_ids: list[str]) -> None:
    """Derive the state of items anew; what has no event is a draft. Call inside a transaction."""
    for item_id in item_ids:
        connection.execute(
            f"""INSERT OR REPLACE INTO outbox_states (item_id, state)
            SELECT o.item_id, coalesce({_LATEST}, 'draft') FROM outbox o WHERE o.item_id = ?""",
            (item_id,),
        )
