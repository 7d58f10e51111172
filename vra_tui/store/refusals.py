"""Keep what was refused, with its place and the reason, for `vra sources rejects` and the doctor."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from vra_tui.domain.refusal import Refusal


def put_refusals(connection: sqlite3.Connection, refusals: Iterable[Refusal], now: str) -> None:
    """Remember what was refused; the same refusal of the same place is counted, not repeated."""
    connection.executemany(
        """INSERT INTO rejected (source, position, object_id, reason, rejected_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (source, position, reason) DO UPDATE
        SET times = times + 1, rejected_at = excluded.rejected_at""",
        ((r.source, r.position, r.object_id, r.reason, now) for r in refusals),
    )


@dataclass(frozen=True)
class KeptRefusal:
    """A refusal as it was remembered: how often, when last (ISO 8601, UTC)."""

    source: str
    position: str
    object_id: str | None
    reason: str
    times: int
    rejected_at: str


def refusals(connection: sqlite3.Connection, source: str | None = None) -> list[KeptRefusal]:
    """What was refused of one source or of all, the latest first."""
    rows = connection.execute(
        """SELECT source, position, object_id, reason, times, rejected_at FROM rejected
        WHERE ?1 IS NULL OR source = ?1 ORDER BY rejected_at DESC, source, position, reason""",
        (source,),
    )
    return [KeptRefusal(*row) for row in rows]
