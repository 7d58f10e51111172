"""Prepare an evaluation: the rows, the models, and whether a model was trained on these rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.evaluation.report import (
    LOGISTIC,
    RB_PIX,
    EvaluatedModel,
    EvaluationError,
    StageReport,
    TrainingOverlap,
)
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.scorers import Progress, fold_objects, model_scorer, out_of_fold
from vra_tui.scoring.model.card import ModelCard, StageCard
from vra_tui.scoring.model.derived import columns_needed
from vra_tui.scoring.model.trained import Model
from vra_tui.scoring.stages import DAY1
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.logistic import FIVE_FEATURES
from vra_tui.scoring.training.table_labels import shortage
from vra_tui.scoring.training.validation import FOLDS

_MJD_EPOCH, _DAY = datetime(1858, 11, 17, tzinfo=UTC), timedelta(days=1)

LABELS_OF_A_STORE = (
    "The labels are those that scanners gave, with the scores before them. An alert that the policies "
    "discarded and nobody looked at is not among them: recall is of what was looked at."
)


@dataclass(frozen=True, eq=False)
class EvaluationRows:
    """The rows to evaluate on, and for day N the day-1 rows, where they are at hand.

    ``checksums``: SHA-256 of the feature tables that the rows were read from. ``decided_mjd``: when the label
    of each row was given, shape (n,); None for those of a table, where that is not known. ``notes``: what
    else there is to know of the rows.
    """

    sample: EvaluationSample
    day1: LabelledRows | None = None
    checksums: frozenset[str] = frozenset()
    decided_mjd: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()

    def where(self, chosen: NDArray[np.bool_]) -> "EvaluationRows":
        """The chosen rows."""
        decided = None if self.decided_mjd is None else self.decided_mjd[chosen]
        return replace(self, sample=self.sample.where(chosen), decided_mjd=decided)


def columns_to_read(models: tuple[Model, ...], stage: str) -> tuple[str, ...]:
    """What a feature table must have for these models and the simple alternatives. Raises ModelError."""
    names = [name for model in models for name in model.columns_for_rank(stage)]
    return tuple(dict.fromkeys([*names, *columns_needed(FIVE_FEATURES), "rb_pix"]))


def stage_of(model: Model, stage: str) -> StageCard:
    """Return the card of a stage. Raises ModelError for a stage the model lacks."""
    model.questions(stage)
    return next(card for name, card in model.card.stages.items() if name == stage)


def evaluated_models(
    model: Model,
    other: Model | None,
    rows: EvaluationRows,
    *,
    cross_validate: bool,
    seed: int,
    progress: Progress = lambda done, total: None,
) -> tuple[EvaluatedModel, ...]:
    """The model and, if any, the one it is held against.

    With ``cross_validate`` the model's recipe takes its place, grown without the objects asked about; so does
    the other's where these rows trained it. Raises EvaluationError where day 1's rows are wanting for that.
    """
    taken = {LOGISTIC, RB_PIX}
    name = model.name if model.name not in taken else f"{model.name} (model)"
    found = [_evaluated_model(model, name, rows, cross_validate, seed, progress)]
    if other is not None:
        other_name = other.name if other.name not in {*taken, name} else f"{other.name} (other)"
        again = cross_validate and trained_on(other.card, rows)
        found.append(_evaluated_model(other, other_name, rows, again, seed, progress))
    return tuple(found)


def _evaluated_model(
    model: Model, name: str, rows: EvaluationRows, cross_validate: bool, seed: int, progress: Progress
) -> EvaluatedModel:
    stage = rows.sample.stage
    if not cross_validate:
        seen = TrainingOverlap.TRAINED if trained_on(model.card, rows) else TrainingOverlap.UNKNOWN
        return EvaluatedModel(name, model_scorer(model, stage), seen)
    missing = shortage(rows.sample.rows, stage, fewest=2 * FOLDS)
    if missing:
        raise EvaluationError(f"{missing} Nothing was evaluated.")
    day1 = day1_rows(rows, "--cross-validate")
    folds = fold_objects(rows.sample.rows, day1, seed)
    scorer = out_of_fold(stage_of(model, stage), folds, seed=seed, progress=progress)
    return EvaluatedModel(name, scorer, TrainingOverlap.OUT_OF_FOLD)


def day1_rows(rows: EvaluationRows, option: str) -> LabelledRows | None:
    """The day-1 rows for day N, None at day 1. Raises EvaluationError where there are none."""
    if rows.sample.stage == DAY1:
        return None
    if rows.day1 is None or not len(rows.day1):
        raise EvaluationError(
            f"{option} at dayN grows the day1 stage anew too: give its rows with --day1-features and "
            "--day1-labels. Nothing was evaluated."
        )
    return rows.day1


def trained_on(card: ModelCard, rows: EvaluationRows) -> bool:
    """Tell whether some of these rows trained the model, as far as its card tells.

    That is so for the very table that a stage was trained on, and for labels that were given before the last
    of those that it was trained on.
    """
    if not rows.checksums.isdisjoint(stage.data.features_sha256 for stage in card.stages.values()):
        return True
    return rows.decided_mjd is not None and bool((rows.decided_mjd <= labels_end(card)).any())


def labels_end(card: ModelCard) -> float:
    """MJD of the last label that a stage of the model was trained on; -inf where none was."""
    ends = [datetime.fromisoformat(s.labels.last) for s in card.stages.values() if s.labels is not None]
    # Times of labels are kept to the millisecond.
    return max(((end - _MJD_EPOCH) / _DAY + 1e-3 / 86_400 for end in ends), default=-np.inf)


def unseen(rows: EvaluationRows, models: Sequence[Model]) -> EvaluationRows:
    """The rows whose label came after all labels that trained one of the models; tables as they are."""
    if rows.decided_mjd is None:
        return rows
    return rows.where(rows.decided_mjd > max(labels_end(model.card) for model in models))


def warnings(report: StageReport, stage: StageCard) -> tuple[str, ...]:
    """Return warnings to read before a figure of the report is believed."""
    found = []
    if report.seen is TrainingOverlap.TRAINED:
        found.append(
            f"These rows, or some of them, trained {report.model}: it knows them by heart, and its figures "
            "are too good. --cross-validate measures its recipe on objects that it has not seen."
        )
    elif report.seen is TrainingOverlap.UNKNOWN:
        found += _too_good(report, stage)
    elif stage.labels is not None and stage.labels.base_rows:
        found.append(
            f"{stage.labels.base_rows} rows of {stage.labels.base_source} taught {report.model} too: they "
            "are not here, and its recipe was grown without them."
        )
    found += [
        f"These rows trained {name} too: its figures are too good."
        for name, seen in report.seen_by.items()
        if seen is TrainingOverlap.TRAINED and name != report.model
    ]
    return tuple(found)


def _too_good(report: StageReport, stage: StageCard) -> list[str]:
    """Said where it is better here than on objects it had surely not seen.

    Other rows may be easier; but rows that trained a model look just like that.
    """
    if stage.validation is None or "rank" not in stage.validation.aurak:
        return []
    here, known = report.orders[0].stream.aurak, stage.validation.aurak["rank"].mean
    if here.low <= known or here.value <= stage.validation.interval_over_objects[1]:
        return []
    return [
        f"AuRaK is {here.value:.3f} here, and was {known:.3f} on objects that {report.model} had never seen. "
        "Did some of these rows train it? --trained-on leaves the objects of its tables out."
    ]
