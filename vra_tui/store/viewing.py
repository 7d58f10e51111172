"""Keep who looks at which alert now: one row for each open screen, renewed while it is open."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from vra_tui.store.connection import open_store
from vra_tui.store.decision_ids import timestamp
from vra_tui.store.decisions import Author
from vra_tui.store.handle import Store

#: A screen that was not heard of for so long does not count: it has crashed, or its line dropped.
STALE = timedelta(seconds=30)
#: Rows of such screens are taken away after so long.
_FORGOTTEN = timedelta(hours=1)
#: Another program that writes is not waited for longer, milliseconds: the next look tries again.
_PATIENCE = 20


@dataclass(frozen=True)
class Viewer:
    """A scanner who has an alert under the cursor, on which host, and since when (ISO 8601, UTC)."""

    alert_id: int
    scanner: str
    host: str
    since: str


def open_for_viewing(path: Path) -> Store:
    """A connection for what is said here, which never waits long. Raises StoreError and sqlite3.Error."""
    # Nothing is lost with the last of these: no key shall wait for the disk because of them.
    connection = open_store(path, create=False, durable=False)
    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
    return connection


def tell_viewing(
    connection: sqlite3.Connection, session_id: str, author: Author, alert_id: int, now: datetime
) -> None:
    """Say that a screen shows an alert, or still does; one statement, so it needs no transaction."""
    connection.execute(
        """INSERT INTO viewing (session_id, scanner, host, alert_id, since, seen_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5)
        ON CONFLICT (session_id) DO UPDATE SET seen_at = ?5, alert_id = ?4,
            since = CASE WHEN alert_id = ?4 THEN since ELSE ?5 END""",
        (session_id, author.scanner, author.host, alert_id, timestamp(now)),
    )


def stop_viewing(connection: sqlite3.Connection, session_id: str, now: datetime) -> None:
    """Take a screen's row away, and those of screens that left without a word."""
    connection.execute(
        "DELETE FROM viewing WHERE session_id = ? OR seen_at < ?", (session_id, timestamp(now - _FORGOTTEN))
    )


def viewers(connection: sqlite3.Connection, now: datetime, but: str = "") -> list[Viewer]:
    """Tell who looks at what now, the one who came first first; ``but``: the session that asks."""
    rows = connection.execute(
        """SELECT alert_id, scanner, host, since FROM viewing
        WHERE session_id != ? AND seen_at BETWEEN ? AND ? ORDER BY since, session_id""",
        # The clock may have been put back since: a screen seen in the far future is none either.
        (but, timestamp(now - STALE), timestamp(now + STALE)),
    )
    return [Viewer(*row) for row in rows]
