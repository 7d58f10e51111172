"""A learning curve: AuRaK against the number of labelled objects, extrapolated to twice as many.

The recipe is grown on nested subsets of the objects and asked about the others, for several splits. A power
law, AuRaK = top - scale * n^-rate, carries the curve on, no further than twice the labels there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.evaluation.metrics import Interval, Mixture, Ordering, interval_of, resampled
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.scorers import Folds, Progress, Scorer, fold_objects, grow, joined
from vra_tui.scoring.model.card import StageCard
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.table_labels import FEWEST_OBJECTS, shortage

Floats = NDArray[np.float64]

#: Shares of the known objects that are learned from.
PARTS: tuple[float, ...] = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0)

#: How far beyond the labels the curve is carried on.
FURTHEST = 2.0

_RATES = np.linspace(0.1, 2.0, 39)
# A question taught on fewer objects of one side than this is no question; `vra train` asks for more.
_FEWEST = FEWEST_OBJECTS // 4
_POINTS_FOR_A_LAW = 4


@dataclass(frozen=True)
class LearningPoint:
    """AuRaK (weighted to the stream) when learned from so many objects; ``spread`` is over the splits."""

    objects: int
    aurak: Interval
    spread: float


@dataclass(frozen=True)
class PowerLaw:
    """AuRaK = top - scale * n^-rate."""

    top: float
    scale: float
    rate: float

    def at(self, objects: float) -> float:
        """AuRaK with so many labelled objects."""
        return float(self.top - self.scale * objects**-self.rate)


@dataclass(frozen=True)
class Extrapolation:
    """AuRaK expected from twice the objects: AuRaK by the law, and its gain over the law at all there are."""

    objects: int
    aurak: Interval
    gain: Interval
    law: PowerLaw


@dataclass(frozen=True)
class LearningCurve:
    """The points, and what lies ahead of them: None where they are too few for a law.

    The intervals are over objects and splits.
    """

    splits: int
    points: tuple[LearningPoint, ...]
    ahead: Extrapolation | None


def learning_curve(
    stage: StageCard,
    sample: EvaluationSample,
    day1: LabelledRows | None,
    *,
    seed: int,
    splits: int,
    resamples: int,
    parts: Sequence[float] = PARTS,
    progress: Progress = lambda done, total: None,
) -> LearningCurve:
    """Grow a stage's recipe on ever more objects; every row is scored by trees that never saw its object.

    ``day1``: for day N the day-1 rows, of which only the known objects are learned from too.
    Subsets with too few objects on a side of a question are left out.
    """
    ranks: dict[float, list[Floats]] = {}
    counts: dict[float, list[int]] = {}
    for split in range(splits):
        folds = fold_objects(sample.rows, day1, seed + split)
        for number, part in enumerate(parts):
            found = _grown(stage, folds, part, seed + split)
            if found is not None:
                scorer, objects = found
                ranks.setdefault(part, []).append(scorer(sample.rows.table).rank)
                counts.setdefault(part, []).append(objects)
            progress(split * len(parts) + number + 1, splits * len(parts))
    # Points of fewer splits than the others could not be held against these.
    kept = [part for part in parts if len(ranks.get(part, ())) == splits]
    if not kept:
        return LearningCurve(splits, (), None)
    sizes = np.array([np.mean(counts[part]) for part in kept])
    return _summed_up(sample, sizes, [np.array(ranks[part]) for part in kept], seed, resamples)


def _grown(stage: StageCard, folds: Folds, part: float, seed: int) -> tuple[Scorer, int] | None:
    """A scorer of all rows that learned from this part of the known objects; and their mean number a fold."""
    scorers, counts = [], []
    for fold in folds:
        rows, day1 = folds.known(fold)
        chosen = _nested(rows, part, (seed, fold))
        some = rows.where(np.isin(rows.table.alert_id, chosen))
        if shortage(some, "", _FEWEST):
            return None
        first = None if day1 is None else _day1_part(day1, rows, chosen, part, (seed, fold))
        scorers.append(grow(stage, some, first, seed=seed))
        counts.append(len(chosen))
    return joined(scorers, folds), round(float(np.mean(counts)))


def _nested(rows: LabelledRows, part: float, seed: tuple[int, int]) -> NDArray[np.int64]:
    """A part of the objects at random; a smaller part of the same seed lies within a greater one."""
    objects = np.random.default_rng(seed).permutation(np.unique(rows.table.alert_id))
    return objects[: round(part * len(objects))]


def _day1_part(
    day1: LabelledRows, visits: LabelledRows, chosen: NDArray[np.int64], part: float, seed: tuple[int, int]
) -> LabelledRows:
    """The day-1 rows of the chosen visited objects, and the same part of those never visited."""
    never = ~np.isin(day1.table.alert_id, visits.table.alert_id)
    others = _nested(day1.where(never), part, seed)
    return day1.where(np.isin(day1.table.alert_id, np.concatenate([chosen, others])))


def _summed_up(
    sample: EvaluationSample, objects: Floats, ranks: Sequence[Floats], seed: int, resamples: int
) -> LearningCurve:
    """``ranks``: for each number of objects, those of every split, shape (splits, n)."""
    orderings = [[Ordering(rank, sample.good) for rank in found] for found in ranks]
    weight = sample.stream_weight()
    areas = np.array([[ordering.area(weight) for ordering in found] for found in orderings])
    rng, stream = np.random.default_rng(seed), Mixture(sample.label, sample.mixture)
    drawn = []
    for times in resampled(sample.alert_id, seed, resamples):
        if not (times * sample.good).any():
            continue
        again = stream.weights(times)
        splits = rng.integers(0, areas.shape[1], (areas.shape[1],)).tolist()
        drawn.append([np.mean([found[split].area(again) for split in splits]) for found in orderings])
    curves = np.array(drawn).reshape(len(drawn), len(orderings))
    means = areas.mean(axis=1)
    points = tuple(
        LearningPoint(
            int(count), interval_of(float(mean), curve), float(np.std(area, ddof=min(1, len(area) - 1)))
        )
        for count, mean, curve, area in zip(objects, means, curves.T, areas, strict=True)
    )
    if len(points) < _POINTS_FOR_A_LAW:
        return LearningCurve(areas.shape[1], points, None)
    ceiling = 1 - _share_of_good(sample) / 2
    law = fit_power_law(objects, means, ceiling)
    further = FURTHEST * objects[-1]
    redrawn = [fit_power_law(objects, curve, ceiling) for curve in curves]
    now, then = (np.array([law.at(count) for law in redrawn]) for count in (objects[-1], further))
    ahead = Extrapolation(
        int(further),
        interval_of(law.at(further), then),
        interval_of(law.at(further) - law.at(objects[-1]), then - now),
        law,
    )
    return LearningCurve(areas.shape[1], points, ahead)


def _share_of_good(sample: EvaluationSample) -> float:
    weight = sample.stream_weight()
    return float(weight[sample.good].sum() / weight.sum())


def fit_power_law(objects: Floats, areas: Floats, ceiling: float) -> PowerLaw:
    """The rising power law nearest to the points in the mean square, with its top at or below ``ceiling``.

    For each rate on a grid top and scale are linear. Where no law rises, the points' mean without any rate.
    """
    level = float(np.mean(areas))
    best, least = PowerLaw(level, 0.0, 1.0), float(np.sum((areas - level) ** 2))
    for rate in _RATES.tolist():
        falling = objects**-rate
        slope, top = np.polyfit(falling, areas, 1)
        if top > ceiling:
            top = ceiling
            slope = falling @ (areas - top) / (falling @ falling)
        error = float(np.sum((areas - top - slope * falling) ** 2))
        if slope < 0 and error < least:
            best, least = PowerLaw(float(top), float(-slope), rate), error
    return best
