"""Size of a store of 100,000 alerts with 400 epochs, and the time to load one light curve from it."""

import random
import tempfile
import time
from pathlib import Path

from tests.harness.stores import make_store
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curve
from vra_tui.store.listing import list_ids


def main(alerts: int = 100_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        begin = time.perf_counter()
        make_store(path, alerts)
        print(f"store: {alerts:,} alerts x 400 epochs written in {time.perf_counter() - begin:.1f} s")
        size = path.stat().st_size / 1e6
        print(f"store: {size:.0f} MB, {size * 1e6 / alerts / 1e3:.2f} kB an alert (asked: below 700 MB)")
        connection = open_store(path)
        ids = random.Random(1).sample(list_ids(connection, "all").tolist(), 1_000)
        spent = []
        for alert_id in ids:
            begin = time.perf_counter()
            curve = light_curve(connection, alert_id)
            assert len(curve.detections.mjd) + len(curve.nondetections.mjd) == 400
            spent.append(time.perf_counter() - begin)
        spent.sort()
        print(
            f"store: one light curve, read and decoded: median {spent[500] * 1e3:.2f} ms, "
            f"p99 {spent[990] * 1e3:.2f} ms (asked: below 2 ms)"
        )
        connection.close()


if __name__ == "__main__":
    main()
