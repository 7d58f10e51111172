"""Evaluate a model beside another, the survey's score and a simple alternative, stage by stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.evaluation_rows import (
    EvaluationFiles,
    Note,
    rows_of_store,
    rows_of_tables,
    rows_that_serve,
)
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE
from vra_tui.scoring.evaluation.preparation import (
    EvaluationRows,
    day1_rows,
    evaluated_models,
    stage_of,
    warnings,
)
from vra_tui.scoring.evaluation.report import EvaluationOptions, Progress, StageReport, evaluate
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.scoring.model.library import find_model, load_checked, load_chosen, load_in_use
from vra_tui.scoring.model.trained import Model
from vra_tui.scoring.stages import Stage
from vra_tui.scoring.training.boosters import Balance
from vra_tui.store import Store


@dataclass(frozen=True, eq=False)
class EvaluationRequest:
    """What is asked of an evaluation.

    ``model``, ``against``: names or folders; the one in use for None. ``stage``: all of the models for None.
    ``cross_validate``: grow the recipe anew, out of fold; ``balance``: of a store's labels then. ``mixture``
    of labels in the stream, by which rows are weighed. ``known``: objects that trained the model, left out.
    """

    model: str | None = None
    against: str | None = None
    stage: Stage | None = None
    cross_validate: bool = False
    balance: Balance = "even"
    mixture: Mapping[str, float] = field(default_factory=lambda: dict(STREAM_MIXTURE))
    known: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    effort: EvaluationOptions = field(default_factory=EvaluationOptions)


def evaluate_on_store(
    store: Store,
    request: EvaluationRequest,
    *,
    note: Note,
    progress: Progress = lambda what, done, total: None,
) -> list[StageReport]:
    """A report of each stage of which the labels of a store say something; ``note`` gets remarks.

    Raises VraError for models that cannot be used, EvaluationError where the labels give no recall.
    """
    models = _models(request, note)
    parts = rows_of_store(store, request.stage, models, request.balance, request.effort.seed, note)
    return _reports(request, models, parts, note, progress)


def evaluate_on_tables(
    files: EvaluationFiles,
    request: EvaluationRequest,
    *,
    note: Note,
    progress: Progress = lambda what, done, total: None,
) -> tuple[list[StageReport], int]:
    """The report of the stage of which the tables are, and how many of their rows were refused.

    Raises VraError as `evaluate_on_store`, and for tables that cannot be used.
    """
    models = _models(request, note)
    parts, refused = rows_of_tables(files, request.stage, models, note)
    return _reports(request, models, parts, note, progress), refused


def _models(request: EvaluationRequest, note: Note) -> tuple[Model, ...]:
    """The model, and the one to hold it against, if there is another."""
    chosen = load_checked(find_model(request.model))
    other = _opponent(chosen, request.against, note)
    return (chosen,) if other is None else (chosen, other)


def _opponent(chosen: Model, against: str | None, note: Note) -> Model | None:
    """The model to hold it against: the one asked for, else the one in use where that is another."""
    if against is not None:
        return load_checked(find_model(against))
    is_default = chosen.survey == DEFAULT_SURVEY
    in_use, warning = load_in_use() if is_default else load_chosen(chosen.survey)
    if warning:
        note(f"vra: {warning}")
    return None if in_use is None or in_use.folder.resolve() == chosen.folder.resolve() else in_use


def _reports(
    request: EvaluationRequest,
    models: tuple[Model, ...],
    parts: Sequence[EvaluationRows],
    note: Note,
    progress: Progress,
) -> list[StageReport]:
    """A report of each part that serves. Raises EvaluationError where there is no recall."""
    serving = rows_that_serve(
        parts,
        models,
        mixture=request.mixture,
        known=request.known,
        is_grown_anew=request.cross_validate,
        note=note,
    )
    model, other = models[0], models[1] if len(models) > 1 else None
    return [
        _at_stage(model, other, part, request.effort, request.cross_validate, progress) for part in serving
    ]


def _at_stage(
    model: Model,
    other: Model | None,
    part: EvaluationRows,
    effort: EvaluationOptions,
    cross_validate: bool,
    progress: Progress,
) -> StageReport:
    stage = stage_of(model, part.sample.stage)
    day1 = day1_rows(part, "--learning-curve") if effort.splits else None
    found = evaluated_models(
        model,
        other,
        part,
        cross_validate=cross_validate,
        seed=effort.seed,
        progress=lambda done, total: progress("growing the recipe", done, total),
    )
    report = evaluate(part.sample, found, stage, effort, day1=day1, progress=progress)
    return replace(report, warnings=warnings(report, stage), notes=part.notes)
