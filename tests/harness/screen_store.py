"""A scored store of any size for the screen's benchmark: a few hundred made alerts, copied by SQL."""

import sqlite3
from pathlib import Path

from tests.harness.stores import make_store
from vra_tui.domain.epochs import NONDETECTION
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.sections import packed, unpacked_nondetections

_TEMPLATES = 200
_FIRST_ID, _ID_STEP = 1_000_000_000_000_000_000, 1_000

_SCORES = """
INSERT INTO scores (alert_id, visit, day, mjd, stage, model, preal, pgal, pfast, rank, is_gal_cand,
    is_tns_match, scored_at, t0_mjd)
SELECT alert_id, 1 + n, n, t0_mjd + n, iif(n, 'dayN', 'day1'), 'bench-1', 0.5 + 0.5 * r, 0.5 * r, NULL,
    10.0 * r, 0, 0, updated_at, t0_mjd
FROM (SELECT *, abs(random() % 100000) / 100000.0 AS r FROM alerts) JOIN (SELECT 0 AS n UNION SELECT 1)
"""
_STANDING = """
INSERT OR REPLACE INTO standing (alert_id, list, is_undecided, filed, rank, preal, pgal, is_gal_cand,
    is_tns_match, visit, day, mjd, model, max_rank, mean_rank)
SELECT alert_id, 'extragalactic', 1, 'extragalactic', rank, preal, pgal, 0, 0, visit, day, mjd, model,
    rank, rank
FROM scores WHERE visit = 2
"""


def make_scored_store(path: Path, alerts: int) -> None:
    """A store of ``alerts`` undecided alerts (a multiple of 200) of 400 epochs each, scored twice.

    Beyond 200,000 the light curves keep 160 epochs.
    """
    make_store(path, _TEMPLATES, visits=4)
    connection = open_store(path, durable=False)
    connection.execute("PRAGMA synchronous = OFF")
    statements = _copies(connection, 340 if alerts <= 200_000 else 100)
    with transaction(connection):
        for copy in range(1, alerts // _TEMPLATES):
            shift = {"id": copy * _TEMPLATES * _ID_STEP, "name": f"ATLAS26{copy}x"}
            for statement in statements:
                connection.execute(statement, shift)
        connection.execute(_SCORES)
        connection.execute(_STANDING)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _copies(connection: sqlite3.Connection, nondetections: int) -> list[str]:
    """Statements that copy the first alerts, shifting their ids by ``:id``; light curves are cut to the last
    ``nondetections`` (a million alerts need not fill the disk to be a million lines).
    """

    def cut(section: bytes) -> bytes:
        kept = unpacked_nondetections(section)[-nondetections * NONDETECTION.itemsize :]
        return packed([b"", kept, b""])[1]

    connection.create_function("cut", 1, cut, deterministic=True)
    changed = {
        "alert_id": ":id + alert_id",
        "object_id": "CAST(:id + alert_id AS TEXT)",
        "name": ":name || (alert_id / 1000 % 1000)",
        "nondetections": "cut(nondetections)",
    }
    statements = []
    for table in ("objects", "alerts", "lightcurves", "matches"):
        names = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(changed.get(name, name) for name in names)
        statements.append(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} "
            f"WHERE alert_id < {_FIRST_ID + _TEMPLATES * _ID_STEP}"
        )
    return statements
