"""How fast the shipped model scores a feature table: `python -m benchmarks.predict`."""

import time

import numpy as np

from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.trained import Model, load_model

ROWS = 10_000
ROUNDS = 7


def made_up_table(names: tuple[str, ...], rows: int, seed: int = 0) -> FeatureTable:
    """Values spread like real ones where the trees look: a fifth of them missing."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, len(names)))
    values[rng.random(values.shape) < 0.2] = np.nan
    values[:, names.index("rb_pix")] = rng.random(rows)
    return FeatureTable(np.arange(rows, dtype=np.int64), names, values)


def seconds(model: Model, table: FeatureTable, stage: str) -> float:
    """The best of several rounds; the first one, which builds the trees, does not count."""
    model.scores(table, stage)
    best = np.inf
    for _ in range(ROUNDS):
        start = time.perf_counter()
        model.scores(table, stage)
        best = min(best, time.perf_counter() - start)
    return float(best)


def main() -> None:
    start = time.perf_counter()
    model = load_model(default_model())
    print(f"{model.name}: card and checksums read in {1000 * (time.perf_counter() - start):.0f} ms")
    for stage in model.card.stages:
        taken = seconds(model, made_up_table(model.columns(stage), ROWS), stage)
        print(f"{stage}: {ROWS} rows in {1000 * taken:.0f} ms, {ROWS / taken:,.0f} rows/s")


if __name__ == "__main__":
    main()
