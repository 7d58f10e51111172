"""How fast a ranking is measured: `python -m benchmarks.evaluate`; the goal: R@K of a million rows in 1 s."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.predict import made_up_table
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, aurak, bootstrap_areas, recall_at_k
from vra_tui.scoring.evaluation.preparation import columns_to_read, stage_of
from vra_tui.scoring.evaluation.report import EvaluatedModel, EvaluationOptions, TrainingOverlap, evaluate
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.scorers import model_scorer
from vra_tui.scoring.model.library import default_model, load_checked
from vra_tui.scoring.training.boosters import LabelledRows

ROWS = 1_000_000
EVALUATED = 10_000
ROUNDS = 5


def best_of(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the quickest of several rounds."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def main() -> None:
    rng = np.random.default_rng(1)
    label = rng.choice(list(STREAM_MIXTURE), ROWS, p=list(STREAM_MIXTURE.values()))
    good = label == "good"
    score = rng.normal(size=ROWS) + 2.5 * good
    print(f"R@K of {ROWS:,} rows: {best_of(lambda: recall_at_k(score, good)):.3f} s")
    print(f"AuRaK of {ROWS:,} rows: {best_of(lambda: aurak(score, good)):.3f} s")
    tied = np.round(score, 1)
    print(f"R@K of {ROWS:,} rows with {len(np.unique(tied))} different scores: ", end="")
    print(f"{best_of(lambda: recall_at_k(tied, good)):.3f} s")
    resamples = 20
    taken = best_of(
        lambda: bootstrap_areas({"score": score}, label, 1, resamples=resamples).interval("score"), 1
    )
    print(f"one of the resamples of {ROWS:,} rows: {taken / resamples:.3f} s")
    model = load_checked(default_model())
    table = made_up_table(columns_to_read((model,), "day1"), EVALUATED)
    sample = EvaluationSample("day1", LabelledRows(table, label[:EVALUATED]))
    evaluated = EvaluatedModel(model.name, model_scorer(model, "day1"), TrainingOverlap.UNKNOWN)
    work = lambda: evaluate(sample, (evaluated,), stage_of(model, "day1"), EvaluationOptions())  # noqa: E731
    print(f"vra evaluate of {EVALUATED:,} rows at day1, without reading them: {best_of(work, 1):.1f} s")


if __name__ == "__main__":
    main()
