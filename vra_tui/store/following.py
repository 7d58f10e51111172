"""Keep the state of sources: the position up to which each was taken in, its health, and the calls made."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vra_tui.store.connection import transaction

#: Calls older than that count for no budget, seconds.
_HOUR = 3600.0
#: The bytes of refused packets are kept for so many of them, the newest; each at most so long.
KEPT_PACKETS = 1_000
LONGEST_PACKET = 1 << 20


@dataclass(frozen=True)
class SourceState:
    """How a source is: whether it answers, since when, its latest words; times are ISO 8601 in UTC.

    ``packets`` and ``refused`` count what came since the store was made.
    """

    source: str
    kind: str
    is_up: bool
    since: str
    seen_at: str
    message: str
    packets: int
    refused: int


def positions_of(connection: sqlite3.Connection, source: str) -> dict[str, str]:
    """By part of a source the position up to which it was taken in; empty for one that is new."""
    rows = connection.execute("SELECT part, position FROM source_positions WHERE source = ?", (source,))
    return {row[0]: row[1] for row in rows}


def keep_positions(
    connection: sqlite3.Connection, source: str, positions: Mapping[str, str], now: str
) -> None:
    """Keep how far a source was taken in. Call once its alerts are in the store, never before."""
    connection.executemany(
        """INSERT INTO source_positions (source, part, position, kept_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (source, part) DO UPDATE SET position = excluded.position, kept_at = excluded.kept_at""",
        [(source, part, position, now) for part, position in positions.items()],
    )


def note_state(
    connection: sqlite3.Connection,
    source: str,
    kind: str,
    is_up: bool,
    message: str,
    now: str,
    packets: int = 0,
    refused: int = 0,
) -> None:
    """Note how a source is now; ``packets`` and ``refused`` are added to what was counted before."""
    connection.execute(
        """INSERT INTO source_states (source, kind, is_up, since, seen_at, message, packets, refused)
        VALUES (:source, :kind, :is_up, :now, :now, :message, :packets, :refused)
        ON CONFLICT (source) DO UPDATE SET
            since = iif(is_up = excluded.is_up, since, excluded.since),
            kind = excluded.kind, is_up = excluded.is_up, seen_at = excluded.seen_at,
            message = excluded.message,
            packets = packets + excluded.packets, refused = refused + excluded.refused""",
        {
            "source": source, "kind": kind, "is_up": is_up, "now": now, "message": message,
            "packets": packets, "refused": refused,
        },
    )  # fmt: skip


def source_states(connection: sqlite3.Connection) -> list[SourceState]:
    """Tell how each source is that was ever asked, by name."""
    rows = connection.execute(
        """SELECT source, kind, is_up, since, seen_at, message, packets, refused FROM source_states
        ORDER BY source"""
    )
    return [SourceState(row[0], row[1], bool(row[2]), *row[3:]) for row in rows]


def calls_of(connection: sqlite3.Connection, account: str, now: float) -> Sequence[float]:
    """Times of the calls that an account made within the last hour, seconds since 1970."""
    rows = connection.execute(
        "SELECT called_at FROM calls WHERE account = ? AND called_at > ?", (account, now - _HOUR)
    )
    return [float(row[0]) for row in rows]


def note_call(connection: sqlite3.Connection, account: str, now: float) -> None:
    """Keep one call of an account, and forget those that count no more. A transaction of its own."""
    with transaction(connection):
        connection.execute("DELETE FROM calls WHERE account = ? AND called_at <= ?", (account, now - _HOUR))
        connection.execute("INSERT INTO calls (account, called_at) VALUES (?, ?)", (account, now))


def keep_rejected(
    connection: sqlite3.Connection, packets: Iterable[tuple[str, str, bytes]], now: str
) -> None:
    """Keep the bytes of refused packets (source, position, content); the oldest beyond the limit go."""
    connection.executemany(
        """INSERT INTO rejected_packets (source, position, rejected_at, content) VALUES (?, ?, ?, ?)
        ON CONFLICT (source, position) DO UPDATE SET rejected_at = excluded.rejected_at,
            content = excluded.content""",
        [(source, position, now, content[:LONGEST_PACKET]) for source, position, content in packets],
    )
    connection.execute(
        """DELETE FROM rejected_packets WHERE (source, position) IN (
            SELECT source, position FROM rejected_packets
            ORDER BY rejected_at DESC, source, position LIMIT -1 OFFSET ?)""",
        (KEPT_PACKETS,),
    )


def rejected_packets(
    connection: sqlite3.Connection, source: str | None = None
) -> list[tuple[str, str, bytes]]:
    """Refused packets whose bytes were kept, of one source or of all: source, position, content."""
    rows = connection.execute(
        """SELECT source, position, content FROM rejected_packets WHERE ?1 IS NULL OR source = ?1
        ORDER BY rejected_at, source, position""",
        (source,),
    )
    return [(row[0], row[1], bytes(row[2])) for row in rows]


def forget_rejected(connection: sqlite3.Connection, places: Iterable[tuple[str, str]]) -> None:
    """Remember packets at these places (source, position) as refused no longer, and let go of their bytes."""
    chosen = list(places)
    connection.executemany("DELETE FROM rejected_packets WHERE source = ? AND position = ?", chosen)
    connection.executemany("DELETE FROM rejected WHERE source = ? AND position = ?", chosen)
