"""Purity and completeness of cuts on the rank or on a probability."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.evaluation.metrics import Interval
from vra_tui.scoring.evaluation.sample import RELEVANT, EvaluationSample, objects_in, wilson
from vra_tui.scoring.evaluation.scorers import Probabilities
from vra_tui.scoring.model.questions import PGAL, PREAL

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RANK_THRESHOLDS: tuple[float, ...] = (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
SHARE_THRESHOLDS: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Cut:
    """One cut at ``threshold``: ``above`` rows, ``found`` wanted ones among them, of ``wanted`` in all.

    ``completeness`` and ``purity`` are of the sample, with intervals that count objects. ``purity_stream``
    and ``share_stream`` (of the list, above) are weighted to the stream's mixture. NaN where there is
    nothing above.
    """

    threshold: float
    above: int
    found: int
    wanted: int
    completeness: Interval
    purity: Interval
    purity_stream: float
    share_stream: float


@dataclass(frozen=True)
class CutTable:
    """Cuts on one score. ``wanted``: the labels sought; ``among``: the labels that count at all."""

    score: str
    wanted: tuple[str, ...]
    among: tuple[str, ...]
    cuts: tuple[Cut, ...]


def cut_tables(sample: EvaluationSample, answers: Probabilities) -> tuple[CutTable, ...]:
    """Cuts on the rank for the good ones, on P(real) and on P(galactic) for what these ask."""
    every = tuple(sample.counts())
    asked = (
        ("rank", answers.rank, RANK_THRESHOLDS, (RELEVANT,), every),
        ("preal", answers.preal, SHARE_THRESHOLDS, PREAL.positive, PREAL.positive + PREAL.negative),
        ("pgal", answers.pgal, SHARE_THRESHOLDS, PGAL.positive, PGAL.positive + PGAL.negative),
    )
    tables = []
    for score, values, thresholds, sought, counted in asked:
        wanted, among = (tuple(label for label in labels if label in every) for labels in (sought, counted))
        if wanted:
            tables.append(CutTable(score, wanted, among, cuts(sample, values, wanted, among, thresholds)))
    return tuple(tables)


def cuts(
    sample: EvaluationSample,
    score: Floats,
    wanted: tuple[str, ...],
    among: tuple[str, ...],
    thresholds: tuple[float, ...],
) -> tuple[Cut, ...]:
    """A cut at each threshold on ``score`` (shape (n,)), of the rows whose label is ``among``."""
    known = np.isin(sample.label, among)
    sought = np.isin(sample.label, wanted) & known
    weight = sample.stream_weight() * known
    return tuple(_cut(sample, score, sought, known, weight, threshold) for threshold in thresholds)


def _cut(
    sample: EvaluationSample, score: Floats, sought: Bools, known: Bools, weight: Floats, threshold: float
) -> Cut:
    above = known & (score > threshold)
    found = above & sought
    return Cut(
        threshold=float(threshold),
        above=int(above.sum()),
        found=int(found.sum()),
        wanted=int(sought.sum()),
        completeness=_share_of(sample, found, sought),
        purity=_share_of(sample, found, above),
        purity_stream=_ratio(weight[found].sum(), weight[above].sum()),
        share_stream=_ratio(weight[above].sum(), weight.sum()),
    )


def _share_of(sample: EvaluationSample, part: Bools, whole: Bools) -> Interval:
    """A share of rows; its interval counts objects, since the visits of one object are no evidence each."""
    return wilson(_ratio(part.sum(), whole.sum()), objects_in(sample.alert_id[whole]))


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")
