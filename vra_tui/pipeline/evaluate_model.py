"""Evaluating a model beside another, the survey's score and a simple alternative, stage by stage."""

from collections.abc import Callable, Sequence
from dataclasses import replace

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


def opponent(chosen: Model, against: str | None, note: Callable[[str], None]) -> Model | None:
    """The model to hold it against: the one asked for, else the one in use where that is another."""
    if against is not None:
        return load_checked(find_model(against))
    is_default = chosen.survey == DEFAULT_SURVEY
    in_use, warning = load_in_use() if is_default else load_chosen(chosen.survey)
    if warning:
        note(f"vra: {warning}")
    return None if in_use is None or in_use.folder.resolve() == chosen.folder.resolve() else in_use


def evaluate_model(
    model: Model,
    other: Model | None,
    materials: Sequence[EvaluationRows],
    effort: EvaluationOptions,
    *,
    cross_validate: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> list[StageReport]:
    """A report of each stage for which there are rows. ``cross_validate``: grow the recipe anew, out of fold.

    Raises EvaluationError where there is no recall.
    """
    return [_at_stage(model, other, part, effort, cross_validate, progress) for part in materials]


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
