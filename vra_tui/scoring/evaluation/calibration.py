"""Calibration: compare the probabilities of a model with the shares that turned out so."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.evaluation.metrics import Interval
from vra_tui.scoring.evaluation.sample import EvaluationSample, objects_in, wilson
from vra_tui.scoring.evaluation.scorers import Probabilities
from vra_tui.scoring.model.questions import QUESTIONS, Question

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BINS = 10


@dataclass(frozen=True)
class Reliability:
    """Mean probability given, and share that was so, of the rows of a bin.

    The intervals of ``observed`` count objects. ``weight``: the bin's share of all rows.
    """

    given: float
    observed: Interval
    weight: float


@dataclass(frozen=True)
class CalibrationBin:
    """The rows whose probability lies from ``low`` to ``high``: as they are, and weighted to the stream."""

    low: float
    high: float
    rows: int
    objects: int
    sample: Reliability
    stream: Reliability


@dataclass(frozen=True)
class Calibration:
    """One probability, on the rows whose label answers its question; bins without rows are left out.

    The errors are the expected calibration error: the mean over the rows of how far a bin's given
    probability lies from its observed share (Naeini et al. 2015), in the sample and in the stream.
    """

    question: str
    rows: int
    bins: tuple[CalibrationBin, ...]
    error_sample: float
    error_stream: float


def calibrations(sample: EvaluationSample, answers: Probabilities) -> tuple[Calibration, ...]:
    """Calibration of P(real) and P(galactic)."""
    given = {"preal": answers.preal, "pgal": answers.pgal}
    return tuple(
        _calibration(sample, question, given[question.name])
        for question in QUESTIONS
        if question.teaches(sample.label).any()
    )


def _calibration(sample: EvaluationSample, question: Question, given: Floats) -> Calibration:
    known = question.teaches(sample.label) & ~np.isnan(given)
    part, given = sample.where(known), given[known]
    true, weight = question.target(part.label), part.stream_weight()
    number = np.clip(given * BINS, 0, BINS - 1).astype(np.int64)
    bins = []
    for at in np.unique(number).tolist():
        rows = number == at
        objects = objects_in(part.alert_id[rows])
        bins.append(
            CalibrationBin(
                low=at / BINS,
                high=(at + 1) / BINS,
                rows=int(rows.sum()),
                objects=objects,
                sample=_reliability(given, true, np.ones(len(part)), rows, objects),
                stream=_reliability(given, true, weight, rows, objects),
            )
        )
    return Calibration(
        question.name,
        len(part),
        tuple(bins),
        error_sample=_expected_error([found.sample for found in bins]),
        error_stream=_expected_error([found.stream for found in bins]),
    )


def _reliability(given: Floats, true: Floats, weight: Floats, rows: Bools, objects: int) -> Reliability:
    """Of the chosen rows; uneven weights leave fewer independent objects (Kish's effective size)."""
    inside = weight[rows]
    total = inside.sum()
    if not total > 0:  # only labels that the stream's mixture does not name
        return Reliability(float("nan"), wilson(float("nan"), 0), 0.0)
    evenness = total**2 / (inside @ inside) / len(inside)
    return Reliability(
        given=float(inside @ given[rows] / total),
        observed=wilson(float(inside @ true[rows] / total), objects * float(evenness)),
        weight=float(total / weight.sum()),
    )


def _expected_error(bins: list[Reliability]) -> float:
    return float(sum(one.weight * abs(one.given - one.observed.value) for one in bins if one.weight))
