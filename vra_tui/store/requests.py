"""What was asked of sources about alerts that lack something, until it came or was found not to."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vra_tui.store.transaction import transaction

_COLUMNS = "r.request_id, r.alert_id, r.what, r.source, r.asked_at, r.task, r.ended_at, r.came"


#: What may be asked for (`Wire.adds`, `Wire.completes`), in words.
ASKED_FOR: Mapping[str, str] = {
    "object": "photometry and host",
    "stamps": "stamps",
    "tns": "TNS reports",
    "picture": "a picture of the field",
    "solar": "solar-system objects",
    "photometry": "forced photometry",
    "cutouts": "stamps",
}


@dataclass(frozen=True)
class Request:
    """One thing that was asked of a source about an alert; times are ISO 8601 in UTC.

    ``what``: one of `ASKED_FOR`. ``task``: under which name the source works on it; None before it
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
    """Everything that was asked for about an alert, the latest last."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM requests r WHERE r.alert_id = ? ORDER BY r.asked_at, r.request_id",
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


def asked_since(
    connection: sqlite3.Connection, alert_ids: Sequence[int], since: Mapping[str, str], failed_since: str
) -> set[tuple[int, str, str]]:
    """What was asked lately, as (alert, what, source): since then by what it is.

    What failed counts from ``failed_since`` on only; so does what was never ended, as where a program died.
    """
    rows = connection.execute(
        """SELECT alert_id, what, source, asked_at, came FROM requests
        WHERE alert_id IN (SELECT value FROM json_each(?)) AND what IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(alert_ids)), json.dumps(list(since))),
    )
    return {
        (row[0], row[1], row[2])
        for row in rows
        if row[3] > (failed_since if row[4] is None or row[4].startswith("failed") else since[row[1]])
    }


def note_asked(
    connection: sqlite3.Connection,
    alert_id: int,
    what: str,
    source: str,
    now: str,
    since: str = "",
    failed_since: str = "",
) -> bool:
    """Note that something is asked for; in a transaction of its own, before anything is sent.

    False where it was asked lately, see `asked_since`: another process was faster, and nothing is noted.
    Without times it may always be asked.
    """
    with transaction(connection):
        cursor = connection.execute(
            """INSERT INTO requests (alert_id, what, source, asked_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (alert_id, what, source) DO UPDATE
            SET asked_at = excluded.asked_at, ended_at = NULL, came = NULL
            WHERE ?5 = '' OR asked_at <= iif(came IS NULL OR came LIKE 'failed%', ?6, ?5)""",
            (alert_id, what, source, now, since, failed_since),
        )
    return cursor.rowcount > 0


def note_came(
    connection: sqlite3.Connection, alert_id: int, what: str, source: str, came: str, now: str
) -> None:
    """Note what came of it, in words that begin with `failed` where nothing could be asked."""
    with transaction(connection):
        connection.execute(
            "UPDATE requests SET ended_at = ?, came = ? WHERE alert_id = ? AND what = ? AND source = ?",
            (now, came, alert_id, what, source),
        )
