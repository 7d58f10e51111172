"""The simple alternative to trees: a logistic regression on five features, for the question "is it good?"."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.training.boosters import LabelledRows

Floats = NDArray[np.float64]

#: What a scanner looks at first, one feature each: does the network say real, how often was it seen, do the
#: detections stand on one spot, is it off the galactic plane, is there a catalogued source beneath.
FIVE_FEATURES: tuple[str, ...] = (
    "rb_pix",
    "DET_Nsince_min5d",
    "log10_scatter_arcsec",
    "abs_gal_lat",
    "log10_sep_arcsec",
)

_RIDGE = 1.0
_STEPS = 50
_ENOUGH = 1e-8


@dataclass(frozen=True, eq=False)
class Logistic:
    """Log-odds linear in standardised features, their missing values at the median and marked as missing."""

    features: tuple[str, ...]
    median: Floats
    mean: Floats
    spread: Floats
    coefficient: Floats

    def log_odds(self, table: FeatureTable) -> Floats:
        """Of each row, shape (n,). Raises KeyError naming the columns that the table lacks."""
        design = _design(feature_matrix(table, self.features), self.median, self.mean, self.spread)
        return np.asarray(design @ self.coefficient)


def fit_logistic(
    rows: LabelledRows, relevant: str = "good", features: tuple[str, ...] = FIVE_FEATURES
) -> Logistic:
    """Fit by iteratively reweighted least squares (Newton's method) with a ridge on all but the constant.

    Every object counts once, however many rows it has. Raises KeyError naming the columns that the table
    lacks.
    """
    matrix = feature_matrix(rows.table, features)
    median, mean, spread = _scales(matrix)
    design = _design(matrix, median, mean, spread)
    target = (rows.label == relevant).astype(np.float64)
    _, member, count = np.unique(rows.table.alert_id, return_inverse=True, return_counts=True)
    weight = 1 / count[member]
    ridge = np.full(design.shape[1], _RIDGE)
    ridge[0] = 1e-6  # next to nothing, so that labels of one kind alone still give an answer
    coefficient = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        share = 0.5 * (1 + np.tanh(0.5 * (design @ coefficient)))
        slope = design.T @ (weight * (target - share)) - ridge * coefficient
        bend = (design * (weight * share * (1 - share))[:, np.newaxis]).T @ design + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        coefficient += step
        if np.abs(step).max() < _ENOUGH:
            break
    return Logistic(features, median, mean, spread, coefficient)


def _scales(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Median, and mean and spread once missing values stand at it; a feature without any value is all 0."""
    known = ~np.all(np.isnan(matrix), axis=0)
    median = np.zeros(matrix.shape[1])
    median[known] = np.nanmedian(matrix[:, known], axis=0)
    filled = np.where(np.isnan(matrix), median, matrix)
    spread = filled.std(axis=0)
    return median, filled.mean(axis=0), np.where(spread > 0, spread, 1.0)


def _design(matrix: Floats, median: Floats, mean: Floats, spread: Floats) -> Floats:
    missing = np.isnan(matrix)
    scaled = (np.where(missing, median, matrix) - mean) / spread
    return np.hstack([np.ones((len(matrix), 1)), scaled, missing])
