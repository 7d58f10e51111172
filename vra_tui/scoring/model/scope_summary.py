"""Summaries of training rows, and the distance of other rows from them.

Each value is turned into a normal score, by the quantiles of the training rows; beyond the last of these it
grows with the distance. Two things can put a row outside: a single score greater than held-out training
rows have, or scores that do not belong together (Mahalanobis distance over the features that have a value,
with the training rows' correlation). Both edges are set on held-out rows; `scope_making` does that.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: The normal scores at which quantiles of the training rows are kept, and the probabilities of these.
KNOTS: Floats = np.linspace(-3, 3, 25)
PROBABILITIES: Floats = np.array([NormalDist().cdf(knot) for knot in KNOTS])

# Magnitudes that carry the sign of the flux: between 12 and -18 lies nothing, yet 5 is no magnitude of this
# survey. Their size is what has a scope.
_SIGNED_MAGNITUDES = frozenset({"DET_mag_median_min5d", "DET_mag_median", "max_mag"})

# A correlation known from a thousand rows, pair by pair, is drawn towards none, and kept invertible.
_SHRINKAGE = 0.1
_SMALLEST_EIGENVALUE = 0.05

# Rows whose inverse correlations are held in memory at once.
_CHUNK = 4_096


class ScopeSummary(BaseModel):
    """A summary of training rows: m features' quantiles at `KNOTS`, share missing, correlation of scores.

    ``quantiles`` of a feature without any value are empty. ``single_edge``: greatest absolute normal score
    inside; ``joint_edge``: greatest Mahalanobis distance inside, as a normal deviate (see `_deviate`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: tuple[str, ...] = Field(min_length=1, max_length=62)
    objects: int = Field(ge=1)
    quantiles: tuple[tuple[float, ...], ...]
    missing: tuple[float, ...]
    correlation: tuple[tuple[float, ...], ...]
    single_edge: float = Field(gt=0)
    joint_edge: float

    @model_validator(mode="after")
    def _shapes(self) -> "ScopeSummary":
        m = len(self.features)
        if not (
            len(self.quantiles) == len(self.missing) == len(self.correlation) == m
            and all(len(row) == m for row in self.correlation)
            and all(len(row) in (0, len(KNOTS)) for row in self.quantiles)
        ):
            raise ValueError("quantiles, missing and correlation do not fit the features")
        return self


@dataclass(frozen=True, eq=False)
class ScopeScores:
    """Rows against one summary. ``single`` and ``joint``, shape (n,): scores to hold against the edges.

    Of shape (n, m): ``outside``, the features that put a row outside; ``together``, those among them that do
    so only in combination; ``ends``, the training rows' end beyond which a value lies, NaN inside.
    """

    single: Floats
    joint: Floats
    measure: Floats
    outside: Bools
    together: Bools
    ends: Floats


def measure_rows(summary: ScopeSummary, matrix: Floats) -> ScopeScores:
    """Hold the rows of ``matrix``, shape (n, m), its columns the summary's features, against the summary."""
    sized = with_sizes(summary.features, matrix)
    scores, ends = normal_scores(summary.quantiles, sized)
    rare = _rarity(summary)
    extreme = np.where(np.isnan(matrix), rare[0], np.where(np.isnan(scores), rare[1], np.abs(scores)))
    single = extreme.max(axis=1, initial=0.0)
    distance, parts, known = _distances(scores, _regular(summary))
    joint = _deviate(distance, known)
    ratio = np.sqrt(distance / np.maximum(_distance_at(summary.joint_edge, known), 1e-12))
    outside = extreme > summary.single_edge
    only_joint = (ratio > 1) & ~outside.any(axis=1)
    # The two features with the greatest part in the distance: a combination needs two to be one.
    leading = np.argsort(-parts[only_joint], axis=1)[:, :2]
    together = np.zeros(matrix.shape, dtype=bool)
    together[np.flatnonzero(only_joint)[:, np.newaxis], leading] = True
    measure = np.maximum(single / summary.single_edge, ratio)
    return ScopeScores(single, joint, measure, outside | together, together, ends)


def with_sizes(features: tuple[str, ...], matrix: Floats) -> Floats:
    """The matrix, shape (n, m), with magnitudes of negative flux as plain ones."""
    signed = [index for index, name in enumerate(features) if name in _SIGNED_MAGNITUDES]
    sized = matrix.copy()
    sized[:, signed] = np.abs(sized[:, signed])
    return sized


def normal_scores(quantiles: tuple[tuple[float, ...], ...], sized: Floats) -> tuple[Floats, Floats]:
    """Normal scores of `with_sizes` values and the ends that they exceed, of shape (n, m), NaN for none."""
    scores, ends = np.empty(sized.shape), np.empty(sized.shape)
    for index, kept in enumerate(quantiles):
        scores[:, index], ends[:, index] = _scores_of(sized[:, index], kept)
    return scores, ends


def _scores_of(column: Floats, quantiles: tuple[float, ...]) -> tuple[Floats, Floats]:
    none = np.full(column.shape, np.nan)
    if not quantiles:
        return none, none
    knots = np.array(quantiles)
    edges, first, count = np.unique(knots, return_index=True, return_counts=True)
    # A value that many rows share stands in the middle of its share.
    middle = (PROBABILITIES[first] + PROBABILITIES[first + count - 1]) / 2
    scores = np.interp(column, edges, [NormalDist().inv_cdf(p) for p in middle])
    centre = knots[len(knots) // 2]
    ends = none
    for end, knot, beyond in ((edges[0], -3.0, column < edges[0]), (edges[-1], 3.0, column > edges[-1])):
        spread = max(abs(end - centre) / 3, 1e-3 * (1 + abs(centre)))
        scores = np.where(beyond, knot + (column - end) / spread, scores)
        ends = np.where(beyond, end, ends)
    return np.where(np.isnan(column), np.nan, scores), ends


def _rarity(summary: ScopeSummary) -> tuple[Floats, Floats]:
    """Normal scores of having no value, and of having one where training rows have none; of shape (m,) each.

    What was not seen in so many objects may still be half as rare as one of them.
    """
    missing, least = np.array(summary.missing), 0.5 / summary.objects

    def score(share: Floats) -> Floats:
        return np.array([NormalDist().inv_cdf(1 - max(p, least) / 2) for p in share.tolist()])

    return score(missing), score(1 - missing)


def _regular(summary: ScopeSummary) -> Floats:
    """The summary's correlation, shape (m, m), drawn towards none and kept invertible."""
    found = np.array(summary.correlation)
    found = (1 - _SHRINKAGE) * found + _SHRINKAGE * np.eye(len(found))
    values, vectors = np.linalg.eigh(found)
    found = (vectors * np.maximum(values, _SMALLEST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(found))
    return np.asarray(found / scale / scale[:, np.newaxis])


def _distances(scores: Floats, correlation: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Squared Mahalanobis distance over the known scores, each feature's part in it, how many are known."""
    known = ~np.isnan(scores)
    # Which features are known, as the bits of one number: far quicker to sort than rows.
    _, first_row, which = np.unique(
        known @ (1 << np.arange(known.shape[1])), return_index=True, return_inverse=True
    )
    patterns = known[first_row]
    both = patterns[:, :, np.newaxis] & patterns[:, np.newaxis, :]
    # The identity in place of what is missing leaves the rest's inverse as it would be without it.
    inverses = np.linalg.inv(np.where(both, correlation, np.eye(len(correlation))))
    filled = np.where(known, scores, 0.0)
    parts = np.empty(scores.shape)
    for first in range(0, len(scores), _CHUNK):
        rows = slice(first, first + _CHUNK)
        parts[rows] = filled[rows] * np.einsum("nij,nj->ni", inverses[which[rows]], filled[rows])
    return np.maximum(parts.sum(axis=1), 0.0), parts, known.sum(axis=1)


def _deviate(distance: Floats, known: NDArray[np.int64]) -> Floats:
    """Chi-square of ``known`` degrees of freedom as a normal deviate (Wilson & Hilferty 1931)."""
    degrees = np.maximum(known, 1)
    spread = 2 / (9 * degrees)
    return np.asarray(((distance / degrees) ** (1 / 3) - (1 - spread)) / np.sqrt(spread))


def _distance_at(deviate: float, known: NDArray[np.int64]) -> Floats:
    """The squared distance that has this deviate: the inverse of `_deviate`."""
    degrees = np.maximum(known, 1)
    spread = 2 / (9 * degrees)
    return np.asarray(degrees * np.maximum(1 - spread + deviate * np.sqrt(spread), 0.0) ** 3)
