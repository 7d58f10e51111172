"""Recall at K and AuRaK of several orders of the same rows, side by side and in pairs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.evaluation.metrics import Interval, Ordering, ResampledAurak, bootstrap_areas
from vra_tui.scoring.evaluation.sample import RELEVANT, EvaluationSample

Floats = NDArray[np.float64]

#: Shares of the list at which recall is told, and recalls at which the share is.
LOOKED_AT: tuple[float, ...] = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
TO_FIND: tuple[float, ...] = (0.9, 0.95, 0.99, 1.0)

#: Shares at which a curve is drawn and written: even, and denser where the list begins.
SHARES: Floats = np.unique(np.concatenate([np.linspace(0, 1, 201), np.geomspace(5e-4, 0.1, 40)]).round(6))


@dataclass(frozen=True, eq=False)
class WeightedRecall:
    """One way to weigh the rows. ``recall``: shape (len(SHARES),), at those shares of the list.

    ``at``: recall at LOOKED_AT. ``needed``: share of the list down to the recalls TO_FIND.
    """

    aurak: Interval
    recall: Floats
    at: tuple[float, ...]
    needed: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class RankingQuality:
    """How good one order of the list is, in the sample as it is and weighted to the stream's mixture."""

    name: str
    sample: WeightedRecall
    stream: WeightedRecall


@dataclass(frozen=True)
class AurakDifference:
    """Difference between AuRaK of ``name`` and of ``other``: the same rows, the same resamples."""

    name: str
    other: str
    sample: Interval
    stream: Interval


def measure(
    sample: EvaluationSample, scores: Mapping[str, Floats], *, seed: int, resamples: int
) -> tuple[tuple[RankingQuality, ...], tuple[AurakDifference, ...]]:
    """Every order of ``scores`` (higher first; shape (n,) each), and the first against each other one.

    Raises ValueError when no row is relevant.
    """
    areas = {
        weighting: bootstrap_areas(
            scores,
            sample.label,
            seed,
            relevant=RELEVANT,
            group=sample.alert_id,
            mixture=mixture,
            resamples=resamples,
        )
        for weighting, mixture in (("sample", None), ("stream", sample.mixture))
    }
    weight = sample.stream_weight()
    orders = []
    for name, score in scores.items():
        ordering = Ordering(score, sample.good)
        orders.append(
            RankingQuality(
                name,
                _weighted(name, ordering, None, areas["sample"]),
                _weighted(name, ordering, weight, areas["stream"]),
            )
        )
    first, *others = scores
    differences = tuple(
        AurakDifference(
            first, other, areas["sample"].difference(first, other), areas["stream"].difference(first, other)
        )
        for other in others
    )
    return tuple(orders), differences


def _weighted(name: str, ordering: Ordering, weight: Floats | None, areas: ResampledAurak) -> WeightedRecall:
    edge, recall = ordering.recall(weight)
    share = edge / edge[-1]
    return WeightedRecall(
        areas.interval(name),
        np.interp(SHARES, share, recall),
        tuple(np.interp(LOOKED_AT, share, recall).tolist()),
        tuple(_needed(share, recall, wanted) for wanted in TO_FIND),
    )


def _needed(share: Floats, recall: Floats, wanted: float) -> float:
    """The smallest share of the list that holds so much; linear between the points, as recall is."""
    after = int(np.searchsorted(recall, wanted - 1e-12))
    low, high = recall[after - 1], recall[after]
    return float(share[after - 1] + (share[after] - share[after - 1]) * (wanted - low) / (high - low))


def perfect_recall(share_of_good: float) -> Floats:
    """Recall at SHARES of a perfect order of a list of which this share is good."""
    return np.minimum(SHARES / share_of_good, 1.0)
