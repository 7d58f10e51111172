"""Who gives the scores that are evaluated: a model as it is, or its recipe grown without the rows asked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.ranking.rank import rank
from vra_tui.scoring.card import BoosterCard, QuestionCard, StageCard
from vra_tui.scoring.derived import columns_needed, feature_matrix
from vra_tui.scoring.model import Model
from vra_tui.scoring.questions import QUESTIONS, Question
from vra_tui.scoring.recipes import VISIT_OBJECT_WEIGHT, Recipe
from vra_tui.scoring.training import (
    CROSS_FIT_PARTS,
    LabelledRows,
    fit,
    label_weights,
    margin,
    rows_of_object,
    split_objects,
)
from vra_tui.scoring.validation import FOLDS, probability

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """P(real) and P(galactic) of n rows, each of shape (n,)."""

    preal: Floats
    pgal: Floats

    @property
    def rank(self) -> Floats:
        """VRA rank, shape (n,)."""
        return rank(self.preal, self.pgal)


#: Answers for the rows of a table. A judge by folds knows its rows by their place: it must be asked about
#: all of them, in the order in which it got them.
Judge = Callable[[FeatureTable], Answers]

Progress = Callable[[int, int], None]


def by_model(model: Model, stage: str) -> Judge:
    """The model as it is. The judge raises ModelError as ``Model.scores`` does."""

    def judge(table: FeatureTable) -> Answers:
        scores = model.scores(table, stage)
        return Answers(scores.preal, scores.pgal)

    return judge


def columns_used(stage: StageCard) -> tuple[str, ...]:
    """The table columns on which the rank of a stage rests."""
    boosters = [part for question in QUESTIONS for part in stage.questions[question.name].boosters]
    return columns_needed([name for booster in boosters for name in booster.features])


@dataclass(frozen=True)
class _Grown:
    """A question's boosters, grown anew, with the features each of them sees."""

    parts: tuple[tuple[tuple[str, ...], "Booster"], ...]

    def probability(self, table: FeatureTable) -> Floats:
        log_odds = np.zeros(len(table))
        for features, booster in self.parts:
            log_odds += margin(booster, feature_matrix(table, features))
        return probability(log_odds)


def grow(stage: StageCard, rows: LabelledRows, day1: LabelledRows | None, *, seed: int) -> Judge:
    """Train a stage's recipe, as its card has it, on ``rows``.

    ``day1``: for day N the rows of the first look, to whose log-odds the visits add; None at day 1.
    """
    grown = {
        question.name: _Grown(_boosters(stage.questions[question.name], question, rows, day1, seed))
        for question in QUESTIONS
    }
    return lambda table: Answers(grown["preal"].probability(table), grown["pgal"].probability(table))


def _boosters(
    card: QuestionCard, question: Question, rows: LabelledRows, day1: LabelledRows | None, seed: int
) -> tuple[tuple[tuple[str, ...], "Booster"], ...]:
    asked = Question(question.name, card.positive, card.negative)
    first, later = card.boosters[0], card.boosters[1:]
    taught = rows if day1 is None else day1
    parts = [(first.features, _fit(first, asked, taught, seed))]
    for booster in later:
        known = _unseen(first, asked, taught, rows, seed)
        parts.append((booster.features, _fit(booster, asked, rows, seed, known)))
    return tuple(parts)


def _fit(
    card: BoosterCard, question: Question, rows: LabelledRows, seed: int, first_look: Floats | None = None
) -> "Booster":
    """One booster; with ``first_look`` (log-odds, shape (n,)) what visits add to it, as `fit_visits` does."""
    # A card holds all parameters as floats; XGBoost wants the depth of a tree as an integer.
    parameters = {
        name: int(value) if value == int(value) else value for name, value in card.parameters.items()
    }
    recipe = Recipe(card.features, card.rounds, parameters, card.monotone, card.label_weight)
    taught = question.teaches(rows.label)
    known = rows.where(taught)
    weight = label_weights(recipe, known.label)
    if first_look is not None:
        weight = weight * VISIT_OBJECT_WEIGHT / rows_of_object(known.table.atlas_id)
    return fit(
        recipe,
        feature_matrix(known.table, recipe.features),
        question.target(known.label),
        seed=seed,
        weight=weight,
        base_margin=None if first_look is None else first_look[taught],
    )


def _unseen(
    first: BoosterCard, question: Question, day1: LabelledRows, visits: LabelledRows, seed: int
) -> Floats:
    """First-look log-odds of each visit row, shape (n,), by trees that never saw its object."""
    of_day1, of_visit = split_two(day1, visits, CROSS_FIT_PARTS, seed)
    result = np.empty(len(visits))
    for number in range(CROSS_FIT_PARTS):
        asked = of_visit == number
        booster = _fit(first, question, day1.where(of_day1 != number), seed)
        result[asked] = margin(booster, feature_matrix(visits.where(asked).table, first.features))
    return result


def split_two(
    day1: LabelledRows, visits: LabelledRows, parts: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Part numbers of the rows of both tables: an object is in one part, those with visits spread evenly."""
    atlas_id = np.concatenate([visits.table.atlas_id, day1.table.atlas_id])
    visited = np.isin(atlas_id, visits.table.atlas_id)
    kind = np.char.add(np.concatenate([visits.label, day1.label]), np.where(visited, " visited", ""))
    part = split_objects(atlas_id, kind, parts, seed)
    return part[len(visits) :], part[: len(visits)]


@dataclass(frozen=True, eq=False)
class Folds:
    """The rows of one stage, the fold of each (shape (n,)), and for day N the rows of the first look."""

    rows: LabelledRows
    of_row: NDArray[np.int64]
    day1: LabelledRows | None = None
    of_day1: NDArray[np.int64] | None = None

    def known(self, fold: int) -> tuple[LabelledRows, LabelledRows | None]:
        """What may be learned from when the rows of ``fold`` are asked about."""
        rows = self.rows.where(self.of_row != fold)
        if self.day1 is None or self.of_day1 is None:
            return rows, None
        return rows, self.day1.where(self.of_day1 != fold)

    def __iter__(self) -> Iterator[int]:
        return iter(range(FOLDS))


def fold_objects(rows: LabelledRows, day1: LabelledRows | None, seed: int) -> Folds:
    """Folds by object: an object is never on both sides, in neither table."""
    if day1 is None:
        return Folds(rows, split_objects(rows.table.atlas_id, rows.label, FOLDS, seed))
    of_day1, of_row = split_two(day1, rows, FOLDS, seed)
    return Folds(rows, of_row, day1, of_day1)


def out_of_fold(
    stage: StageCard, folds: Folds, *, seed: int, progress: Progress = lambda done, total: None
) -> Judge:
    """The recipe of a stage, each row judged by trees that never saw its object."""
    judges = []
    for fold in folds:
        judges.append(grow(stage, *folds.known(fold), seed=seed))
        progress(fold + 1, FOLDS)
    return joined(judges, folds)


def joined(judges: Sequence[Judge], folds: Folds) -> Judge:
    """One judge of all rows: each row is asked of the judge of its fold."""

    def judge(table: FeatureTable) -> Answers:
        preal, pgal = np.full((2, len(table)), np.nan)
        for fold, one in enumerate(judges):
            asked = folds.of_row == fold
            if asked.any():
                answers = one(FeatureTable(table.atlas_id[asked], table.names, table.values[asked]))
                preal[asked], pgal[asked] = answers.preal, answers.pgal
        return Answers(preal, pgal)

    return judge
