"""How good a ranking is: recall at rank K, its mean over all K (AuRaK), and their uncertainty.

Ties are given their expected value over all orders of the tied rows, so that a score that cannot tell
two alerts apart earns nothing by the order in which they were delivered. A NaN score ranks last.

Definitions: R@K is the number of relevant alerts among the top K over the number of all relevant ones;
AuRaK is the mean of R@K over K = 1 ... N (Stevance et al. 2025, the ATLAS VRA).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: The mixture of the ATLAS alert stream. 88 % are garbage or proper-motion stars in proportions that are
#: not published: taken as even, which is also how the public training sample has them.
STREAM_MIXTURE: dict[str, float] = {"good": 0.055, "galactic": 0.065, "garbage": 0.44, "pm": 0.44}


@dataclass(frozen=True)
class _Ties:
    """Rows in groups of equal score, best first: weight and relevant weight of each group."""

    weight: NDArray[np.float64]
    relevant: NDArray[np.float64]


def _tie_groups(score: ArrayLike, relevant: ArrayLike, weight: ArrayLike | None) -> _Ties:
    values = np.asarray(score, dtype=np.float64)
    wanted = np.asarray(relevant, dtype=bool)
    weights = np.ones(values.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if values.ndim != 1 or values.shape != wanted.shape or values.shape != weights.shape:
        raise ValueError("score, relevant and weight must be one-dimensional and of one length")
    if not (wanted & (weights > 0)).any():
        raise ValueError("no relevant row: recall has no value")
    values = np.where(np.isnan(values), -np.inf, values)
    order = np.argsort(-values)
    values, wanted, weights = values[order], wanted[order], weights[order]
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return _Ties(np.add.reduceat(weights, starts), np.add.reduceat(weights * wanted, starts))


def recall_at_k(score: ArrayLike, relevant: ArrayLike) -> NDArray[np.float64]:
    """R@K for K = 1 ... N, shape (n,), from scores (higher is better) and which rows are relevant.

    Raises ValueError when no row is relevant or the shapes differ.
    """
    ties = _tie_groups(score, relevant, None)
    found = np.concatenate(([0.0], np.cumsum(ties.relevant)))
    edge = np.concatenate(([0.0], np.cumsum(ties.weight)))
    ranks = np.arange(1, int(edge[-1]) + 1)
    return np.asarray(np.interp(ranks, edge, found) / found[-1])


def aurak(score: ArrayLike, relevant: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Mean of R@K over all K; its ceiling is 1 - (share of relevant rows) / 2, not 1.

    With ``weight`` each row stands for that share of a stream, and the mean is the integral of recall over
    the share of the stream looked at: exact for any mixture, where resampling would add noise. Unweighted
    and evenly weighted differ by 1 / (2 N). Raises ValueError as ``recall_at_k``.
    """
    if weight is None:
        return float(recall_at_k(score, relevant).mean())
    ties = _tie_groups(score, relevant, weight)
    after = np.cumsum(ties.relevant)
    middle = (after - ties.relevant / 2) / after[-1]
    return float(np.sum(middle * ties.weight) / np.sum(ties.weight))


def mixture_weights(label: ArrayLike, mixture: Mapping[str, float] | None = None) -> NDArray[np.float64]:
    """Weight of each row, shape (n,), that turns a sample's label proportions into those of a stream.

    Labels the mixture does not name get weight 0. Labels without rows are left out, the rest keep their
    proportions to one another.
    """
    labels = np.asarray(label)
    weights = np.zeros(labels.shape, dtype=np.float64)
    for name, share in (mixture or STREAM_MIXTURE).items():
        rows = labels == name
        if rows.any():
            weights[rows] = share / rows.sum()
    return weights


@dataclass(frozen=True)
class Interval:
    """A figure with the interval that resampling gives it."""

    value: float
    low: float
    high: float


def bootstrap_aurak(
    score: ArrayLike,
    label: ArrayLike,
    seed: int,
    *,
    relevant: str = "good",
    group: ArrayLike | None = None,
    mixture: Mapping[str, float] | None = None,
    resamples: int = 500,
    level: float = 0.95,
) -> Interval:
    """AuRaK with a percentile bootstrap interval that resamples whole groups (objects), not rows.

    ``mixture``: weigh rows to these label proportions in every resample; None takes the rows as they are.
    Raises ValueError when no row is relevant.
    """
    scores, labels = np.asarray(score, dtype=np.float64), np.asarray(label)
    groups = np.arange(len(labels)) if group is None else np.asarray(group)
    _, member = np.unique(groups, return_inverse=True)
    rng = np.random.default_rng(seed)

    def figure(times: NDArray[np.float64]) -> float:
        weight = times if mixture is None else times * _resampled_mixture(labels, times, mixture)
        return aurak(scores, labels == relevant, weight)

    drawn = []
    for _ in range(resamples):
        picks = rng.integers(0, member.max() + 1, member.max() + 1)
        times = np.bincount(picks, minlength=member.max() + 1)[member].astype(np.float64)
        if (times * (labels == relevant)).any():
            drawn.append(figure(times))
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(figure(np.ones(len(labels))), float(low), float(high))


def _resampled_mixture(
    labels: NDArray[np.str_], times: NDArray[np.float64], mixture: Mapping[str, float]
) -> NDArray[np.float64]:
    weights = np.zeros(len(labels))
    for name, share in mixture.items():
        rows = labels == name
        drawn = times[rows].sum()
        if drawn:
            weights[rows] = share / drawn
    return weights
