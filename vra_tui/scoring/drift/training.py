"""Recent alerts against the training rows of a model, of which only quantiles are kept.

Training rows are balanced by label and the stream is not, so that plain distributions always differ. Recent
rows are therefore weighted to the shares of real and bogus ones among the training rows, by the model's own
P(real) (Saerens et al. 2002, Neural Computation 14, 21): what is left is a difference between like alerts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.model.scope_summary import PROBABILITIES, with_sizes
from vra_tui.scoring.model.trained import Model

Floats = NDArray[np.float64]

#: Bins of the population stability index: the deciles of the training rows, and no value.
_EDGES = np.arange(0.1, 0.95, 0.1)
_ITERATIONS = 50
#: Real and bogus ones each are believed to have at least this share of the stream.
_LEAST_SHARE = 1e-3


@dataclass(frozen=True)
class TrainingShift:
    """A feature of weighted recent rows against training rows: index of stability (no value being a bin of
    its own), KS distance of the values there are, shares without one.
    """

    psi: float
    distance: float
    missing_before: float
    missing_now: float


def against_training(
    model: Model, stage: str, values: Mapping[str, Floats], preal: Floats
) -> dict[str, TrainingShift]:
    """The features among ``values``, each of shape (n,), against the rows that the stage was trained on.

    Of a feature of which training rows are summed up more than once, the first summary counts. Empty for a
    model without summaries, and for no rows.
    """
    if not len(preal):
        return {}
    weight = training_weights(model, preal, stage)
    found: dict[str, TrainingShift] = {}
    for summary in model.scope_summaries(stage):
        for name, quantiles, missing in zip(
            summary.features, summary.quantiles, summary.missing, strict=True
        ):
            if name in values and name not in found:
                sized = with_sizes((name,), values[name][:, np.newaxis])[:, 0]
                found[name] = compare_with_training(np.array(quantiles), missing, sized, weight)
    return found


def training_weights(model: Model, preal: Floats, stage: str) -> Floats:
    """Weights, shape (n,), mean 1, that give n rows the training rows' shares of real and bogus.

    ``preal``: as the model gives it. All 1 where it was taught no P(real), or by one of the two alone.
    """
    question = model.questions(stage).get("preal")
    objects = next(part.data.objects for name, part in model.card.stages.items() if name == stage)
    if question is None:
        return np.ones(len(preal))
    real, bogus = (
        sum(objects.get(label, 0) for label in labels) for labels in (question.positive, question.negative)
    )
    if not real or not bogus:
        return np.ones(len(preal))
    return _weights(np.where(np.isnan(preal), 0.5, preal), real / (real + bogus))


def _weights(preal: Floats, training: float) -> Floats:
    """From P(real) where the share of real ones is ``training`` to weights, shape (n,)."""
    stream = training
    for _ in range(_ITERATIONS):
        real, bogus = preal * stream / training, (1 - preal) * (1 - stream) / (1 - training)
        stream = float(np.clip(np.mean(real / (real + bogus)), _LEAST_SHARE, 1 - _LEAST_SHARE))
    weight = 1 / (preal * stream / training + (1 - preal) * (1 - stream) / (1 - training))
    return np.asarray(weight / weight.mean())


def compare_with_training(quantiles: Floats, missing: float, values: Floats, weight: Floats) -> TrainingShift:
    """One feature's values, shape (n,), against the quantiles of training rows at `PROBABILITIES`."""
    is_known = ~np.isnan(values)
    share = (weight / weight.sum())[is_known]
    gone = max(1 - float(share.sum()), 0.0)
    psi, distance = _distances(quantiles, missing, values[is_known], share, gone)
    return TrainingShift(psi, distance, missing, gone)


def _distances(
    quantiles: Floats, missing: float, values: Floats, share: Floats, gone: float
) -> tuple[float, float]:
    if not len(quantiles):
        return _index(np.array([missing, 1 - missing]), np.array([gone, 1 - gone])), 0.0
    # Values that training rows have: between them nothing may lie (counts of detections).
    edges = np.unique(quantiles[np.searchsorted(PROBABILITIES, _EDGES)])
    expected = np.diff(_training_below(edges, quantiles), prepend=0.0, append=1.0) * (1 - missing)
    found = np.bincount(np.searchsorted(edges, values), share, minlength=len(edges) + 1)
    psi = _index(np.append(expected, missing), np.append(found, gone))
    if not len(values):
        return psi, 0.0
    points = np.unique(quantiles)
    order = np.argsort(values)
    below = np.concatenate([[0.0], np.cumsum(share[order])])[
        np.searchsorted(values[order], points, side="right")
    ]
    return psi, float(np.abs(below / share.sum() - _training_below(points, quantiles)).max())


def _training_below(points: Floats, quantiles: Floats) -> Floats:
    """Share of training rows not above each point."""
    knots, first, count = np.unique(quantiles, return_index=True, return_counts=True)
    return np.asarray(np.interp(points, knots, PROBABILITIES[first + count - 1], left=0.0))


def _index(expected: Floats, found: Floats) -> float:
    """Population stability index; a bin is never emptier than half a row of a thousand."""
    old, new = np.maximum(expected, 5e-4), np.maximum(found, 5e-4)
    return float(((new - old) * np.log(new / old)).sum())
