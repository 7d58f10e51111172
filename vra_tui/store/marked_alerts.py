"""Mark epochs as bad, or take that back, and let all that rests on them be made anew, as for an arrival."""

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime

from vra_tui.domain.uniting import KnownObject
from vra_tui.store.bad_epochs import bad_epochs, code_names
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decision_rows import latest_id
from vra_tui.store.decisions import MAX_TEXT, Author, DecisionError, set_right
from vra_tui.store.epoch_marks import MarkedEpoch, insert_marks
from vra_tui.store.intake_rows import summary, t0_of, without_bad
from vra_tui.store.known_objects import read_known
from vra_tui.store.trends import put_trends
from vra_tui.text import well_formed


def mark_epochs(
    connection: sqlite3.Connection,
    alert_id: int,
    epochs: Sequence[MarkedEpoch],
    is_bad: bool,
    author: Author,
    now: datetime,
    reason: str = "",
) -> list[str]:
    """Say of epochs of an alert that they are bad, or are not; returns the marks' ids. In a transaction.

    Raises DecisionError for a reason of more than `MAX_TEXT` characters.
    """
    if len(reason) > MAX_TEXT:
        raise DecisionError(
            f"The reason has {len(reason):,} characters, more than {MAX_TEXT:,}. Nothing was marked."
        )
    set_right(connection, now)
    known = max(filter(None, (latest_id(connection), _latest_mark(connection, alert_id))), default=None)
    rows = []
    for one in epochs:
        known = new_id(now, known)
        rows.append(
            (
                known, alert_id, one.name.section, one.name.epoch, one.mjd, one.band, int(is_bad),
                author.scanner, author.host, timestamp(now), well_formed(reason),
            )
        )  # fmt: skip
    insert_marks(connection, rows)
    follow_marks(connection, [alert_id], timestamp(now))
    return [str(row[0]) for row in rows]


def _latest_mark(connection: sqlite3.Connection, alert_id: int) -> str | None:
    # Of this alert alone: a mark by a clock that ran ahead must not pull the marks of all others along.
    query = "SELECT max(mark_id) FROM epoch_marks WHERE alert_id = ?"
    latest: str | None = connection.execute(query, (alert_id,)).fetchone()[0]
    return latest


def follow_marks(connection: sqlite3.Connection, alert_ids: Collection[int], now: str) -> None:
    """Derive anew what the rows of marked alerts say of their epochs, and let them be scored anew.

    Scores from before are stale, all of them: an early epoch is part of every visit. Alerts that the store
    does not hold are passed over; what they say follows the marks when they arrive.
    """
    known = read_known(connection, list(alert_ids))
    bad = bad_epochs(connection, list(known))
    names = code_names(connection)
    for alert_id, one in known.items():
        _derive(connection, alert_id, without_bad(one, bad.get(alert_id, frozenset()), names), now)
    put_trends(connection, list(known))
    connection.executemany(
        """INSERT OR REPLACE INTO stale_scores (alert_id, score_id)
        SELECT ?1, max(score_id) FROM scores WHERE alert_id = ?1 HAVING max(score_id) IS NOT NULL""",
        [(alert_id,) for alert_id in known],
    )
    connection.executemany(
        """UPDATE standing SET pending_revision = (SELECT revision FROM alerts a
        WHERE a.alert_id = standing.alert_id) WHERE alert_id = ?""",
        [(alert_id,) for alert_id in known],
    )


def _derive(connection: sqlite3.Connection, alert_id: int, known: KnownObject, now: str) -> None:
    t0_mjd = t0_of(known)
    row = {**summary(known.curve.curve), "updated_at": now}
    if t0_mjd is not None:
        row["t0_mjd"] = t0_mjd
    assignments = ", ".join(f"{name} = :{name}" for name in row)
    connection.execute(
        f"UPDATE alerts SET {assignments}, revision = revision + 1 WHERE alert_id = :alert_id",
        {**row, "alert_id": alert_id},
    )
