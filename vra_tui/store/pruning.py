"""Delete stamps beyond the limits of age and size. Nothing else in a store is ever deleted."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vra_tui.domain.times import utc_text
from vra_tui.ranking.lists import MACHINE
from vra_tui.store.connection import transaction

#: Stamps of alerts in these lists are never forgotten: they are looked at again.
KEPT_LISTS = ("followup", "good", "possible")
#: Nor are those of alerts that a scanner decided so many days ago.
DECIDED_DAYS = 7.0
#: Detections whose stamps are deleted in one transaction: a decision waits no longer than for that.
_CHUNK = 500


@dataclass(frozen=True)
class StampLimits:
    """How many days stamps stay after they came, and how many megabytes (1e6 bytes) they may take.

    Those that are spared do not count. Raises ValueError where a limit is negative.
    """

    days: float = 60.0
    megabytes: float = 2_000.0

    def __post_init__(self) -> None:
        if self.days < 0 or self.megabytes < 0:
            raise ValueError("the limits of stamps are not below 0")


@dataclass(frozen=True)
class Pruned:
    """Numbers of stamps, alerts and bytes that were deleted, and that stay.

    ``spared``: bytes, among those that stay, that do not count because of where their alerts stand.
    """

    stamps: int
    alerts: int
    size: int
    stamps_left: int
    size_left: int
    spared: int


@dataclass(frozen=True)
class _Triplet:
    """The stamps of one detection, which came together and go together."""

    alert_id: int
    mjd: float
    source_id: int
    came: str
    stamps: int
    size: int


def prune_stamps(
    connection: sqlite3.Connection,
    limits: StampLimits,
    *,
    now: datetime,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Pruned:
    """Delete the stamps that came first, until those that stay are within the limits.

    Those of alerts in `KEPT_LISTS`, or that a scanner decided within the last `DECIDED_DAYS`, stay whatever
    their age and size. What was taken in once is passed over when it comes again; so that a repeated ingest
    brings stamps back, the store forgets which packets it has seen. Call outside of a transaction.
    """
    found, spared = _oldest_first(connection), _spared(connection, now)
    until = utc_text(now.astimezone(UTC) - timedelta(days=min(limits.days, 1e5)))
    going, left = [], sum(one.size for one in found if one.alert_id not in spared)
    for one in found:
        if one.came >= until and left <= limits.megabytes * 1e6:
            break
        if one.alert_id not in spared:
            going.append(one)
            left -= one.size
    gone: list[_Triplet] = []
    for first in range(0, len(going), _CHUNK):
        with transaction(connection):
            spared = _spared(connection, now)  # somebody may have decided meanwhile
            chunk = [one for one in going[first : first + _CHUNK] if one.alert_id not in spared]
            _delete(connection, chunk)
        gone += chunk
        on_progress(min(first + _CHUNK, len(going)), len(going))
    return Pruned(
        stamps=(stamps := sum(one.stamps for one in gone)),
        alerts=len({one.alert_id for one in gone}),
        size=(size := sum(one.size for one in gone)),
        stamps_left=sum(one.stamps for one in found) - stamps,
        size_left=sum(one.size for one in found) - size,
        spared=sum(one.size for one in found if one.alert_id in spared),
    )


def _spared(connection: sqlite3.Connection, now: datetime) -> set[int]:
    since = utc_text(now - timedelta(days=DECIDED_DAYS))
    rows = connection.execute(
        """SELECT alert_id FROM standing WHERE list IN (SELECT value FROM json_each(?1))
            OR decided_list IN (SELECT value FROM json_each(?1))
        UNION SELECT alert_id FROM decisions WHERE scanner != ?2 AND timestamp >= ?3""",
        (json.dumps(KEPT_LISTS), MACHINE, since),
    )
    return {row[0] for row in rows}


def _oldest_first(connection: sqlite3.Connection) -> list[_Triplet]:
    cursor = connection.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        """SELECT alert_id, mjd, source_id, min(taken_in), count(*), sum(length(data)) FROM stamps
        GROUP BY alert_id, mjd, source_id ORDER BY min(taken_in), mjd, alert_id, source_id"""
    )
    return [_Triplet(*row) for row in rows]


def _delete(connection: sqlite3.Connection, triplets: Sequence[_Triplet]) -> None:
    connection.executemany(
        "DELETE FROM stamps WHERE alert_id = ? AND mjd = ? AND source_id = ?",
        [(one.alert_id, one.mjd, one.source_id) for one in triplets],
    )
    if triplets:
        connection.execute("DELETE FROM packets_seen")
