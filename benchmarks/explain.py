"""How fast scores are explained and put to the measure of scope: `python -m benchmarks.explain`."""

import time
from collections.abc import Callable
from functools import partial

from benchmarks.predict import ROWS, made_up_table
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.explain import explain
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.scope import scope
from vra_tui.scoring.model.trained import Model, load_model

ROUNDS = 3


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and of the processors, of the best of several rounds (by the wall)."""
    found = []
    for _ in range(ROUNDS):
        wall, busy = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - busy))
    return min(found)


def all_texts(model: Model, table: FeatureTable, stage: str) -> list[list[str]]:
    """Every reason of every alert in words."""
    explained = explain(model, table, stage)
    return [[reason.text for reason in explained.of(row)] for row in range(len(table))]


def main() -> None:
    model = load_model(default_model())
    for stage in model.card.stages:
        table = made_up_table(model.columns(stage), ROWS)
        one = FeatureTable(table.alert_id[:1], table.names, table.values[:1])
        model.scores(one, stage)
        wall, busy = spent(partial(all_texts, model, table, stage))
        far, _ = spent(partial(scope, model, table, stage))
        alone, _ = spent(partial(all_texts, model, one, stage))
        print(
            f"{stage}: {ROWS} alerts explained in {wall:.2f} s ({busy:.2f} s of processor time), "
            f"one alone in {1000 * alone:.1f} ms; scope of all in {1000 * far:.0f} ms"
        )


if __name__ == "__main__":
    main()
