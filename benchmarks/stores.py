"""Stores of any size for the benchmarks: random light curves of a realistic make, written in bulk."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vra_tui.domain.epochs import pack_detections, pack_nondetections
from vra_tui.store.bulk import load_alerts
from vra_tui.store.connection import open_store, transaction

#: Detections and non-detections of each alert; real alerts hold far fewer detections than this.
DETECTIONS, NONDETECTIONS = 60, 340
T0 = 60_000.0
_CHUNK = 5_000


def make_store(path: Path, alerts: int, seed: int = 1, visits: int = 0) -> None:
    """A store of ``alerts`` alerts with 400 epochs each: quads of exposures every other night.

    ``visits``: how many nights after t0 there are.
    """
    rng = np.random.default_rng(seed)
    connection = open_store(path, durable=False)
    now = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    for first in range(0, alerts, _CHUNK):
        with transaction(connection):
            _load(connection, rng, np.arange(first, min(first + _CHUNK, alerts)), visits, now)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _load(connection, rng, index, visits, now) -> None:
    n = len(index)
    ids = (1_000_000_000_000_000_000 + index * 1_000).tolist()
    epochs = DETECTIONS + NONDETECTIONS
    quad = np.arange(epochs) // 4
    nights = 2.0 * (quad - quad[-1] + visits) - 0.6
    mjd = T0 + nights + 0.01 * (np.arange(epochs) % 4) + rng.uniform(0, 0.3, (n, 1))
    # Detections stand at the end, and scattered through the history.
    is_seen = np.zeros((n, epochs), dtype=bool)
    is_seen[:, -8 - 4 * visits :] = True
    lacking = DETECTIONS - int(is_seen[0].sum())
    is_seen[:, rng.choice(epochs - 8 - 4 * visits, lacking, replace=False)] = True
    ra, dec = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-0.8, 1, n)))
    seen_mjd, missed_mjd = mjd[is_seen].reshape(n, -1), mjd[~is_seen].reshape(n, -1)
    shape = seen_mjd.shape
    mag = rng.normal(18.5, 0.8, (n, 1)) + rng.normal(0, 0.15, shape)
    seen = pack_detections(
        {
            "mjd": seen_mjd.ravel(),
            "ra": (ra[:, None] + rng.normal(0, 1e-4, shape)).ravel() % 360,
            "dec": np.clip(dec[:, None] + rng.normal(0, 1e-4, shape), -90, 90).ravel(),
            "mag": mag.ravel().round(3),
            "magerr": rng.uniform(0.02, 0.3, shape).ravel().round(3),
            "limit": np.full(shape, 19.4).ravel(),
            "unit": np.full(shape, 1).ravel(),
            "filter": np.full(shape, ord("o")).ravel(),
            "exposure": np.zeros(shape, dtype=int).ravel(),
        }
    )
    missed = pack_nondetections(
        {
            "mjd": missed_mjd.ravel(),
            "limit": rng.normal(19.2, 0.4, missed_mjd.shape).ravel(),
            "unit": np.full(missed_mjd.shape, 2).ravel(),
            "filter": np.full(missed_mjd.shape, ord("o")).ravel(),
        }
    )
    seen_rows = seen.records.reshape(shape)
    missed_rows = missed.records.reshape(missed_mjd.shape)
    curves = ((i, a.tobytes(), b.tobytes(), b"") for i, a, b in zip(ids, seen_rows, missed_rows, strict=True))
    last = mjd.max(axis=1)
    values = zip(
        ids, (f"ATLAS26{i}" for i in index), [None] * n, ra.tolist(), dec.tolist(), [T0] * n,
        rng.beta(2, 1, n).tolist(), rng.beta(2, 1, n).tolist(), ["SN"] * n, rng.exponential(0.1, n).tolist(),
        [4] * n, ["rising 00.1 (o-o)"] * n, [now] * n, [DETECTIONS] * n, [NONDETECTIONS] * n, [0] * n,
        last.tolist(), mag[:, -1].tolist(), last.tolist(), strict=True,
    )  # fmt: skip
    matches = (
        (i, 1, f"PS1 {i}", "PS1", "SN", "galaxy", s, z)
        for i, s, z in zip(ids, rng.exponential(5, n).tolist(), rng.uniform(0, 0.2, n).tolist(), strict=True)
    )
    columns = "alert_id position catalogue_object_id catalogue association_type object_type".split()
    columns += ["separation_arcsec", "z"]
    notes = (
        (i, "SN", "The transient is possibly associated with a galaxy.", "5 arcsec from galaxy") for i in ids
    )
    note_columns = "alert_id classification annotation summary".split()
    context = {"sherlock_matches": (columns, matches), "sherlock_notes": (note_columns, notes)}
    load_alerts(connection, values, curves, context, now)
