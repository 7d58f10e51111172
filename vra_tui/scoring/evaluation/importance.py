"""Permutation importance: the loss of AuRaK when one column of the table is shuffled among the rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.scoring.evaluation.metrics import Ordering
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.scorers import Progress, Scorer

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Importance:
    """Mean drop in AuRaK (weighted to the stream) over the shuffles, and their standard deviation."""

    column: str
    drop: float
    spread: float


def importances(
    sample: EvaluationSample,
    scorer: Scorer,
    columns: Sequence[str],
    *,
    seed: int,
    repeats: int,
    progress: Progress = lambda done, total: None,
) -> tuple[Importance, ...]:
    """Each of ``columns`` shuffled ``repeats`` times, the greatest drop first (L. Breiman 2001).

    Columns that say the same thing stand in for each other: together they may matter though each alone
    does not. What is computed from a column follows its shuffled values.
    """
    weight, table = sample.stream_weight(), sample.rows.table

    def area(values: Floats) -> float:
        rank = scorer(FeatureTable(table.alert_id, table.names, values)).rank
        return Ordering(rank, sample.good).area(weight)

    whole = area(table.values)
    rng = np.random.default_rng(seed)
    found = []
    for done, column in enumerate(columns):
        at = table.names.index(column)
        drops = []
        for _ in range(repeats):
            shuffled = table.values.copy()
            shuffled[:, at] = rng.permutation(shuffled[:, at])
            drops.append(whole - area(shuffled))
        found.append(
            Importance(column, float(np.mean(drops)), float(np.std(drops, ddof=min(1, repeats - 1))))
        )
        progress(done + 1, len(columns))
    return tuple(sorted(found, key=lambda one: -one.drop))
