"""Bulk loading of new alerts from columns: for simulated streams and benchmarks."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from vra_tui.store.connection import write_all
from vra_tui.store.standing import refresh
from vra_tui.store.trends import put_trends

#: Columns of ``alerts`` that a bulk load gives; the others keep their defaults.
ALERT_COLUMNS = (
    "atlas_id name other_name ra dec t0_mjd rb_pix realbogus_factor sherlock_class ebv_sfd detection_list_id "
    "trend date_modified n_detections n_nondetections n_forced last_mjd last_mag last_mag_mjd".split()
)

Row = Sequence[object]


def load_alerts(
    connection: sqlite3.Connection,
    alerts: Iterable[Row],
    curves: Iterable[tuple[int, bytes, bytes, bytes]],
    context: Mapping[str, tuple[Sequence[str], Iterable[Row]]],
    now: str,
) -> None:
    """Write alerts that the store does not hold yet. Call inside a transaction.

    ``alerts``: rows of `ALERT_COLUMNS`. ``curves``: (atlas_id, packed detections, non-detections, forced
    photometry), each sorted by time. ``context``: for tables such as ``sherlock_matches`` the names of the
    columns and their rows. ``now``: ISO 8601. Raises sqlite3.IntegrityError for an alert already there.
    """
    names = ", ".join((*ALERT_COLUMNS, "ingested_at", "updated_at"))
    marks = ", ".join("?" * len(ALERT_COLUMNS))
    new = list(alerts)
    # Written into the statement once, not bound 100,000 times.
    write_all(connection, f"INSERT INTO alerts ({names}) VALUES ({marks}, '{now}', '{now}')", new)
    write_all(
        connection, "INSERT INTO standing (atlas_id, is_undecided) VALUES (?, 1)", ((row[0],) for row in new)
    )
    packed = list(curves)
    write_all(connection, "INSERT INTO lightcurves VALUES (?, ?, ?, ?)", packed)
    put_trends(connection, [row[0] for row in packed])
    for table, (columns, rows) in context.items():
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    # Decisions may have arrived before their alerts did.
    ids = json.dumps([row[0] for row in new])
    decided = connection.execute(
        "SELECT DISTINCT atlas_id FROM decisions WHERE atlas_id IN (SELECT value FROM json_each(?))", (ids,)
    ).fetchall()
    refresh(connection, [row[0] for row in decided])
