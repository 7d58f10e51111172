"""Scorers for an evaluation: a model as it is, or its recipe trained without the rows asked about."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.ranking.rank import rank
from vra_tui.scoring.model.card import BoosterCard, StageCard
from vra_tui.scoring.model.derived import columns_needed, feature_matrix
from vra_tui.scoring.model.questions import QUESTIONS, Question
from vra_tui.scoring.model.trained import Model
from vra_tui.scoring.training.boosters import (
    LabelledRows,
    fit_day1,
    fit_dayn,
    margin,
    unseen_day1,
)
from vra_tui.scoring.training.recipes import Recipe, Recipes
from vra_tui.scoring.training.validation import FOLDS, day1_folds, dayn_folds, probability

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Probabilities:
    """P(real) and P(galactic) of n rows, each of shape (n,)."""

    preal: Floats
    pgal: Floats

    @property
    def rank(self) -> Floats:
        """VRA rank, shape (n,)."""
        return rank(self.preal, self.pgal)


#: Gives the probabilities of a table's rows. A scorer by folds knows its rows by their order: ask it about
#: all of them, in the order in which it got them.
Scorer = Callable[[FeatureTable], Probabilities]

Progress = Callable[[int, int], None]


def model_scorer(model: Model, stage: str) -> Scorer:
    """Score with the model as it is. The scorer raises ModelError as ``Model.scores`` does."""

    def scorer(table: FeatureTable) -> Probabilities:
        scores = model.scores(table, stage)
        return Probabilities(scores.preal, scores.pgal)

    return scorer


def columns_used(stage: StageCard) -> tuple[str, ...]:
    """The table columns on which the rank of a stage rests."""
    boosters = [part for question in QUESTIONS for part in stage.questions[question.name].boosters]
    return columns_needed([name for booster in boosters for name in booster.features])


def recipes_of(stage: StageCard) -> Recipes:
    """Tell how the trees of a stage were grown: at day 1, and where there are any, at day N."""
    boosters = {question.name: stage.questions[question.name].boosters for question in QUESTIONS}
    return Recipes(
        day1={name: _recipe(found[0]) for name, found in boosters.items()},
        dayN={name: _recipe(found[1]) for name, found in boosters.items() if len(found) > 1},
    )


def _recipe(card: BoosterCard) -> Recipe:
    # A card holds all parameters as floats; XGBoost wants the depth of a tree as an integer.
    parameters = {
        name: int(value) if value == int(value) else value for name, value in card.parameters.items()
    }
    return Recipe(card.features, card.rounds, parameters, card.monotone, card.label_weight)


def grow(stage: StageCard, rows: LabelledRows, day1: LabelledRows | None, *, seed: int) -> Scorer:
    """Train a stage's recipe, as its card has it, on ``rows``.

    ``day1``: for day N the day-1 rows, to whose log-odds the visits add; None at day 1.
    """
    recipes = recipes_of(stage)
    grown: dict[str, list[tuple[tuple[str, ...], Booster]]] = {}
    for known in QUESTIONS:
        card = stage.questions[known.name]
        question = Question(known.name, card.positive, card.negative)
        taught = rows if day1 is None else day1
        first = fit_day1(question, taught, seed=seed, recipes=recipes)
        grown[known.name] = [(recipes.day1[known.name].features, first)]
        if known.name in recipes.dayN:
            unseen = unseen_day1(question, taught, rows, seed=seed, recipes=recipes)
            later = fit_dayn(question, rows, unseen, seed=seed, recipes=recipes)
            grown[known.name].append((recipes.dayN[known.name].features, later))

    def answer(name: str, table: FeatureTable) -> Floats:
        log_odds = np.zeros(len(table))
        for features, booster in grown[name]:
            log_odds += margin(booster, feature_matrix(table, features))
        return probability(log_odds)

    return lambda table: Probabilities(answer("preal", table), answer("pgal", table))


@dataclass(frozen=True, eq=False)
class Folds:
    """The rows of one stage, the fold of each (shape (n,)), and for day N the day-1 rows."""

    rows: LabelledRows
    of_row: NDArray[np.int64]
    day1: LabelledRows | None = None
    of_day1: NDArray[np.int64] | None = None

    def known(self, fold: int) -> tuple[LabelledRows, LabelledRows | None]:
        """Return what may be learned from when the rows of ``fold`` are asked about."""
        rows = self.rows.where(self.of_row != fold)
        if self.day1 is None or self.of_day1 is None:
            return rows, None
        return rows, self.day1.where(self.of_day1 != fold)

    def __iter__(self) -> Iterator[int]:
        return iter(range(FOLDS))


def fold_objects(rows: LabelledRows, day1: LabelledRows | None, seed: int) -> Folds:
    """Folds by object: an object is never on both sides, in neither table."""
    if day1 is None:
        return Folds(rows, day1_folds(rows, None, seed))
    of_day1, of_row = dayn_folds(day1, rows, None, seed)
    return Folds(rows, of_row, day1, of_day1)


def out_of_fold(
    stage: StageCard, folds: Folds, *, seed: int, progress: Progress = lambda done, total: None
) -> Scorer:
    """The recipe of a stage, each row scored by trees that never saw its object."""
    scorers = []
    for fold in folds:
        scorers.append(grow(stage, *folds.known(fold), seed=seed))
        progress(fold + 1, FOLDS)
    return joined(scorers, folds)


def joined(scorers: Sequence[Scorer], folds: Folds) -> Scorer:
    """One scorer of all rows: each row is given to the scorer of its fold."""

    def scorer(table: FeatureTable) -> Probabilities:
        preal, pgal = np.full((2, len(table)), np.nan)
        for fold, one in enumerate(scorers):
            asked = folds.of_row == fold
            if asked.any():
                answers = one(FeatureTable(table.alert_id[asked], table.names, table.values[asked]))
                preal[asked], pgal[asked] = answers.preal, answers.pgal
        return Probabilities(preal, pgal)

    return scorer
