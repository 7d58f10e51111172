"""Train on few labels of any survey: small trees on `stream-1`, upon what the starter believes.

The starter's log-odds, shrunk, are taught to a booster of their own, which needs no label (the *prior*). The
second booster learns from the labels what is to be added. With a hundred labels the prior carries most of the
rank, with a thousand next to nothing; docs/models.md has the figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.questions import PGAL, PREAL, QUESTIONS, Question
from vra_tui.scoring.model.starter import Starter
from vra_tui.scoring.stages import DAY1
from vra_tui.scoring.training.boosters import (
    LabelledRows,
    balanced,
    fit,
    margin,
    rows_of_object,
    split_objects,
)
from vra_tui.scoring.training.recipes import Recipe
from vra_tui.scoring.training.validation import FOLDS, OutOfFold, probability

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The feature set that serves every survey.
FEATURE_SET = "stream-1"

#: Of the starter's log-odds so much is believed. Chosen on two simulated streams of ZTF and of LSST.
PRIOR_SCALE = 0.4

#: What a scanner looks at first, a feature each: score, detections, one spot or not, off the plane, a source
#: beneath.
FIVE_STREAM_FEATURES: tuple[str, ...] = (
    "score_latest",
    "n_detections",
    "position_scatter_arcsec",
    "galactic_latitude_deg",
    "host_separation_arcsec",
)

#: By these alerts are found like or unlike one another: what is known of most of them from the start.
COMPARED_FEATURES: tuple[str, ...] = (
    "score_latest", "n_detections", "n_nights", "detected_share", "negative_share", "signal_to_noise_max",
    "mag_latest", "days_since_first", "rise_mag_per_day", "fade_mag_per_day", "amplitude_mag",
    "colour_as_g_r_mag", "position_scatter_arcsec", "galactic_latitude_deg", "ebv", "star_score",
    "star_arcsec", "solar_arcsec", "elongation", "extendedness", "is_dipole", "host_separation_arcsec",
)  # fmt: skip

# The store knows these as they are now. An alert that came again after its decision has more of them than a
# scanner saw, and what comes again is no chance: the label would stand in them.
_TOLD_LATER = frozenset({"n_detections_told"})
# Where single detections have scores, the object's own is that of the latest of them, maybe of later.
_OBJECT_SCORE, _LATEST_SCORE = "object_score", "score_latest"

_TREES = MappingProxyType(
    {
        "eta": 0.1,
        "max_depth": 3,
        "min_child_weight": 1,
        "subsample": 0.7,
        "colsample_bynode": 0.3,
        "lambda": 5,
    }
)
_ROUNDS = 100
_PRIOR_TREES = MappingProxyType({"eta": 0.2, "max_depth": 5, "min_child_weight": 1, "lambda": 1})
_PRIOR_ROUNDS = 120
# The highest and the median score may not be held to rise: in LSST that cost 0.003.
_RISING = MappingProxyType({"score_latest": 1, "object_score": 1})
_SMALLEST = 1e-4


def usable_features(table: FeatureTable) -> tuple[str, ...]:
    """The features of `stream-1` that some row of the table knows, without those that are told later."""
    known = ~np.all(np.isnan(table.select(STREAM_1)), axis=0)
    names = [name for name, has in zip(STREAM_1, known.tolist(), strict=True) if has]
    left_out = _TOLD_LATER | ({_OBJECT_SCORE} if _LATEST_SCORE in names else set())
    return tuple(name for name in names if name not in left_out)


def survey_score(table: FeatureTable) -> Floats:
    """The survey's real/bogus score of each row, shape (n,): of the latest detection, else the object's."""
    latest = table.column(_LATEST_SCORE)
    return np.where(np.isnan(latest), table.column(_OBJECT_SCORE), latest)


def believed(survey: str, table: FeatureTable) -> dict[str, Floats]:
    """P(real) and P(galactic) by a survey's starter, shape (n,) each; 0.5 where it has nothing to go by."""
    scores = Starter.shipped(survey).scores(table, DAY1)
    return {PREAL.name: np.nan_to_num(scores.preal, nan=0.5), PGAL.name: np.nan_to_num(scores.pgal, nan=0.5)}


@dataclass(frozen=True, eq=False)
class Prior:
    """What is believed without any label: a booster for each question, taught on the starter's log-odds."""

    recipe: Recipe
    boosters: Mapping[str, "Booster"]

    @classmethod
    def taught(cls, survey: str, table: FeatureTable, *, seed: int, threads: int = 1) -> "Prior":
        """Teach trees the rule of a survey's starter on a table of its alerts, labelled or not."""
        recipe = Recipe(usable_features(table), _PRIOR_ROUNDS, _PRIOR_TREES)
        matrix = feature_matrix(table, recipe.features)
        boosters = {
            name: fit(recipe, matrix, probability(PRIOR_SCALE * _log_odds(found)), seed=seed, threads=threads)
            for name, found in believed(survey, table).items()
        }
        return cls(recipe, boosters)

    def log_odds(self, question: Question, table: FeatureTable) -> Floats:
        """Log-odds of each row, shape (n,)."""
        return margin(self.boosters[question.name], feature_matrix(table, self.recipe.features))


def _log_odds(probabilities: Floats) -> Floats:
    p = np.clip(probabilities, _SMALLEST, 1 - _SMALLEST)
    return np.asarray(np.log(p / (1 - p)))


def few_labels_recipe(table: FeatureTable) -> Recipe:
    """The trees that learn from the labels of a table: small ones, many chosen at random."""
    features = usable_features(table)
    rising = {name: way for name, way in _RISING.items() if name in features}
    return Recipe(features, _ROUNDS, _TREES, rising)


def fit_labels(
    question: Question, rows: LabelledRows, prior: Floats, recipe: Recipe, *, seed: int, threads: int = 1
) -> "Booster":
    """The booster that says what labels add to the log-odds ``prior`` (shape (n,)) of the rows.

    Labels count evenly, and every object alike, however many rows it has.
    """
    even = balanced(rows, "even", seed=seed)
    weight = even.weights / _mean_rows_of_object(rows)
    taught = question.teaches(rows.label) & (weight > 0)
    monotone = recipe.monotone if question.name == PREAL.name else {}
    return fit(
        Recipe(recipe.features, recipe.rounds, recipe.parameters, monotone),
        feature_matrix(rows.table, recipe.features)[taught],
        question.target(rows.label[taught]),
        seed=seed,
        weight=weight[taught],
        base_margin=prior[taught],
        threads=threads,
    )


def _mean_rows_of_object(rows: LabelledRows) -> float:
    """So that a hundred rows of ten objects count as ten."""
    return float(len(rows) / np.sum(1 / rows_of_object(rows.table.alert_id)))


def cross_validate_few(
    rows: LabelledRows,
    prior: Mapping[str, Floats],
    recipe: Recipe,
    *,
    seed: int,
    repeats: int,
    share: float = 1.0,
) -> OutOfFold:
    """Probabilities of every row by models that never saw its object; five folds by object.

    ``prior``: log-odds of the rows by question. ``share``: of the objects of the other folds so many teach.
    """
    found: dict[str, list[Floats]] = {question.name: [] for question in QUESTIONS}
    for number in range(repeats):
        part = split_objects(rows.table.alert_id, rows.label, FOLDS, seed + number)
        for question in QUESTIONS:
            log_odds = prior[question.name].copy()
            for fold in range(FOLDS):
                asked = part == fold
                taught = ~asked & _of_share(rows, part, share, seed + number)
                booster = fit_labels(
                    question, rows.where(taught), prior[question.name][taught], recipe, seed=seed + number
                )
                log_odds[asked] += margin(booster, feature_matrix(rows.table, recipe.features)[asked])
            found[question.name].append(probability(log_odds))
    return OutOfFold(np.array(found[PREAL.name]), np.array(found[PGAL.name]))


def _of_share(rows: LabelledRows, part: Ints, share: float, seed: int) -> NDArray[np.bool_]:
    """Rows of a share of each fold's objects, the same objects whichever fold is asked."""
    if share >= 1:
        return np.ones(len(rows), dtype=bool)
    pieces = max(round(1 / share), 2)
    kind = np.char.add(rows.label.astype(np.str_), np.char.add(" ", part.astype(np.str_)))
    return split_objects(rows.table.alert_id, kind, pieces, seed + 1) == 0
