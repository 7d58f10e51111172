"""Cross-validation of the combined rank, repeated, and with the visits of one object never on both sides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, aurak, mixture_weights
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.questions import QUESTIONS, Question
from vra_tui.scoring.model.threads import side_by_side
from vra_tui.scoring.training.boosters import (
    LabelledRows,
    fit_day1,
    fit_dayn,
    margin,
    split_objects,
    unseen_day1,
)
from vra_tui.scoring.training.recipes import SHIPPED, Recipes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDS = 5
#: In place of a fold's number: rows that teach in all of them.
ALWAYS_KNOWN = -1


@dataclass(frozen=True)
class OutOfFold:
    """Probabilities of every row by models that never saw its object; each of shape (repeats, n)."""

    preal: Floats
    pgal: Floats

    @property
    def rank(self) -> Floats:
        """VRA rank, shape (repeats, n)."""
        return rank(self.preal, self.pgal)

    def where(self, chosen: NDArray[np.bool_] | slice) -> "OutOfFold":
        """The probabilities of some of the rows."""
        return OutOfFold(self.preal[:, chosen], self.pgal[:, chosen])


Progress = Callable[[int, int], None]


def cross_validate(
    day1: LabelledRows,
    visits: LabelledRows | None = None,
    *,
    seed: int,
    repeats: int,
    threads: int = 1,
    progress: Progress | None = None,
    recipes: Recipes = SHIPPED,
    judged: Ints | None = None,
) -> OutOfFold:
    """Probabilities out of fold: of the day-1 rows, or of the ``visits`` where these are given.

    An asked object is in neither table of its fold. ``progress`` is called with repeats done and to do.
    ``judged``: ids of the objects to judge, all by default; the others teach in every fold, and their rows
    are left out of the answer. ``threads``: how many fits run side by side; their number changes nothing.
    """

    def once(seed_now: int) -> dict[str, Floats]:
        if visits is None:
            part = of_day1 = day1_folds(day1, judged, seed_now)
        else:
            of_day1, part = dayn_folds(day1, visits, judged, seed_now)

        def fold(number: int, question: Question) -> tuple[NDArray[np.bool_], Floats]:
            taught = None if visits is None else visits.where(part != number)
            asked = (day1 if visits is None else visits).where(part == number)
            known = day1.where(of_day1 != number)
            return part == number, _margins(question, known, taught, asked, seed=seed_now, recipes=recipes)

        return _folded(fold, part, threads)

    return _repeated(once, seed, repeats, progress)


def _margins(
    question: Question,
    day1: LabelledRows,
    visits: LabelledRows | None,
    asked: LabelledRows,
    *,
    seed: int,
    recipes: Recipes,
) -> Floats:
    """Log-odds of the asked rows by boosters of ``day1``, and by what ``visits`` add to it."""
    first = fit_day1(question, day1, seed=seed, recipes=recipes)
    log_odds = margin(first, feature_matrix(asked.table, recipes.day1[question.name].features))
    if visits is not None and question.name in recipes.dayN:
        taught = unseen_day1(question, day1, visits, seed=seed, recipes=recipes)
        later = fit_dayn(question, visits, taught, seed=seed, recipes=recipes)
        log_odds += margin(later, feature_matrix(asked.table, recipes.dayN[question.name].features))
    return log_odds


def day1_folds(rows: LabelledRows, judged: Ints | None, seed: int) -> Ints:
    """The fold in which each row is asked, shape (n,); `ALWAYS_KNOWN` for objects that are not judged."""
    return _parts(rows.table.alert_id, rows.label, judged, seed)


def dayn_folds(day1: LabelledRows, visits: LabelledRows, judged: Ints | None, seed: int) -> tuple[Ints, Ints]:
    """The folds of the rows of both tables; objects with visits are spread among themselves."""
    alert_id = np.concatenate([visits.table.alert_id, day1.table.alert_id])
    label = np.concatenate([visits.label, day1.label])
    visited = np.isin(alert_id, visits.table.alert_id)
    kind = np.char.add(label.astype(np.str_), np.where(visited, " visited", ""))
    part = _parts(alert_id, kind, judged, seed)
    return part[len(visits) :], part[: len(visits)]


def _parts(alert_id: Ints, kind: NDArray[np.str_], judged: Ints | None, seed: int) -> Ints:
    if judged is None:
        return split_objects(alert_id, kind, FOLDS, seed)
    part = np.full(len(alert_id), ALWAYS_KNOWN)
    asked = np.isin(alert_id, judged)
    part[asked] = split_objects(alert_id[asked], kind[asked], FOLDS, seed)
    return part


def _folded(
    fold: Callable[[int, Question], tuple[NDArray[np.bool_], Floats]], part: Ints, threads: int
) -> dict[str, Floats]:
    """Log-odds of each question for the judged rows, from the folds that ask them."""
    jobs = [(number, question) for number in range(FOLDS) for question in QUESTIONS]
    result: dict[str, Floats] = {question.name: np.empty(len(part)) for question in QUESTIONS}
    found = side_by_side(lambda job: fold(*job), jobs, threads)
    for (_, question), (asked, log_odds) in zip(jobs, found, strict=True):
        result[question.name][asked] = log_odds
    return {name: log_odds[part != ALWAYS_KNOWN] for name, log_odds in result.items()}


def _repeated(
    once: Callable[[int], dict[str, Floats]], seed: int, repeats: int, progress: Progress | None
) -> OutOfFold:
    preal, pgal = [], []
    for number in range(repeats):
        margins = once(seed + number)
        preal.append(probability(margins["preal"]))
        pgal.append(probability(margins["pgal"]))
        if progress:
            progress(number + 1, repeats)
    return OutOfFold(np.array(preal), np.array(pgal))


def probability(log_odds: Floats) -> Floats:
    """Logistic function, any shape, without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * log_odds)))


@dataclass(frozen=True)
class Figure:
    """Mean and standard deviation over the repeats."""

    mean: float
    spread: float


def summarise(rows: LabelledRows, folded: OutOfFold) -> dict[str, Figure]:
    """AuRaK of the stream's mixture, relevant = good: of the rank, of each probability, of rb_pix alone."""
    rb_pix = rows.table.column("rb_pix")[np.newaxis]
    orders = {"rank": folded.rank, "preal": folded.preal, "pgal": -folded.pgal, "rb_pix": rb_pix}
    return figures(orders, rows.label)


def figures(orders: Mapping[str, Floats], label: NDArray[np.str_]) -> dict[str, Figure]:
    """AuRaK of the stream's mixture, relevant = good, of each order of rows, shape (repeats, n)."""
    weight, good = mixture_weights(label, STREAM_MIXTURE), label == "good"

    def over(scores: Floats) -> Figure:
        found = [aurak(score, good, weight) for score in scores]
        return Figure(float(np.mean(found)), float(np.std(found, ddof=1)) if len(found) > 1 else 0.0)

    return {name: over(scores) for name, scores in orders.items()}
