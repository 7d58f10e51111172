"""Cross-validation of the combined rank, repeated, and with the visits of one object never on both sides."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.rank import rank
from vra_tui.scoring.derived import feature_matrix
from vra_tui.scoring.metrics import STREAM_MIXTURE, aurak, mixture_weights
from vra_tui.scoring.questions import QUESTIONS, Question
from vra_tui.scoring.recipes import FIRST_LOOK, VISITS
from vra_tui.scoring.training import (
    LabelledRows,
    fit_first_look,
    fit_visits,
    margin,
    split_objects,
    unseen_first_look,
)

Floats = NDArray[np.float64]
FOLDS = 5


@dataclass(frozen=True)
class OutOfFold:
    """Probabilities of every row by models that never saw its object; each of shape (repeats, n)."""

    preal: Floats
    pgal: Floats

    @property
    def rank(self) -> Floats:
        """VRA rank, shape (repeats, n)."""
        return rank(self.preal, self.pgal)


Progress = Callable[[int, int], None]


def cross_validate_day1(
    rows: LabelledRows, *, seed: int, repeats: int, threads: int = 1, progress: Progress | None = None
) -> OutOfFold:
    """Day-1 probabilities out of fold. ``progress`` is called with repeats done and to do."""

    def once(seed_now: int) -> dict[str, Floats]:
        part = split_objects(rows.table.atlas_id, rows.label, FOLDS, seed_now)
        result: dict[str, Floats] = {question.name: np.empty(len(rows)) for question in QUESTIONS}
        for fold in range(FOLDS):
            for question in QUESTIONS:
                asked, known = part == fold, rows.where(part != fold)
                booster = fit_first_look(question, known, seed=seed_now, threads=threads)
                matrix = feature_matrix(rows.where(asked).table, FIRST_LOOK[question.name].features)
                result[question.name][asked] = margin(booster, matrix)
        return result

    return _repeated(once, seed, repeats, progress)


def cross_validate_dayn(
    day1: LabelledRows,
    visits: LabelledRows,
    *,
    seed: int,
    repeats: int,
    threads: int = 1,
    progress: Progress | None = None,
) -> OutOfFold:
    """Day-N probabilities of the visit rows out of fold: an asked object is in neither table of its fold."""

    def once(seed_now: int) -> dict[str, Floats]:
        part = _split_visits_evenly(day1, visits, seed_now)
        of_day1, of_visit = part[: len(day1)], part[len(day1) :]
        result: dict[str, Floats] = {question.name: np.empty(len(visits)) for question in QUESTIONS}
        for fold in range(FOLDS):
            for question in QUESTIONS:
                result[question.name][of_visit == fold] = _dayn_margins(
                    question,
                    day1.where(of_day1 != fold),
                    visits.where(of_visit != fold),
                    visits.where(of_visit == fold),
                    seed=seed_now,
                    threads=threads,
                )
        return result

    return _repeated(once, seed, repeats, progress)


def _dayn_margins(
    question: Question,
    day1: LabelledRows,
    visits: LabelledRows,
    asked: LabelledRows,
    *,
    seed: int,
    threads: int,
) -> Floats:
    first = fit_first_look(question, day1, seed=seed, threads=threads)
    log_odds = margin(first, feature_matrix(asked.table, FIRST_LOOK[question.name].features))
    if question.name in VISITS:
        taught = unseen_first_look(question, day1, visits, seed=seed, threads=threads)
        later = fit_visits(question, visits, taught, seed=seed, threads=threads)
        log_odds += margin(later, feature_matrix(asked.table, VISITS[question.name].features))
    return log_odds


def _split_visits_evenly(day1: LabelledRows, visits: LabelledRows, seed: int) -> NDArray[np.int64]:
    """Part numbers of the rows of both tables; objects with visits are spread among themselves."""
    atlas_id = np.concatenate([visits.table.atlas_id, day1.table.atlas_id])
    label = np.concatenate([visits.label, day1.label])
    visited = np.isin(atlas_id, visits.table.atlas_id)
    kind = np.char.add(label.astype(np.str_), np.where(visited, " visited", ""))
    part = split_objects(atlas_id, kind, FOLDS, seed)
    return np.concatenate([part[len(visits) :], part[: len(visits)]])


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
    weight = mixture_weights(rows.label, STREAM_MIXTURE)
    good = rows.label == "good"

    def over(scores: Floats) -> Figure:
        found = [aurak(score, good, weight) for score in scores]
        return Figure(float(np.mean(found)), float(np.std(found, ddof=1)) if len(found) > 1 else 0.0)

    return {
        "rank": over(folded.rank),
        "preal": over(folded.preal),
        "pgal": over(-folded.pgal),
        "rb_pix": over(rows.table.column("rb_pix")[np.newaxis]),
    }
