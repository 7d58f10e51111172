"""Times matching a store with the list of the TNS, locally: `python -m benchmarks.match_tns`."""

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.harness.stores import make_bare_store
from vra_tui.domain.tns_objects import TnsObject, TnsObjects
from vra_tui.pipeline.match_tns import match_tns
from vra_tui.store.connection import open_store
from vra_tui.store.tns_objects import put_tns_objects

#: One alert in so many is on the list.
_REPORTED = 20


def main() -> None:
    """Make a store of alerts and a list, and tell how long keeping and matching take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--objects", type=int, default=200_000)
    chosen = parser.parse_args()
    rng = np.random.default_rng(11)

    def places(count: int) -> list[tuple[float, float]]:
        dec = np.degrees(np.arcsin(rng.uniform(-1, 1, count)))
        return list(zip(rng.uniform(0, 360, count).tolist(), dec.tolist(), strict=True))

    mine, theirs = places(chosen.alerts), places(chosen.objects)
    for number in range(0, min(chosen.alerts, chosen.objects), _REPORTED):
        theirs[number] = (mine[number][0], min(90.0, mine[number][1] + 2e-4))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vra.db"
        make_bare_store(path, mine)
        store = open_store(path, durable=False)
        listed = tuple(
            TnsObject(
                n, f"2026{n}", "AT", ra, dec, received="2026-11-01 00:00:00", modified="2026-11-02 00:00:00"
            )
            for n, (ra, dec) in enumerate(theirs, start=1)
        )
        for what, do in (
            ("kept", lambda: put_tns_objects(store, TnsObjects(listed, is_whole=True))),
            ("matched first", lambda: match_tns(store, clock=lambda: datetime.now(UTC))),
            ("matched again", lambda: match_tns(store, clock=lambda: datetime.now(UTC))),
        ):
            begin = time.perf_counter()
            came = do()
            extended = "" if came is None else f", {came.extended:,} alerts got a report"
            print(f"{what}: {time.perf_counter() - begin:.1f} s{extended}")


if __name__ == "__main__":
    main()
