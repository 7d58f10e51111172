"""Make one stage of a model: train, cross-validate, and describe it on the card."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.model.card import (
    BoosterCard,
    DataCard,
    QuestionCard,
    QuestionName,
    ScopeCard,
    StageCard,
    ValidationCard,
)
from vra_tui.scoring.model.questions import QUESTIONS, Question
from vra_tui.scoring.model.threads import side_by_side
from vra_tui.scoring.stages import DAY1, DAYN
from vra_tui.scoring.training.boosters import LabelledRows, fit_day1, fit_dayn, unseen_day1
from vra_tui.scoring.training.describing import (
    RowsOrigin,
    booster_card,
    data_card,
    scope_card,
    validation_card,
)
from vra_tui.scoring.training.recipes import SHIPPED, STAGE_FEATURE_SETS, Recipe, Recipes
from vra_tui.scoring.training.validation import OutOfFold, cross_validate, summarise

if TYPE_CHECKING:
    from xgboost import Booster

Ints = NDArray[np.int64]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class MadeStage:
    """A stage's card, the contents of the files it names that are new, and what it was judged by.

    ``folded``: probabilities of the judged rows out of fold, in the order of the rows; None without.
    """

    card: StageCard
    files: dict[str, bytes]
    folded: OutOfFold | None = None


def make_day1(
    rows: LabelledRows,
    source: RowsOrigin,
    *,
    seed: int,
    repeats: int,
    threads: int = 1,
    progress: Progress | None = None,
    recipes: Recipes = SHIPPED,
    judged: Ints | None = None,
) -> MadeStage:
    """Train the day-1 stage. ``repeats`` of cross-validation; 0 leaves it out, and the card says so.

    ``judged``: ids of the objects that it is judged by, all by default. ``threads``: fits side by side.
    """
    files: dict[str, bytes] = {}
    questions: dict[QuestionName, QuestionCard] = {}

    def trees(question: Question) -> "Booster":
        return fit_day1(question, rows, seed=seed, recipes=recipes)

    for question, booster in zip(QUESTIONS, side_by_side(trees, QUESTIONS, threads), strict=True):
        described = _booster(DAY1, question, recipes.day1[question.name], booster, files)
        questions[question.name] = _question(DAY1, question, (described,))
    folded, validation = _judge("first look", (rows,), seed, repeats, threads, progress, recipes, judged)
    scope = (_scope(DAY1, rows, recipes.day1, seed, files),)
    card = StageCard(questions=questions, data=_data(rows, source), scope=scope, validation=validation)
    return MadeStage(card, files, folded)


def make_dayn(
    day1: LabelledRows,
    day1_stage: StageCard,
    visits: LabelledRows,
    source: RowsOrigin,
    *,
    seed: int,
    repeats: int,
    threads: int = 1,
    progress: Progress | None = None,
    recipes: Recipes = SHIPPED,
    judged: Ints | None = None,
) -> MadeStage:
    """Train what visits add to the ``day1_stage``, which was made from the rows ``day1``.

    Other parameters as of `make_day1`.
    """
    files: dict[str, bytes] = {}
    questions: dict[QuestionName, QuestionCard] = {}
    for question in QUESTIONS:
        boosters = day1_stage.questions[question.name].boosters
        if question.name in recipes.dayN:
            known = unseen_day1(question, day1, visits, seed=seed, threads=threads, recipes=recipes)
            booster = fit_dayn(question, visits, known, seed=seed, recipes=recipes)
            boosters += (_booster(DAYN, question, recipes.dayN[question.name], booster, files),)
        questions[question.name] = _question(DAYN, question, boosters)
    folded, validation = _judge(
        "first look plus visits", (day1, visits), seed, repeats, threads, progress, recipes, judged
    )
    # Each part of the stage is in scope of the rows that it was itself trained on.
    scope = (*day1_stage.scope, _scope(DAYN, visits, recipes.dayN, seed, files))
    card = StageCard(questions=questions, data=_data(visits, source), scope=scope, validation=validation)
    return MadeStage(card, files, folded)


def _judge(
    method: str,
    tables: tuple[LabelledRows] | tuple[LabelledRows, LabelledRows],
    seed: int,
    repeats: int,
    threads: int,
    progress: Progress | None,
    recipes: Recipes,
    judged: Ints | None,
) -> tuple[OutOfFold, ValidationCard] | tuple[None, None]:
    """Probabilities of the last table's judged rows out of fold, and how good they are; else None."""
    if not repeats:
        return None, None
    folded = cross_validate(
        *tables,
        seed=seed,
        repeats=repeats,
        threads=threads,
        progress=progress,
        recipes=recipes,
        judged=judged,
    )
    rows = judged_rows(tables[-1], judged)
    return folded, validation_card(method, rows, folded.rank, summarise(rows, folded), seed)


def judged_rows(rows: LabelledRows, judged: Ints | None) -> LabelledRows:
    """The rows of the objects that are judged, in their order: those of `MadeStage.folded`."""
    return rows if judged is None else rows.where(np.isin(rows.table.alert_id, judged))


def _booster(
    stage: str, question: Question, recipe: Recipe, booster: "Booster", files: dict[str, bytes]
) -> BoosterCard:
    return booster_card(f"{stage}.{question.name}.ubj", recipe, booster, files)


def _scope(
    stage: str, rows: LabelledRows, recipes: Mapping[str, Recipe], seed: int, files: dict[str, bytes]
) -> ScopeCard:
    """Sum up the rows in all features that the recipes take from them."""
    features = tuple(dict.fromkeys(name for recipe in recipes.values() for name in recipe.features))
    return scope_card(f"{stage}.scope.json", rows, features, seed, files)


def _question(stage: str, question: Question, boosters: tuple[BoosterCard, ...]) -> QuestionCard:
    return QuestionCard(
        feature_set=STAGE_FEATURE_SETS[stage],
        positive=question.positive,
        negative=question.negative,
        boosters=boosters,
    )


def _data(rows: LabelledRows, source: RowsOrigin) -> DataCard:
    return data_card(rows.table.alert_id, rows.label, source)
