"""Search the best settings of the trees, by grouped cross-validation on the combined rank."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, aurak, mixture_weights
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.questions import PREAL, QUESTIONS, Question
from vra_tui.scoring.model.threads import side_by_side
from vra_tui.scoring.training.boosters import (
    LabelledRows,
    fit_day1,
    fit_dayn,
    margin,
    unseen_day1,
)
from vra_tui.scoring.training.recipes import SHIPPED, Recipes
from vra_tui.scoring.training.validation import (
    ALWAYS_KNOWN,
    FOLDS,
    day1_folds,
    dayn_folds,
    probability,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Values of the trees' numbers by name, ``rounds`` among them.
Trees = Mapping[str, float]
Space = Mapping[str, tuple[float, ...]]

#: What `grid` goes through. Rounds cost nothing beside the greatest of them: a booster of fewer is its start.
DAY1_SPACE: Space = MappingProxyType(
    {
        "eta": (0.03, 0.1),
        "max_depth": (2, 3, 4),
        "min_child_weight": (2, 10),
        "lambda": (3,),
        "rounds": (100, 200, 300, 450, 600),
    }
)
DAYN_SPACE: Space = MappingProxyType(
    {
        "eta": (0.05, 0.1),
        "max_depth": (1, 2, 3),
        "min_child_weight": (3, 15),
        "lambda": (5,),
        "rounds": (30, 60, 120, 240),
    }
)

#: Between what `drawn` draws, evenly in the logarithm; rounds are those of the grid.
DRAWN: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"eta": (0.01, 0.2), "max_depth": (1, 6), "min_child_weight": (1, 30), "lambda": (0.5, 30)}
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class BestTrees:
    """The trees with the greatest AuRaK out of fold; none where the recipe's own are not beaten.

    ``aurak_of_recipe``: of the recipe's own on the same folds. ``tried``: how many settings.
    """

    trees: Trees
    aurak: float
    aurak_of_recipe: float
    tried: int


def grid(space: Space) -> list[Trees]:
    """Every combination of the values of a space but for the rounds, which every booster runs through."""
    names = [name for name in space if name != "rounds"]
    return [dict(zip(names, values, strict=True)) for values in product(*(space[name] for name in names))]


def drawn(number: int, seed: int) -> list[Trees]:
    """So many combinations at random, within bounds that hold for both stages."""
    rng = np.random.default_rng(seed)
    low, high = (np.log([bounds[end] for bounds in DRAWN.values()]) for end in (0, 1))
    values = np.exp(rng.uniform(low, high, (number, len(DRAWN))))
    rounded = [
        {name: float(f"{value:.2g}") for name, value in zip(DRAWN, row, strict=True)} for row in values
    ]
    return [{**trees, "max_depth": round(trees["max_depth"])} for trees in rounded]


def search_day1(
    rows: LabelledRows,
    candidates: Sequence[Trees],
    rounds: Sequence[float],
    *,
    seed: int,
    recipes: Recipes = SHIPPED,
    judged: Ints | None = None,
    threads: int = 1,
    progress: Progress = lambda done, of: None,
) -> BestTrees:
    """The best trees for the two questions of day 1 together, among ``candidates`` at all ``rounds``.

    The recipe's own are tried too. ``judged`` and ``threads`` as in `validation.cross_validate`;
    ``progress`` is called with combinations done and to do.
    """
    part = day1_folds(rows, judged, seed)
    own = recipes.day1[PREAL.name]

    def out_of_fold(trees: Trees, number: int, question: Question, steps: Sequence[int]) -> Floats:
        tried = recipes.with_trees(day1={**trees, "rounds": max(steps)})
        booster = fit_day1(question, rows.where(part != number), seed=seed, recipes=tried)
        matrix = feature_matrix(rows.where(part == number).table, own.features)
        return np.array([margin(booster, matrix, step) for step in steps])

    def preal_and_pgal(trees: Trees, steps: Sequence[int]) -> tuple[Floats, Floats]:
        log_odds = {question.name: np.empty((len(steps), len(rows))) for question in QUESTIONS}
        jobs = [(number, question) for number in range(FOLDS) for question in QUESTIONS]
        found = side_by_side(lambda job: out_of_fold(trees, *job, steps), jobs, threads)
        for (number, question), values in zip(jobs, found, strict=True):
            log_odds[question.name][:, part == number] = values
        return log_odds["preal"], log_odds["pgal"]

    return _best(preal_and_pgal, candidates, rounds, own.rounds, rows.label, part, progress)


def search_dayn(
    day1: LabelledRows,
    visits: LabelledRows,
    candidates: Sequence[Trees],
    rounds: Sequence[float],
    *,
    seed: int,
    recipes: Recipes = SHIPPED,
    judged: Ints | None = None,
    threads: int = 1,
    progress: Progress = lambda done, of: None,
) -> BestTrees:
    """The best trees for what visits add to P(real), with day 1 as ``recipes`` have it.

    Parameters as of `search_day1`.
    """
    of_day1, part = dayn_folds(day1, visits, judged, seed)
    own = recipes.dayN[PREAL.name]
    matrix = feature_matrix(visits.table, own.features)
    folds = [_fold(day1, visits, of_day1, part, number, seed, recipes, threads) for number in range(FOLDS)]

    def out_of_fold(trees: Trees, fold: _Fold, steps: Sequence[int]) -> Floats:
        tried = recipes.with_trees(dayN={**trees, "rounds": max(steps)})
        taught = visits.where(part != fold.number)
        booster = fit_dayn(PREAL, taught, fold.taught, seed=seed, recipes=tried)
        asked = matrix[part == fold.number]
        return np.array([fold.first["preal"] + margin(booster, asked, step) for step in steps])

    def preal_and_pgal(trees: Trees, steps: Sequence[int]) -> tuple[Floats, Floats]:
        preal, pgal = np.empty((2, len(steps), len(visits)))
        found = side_by_side(lambda fold: out_of_fold(trees, fold, steps), folds, threads)
        for fold, values in zip(folds, found, strict=True):
            preal[:, part == fold.number] = values
            pgal[:, part == fold.number] = fold.first["pgal"]
        return preal, pgal

    return _best(preal_and_pgal, candidates, rounds, own.rounds, visits.label, part, progress)


@dataclass(frozen=True)
class _Fold:
    """What the visits' boosters of a fold start from: day-1 boosters that never saw the object of the row.

    ``taught``: log-odds of P(real) of the visits that teach. ``first``: of the visits asked, by question.
    """

    number: int
    taught: Floats
    first: Mapping[str, Floats]


def _fold(
    day1: LabelledRows,
    visits: LabelledRows,
    of_day1: Ints,
    of_visit: Ints,
    number: int,
    seed: int,
    recipes: Recipes,
    threads: int,
) -> _Fold:
    known = day1.where(of_day1 != number)
    asked = visits.where(of_visit == number).table

    def day1_margin(question: Question) -> Floats:
        booster = fit_day1(question, known, seed=seed, recipes=recipes)
        return margin(booster, feature_matrix(asked, recipes.day1[question.name].features))

    first = side_by_side(day1_margin, QUESTIONS, threads)
    teaching = visits.where(of_visit != number)
    return _Fold(
        number,
        unseen_day1(PREAL, known, teaching, seed=seed, threads=threads, recipes=recipes),
        {question.name: log_odds for question, log_odds in zip(QUESTIONS, first, strict=True)},
    )


def _best(
    log_odds_of: Callable[[Trees, Sequence[int]], tuple[Floats, Floats]],
    candidates: Sequence[Trees],
    rounds: Sequence[float],
    own_rounds: int,
    label: NDArray[np.str_],
    part: Ints,
    progress: Progress,
) -> BestTrees:
    """The first of those with the greatest AuRaK of the stream's mixture, over all judged rows."""
    judged = part != ALWAYS_KNOWN
    weight, good = mixture_weights(label[judged], STREAM_MIXTURE), label[judged] == "good"

    def figures(trees: Trees, steps: Sequence[int]) -> list[float]:
        preal, pgal = (probability(log_odds[:, judged]) for log_odds in log_odds_of(trees, steps))
        return [aurak(found, good, weight) for found in rank(preal, pgal)]

    steps = sorted({int(step) for step in rounds})
    of_recipe = figures({}, [own_rounds])[0]
    trees: Trees = {}
    best = of_recipe
    for number, candidate in enumerate(candidates, start=1):
        found = figures(candidate, steps)
        if max(found) > best:
            best = max(found)
            trees = {**candidate, "rounds": steps[int(np.argmax(found))]}
        progress(number, len(candidates))
    return BestTrees(trees, best, of_recipe, len(candidates) * len(steps))
