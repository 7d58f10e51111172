"""What was asked of sources about alerts that lack something, until it came or was found not to."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

_COLUMNS = "r.request_id, r.alert_id, r.what, r.source, r.asked_at, r.task, r.ended_at, r.came"


@dataclass(frozen=True)
class Request:
    """One thing that was asked of a source about an alert; times are ISO 8601 in UTC.

    ``what``: `photometry`, `cutouts`, ... ``task``: under which name the source works on it; None before it
    was told. ``ended_at``, ``came``: when that was over, and in a few words what came of it; None until then.
    """

    request_id: int
    alert_id: int
    what: str
    source: str
    asked_at: str
    task: str | None
    ended_at: str | None
    came: str | None


def put_requests(
    connection: sqlite3.Connection,
    alert_ids: Iterable[int],
    what: str,
    source: str,
    now: str,
    again_before: str = "",
) -> int:
    """Ask for something about alerts; returns how many requests are new. Call inside a transaction.

    What was asked for before is not asked for again, unless that ended before ``again_before``. Alerts that
    the store does not hold are passed over.
    """
    cursor = connection.execute(
        """INSERT INTO requests (alert_id, what, source, asked_at)
        SELECT a.alert_id, ?2, ?3, ?4 FROM json_each(?1) w JOIN alerts a ON a.alert_id = w.value WHERE true
        ON CONFLICT (alert_id, what, source) DO UPDATE
        SET asked_at = excluded.asked_at, task = NULL, ended_at = NULL, came = NULL
        WHERE ended_at < ?5""",
        (json.dumps(list(dict.fromkeys(map(int, alert_ids)))), what, source, now, again_before),
    )
    return cursor.rowcount


def open_requests(connection: sqlite3.Connection, source: str, limit: int = -1) -> list[Request]:
    """What a source still has to answer: first what it works on, then the rest, the best rank first.

    ``limit``: at most so many; -1: all.
    """
    rows = connection.execute(
        f"""SELECT {_COLUMNS} FROM requests r LEFT JOIN standing s USING (alert_id)
        WHERE r.source = ? AND r.ended_at IS NULL
        ORDER BY r.task IS NULL, coalesce(s.rank, -1) DESC, r.request_id LIMIT ?""",
        (source, limit),
    )
    return [Request(*row) for row in rows]


def requests_of(connection: sqlite3.Connection, alert_id: int) -> list[Request]:
    """Everything that was asked for about an alert, the latest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM requests r WHERE r.alert_id = ? ORDER BY r.asked_at DESC, r.request_id DESC",
        (alert_id,),
    )
    return [Request(*row) for row in rows]


def keep_progress(
    connection: sqlite3.Connection, request_id: int, task: str | None, came: str | None, now: str
) -> None:
    """Keep under which name the source works on a request, and what came of it where it is over.

    Call inside a transaction, once what came is in the store.
    """
    connection.execute(
        """UPDATE requests SET task = ?2, came = ?3, ended_at = iif(?3 IS NULL, NULL, ?4)
        WHERE request_id = ?1""",
        (request_id, task, came, now),
    )


def end_request(connection: sqlite3.Connection, request_id: int, came: str, now: str) -> None:
    """Close a request without asking, for the reason ``came``. Call inside a transaction."""
    connection.execute(
        "UPDATE requests SET ended_at = ?, came = ? WHERE request_id = ?", (now, came, request_id)
    )
