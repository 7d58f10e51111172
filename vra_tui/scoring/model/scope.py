"""Scope: the distance of each alert from the rows its model was trained on, and the features at fault."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.feature_words import describe_value
from vra_tui.scoring.model.scope_summary import measure_rows
from vra_tui.scoring.model.trained import Model

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: The features the model uses most: the fewest that make up this share of the total gain of its splits.
MOST_USED_SHARE = 0.8


@dataclass(frozen=True, eq=False)
class Scope:
    """Where n alerts stand against the training rows of their model.

    ``measure``, shape (n,): 1 is the edge of the training rows; NaN where the model has no summary of them,
    and then nothing is outside. ``outside``, shape (n, m): which of ``features`` put the alert outside,
    ``together`` those among them that are unusual only in combination; ``ends``: where the training rows end
    for values beyond, else NaN.
    ``is_mostly_missing``, shape (n,): more than half of the features the model uses most have no value.
    """

    features: tuple[str, ...]
    values: Floats
    ends: Floats
    measure: Floats
    is_outside: Bools
    outside: Bools
    together: Bools
    is_mostly_missing: Bools

    @property
    def may_discard(self) -> Bools:
        """Whether the policies may discard each alert by its rank, shape (n,)."""
        return ~(self.is_outside | self.is_mostly_missing)

    def names(self, row: int) -> tuple[str, ...]:
        """The features in which one alert is outside."""
        return tuple(self.features[index] for index in np.flatnonzero(self.outside[row]))

    def words(self, row: int) -> list[str]:
        """Say why one alert is out of scope, or mostly missing, in words; nothing where it is neither."""
        together = [self._said(row, int(index)) for index in np.flatnonzero(self.together[row])]
        alone = np.flatnonzero(self.outside[row] & ~self.together[row])
        lines = [self._words(row, int(index)) for index in alone]
        if together:
            lines.append(f"{' and '.join(together)}: unusual together")
        if self.is_mostly_missing[row]:
            lines.append("more than half of the features that the model uses most have no value")
        return lines

    def _said(self, row: int, index: int) -> str:
        return describe_value(self.features[index], float(self.values[row, index]))

    def _words(self, row: int, index: int) -> str:
        said, end = self._said(row, index), float(self.ends[row, index])
        if np.isnan(self.values[row, index]):
            return f"{said}: hardly any training row lacks that"
        if np.isnan(end):
            return f"{said}: hardly any training row has that"
        return f"{said}: the training rows end at {describe_value(self.features[index], end)}"


def scope(model: Model, table: FeatureTable, stage: str) -> Scope:
    """Measure how far the table's alerts lie from the training rows of ``model`` at ``stage``.

    Raises ModelError for a stage the model lacks or columns that the table lacks.
    """
    summaries = model.scope_summaries(stage)
    features = tuple(name for summary in summaries for name in summary.features)
    n = len(table)
    values, ends = np.empty((n, len(features))), np.empty((n, len(features)))
    outside, together = np.empty((2, n, len(features)), dtype=bool)
    measure = np.full(n, np.nan)
    first = 0
    for summary in summaries:
        columns = slice(first, first + len(summary.features))
        values[:, columns] = model.matrix(summary.features, table)
        found = measure_rows(summary, values[:, columns])
        ends[:, columns], outside[:, columns] = found.ends, found.outside
        together[:, columns] = found.together
        measure = np.fmax(measure, found.measure)
        first = columns.stop
    with np.errstate(invalid="ignore"):
        is_outside = measure > 1
    missing = mostly_missing(model, table, stage)
    return Scope(features, values, ends, measure, is_outside, outside, together, missing)


def mostly_missing(model: Model, table: FeatureTable, stage: str) -> Bools:
    """Tell whether more than half of the features that the model uses most have no value, shape (n,)."""
    matrix = model.matrix(most_used(model, stage), table)
    return np.asarray(np.isnan(matrix).mean(axis=1) > 0.5)


def most_used(model: Model, stage: str) -> tuple[str, ...]:
    """The fewest features that make up `MOST_USED_SHARE` of the gain, the most used first."""
    use = shares_of_gain(model, stage)
    before = np.cumsum([0.0, *use.values()])[:-1]
    return tuple(name for name, reached in zip(use, before, strict=True) if reached < MOST_USED_SHARE)


def shares_of_gain(model: Model, stage: str) -> dict[str, float]:
    """Each feature's share of the gain of all splits, greatest first; P(real) and P(galactic) count alike.

    P(fast) is no part of the rank by which alerts are discarded, and left out where others are answered.
    """
    questions = model.questions(stage)
    asked = [questions[name] for name in ("preal", "pgal") if name in questions] or list(questions.values())
    use: dict[str, float] = {}
    for question in asked:
        gain: dict[str, float] = {}
        for card in question.boosters:
            for name, found in model.booster(card).get_score(importance_type="total_gain").items():
                gain[name] = gain.get(name, 0.0) + float(np.sum(found))
        for name, found in gain.items():
            use[name] = use.get(name, 0.0) + found / sum(gain.values()) / len(asked)
    return {name: use[name] for name in sorted(use, key=lambda name: (-use[name], name))}
