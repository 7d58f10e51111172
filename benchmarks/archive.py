"""Objects ranked a second through LSDB, against the same on plain arrays: `python -m benchmarks.archive [N]`.

A made-up catalogue of N objects of 100 points each. Plain: one partition after the other, in memory already,
converted, ranked by the starter, and nothing written. LSDB: `vra archive score` with one thread, reading and
writing its partitions. In turn, so that a busy machine slows both.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from vra_tui.archive.folder import write_catalogue
from vra_tui.archive.partition import objects_of, result_of
from vra_tui.archive.run import Job, open_catalogue, run, workers
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
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with TemporaryDirectory() as folder:
        path = Path(folder)
        write_catalogue(path / "sky", "sky", [made_up(n)], order=0 if n < 50_000 else 1)
        catalogue, columns = open_catalogue(str(path / "sky"), None, {}, {})
        pixels = [(int(one.order), int(one.pixel)) for one in catalogue.get_healpix_pixels()]
        frames = [catalogue.get_partition(*pixel).compute(progress_bar=False) for pixel in pixels]
        judge = Starter.shipped("table")
        plain, through = [], []
        with workers(None, 0) as client:
            for turn in range(ROUNDS):
                begun = time.perf_counter()
                for frame in frames:
                    result_of(objects_of(frame, columns), judge)
                plain.append(n / (time.perf_counter() - begun))
                job = Job("score", columns, path / f"out{turn}", "hats", None, "table")
                begun = time.perf_counter()
                outcome = run(catalogue, job, client, asked={})
                through.append(n / (time.perf_counter() - begun))
                if outcome.counts.ranked != n:
                    raise SystemExit(f"only {outcome.counts.ranked} of {n} objects have a rank")
        share = np.median(through) / np.median(plain)
        print(f"{n:,} objects of {POINTS} points in {len(pixels)} partitions, one thread, {ROUNDS} rounds")
        print(f"plain arrays: {np.median(plain):,.0f} objects/s, through LSDB: {np.median(through):,.0f}")
        print(f"that is {share:.0%}")


if __name__ == "__main__":
    main()
