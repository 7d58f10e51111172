"""The whole evaluation of a model at one stage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vra_tui.errors import VraError
from vra_tui.scoring.evaluation.calibration import Calibration, calibrations
from vra_tui.scoring.evaluation.curves import AurakDifference, RankingQuality, measure
from vra_tui.scoring.evaluation.cuts import CutTable, cut_tables
from vra_tui.scoring.evaluation.groups import LabelRanks, UnitRanking, kinds, units
from vra_tui.scoring.evaluation.importance import Importance, importances
from vra_tui.scoring.evaluation.learning import LearningCurve, learning_curve
from vra_tui.scoring.evaluation.sample import RELEVANT, EvaluationSample, objects_in
from vra_tui.scoring.evaluation.scorers import Folds, Probabilities, Scorer, columns_used, fold_objects
from vra_tui.scoring.model.card import StageCard
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.logistic import fit_logistic

Floats = NDArray[np.float64]

#: What the simple alternatives are called among the orders.
LOGISTIC = "logistic"
RB_PIX = "rb_pix"

#: Shuffled columns are asked of at most so many rows, chosen at random; more cost time and tell no more.
IMPORTANCE_ROWS = 5_000


class EvaluationError(VraError):
    """Rows on which nothing can be evaluated; the message says why and what to do."""


class TrainingOverlap(StrEnum):
    """Whether the model that is evaluated was trained on the rows."""

    UNKNOWN = "not what it was trained on, as far as its card tells"
    TRAINED = "TRAINED ON THESE ROWS"
    OUT_OF_FOLD = "out of fold: its recipe, grown without the objects asked about"


@dataclass(frozen=True)
class EvaluatedModel:
    """A model's name, what scores rows for it, and whether it was trained on these rows."""

    name: str
    scorer: Scorer
    seen: TrainingOverlap


@dataclass(frozen=True)
class EvaluationOptions:
    """Options of an evaluation.

    ``splits`` of the objects for the learning curve, ``shuffles`` of each column for its importance: 0
    leaves it out.
    """

    seed: int = 1
    resamples: int = 500
    shuffles: int = 5
    splits: int = 0


@dataclass(frozen=True)
class MissedAlert:
    """A good alert far down the list: ``place`` is the share of the stream that stands above it.

    ``survey``: None for an object of a table, which tells its id only.
    """

    survey: str | None
    object_id: str
    rank: float
    place: float
    rb_pix: float


@dataclass(frozen=True, eq=False)
class StageReport:
    """All figures of a model at one stage. ``orders``: the model first, then what it is held against.

    ``random`` and ``perfect``: AuRaK in the stream of an order that knows nothing, and of one that knows all.
    ``warnings``: what to know before a figure is believed; ``notes``: what else to know of the rows.
    """

    model: str
    stage: str
    seen: TrainingOverlap
    rows: int
    objects: int
    labels: Mapping[str, tuple[int, int]]
    mixture: Mapping[str, float]
    seed: int
    resamples: int
    random: float
    perfect: float
    share_of_good: float
    orders: tuple[RankingQuality, ...]
    differences: tuple[AurakDifference, ...]
    seen_by: Mapping[str, TrainingOverlap]
    cuts: tuple[CutTable, ...]
    kinds: tuple[LabelRanks, ...]
    units: tuple[UnitRanking, ...]
    calibrations: tuple[Calibration, ...]
    importances: tuple[Importance, ...]
    learning: LearningCurve | None
    missed: tuple[MissedAlert, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


#: What is being computed, steps done, steps in all.
Progress = Callable[[str, int, int], None]


def require_evaluable(sample: EvaluationSample) -> None:
    """Raise EvaluationError where there is no recall: no good rows, or no others that the stream has."""
    others = (sample.stream_weight() > 0) & ~sample.good
    if sample.good.any() and others.any():
        return
    what = "none of another label that the stream has" if sample.good.any() else "none of them good"
    raise EvaluationError(
        f"{len(sample)} labelled rows at {sample.stage}, {what}: recall needs good ones and others. "
        "Nothing was evaluated."
    )


def evaluate(
    sample: EvaluationSample,
    models: tuple[EvaluatedModel, ...],
    stage: StageCard,
    options: EvaluationOptions,
    *,
    day1: LabelledRows | None = None,
    progress: Progress = lambda what, done, total: None,
) -> StageReport:
    """Evaluate the first of ``contenders``, whose card has ``stage``, beside the others and what is simple.

    ``day1``: the day-1 rows, for the learning curve at day N. The simple alternatives are the
    order by rb_pix, and a logistic regression that never saw the object it is asked about. Raises
    EvaluationError where there is no recall.
    """
    require_evaluable(sample)
    answers = {one.name: one.scorer(sample.rows.table) for one in models}
    own = answers[models[0].name]
    scores = {name: found.rank for name, found in answers.items()}
    scores[LOGISTIC] = _logistic(fold_objects(sample.rows, None, options.seed))
    scores[RB_PIX] = sample.rows.table.column("rb_pix")
    orders, differences = measure(sample, scores, seed=options.seed, resamples=options.resamples)
    share_of_good = float(sample.stream_weight()[sample.good].sum() / sample.stream_weight().sum())
    learning = None
    if options.splits:
        learning = learning_curve(
            stage,
            sample,
            day1,
            seed=options.seed,
            splits=options.splits,
            resamples=options.resamples,
            progress=lambda done, total: progress("learning curve", done, total),
        )
    return StageReport(
        model=models[0].name,
        stage=sample.stage,
        seen=models[0].seen,
        rows=len(sample),
        objects=objects_in(sample.alert_id),
        labels=sample.counts(),
        mixture=sample.mixture,
        seed=options.seed,
        resamples=options.resamples,
        random=0.5,
        perfect=1 - share_of_good / 2,
        share_of_good=share_of_good,
        orders=orders,
        differences=differences,
        seen_by={one.name: one.seen for one in models},
        cuts=cut_tables(sample, own),
        kinds=kinds(sample, own.rank),
        units=units(sample, own.rank, seed=options.seed, resamples=options.resamples),
        calibrations=calibrations(sample, own),
        importances=_importances(sample, models[0], stage, options, progress),
        learning=learning,
        missed=_missed(sample, own),
    )


def _logistic(folds: Folds) -> Floats:
    """Log-odds of every row by logistic regressions that never saw its object, shape (n,)."""
    result = np.empty(len(folds.rows))
    for fold in folds:
        asked = folds.of_row == fold
        known, _ = folds.known(fold)
        if asked.any():
            result[asked] = fit_logistic(known, RELEVANT).log_odds(folds.rows.where(asked).table)
    return result


def _importances(
    sample: EvaluationSample,
    evaluated: EvaluatedModel,
    stage: StageCard,
    options: EvaluationOptions,
    progress: Progress,
) -> tuple[Importance, ...]:
    if not options.shuffles:
        return ()
    # A scorer by folds must be asked about all of its rows, and there are never many of these.
    if len(sample) > IMPORTANCE_ROWS and evaluated.seen is not TrainingOverlap.OUT_OF_FOLD:
        rng = np.random.default_rng(options.seed)
        chosen = np.zeros(len(sample), dtype=bool)
        chosen[rng.choice(len(sample), IMPORTANCE_ROWS, replace=False)] = True
        sample = sample.where(chosen)
    return importances(
        sample,
        evaluated.scorer,
        columns_used(stage),
        seed=options.seed,
        repeats=options.shuffles,
        progress=lambda done, total: progress("importance", done, total),
    )


def _missed(sample: EvaluationSample, answers: Probabilities, most: int = 10) -> tuple[MissedAlert, ...]:
    """The good objects that stand lowest by the best of their rows, the lowest first."""
    rank, weight = np.nan_to_num(answers.rank, nan=-1.0), sample.stream_weight()
    order = np.argsort(rank, kind="stable")
    above = np.concatenate([np.cumsum(weight[order][::-1])[::-1][1:], [0.0]]) / weight.sum()
    place = np.empty(len(rank))
    place[order] = above
    rows = order[sample.good[order]]
    # From the highest down, the first row of an object is its best.
    _, best = np.unique(sample.alert_id[rows[::-1]], return_index=True)
    lowest = rows[::-1][np.sort(best)[::-1][:most]]
    rb_pix = sample.rows.table.column("rb_pix")
    names = [sample.names.get(number, (None, str(number))) for number in sample.alert_id[lowest].tolist()]
    return tuple(
        MissedAlert(survey, object_id, float(answers.rank[row]), float(place[row]), float(rb_pix[row]))
        for row, (survey, object_id) in zip(lowest.tolist(), names, strict=True)
    )
