"""Count what a scanner decided tonight: alerts, not keys, over all sessions since the last long rest."""

import sqlite3
from datetime import datetime, timedelta

import numpy as np

from vra_tui.ranking.lists import ListName
from vra_tui.store.decision_ids import id_at
from vra_tui.store.decision_rows import IS_REVERTED

#: A night ends where a scanner decided nothing for so long. No calendar day would do: nobody knows in which
#: time zone the scanner's computer is set, and many a night has two dates.
REST = timedelta(hours=6)
#: No night is longer than this, even for one who never rests.
LONGEST = timedelta(hours=24)


def decided_tonight(connection: sqlite3.Connection, scanner: str, now: datetime) -> set[int]:
    """The alerts that a scanner decided in this store since the last rest of `REST`.

    What was taken back, imported, or put back in front of the scanners does not count; an alert decided twice
    counts once. A screen that is opened again after a line dropped goes on counting where it was.
    """
    rows = connection.execute(
        f"""SELECT d.alert_id, d.list, julianday(d.timestamp) FROM decisions d
        WHERE d.scanner = ? AND d.list IS NOT NULL AND d.import_id IS NULL AND d.decision_id >= ?
        AND NOT {IS_REVERTED} ORDER BY d.decision_id DESC""",
        (scanner, id_at(now - LONGEST)),
    ).fetchall()
    if not rows:
        return set()
    alerts, lists, days = zip(*rows, strict=True)
    # Of a time that cannot be read nothing is known: it parts no night.
    moments = np.array([np.nan if day is None else day for day in days])
    present = now.timestamp() / 86_400 + 2_440_587.5
    gaps = np.concatenate([[present], moments[:-1]]) - moments
    rests = np.flatnonzero(gaps > REST / timedelta(days=1))
    night = int(rests[0]) if len(rests) else len(rows)
    # The latest first: the first of an alert is what it was decided in the end.
    ids, first = np.unique(np.array(alerts[:night], dtype=np.int64), return_index=True)
    return {
        alert_id
        for alert_id, index in zip(ids.tolist(), first.tolist(), strict=True)
        if lists[index] != ListName.EYEBALL
    }
