"""The rows of `vra evaluate`: from tables or from the labels of the store, and which of them serve."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vra_tui.cli.common import open_existing, say
from vra_tui.errors import VraError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vra_tui.pipeline.label_rows import LabelRows
    from vra_tui.scoring.evaluation.contest import Material
    from vra_tui.scoring.model.trained import Model
    from vra_tui.scoring.training.boosters import Balance, LabelledRows

_STAGES = ("day1", "dayN")


@dataclass(frozen=True)
class LabelStore:
    """Where the labels of scanners are, and how those of unequal number count where trees are grown anew."""

    db: Path | None
    balance: "Balance"
    seed: int


@dataclass(frozen=True)
class Tables:
    """The files that the rows come from; without features, the rows are the labels of the store."""

    features: Path | None
    labels: Path | None
    day1_features: Path | None
    day1_labels: Path | None
    units: Path | None


def read_material(
    tables: Tables, stage: str | None, store: LabelStore, models: "tuple[Model, ...]"
) -> "tuple[list[Material], int]":
    """The rows of each stage to evaluate, and how many of the tables' rows were refused."""
    if tables == Tables(None, None, None, None, None):
        return _from_store(store, stage, models), 0
    if store.db is not None:
        raise VraError("--db and tables: give one of the two. Nothing was evaluated.")
    return _from_tables(tables, stage, models)


def _from_tables(
    tables: Tables, stage: str | None, models: "tuple[Model, ...]"
) -> "tuple[list[Material], int]":
    from vra_tui.scoring.evaluation.contest import Material, columns_to_read
    from vra_tui.scoring.evaluation.sample import Sample
    from vra_tui.scoring.evaluation.tables import read_rows, read_units

    if tables.features is None or tables.labels is None or stage is None:
        raise VraError(
            "A table needs --features, --labels and --stage (day1 or dayN); without any of them the labels "
            "of the store are taken. Nothing was evaluated."
        )
    if (tables.day1_features is None) != (tables.day1_labels is None):
        raise VraError("--day1-features and --day1-labels belong together. Nothing was evaluated.")
    read = read_rows(tables.features, tables.labels, columns_to_read(models, stage), say)
    unit = read_units(tables.units, read.rows.table.alert_id) if tables.units else None
    checksums, refused, day1 = {read.sha256}, read.refused, None
    if tables.day1_features is not None and tables.day1_labels is not None and stage == "dayN":
        columns = columns_to_read(models[:1], "day1")
        first = read_rows(tables.day1_features, tables.day1_labels, columns, say)
        day1, refused = first.rows, refused + first.refused
    return [Material(Sample(stage, read.rows, unit), day1, frozenset(checksums))], refused


def _from_store(store: LabelStore, stage: str | None, models: "tuple[Model, ...]") -> "list[Material]":
    """The labels of the store at each stage the models have; features as they stood when decided."""
    from vra_tui.pipeline.label_rows import label_rows
    from vra_tui.scoring.evaluation.contest import LABELS_OF_A_STORE, Material, columns_to_read
    from vra_tui.scoring.evaluation.sample import Sample
    from vra_tui.scoring.training.boosters import balanced
    from vra_tui.store.objects import names_of

    stages = [stage] if stage else [name for name in _STAGES if all(name in m.card.stages for m in models)]
    if not stages:
        raise VraError(f"{' and '.join(model.name for model in models)} have no stage in common.")
    columns = dict.fromkeys(name for each in stages for name in columns_to_read(models, each))
    connection = open_existing(store.db)
    found = label_rows(connection, columns=list(columns))
    numbers = {number for part in (found.day1, found.dayN) for number in part.alert_id.tolist()}
    names = names_of(connection, list(numbers))
    if found.without_data:
        say(f"{found.without_data} labelled alerts have no data from before the decision: left out.")
    parts = {"day1": found.day1, "dayN": found.dayN}

    def weighed(part: "LabelRows") -> "LabelledRows":
        return balanced(part.rows, store.balance, seed=store.seed)

    return [
        Material(
            Sample(each, weighed(parts[each]), parts[each].unit, names=names),
            day1=weighed(found.day1) if each == "dayN" else None,
            decided_mjd=parts[each].decided_mjd,
            notes=(LABELS_OF_A_STORE,),
        )
        for each in stages
    ]


def left_out(part: "Material", known: "NDArray[np.int64]") -> "Material":
    """The material without the objects that trained the model."""
    import numpy as np

    if not len(known):
        return part
    kept = part.where(~np.isin(part.sample.alert_id, known))
    say(
        f"{len(part.sample) - len(kept.sample)} of {len(part.sample)} rows at {part.sample.stage} are of "
        "objects in --trained-on, and left out."
    )
    return kept


def labelled_later(part: "Material", models: "tuple[Model, ...]") -> "Material":
    """The rows labelled after the models were trained, where these have a recall; else all, as seen."""
    from vra_tui.scoring.evaluation.contest import unseen
    from vra_tui.scoring.evaluation.report import EvaluationError, require_evaluable

    later = unseen(part, models)
    known = len(part.sample) - len(later.sample)
    try:
        require_evaluable(later.sample)
    except EvaluationError:
        return part
    if known:
        say(
            f"{known} of {len(part.sample)} rows at {part.sample.stage} were labelled before the models "
            "were trained, and left out; --cross-validate takes them too."
        )
    return later


def evaluable(materials: "list[Material]") -> "list[Material]":
    """The material with a recall; what is said of the rest where some is left, else raised."""
    from vra_tui.scoring.evaluation.report import EvaluationError, require_evaluable

    found, faults = [], []
    for part in materials:
        try:
            require_evaluable(part.sample)
            found.append(part)
        except EvaluationError as error:
            faults.append(error)
    if not found:
        raise faults[0]
    for fault in faults:
        say(f"vra: {fault}")
    return found
