"""Alerts against a sky map, in CPU seconds: `python -m benchmarks.sky_maps [MAP.fits]`.

Without a map of one's own one of 19,200 pixels in many orders is made, as large as those of real events.
"""

import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vra_tui.pipeline.lift import lift
from vra_tui.pipeline.sky_maps import MapWindow, add_notice, map_places, renew_places
from vra_tui.sources.sky_maps import MapNotice, read_map
from vra_tui.store import Store
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.query import ListQuery, query_ids
from vra_tui.store.sky_maps import Candidates

ALERTS = 100_000
MJD = 61_000.0


def spent(work: Callable[[], object], rounds: int = 3) -> float:
    """CPU seconds of this process, the best of several rounds."""
    best = np.inf
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return float(best)


def made_map(n: int = 19_200) -> bytes:
    """A map of a hill on the sky, its pixels the finer the denser it is."""
    from astropy.io import fits
    from astropy_healpix import HEALPix

    order, pixel = np.full(12 * 4**3, 3), np.arange(12 * 4**3)
    while True:
        side = 1 << order
        apart = np.empty(len(order))
        for one in np.unique(side):
            here = side == one
            lon, lat = HEALPix(one, order="nested").healpix_to_lonlat(pixel[here])
            cosine = np.cos(lat.value - 0.3) * np.cos(lon.value - 2.0)
            apart[here] = np.arccos(np.clip(cosine, -1, 1))
        density = np.exp(-0.5 * (apart / 0.15) ** 2) + 1e-9
        if len(order) >= n:
            break
        share = density / 4.0**order
        split = share >= np.sort(share)[-min(len(share), (n - len(share)) // 3 + 1)]
        children = pixel[split][:, None] * 4 + np.arange(4)
        order = np.concatenate([order[~split], np.repeat(order[split] + 1, 4)])
        pixel = np.concatenate([pixel[~split], children.ravel()])
    columns = [
        fits.Column("UNIQ", "K", array=pixel + (4 << 2 * order)),
        fits.Column("PROBDENSITY", "D", array=density),
        fits.Column("DISTMU", "D", array=np.full(len(order), 100.0)),
        fits.Column("DISTSIGMA", "D", array=np.full(len(order), 25.0)),
    ]
    file = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(file)
    return file.getvalue()


def some_alerts(n: int) -> Candidates:
    """Alerts all over the sky in the 30 days after the event, a third with a photometric redshift."""
    rng = np.random.default_rng(7)
    ra, dec = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    nothing = np.full(n, np.nan)
    photoz = np.where(rng.random(n) < 0.33, rng.uniform(0.01, 0.3, n), np.nan)
    number = np.arange(1, n + 1)
    t0 = MJD + rng.uniform(0, 29, n)
    return Candidates(number, np.ones(n, dtype=np.int64), ra, dec, t0, nothing, nothing, nothing, photoz)


def fill(path: Path, alerts: Candidates) -> None:
    """Put bare records of the alerts into a store: what the maps ask for, and nothing else."""
    with open_store(path, durable=False) as store, transaction(store):
        numbers = (alerts.alert_id, alerts.ra, alerts.dec, alerts.t0_mjd)
        rows = list(zip(*(column.tolist() for column in numbers), strict=True))
        store.executemany("INSERT INTO objects VALUES (?1, 'bench', ?1)", ((row[0],) for row in rows))
        now = "2026-11-28T00:00:00+00:00"
        known = [one[1] for one in store.execute("PRAGMA table_info(alerts)")]
        given = {"n_detections": "1", "n_nondetections": "0", "n_forced": "0", "extra": "'{}'",
                 "ingested_at": f"'{now}'", "updated_at": f"'{now}'", "t0_is_derived": "0"}  # fmt: skip
        given = {name: value for name, value in given.items() if name in known}
        store.executemany(
            f"INSERT INTO alerts (alert_id, ra, dec, t0_mjd, {', '.join(given)}) "
            f"VALUES (?, ?, ?, ?, {', '.join(given.values())})",
            rows,
        )
        store.executemany(
            "INSERT INTO standing (alert_id, is_undecided, pending_revision) VALUES (?, 1, NULL)",
            ((row[0],) for row in rows),
        )


def annotate(store: Store, alerts: Candidates) -> None:
    """Let a classifier have spoken of one alert in five, twice."""
    rng = np.random.default_rng(8)
    numbers = alerts.alert_id[::5].tolist()
    rows = [
        (number, json.dumps({"mjd": MJD + day, "numbers": {"SLSN-I": share}, "topic": "NEEDLE"}), MJD + day)
        for day in range(2)
        for number, share in zip(numbers, rng.random(len(numbers)).tolist(), strict=True)
    ]
    with transaction(store):
        store.executemany(
            "INSERT INTO annotations (alert_id, said, topic, mjd) VALUES (?, ?, 'NEEDLE', ?)", rows
        )


def main() -> None:
    content = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else made_map()
    alerts = some_alerts(ALERTS)
    found = read_map(content)
    map_places(alerts, found, MJD, 0.9)  # astropy's imports
    reading = spent(lambda: read_map(content))
    placing = spent(lambda: map_places(alerts, found, MJD, 0.9))
    print(
        f"{ALERTS:,} alerts against a map of {len(found.first):,} pixels: read in {reading:.3f} s, "
        f"placed in {placing:.3f} s CPU (asked: 1)"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        fill(path, alerts)
        with open_store(path, durable=False) as store:
            notice = MapNotice("S260101a", MJD, content, "2026-01-01T00:00:00Z")
            clock = lambda: datetime.now(UTC)  # noqa: E731
            start = time.process_time()
            added = add_notice(store, notice, clock)
            whole = time.process_time() - start
            print(
                f"vra gw add in a store of {ALERTS:,}: {added.within:,} within 90 %, {whole:.2f} s CPU with "
                "reading and writing the store"
            )
            nothing = spent(lambda: renew_places(store, MapWindow()))
            with transaction(store):
                store.execute("UPDATE alerts SET revision = revision + 1 WHERE alert_id <= 500")
                store.execute("UPDATE standing SET pending_revision = 2 WHERE alert_id <= 500")
            start = time.process_time()
            renewed = renew_places(store, MapWindow())
            print(
                f"before each scoring: nothing changed {1e3 * nothing:.1f} ms, {renewed:,} alerts changed "
                f"{1e3 * (time.process_time() - start):.0f} ms CPU"
            )
            annotate(store, alerts)
            for words in ("gw<0.5", "gw:S260101a", "note:NEEDLE", "needle.SLSN-I>0.5"):
                asked = ListQuery("all", words=words)
                count, taken = (
                    len(query_ids(store, asked)),
                    spent(lambda asked=asked: query_ids(store, asked)),
                )
                print(f"`{words}`: {count:,} of {ALERTS:,} in {1e3 * taken:.0f} ms CPU")
            rule = "needle.SLSN-I>0.99"
            start = time.process_time()
            count = lift(store, rule, clock())
            first = time.process_time() - start
            again = spent(lambda: lift(store, rule, clock()))
            few = spent(lambda: lift(store, rule, clock(), range(1, 501)))
            print(
                f"`{rule}` lifts {count:,} in {1e3 * first:.0f} ms CPU; when nothing changed "
                f"{1e3 * again:.0f} ms, among 500 alerts {1e3 * few:.0f} ms"
            )


if __name__ == "__main__":
    main()
