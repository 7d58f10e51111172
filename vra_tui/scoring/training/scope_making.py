"""Summarise training rows for the measure of scope, with limits set on held-out rows."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.evaluation.metrics import EVEN_GARBAGE_MIXTURE
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.scope_summary import (
    PROBABILITIES,
    ScopeSummary,
    measure_rows,
    normal_scores,
    with_sizes,
)
from vra_tui.scoring.training.boosters import LabelledRows, rows_of_object, split_objects

Floats = NDArray[np.float64]

#: Share of held-out rows, weighted to the stream's mixture, that each of the two edges leaves outside.
LEFT_OUTSIDE = 0.006

_FOLDS = 5
_REPEATS = 5
# Fewer rows than this with both values say nothing about how two features go together.
_FEWEST_TOGETHER = 30
_NO_EDGE = 1.0


def summarise_scope(rows: LabelledRows, features: tuple[str, ...], *, seed: int) -> ScopeSummary:
    """Sum up the rows that boosters with these features were trained on; every object counts alike.

    The edges leave `LEFT_OUTSIDE` of rows outside that were held out by object when the rest was summed up.
    """
    matrix = feature_matrix(rows.table, features)
    single, joint, weight = [], [], []
    stream = stream_weights(rows)
    for repeat in range(_REPEATS):
        part = split_objects(rows.table.alert_id, rows.label, _FOLDS, seed + repeat)
        for fold in range(_FOLDS):
            out = part == fold
            known = _summary(rows.where(~out), matrix[~out], features, _NO_EDGE, _NO_EDGE)
            measured = measure_rows(known, matrix[out])
            single.append(measured.single)
            joint.append(measured.joint)
            weight.append(stream[out])
    weights = np.concatenate(weight)
    inside = np.array([1 - LEFT_OUTSIDE])
    single_edge, joint_edge = (
        float(_quantiles(np.concatenate(found), weights, inside)[0]) for found in (single, joint)
    )
    return _summary(rows, matrix, features, single_edge, joint_edge)


def stream_weights(rows: LabelledRows) -> Floats:
    """Weight of each row: garbage and pm even among the stream's labels, and within a label objects alike.

    Even, because the shipped summaries were made so: an edge says who is unlike, not how many there are.
    """
    alike = 1 / rows_of_object(rows.table.alert_id)
    weight = np.zeros(len(rows))
    for label in np.unique(rows.label):
        chosen = rows.label == label
        weight[chosen] = alike[chosen] / alike[chosen].sum() * EVEN_GARBAGE_MIXTURE.get(str(label), 0.0)
    return weight


def _summary(
    rows: LabelledRows, matrix: Floats, features: tuple[str, ...], single_edge: float, joint_edge: float
) -> ScopeSummary:
    weight = 1 / rows_of_object(rows.table.alert_id)
    sized = with_sizes(features, matrix)
    quantiles = tuple(_kept(column, weight) for column in sized.T)
    scores, _ = normal_scores(quantiles, sized)
    return ScopeSummary(
        features=features,
        objects=len(np.unique(rows.table.alert_id)),
        quantiles=quantiles,
        missing=tuple(np.round(np.average(np.isnan(matrix), axis=0, weights=weight), 5).tolist()),
        correlation=tuple(map(tuple, _correlation(scores, weight).tolist())),
        single_edge=round(float(single_edge), 3),
        joint_edge=round(float(joint_edge), 3),
    )


def _kept(column: Floats, weight: Floats) -> tuple[float, ...]:
    """A feature's quantiles at the knots, its extremes at the outermost; empty without a value."""
    known = ~np.isnan(column)
    if not known.any():
        return ()
    found = _quantiles(column[known], weight[known], PROBABILITIES)
    found[0], found[-1] = column[known].min(), column[known].max()
    # Six digits, so that the last bits of a machine's arithmetic do not show in the file.
    return tuple(float(f"{value:.6g}") for value in found.tolist())


def _quantiles(values: Floats, weight: Floats, probabilities: Floats) -> Floats:
    order = np.argsort(values, kind="stable")
    weight = weight[order]
    middle = (np.cumsum(weight) - weight / 2) / weight.sum()
    return np.asarray(np.interp(probabilities, middle, values[order]))


def _correlation(scores: Floats, weight: Floats) -> Floats:
    """Correlation of each pair of columns over the rows that know both, shape (m, m); 0 where few do."""
    known = ~np.isnan(scores)
    filled = np.where(known, scores, 0.0)
    weighted = known * weight[:, np.newaxis]
    total = np.maximum(weighted.T @ known, 1e-12)
    # Means and squares of each column over the rows that know the other one, too.
    mean = (filled * weight[:, np.newaxis]).T @ known / total
    square = (filled**2 * weight[:, np.newaxis]).T @ known / total
    product = (filled * weight[:, np.newaxis]).T @ filled / total
    variance = np.maximum(square - mean**2, 0.0)
    spread = np.sqrt(variance * variance.T)
    counted = known.astype(np.float64)  # counts stay exact, and the product is ten times as fast
    enough = (counted.T @ counted >= _FEWEST_TOGETHER) & (spread > 1e-9)
    found = np.where(enough, (product - mean * mean.T) / np.where(enough, spread, 1.0), 0.0)
    np.fill_diagonal(found, 1.0)
    return np.round(np.clip(found, -1, 1), 3)
