"""Training: from labelled feature rows to boosters. Pure functions; nothing is read or written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, Mixture
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.questions import Question
from vra_tui.scoring.model.threads import by_rows, side_by_side
from vra_tui.scoring.training.recipes import SHIPPED, VISIT_OBJECT_WEIGHT, Recipe, Recipes

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]

#: How labels of unequal number are made to count, see `balanced`.
Balance = Literal["even", "stream", "undersample", "none"]

EVEN_MIXTURE: dict[str, float] = dict.fromkeys(("good", "galactic", "garbage", "pm"), 0.25)

#: Parts into which the day-1 rows are split to judge each object by trees that never saw it.
CROSS_FIT_PARTS = 5

# Rows from which a second thread is worth starting for a prediction.
_WORTH_A_THREAD = 2_000


@dataclass(frozen=True)
class LabelledRows:
    """Rows of a feature table with their labels (shape (n,)); an object may have several rows.

    ``weight``: how much each row teaches beside what its label and its recipe say, shape (n,); alike without.
    Rows of weight 0 teach nothing, and are judged as others are.
    """

    table: FeatureTable
    label: NDArray[np.str_]
    weight: Floats | None = None

    def __len__(self) -> int:
        return len(self.table)

    def where(self, chosen: NDArray[np.bool_]) -> "LabelledRows":
        """The chosen rows."""
        part = FeatureTable(self.table.alert_id[chosen], self.table.names, self.table.values[chosen])
        return LabelledRows(part, self.label[chosen], None if self.weight is None else self.weight[chosen])

    @property
    def weights(self) -> Floats:
        """The weight of each row, shape (n,)."""
        return np.ones(len(self)) if self.weight is None else self.weight

    @classmethod
    def concatenate(cls, parts: Sequence["LabelledRows"]) -> "LabelledRows":
        """The rows of one part or more, one after the other; columns as in the first. Raises KeyError."""
        names = parts[0].table.names
        table = FeatureTable(
            np.concatenate([part.table.alert_id for part in parts]),
            names,
            np.concatenate([part.table.select(names) for part in parts]),
        )
        label = np.concatenate([part.label for part in parts])
        return cls(table, label, np.concatenate([part.weights for part in parts]))


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


def margin(booster: "Booster", matrix: Floats, rounds: int = 0) -> Floats:
    """Log-odds for each row of ``matrix``, shape (n,); by the first ``rounds`` only, 0 for all."""

    def of_rows(rows: Floats) -> Floats:
        raw = booster.inplace_predict(
            rows, iteration_range=(0, rounds), predict_type="margin", validate_features=False
        )
        return np.asarray(raw, dtype=np.float64)

    return by_rows(of_rows, matrix, _WORTH_A_THREAD)


def fit_day1(
    question: Question, rows: LabelledRows, *, seed: int, threads: int = 1, recipes: Recipes = SHIPPED
) -> "Booster":
    """The booster that answers ``question`` from the day-1 features."""
    recipe = recipes.day1[question.name]
    known = rows.where(_teaches(question, rows))
    matrix = feature_matrix(known.table, recipe.features)
    weight = label_weights(recipe, known.label) * known.weights
    return fit(recipe, matrix, question.target(known.label), seed=seed, weight=weight, threads=threads)


def fit_dayn(
    question: Question,
    visits: LabelledRows,
    day1_log_odds: Floats,
    *,
    seed: int,
    threads: int = 1,
    recipes: Recipes = SHIPPED,
) -> "Booster":
    """The booster that says what a visit adds to the log-odds ``day1_log_odds`` (shape (n,)) of its row.

    Every object counts alike, however often it was visited.
    """
    recipe = recipes.dayN[question.name]
    taught = _teaches(question, visits)
    known = visits.where(taught)
    matrix = feature_matrix(known.table, recipe.features)
    return fit(
        recipe,
        matrix,
        question.target(known.label),
        seed=seed,
        weight=label_weights(recipe, known.label)
        * known.weights
        * VISIT_OBJECT_WEIGHT
        / rows_of_object(known.table.alert_id),
        base_margin=day1_log_odds[taught],
        threads=threads,
    )


def unseen_day1(
    question: Question,
    day1: LabelledRows,
    visits: LabelledRows,
    *,
    seed: int,
    threads: int = 1,
    recipes: Recipes = SHIPPED,
) -> Floats:
    """First-look log-odds of each visit row, shape (n,), by trees that never saw its object.

    A booster is far too sure of its own training rows; taught on those, the visits would learn that they
    have nothing to add. ``threads``: how many fits run side by side.
    """
    matrix = feature_matrix(visits.table, recipes.day1[question.name].features)
    part = split_objects(
        np.concatenate([day1.table.alert_id, visits.table.alert_id]),
        np.concatenate([day1.label, visits.label]),
        CROSS_FIT_PARTS,
        seed,
    )
    of_day1, of_visit = part[: len(day1)], part[len(day1) :]
    result = np.empty(len(visits))

    def of_part(number: int) -> Floats:
        booster = fit_day1(question, day1.where(of_day1 != number), seed=seed, recipes=recipes)
        return margin(booster, matrix[of_visit == number])

    for number, log_odds in enumerate(side_by_side(of_part, range(CROSS_FIT_PARTS), threads)):
        result[of_visit == number] = log_odds
    return result


def _teaches(question: Question, rows: LabelledRows) -> NDArray[np.bool_]:
    taught = question.teaches(rows.label)
    return taught if rows.weight is None else taught & (rows.weight > 0)


def balanced(rows: LabelledRows, how: Balance, *, seed: int) -> LabelledRows:
    """The rows, weighed so that labels of unequal number count as ``how`` says; every object alike.

    ``even``: good, galactic, garbage and pm alike, as in a balanced sample. ``undersample``: the same by
    leaving out objects drawn at random until all are as few as the rarest. ``stream``: in the proportions of
    the alert stream. ``none``: as many as there are. Other labels keep their weight.
    """
    if how == "none":
        return rows
    if how == "undersample":
        return LabelledRows(rows.table, rows.label, rows.weights * _drawn(rows, seed))
    counted = rows.weights / rows_of_object(rows.table.alert_id)
    shares = EVEN_MIXTURE if how == "even" else STREAM_MIXTURE
    named = np.isin(rows.label, list(shares))
    share = Mixture(rows.label, shares).weights(counted)
    factor = share / share.sum() * counted[named].sum() / np.where(counted > 0, counted, 1)
    return LabelledRows(rows.table, rows.label, np.where(named, factor, 1.0) * rows.weights)


def _drawn(rows: LabelledRows, seed: int) -> NDArray[np.bool_]:
    """As many objects of each label of the even mixture as the rarest has, at random; all of other labels."""
    alert_id, first = np.unique(rows.table.alert_id, return_index=True)
    label = rows.label[first]
    objects = {name: alert_id[label == name] for name in EVEN_MIXTURE if (label == name).any()}
    fewest = min(map(len, objects.values()), default=0)
    rng = np.random.default_rng(seed)
    left_out = [rng.permutation(known)[fewest:] for known in objects.values()]
    return ~np.isin(rows.table.alert_id, np.concatenate(left_out))


def label_weights(recipe: Recipe, label: NDArray[np.str_]) -> Floats:
    """Weight of each row by its label, shape (n,)."""
    weight = np.ones(len(label))
    for name, value in recipe.label_weight.items():
        weight[label == name] = value
    return weight


def rows_of_object(alert_id: NDArray[np.int64]) -> Floats:
    """Tell how many rows each row's object has, shape (n,)."""
    _, member, count = np.unique(alert_id, return_inverse=True, return_counts=True)
    return np.asarray(count[member], dtype=np.float64)


def split_objects(
    alert_id: NDArray[np.int64], label: NDArray[np.str_], parts: int, seed: int
) -> NDArray[np.int64]:
    """Part number of each row, shape (n,): rows of one object stay together, labels are spread evenly.

    An object whose rows carry different labels is spread by the first of them.
    """
    rng = np.random.default_rng(seed)
    _, first, member = np.unique(alert_id, return_index=True, return_inverse=True)
    part = np.empty(len(first), dtype=np.int64)
    for name in np.unique(label[first]):
        objects = np.flatnonzero(label[first] == name)
        part[objects] = (rng.permutation(len(objects)) + rng.integers(parts)) % parts
    return part[member]
