"""Read the rows of an evaluation from tables or from the labels of a store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vra_tui.errors import VraError
from vra_tui.features.csv_table import MissingColumnsError
from vra_tui.pipeline.label_rows import LabelRows, label_rows
from vra_tui.scoring.evaluation.preparation import LABELS_OF_A_STORE, EvaluationRows, columns_to_read, unseen
from vra_tui.scoring.evaluation.report import EvaluationError, require_evaluable
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.tables import read_rows, read_units
from vra_tui.scoring.model.trained import Model, purpose_of
from vra_tui.scoring.stages import DAY1, DAYN, STAGES
from vra_tui.scoring.training.boosters import Balance, LabelledRows, balanced
from vra_tui.store import Store
from vra_tui.store.objects import names_of

_STAGES = STAGES
#: Told what the user should know.
Note = Callable[[str], None]


@dataclass(frozen=True)
class EvaluationFiles:
    """The files that the rows come from; without features, the rows are the labels of a store."""

    features: Path | None = None
    labels: Path | None = None
    day1_features: Path | None = None
    day1_labels: Path | None = None
    units: Path | None = None

    def __bool__(self) -> bool:
        return self != EvaluationFiles()


def rows_of_tables(
    tables: EvaluationFiles, stage: str | None, models: tuple[Model, ...], note: Note
) -> tuple[list[EvaluationRows], int]:
    """The rows of the tables at a stage, and how many of them were refused. Raises VraError."""
    if tables.features is None or tables.labels is None or stage is None:
        raise VraError(
            "A table needs --features, --labels and --stage (day1 or dayN); without any of them the labels "
            "of the store are taken. Nothing was evaluated."
        )
    if (tables.day1_features is None) != (tables.day1_labels is None):
        raise VraError("--day1-features and --day1-labels belong together. Nothing was evaluated.")
    try:
        read = read_rows(tables.features, tables.labels, columns_to_read(models, stage), note)
    except MissingColumnsError as error:
        raise VraError(f"{'; '.join(map(purpose_of, models))}. {error}") from error
    unit = read_units(tables.units, read.rows.table.alert_id) if tables.units else None
    checksums, refused, day1 = {read.sha256}, read.refused, None
    if tables.day1_features is not None and tables.day1_labels is not None and stage == DAYN:
        columns = columns_to_read(models[:1], DAY1)
        first = read_rows(tables.day1_features, tables.day1_labels, columns, note)
        day1, refused = first.rows, refused + first.refused
    return [EvaluationRows(EvaluationSample(stage, read.rows, unit), day1, frozenset(checksums))], refused


def rows_of_store(
    store: Store, stage: str | None, models: tuple[Model, ...], balance: Balance, seed: int, note: Note
) -> list[EvaluationRows]:
    """The labels of a store at each stage the models have; features as they stood when decided.

    Raises VraError for models of two surveys, or without a stage in common.
    """
    if len({model.survey for model in models}) > 1:
        raise VraError(
            f"{'; '.join(map(purpose_of, models))}. No label is of both surveys: nothing was evaluated."
        )
    stages = [stage] if stage else [name for name in _STAGES if all(name in m.card.stages for m in models)]
    if not stages:
        raise VraError(f"{' and '.join(model.name for model in models)} have no stage in common.")
    columns = dict.fromkeys(name for each in stages for name in columns_to_read(models, each))
    found = label_rows(store, columns=list(columns), survey=models[0].survey)
    numbers = {number for part in (found.day1, found.dayN) for number in part.alert_id.tolist()}
    names = names_of(store, list(numbers))
    if found.without_data:
        note(f"{found.without_data} labelled alerts have no data from before the decision: left out.")
    parts = {DAY1: found.day1, DAYN: found.dayN}

    def weighed(part: LabelRows) -> LabelledRows:
        return balanced(part.rows, balance, seed=seed)

    return [
        EvaluationRows(
            EvaluationSample(each, weighed(parts[each]), parts[each].unit, names=names),
            day1=weighed(found.day1) if each == DAYN else None,
            decided_mjd=parts[each].decided_mjd,
            notes=(LABELS_OF_A_STORE,),
        )
        for each in stages
    ]


def rows_that_serve(
    parts: Sequence[EvaluationRows],
    models: tuple[Model, ...],
    *,
    mixture: Mapping[str, float],
    known: NDArray[np.int64],
    is_grown_anew: bool,
    note: Note,
) -> list[EvaluationRows]:
    """The rows that can say how good a model is, weighed by the ``mixture`` of labels in the stream.

    ``known``: objects that trained the model, left out. ``is_grown_anew``: trees will be grown anew, so that
    labels from before the models were trained serve too. Raises EvaluationError where none do.
    """
    mixed = [replace(part, sample=replace(part.sample, mixture=mixture)) for part in parts]
    kept = [_left_out(part, known, note) for part in mixed]
    if not is_grown_anew:
        kept = [_labelled_later(part, models, note) for part in kept]
    return _evaluable(kept, note)


def _left_out(part: EvaluationRows, known: NDArray[np.int64], note: Note) -> EvaluationRows:
    """The material without the objects that trained the model."""
    if not len(known):
        return part
    kept = part.where(~np.isin(part.sample.alert_id, known))
    note(
        f"{len(part.sample) - len(kept.sample)} of {len(part.sample)} rows at {part.sample.stage} are of "
        "objects in --trained-on, and left out."
    )
    return kept


def _labelled_later(part: EvaluationRows, models: tuple[Model, ...], note: Note) -> EvaluationRows:
    """The rows labelled after the models were trained, where these have a recall; else all, as seen."""
    later = unseen(part, models)
    known = len(part.sample) - len(later.sample)
    try:
        require_evaluable(later.sample)
    except EvaluationError:
        return part
    if known:
        note(
            f"{known} of {len(part.sample)} rows at {part.sample.stage} were labelled before the models "
            "were trained, and left out; --cross-validate takes them too."
        )
    return later


def _evaluable(parts: Sequence[EvaluationRows], note: Note) -> list[EvaluationRows]:
    """The material with a recall; what is said of the rest where some is left, else raised."""
    found, faults = [], []
    for part in parts:
        try:
            require_evaluable(part.sample)
            found.append(part)
        except EvaluationError as error:
            faults.append(error)
    if not found:
        raise faults[0]
    for fault in faults:
        note(f"vra: {fault}")
    return found
