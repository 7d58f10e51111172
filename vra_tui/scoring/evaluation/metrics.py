"""Metrics of a ranking: recall at rank K, its mean over all K (AuRaK), and their uncertainty.

Ties are given their expected value over all orders of the tied rows, so that a score that cannot tell
two alerts apart earns nothing by the order in which they were delivered. A NaN score ranks last.

Definitions: R@K is the number of relevant alerts among the top K over the number of all relevant ones;
AuRaK is the mean of R@K over K = 1 ... N (Stevance et al. 2025, the ATLAS VRA).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: The mixture of the ATLAS alert stream: that of the published validation set of the VRA, auto-garbage among
#: its garbage. They add up to 0.997; only their proportions count.
STREAM_MIXTURE: dict[str, float] = {"good": 0.055, "galactic": 0.042, "garbage": 0.82, "pm": 0.08}

#: What was taken for it until the shares of garbage and pm were known; cards of that time name it.
EVEN_GARBAGE_MIXTURE: dict[str, float] = {"good": 0.055, "galactic": 0.065, "garbage": 0.44, "pm": 0.44}

#: Of a bootstrap's intervals, unless another is asked for.
LEVEL = 0.95


class Ordering:
    """Rows sorted by a score once, best first, so that many weightings of them cost no further sorting."""

    def __init__(self, score: ArrayLike, relevant: ArrayLike) -> None:
        """Sort n rows (both of shape (n,)). Raises ValueError where the shapes differ."""
        values = np.asarray(score, dtype=np.float64)
        wanted = np.asarray(relevant, dtype=bool)
        if values.ndim != 1 or values.shape != wanted.shape:
            raise ValueError("score, relevant and weight must be one-dimensional and of one length")
        values = np.where(np.isnan(values), -np.inf, values)
        self._order = np.argsort(-values)
        self._wanted = wanted[self._order]
        values = values[self._order]
        starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
        self._starts = None if len(starts) == len(values) else starts

    def recall(self, weight: ArrayLike | None = None) -> tuple[Floats, Floats]:
        """Weight looked at and recall found in it, after each group of equal scores; both begin with 0.

        Between the points recall is linear: the expectation over all orders of the tied rows. Raises
        ValueError when no row is relevant.
        """
        seen, found = self._groups(weight)
        edge = np.concatenate(([0.0], np.cumsum(seen)))
        recall = np.concatenate(([0.0], np.cumsum(found)))
        return edge, recall / recall[-1]

    def area(self, weight: ArrayLike | None = None) -> float:
        """The integral of recall over the share of the weight looked at. Raises ValueError as `recall`."""
        seen, found = self._groups(weight)
        after = np.cumsum(found)
        middle = (after - found / 2) / after[-1]
        return float(middle @ seen / seen.sum())

    def _groups(self, weight: ArrayLike | None) -> tuple[Floats, Floats]:
        """Weight and relevant weight of each group of equal scores, best first."""
        if weight is None:
            seen = np.ones(len(self._order))
        else:
            weights = np.asarray(weight, dtype=np.float64)
            if weights.shape != self._order.shape:
                raise ValueError("score, relevant and weight must be one-dimensional and of one length")
            seen = weights[self._order]
        found = seen * self._wanted
        if not found.any():
            raise ValueError("no relevant row: recall has no value")
        if self._starts is not None:
            seen, found = np.add.reduceat(seen, self._starts), np.add.reduceat(found, self._starts)
        return seen, found


def recall_at_k(score: ArrayLike, relevant: ArrayLike) -> Floats:
    """R@K for K = 1 ... N, shape (n,), from scores (higher is better) and which rows are relevant.

    Raises ValueError when no row is relevant or the shapes differ.
    """
    edge, recall = Ordering(score, relevant).recall()
    return np.asarray(np.interp(np.arange(1, int(edge[-1]) + 1), edge, recall))


def aurak(score: ArrayLike, relevant: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Mean of R@K over all K; its ceiling is 1 - (share of relevant rows) / 2, not 1.

    With ``weight`` each row stands for that share of a stream, and the mean is the integral of recall over
    the share of the stream looked at: exact for any mixture, where resampling would add noise. Unweighted
    and evenly weighted differ by 1 / (2 N). Raises ValueError as ``recall_at_k``.
    """
    ordering = Ordering(score, relevant)
    if weight is None:
        return ordering.area() + _steps(len(np.asarray(score)))
    return ordering.area(weight)


def _steps(rows: float) -> float:
    """By how much the mean of R@K over K = 1 ... N exceeds the integral of recall."""
    return 1 / (2 * rows)


class Mixture:
    """The weights that give the labels of a sample their shares of a stream, however often each row is drawn.

    Labels that the stream does not name get weight 0. Labels without rows are left out, the rest keep their
    proportions to one another.
    """

    def __init__(self, label: ArrayLike, shares: Mapping[str, float] | None = None) -> None:
        """Labels of n rows, shape (n,), and the shares of the stream: STREAM_MIXTURE by default."""
        names, self._code = np.unique(np.asarray(label), return_inverse=True)
        wanted = STREAM_MIXTURE if shares is None else shares
        self._share = np.array([wanted.get(str(name), 0.0) for name in names])

    def weights(self, times: ArrayLike | None = None) -> Floats:
        """Weight of each row drawn ``times`` (shape (n,); once by default), shape (n,)."""
        drawn = np.ones(len(self._code)) if times is None else np.asarray(times, dtype=np.float64)
        total = np.bincount(self._code, drawn, minlength=len(self._share))
        each = np.divide(self._share, total, out=np.zeros(len(total)), where=total > 0)
        return np.asarray(drawn * each[self._code])


def mixture_weights(label: ArrayLike, mixture: Mapping[str, float] | None = None) -> Floats:
    """Weight of each row, shape (n,), that turns a sample's label proportions into those of a stream."""
    return Mixture(label, mixture).weights()


@dataclass(frozen=True)
class Interval:
    """A figure with the interval that resampling gives it."""

    value: float
    low: float
    high: float


def interval_of(value: float, drawn: ArrayLike, level: float = LEVEL) -> Interval:
    """The percentile interval of a figure's resampled values; NaN where there are none."""
    values = np.asarray(drawn, dtype=np.float64)
    if not len(values):
        return Interval(value, float("nan"), float("nan"))
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


def resampled(group: ArrayLike, seed: int, resamples: int) -> Iterator[Floats]:
    """Tell how often each row is drawn, shape (n,), when whole groups are drawn with replacement."""
    names, member = np.unique(np.asarray(group), return_inverse=True)
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        picks = rng.integers(0, len(names), len(names))
        yield np.bincount(picks, minlength=len(names))[member].astype(np.float64)


@dataclass(frozen=True)
class ResampledAurak:
    """AuRaK of several orderings of the same rows, and its values in the same resamples of their groups."""

    value: Mapping[str, float]
    drawn: Mapping[str, Floats]
    level: float

    def interval(self, name: str) -> Interval:
        """AuRaK of one ordering."""
        return interval_of(self.value[name], self.drawn[name], self.level)

    def difference(self, name: str, other: str) -> Interval:
        """Difference between AuRaK of ``name`` and of ``other``, paired: both on the same resamples."""
        return interval_of(
            self.value[name] - self.value[other], self.drawn[name] - self.drawn[other], self.level
        )


def bootstrap_areas(
    scores: Mapping[str, ArrayLike],
    label: ArrayLike,
    seed: int,
    *,
    relevant: str = "good",
    group: ArrayLike | None = None,
    mixture: Mapping[str, float] | None = None,
    resamples: int = 500,
    level: float = LEVEL,
) -> ResampledAurak:
    """AuRaK of each of ``scores``, with resamples that draw whole groups (objects), not rows.

    ``mixture``: weigh rows to these label proportions in every resample; None takes the rows as they are.
    Raises ValueError when no row is relevant.
    """
    labels = np.asarray(label)
    wanted = labels == relevant
    orderings = {name: Ordering(score, wanted) for name, score in scores.items()}
    stream = None if mixture is None else Mixture(labels, mixture)

    def figures(times: Floats) -> dict[str, float]:
        weight = times if stream is None else stream.weights(times)
        more = _steps(float(times.sum())) if stream is None else 0.0
        return {name: ordering.area(weight) + more for name, ordering in orderings.items()}

    drawn: dict[str, list[float]] = {name: [] for name in orderings}
    for times in resampled(np.arange(len(labels)) if group is None else group, seed, resamples):
        if (times * wanted).any():
            for name, figure in figures(times).items():
                drawn[name].append(figure)
    return ResampledAurak(
        figures(np.ones(len(labels))), {name: np.array(found) for name, found in drawn.items()}, level
    )
