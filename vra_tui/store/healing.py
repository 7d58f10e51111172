"""Give decisions from the future new ids of now, so that later decisions sort behind them.

An id from the future (a clock that was years ahead, an import of old) would sort in front of all that is
decided until then, and drag every later id along behind it: no other store takes ids from the future. Rows
are never changed. So what was decided is appended once more under an id of now, and the row with the id from
the future is reverted by the policies' scanner. Such a reverting row alone has a smaller id than what it
reverts: that tells what was replaced, whatever the clock says later, and it counts no more for the greatest
id known.
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from vra_tui.ranking.lists import MACHINE
from vra_tui.store.connection import write_all
from vra_tui.store.decision_ids import FUTURE, id_at, new_id, timestamp
from vra_tui.store.decision_rows import COLUMNS, IS_REPLACED, IS_REVERTED
from vra_tui.store.standing import refresh

_NAMES = (*COLUMNS, "import_id")
_FROM_THE_FUTURE = f"""SELECT {", ".join(_NAMES)}, {IS_REVERTED} AS is_reverted FROM decisions d
    WHERE d.decision_id >= ? AND NOT {IS_REPLACED} ORDER BY d.decision_id"""
_INSERT = f"INSERT INTO decisions ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"


def from_the_future(connection: sqlite3.Connection, now: datetime) -> list[str]:
    """Ids of decisions and undos from the future that were not replaced, the earliest first."""
    return [row["decision_id"] for row in connection.execute(_FROM_THE_FUTURE, (id_at(now + FUTURE),))]


def set_right(connection: sqlite3.Connection, now: datetime) -> dict[str, str]:
    """Write what is from the future anew; returns the new id of each decision. Call inside a transaction.

    The order among the rows stays, and each keeps its scanner, its time (where that is not from the future
    too) and what it follows. Their alerts are filed again. Whether the clock can be trusted is for the caller
    to know (`is_clock_behind`): to one that was put back, all that is known looks as if from the future.
    """
    bound = id_at(now + FUTURE)
    rows = connection.execute(_FROM_THE_FUTURE, (bound,)).fetchall()
    if not rows:
        return {}
    known = _latest_before(connection, bound)
    fresh: dict[str, str] = {}
    batches: dict[str, str] = {}
    written: list[Sequence[object]] = []
    for row in rows:
        # What was undone counts no more; an undo of what is replaced here has no more to say.
        if (row["list"] is not None and not row["is_reverted"]) or (row["reverts"] or bound) < bound:
            known = new_id(now, known)
            fresh[row["decision_id"]] = known
            batch = row["batch_id"]
            if batch is not None and batch >= bound:
                batch = batches.setdefault(batch, known)
            changed = {
                "decision_id": known,
                "timestamp": _not_later(row["timestamp"], now),
                "follows": _followed(row["follows"], fresh, bound),
                "batch_id": batch,
            }
            written.append([changed.get(name, row[name]) for name in _NAMES])
        known = new_id(now, known)
        mark = {
            "decision_id": known,
            "alert_id": row["alert_id"],
            "reverts": row["decision_id"],
            "scanner": MACHINE,
            "host": row["host"],
            "timestamp": timestamp(now),
            "note": f"its id was from the future; it stands as {fresh.get(row['decision_id'], 'nothing')}",
        }
        written.append([mark.get(name) for name in _NAMES])
    write_all(connection, _INSERT, written)
    refresh(connection, {row["alert_id"] for row in rows})
    return fresh


def is_clock_behind(connection: sqlite3.Connection, now: datetime) -> bool:
    """Tell whether the clock said a later time when the store was scored last: it was put back since."""
    row = connection.execute("SELECT scored_at FROM scores ORDER BY score_id DESC LIMIT 1").fetchone()
    try:
        scored = now if row is None else datetime.fromisoformat(row[0])
    except (ValueError, TypeError):
        return False
    return (scored if scored.tzinfo else scored.replace(tzinfo=UTC)) > now + FUTURE


def _latest_before(connection: sqlite3.Connection, bound: str) -> str | None:
    query = "SELECT max(decision_id) FROM decisions WHERE decision_id < ?"
    found: str | None = connection.execute(query, (bound,)).fetchone()[0]
    return found


def _not_later(said: str, now: datetime) -> str:
    try:
        is_later = datetime.fromisoformat(said) > now + FUTURE
    except (ValueError, TypeError):
        return said
    return timestamp(now) if is_later else said


def _followed(follows: str | None, fresh: dict[str, str], bound: str) -> str | None:
    known = [fresh.get(one, one) for one in (follows or "").split() if one in fresh or one < bound]
    return " ".join(known) or None
