"""Objects ranked a second through LSDB, against the same on plain arrays: `python -m benchmarks.archive [N]`.

A made-up catalogue of N objects of 100 points each, in few partitions and in many. Plain: one partition after
the other, in memory already, converted, ranked by the starter, and nothing written. LSDB: what `vra archive
score --workers 1` does once its worker is there, reading and writing partitions. In turn, so that a busy
machine slows both; what the processors worked counts all threads of both processes.
"""

import sys
import time
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from vra_tui.archive.folder import write_catalogue
from vra_tui.archive.partition import objects_of, result_of
from vra_tui.archive.reading import open_catalogue, pixels_of
from vra_tui.archive.run import run, workers
from vra_tui.archive.task import Job
from vra_tui.scoring.model.starter import Starter

POINTS, ROUNDS = 100, 3


def made_up(n: int) -> Any:
    import pyarrow as pa

    rng = np.random.default_rng(1)
    start = pa.array(np.arange(n + 1, dtype=np.int32) * POINTS)
    total = n * POINTS
    columns = {
        "mjd": np.sort(rng.uniform(59000, 59900, (n, POINTS)), axis=1).ravel(),
        "mag": rng.normal(19.0, 0.3, total),
        "magerr": rng.uniform(0.02, 0.2, total),
        "band": rng.choice(np.array(["g", "r", "i"]), total),
    }
    lists = {name: pa.ListArray.from_arrays(start, pa.array(values)) for name, values in columns.items()}
    return pa.table(
        {
            "object_id": pa.array([f"o{number}" for number in range(n)]),
            "ra": rng.uniform(0, 360, n),
            "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, n))),
            "realbogus": rng.uniform(0, 1, n),
            "lightcurve": pa.StructArray.from_arrays([*lists.values()], [*lists]),
        }
    )


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 96_000
    for order in (1, 2):
        share(n, order)


def share(n: int, order: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder)
        write_catalogue(path / "sky", "sky", [made_up(n)], order=order)
        catalogue, columns = open_catalogue(str(path / "sky"), None, {}, {})
        pixels = pixels_of(catalogue)
        frames = [catalogue.get_partition(*pixel).compute(progress_bar=False) for pixel in pixels]
        judge = Starter.shipped("table")

        def plainly() -> None:
            for frame in frames:
                result_of(objects_of(frame, columns), judge)

        def through_lsdb() -> None:
            out = path / f"out{time.monotonic_ns()}"
            job = Job("score", columns, out, "hats", None, "table")
            outcome = run(catalogue, job, lambda: nullcontext(client), asked={})
            if outcome.counts.ranked != n:
                raise SystemExit(f"only {outcome.counts.ranked} of {n} objects have a rank")

        took: dict[str, list[tuple[float, float]]] = {"plain": [], "lsdb": []}
        with workers(None, 1) as client:

            def used() -> float:
                return time.process_time() + sum(client.run(time.process_time).values())

            through_lsdb()
            for _ in range(ROUNDS):
                for name, act in (("plain", plainly), ("lsdb", through_lsdb)):
                    begun, before = time.perf_counter(), used()
                    act()
                    took[name].append((time.perf_counter() - begun, used() - before))
        print(f"{n:,} objects of {POINTS} points in {len(pixels)} partitions, one worker, {ROUNDS} rounds")
        for place, what in enumerate(("by the clock", "by the processors' time")):
            plain, through = (n / np.median([one[place] for one in took[name]]) for name in ("plain", "lsdb"))
            rate = f"plain arrays {plain:,.0f} objects/s, through LSDB {through:,.0f}"
            print(f"{what}: {rate}, {through / plain:.0%}")


if __name__ == "__main__":
    main()
