"""Keep what was refused, with its place and the reason, for `vra sources rejects` and the doctor."""

import sqlite3
from collections.abc import Iterable

from vra_tui.domain.refusal import Refusal


def put_refusals(connection: sqlite3.Connection, refusals: Iterable[Refusal], now: str) -> None:
    """Remember what was refused; the same refusal of the same place is counted, not repeated."""
    connection.executemany(
        """INSERT INTO rejected (source, position, object_id, reason, rejected_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (source, position, reason) DO UPDATE
        SET times = times + 1, rejected_at = excluded.rejected_at""",
        ((r.source, r.position, r.object_id, r.reason, now) for r in refusals),
    )
