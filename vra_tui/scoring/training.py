"""Training: from labelled feature rows to boosters. Pure functions; nothing is read or written here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.scoring.derived import feature_matrix
from vra_tui.scoring.questions import Question
from vra_tui.scoring.recipes import FIRST_LOOK, VISIT_OBJECT_WEIGHT, VISITS, Recipe
from vra_tui.scoring.threads import by_rows

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]

#: Parts into which the first look's rows are split to judge each object by trees that never saw it.
CROSS_FIT_PARTS = 5

# Rows from which a second thread is worth starting for a prediction.
_WORTH_A_THREAD = 2_000


@dataclass(frozen=True)
class LabelledRows:
    """Rows of a feature table with their labels (shape (n,)); an object may have several rows."""

    table: FeatureTable
    label: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.table)

    def where(self, chosen: NDArray[np.bool_]) -> "LabelledRows":
        """The chosen rows."""
        part = FeatureTable(self.table.atlas_id[chosen], self.table.names, self.table.values[chosen])
        return LabelledRows(part, self.label[chosen])


def fit(
    recipe: Recipe,
    matrix: Floats,
    target: Floats,
    *,
    seed: int,
    weight: Floats | None = None,
    base_margin: Floats | None = None,
    threads: int = 1,
) -> "Booster":
    """One booster for a yes-or-no target; the same rows and seed give the same bytes on any ``threads``.

    With ``base_margin`` (log-odds already known) the booster learns what is to be added to it. One thread is
    the default: on a busy machine the trees' threads wait for one another, fifty times longer than they work.
    """
    import xgboost

    parameters: dict[str, Any] = {
        **recipe.parameters,
        "objective": "binary:logistic",
        "tree_method": "hist",
        "seed": seed,
        "nthread": threads,
        "monotone_constraints": {k: v for k, v in recipe.monotone.items() if k in recipe.features},
    }
    if base_margin is not None:
        parameters["base_score"] = 0.5
    data = xgboost.DMatrix(
        matrix,
        target,
        weight=weight,
        base_margin=base_margin,
        feature_names=list(recipe.features),
        nthread=threads,
    )
    return xgboost.train(parameters, data, recipe.rounds)


def margin(booster: "Booster", matrix: Floats) -> Floats:
    """Log-odds for each row of ``matrix``, shape (n,)."""

    def of_rows(rows: Floats) -> Floats:
        raw = booster.inplace_predict(rows, predict_type="margin", validate_features=False)
        return np.asarray(raw, dtype=np.float64)

    return by_rows(of_rows, matrix, _WORTH_A_THREAD)


def fit_first_look(question: Question, rows: LabelledRows, *, seed: int, threads: int = 1) -> "Booster":
    """The booster that answers ``question`` from the day-1 features."""
    recipe = FIRST_LOOK[question.name]
    known = rows.where(question.teaches(rows.label))
    matrix = feature_matrix(known.table, recipe.features)
    weight = label_weights(recipe, known.label)
    return fit(recipe, matrix, question.target(known.label), seed=seed, weight=weight, threads=threads)


def fit_visits(
    question: Question, visits: LabelledRows, first_look: Floats, *, seed: int, threads: int = 1
) -> "Booster":
    """The booster that says what a visit adds to the log-odds ``first_look`` (shape (n,)) of its row.

    Every object counts alike, however often it was visited.
    """
    recipe = VISITS[question.name]
    taught = question.teaches(visits.label)
    known = visits.where(taught)
    matrix = feature_matrix(known.table, recipe.features)
    return fit(
        recipe,
        matrix,
        question.target(known.label),
        seed=seed,
        weight=label_weights(recipe, known.label)
        * VISIT_OBJECT_WEIGHT
        / rows_of_object(known.table.atlas_id),
        base_margin=first_look[taught],
        threads=threads,
    )


def unseen_first_look(
    question: Question, day1: LabelledRows, visits: LabelledRows, *, seed: int, threads: int = 1
) -> Floats:
    """First-look log-odds of each visit row, shape (n,), by trees that never saw its object.

    A booster is far too sure of its own training rows; taught on those, the visits would learn that they
    have nothing to add.
    """
    recipe = FIRST_LOOK[question.name]
    matrix = feature_matrix(visits.table, recipe.features)
    part = split_objects(
        np.concatenate([day1.table.atlas_id, visits.table.atlas_id]),
        np.concatenate([day1.label, visits.label]),
        CROSS_FIT_PARTS,
        seed,
    )
    of_day1, of_visit = part[: len(day1)], part[len(day1) :]
    result = np.empty(len(visits))
    for number in range(CROSS_FIT_PARTS):
        asked = of_visit == number
        booster = fit_first_look(question, day1.where(of_day1 != number), seed=seed, threads=threads)
        result[asked] = margin(booster, matrix[asked])
    return result


def label_weights(recipe: Recipe, label: NDArray[np.str_]) -> Floats:
    """Weight of each row by its label, shape (n,)."""
    weight = np.ones(len(label))
    for name, value in recipe.label_weight.items():
        weight[label == name] = value
    return weight


def rows_of_object(atlas_id: NDArray[np.int64]) -> Floats:
    """How many rows each row's object has, shape (n,)."""
    _, member, count = np.unique(atlas_id, return_inverse=True, return_counts=True)
    return np.asarray(count[member], dtype=np.float64)


def split_objects(
    atlas_id: NDArray[np.int64], label: NDArray[np.str_], parts: int, seed: int
) -> NDArray[np.int64]:
    """Part number of each row, shape (n,): rows of one object stay together, labels are spread evenly.

    An object whose rows carry different labels is spread by the first of them.
    """
    rng = np.random.default_rng(seed)
    _, first, member = np.unique(atlas_id, return_index=True, return_inverse=True)
    part = np.empty(len(first), dtype=np.int64)
    for name in np.unique(label[first]):
        objects = np.flatnonzero(label[first] == name)
        part[objects] = (rng.permutation(len(objects)) + rng.integers(parts)) % parts
    return part[member]
