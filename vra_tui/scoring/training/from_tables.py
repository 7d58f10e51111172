"""Train a stage from labelled tables on disk, and save it beside the stages already there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vra_tui.features.csv_table import read_feature_table
from vra_tui.scoring.model.card import ModelCard, StageCard, files_of
from vra_tui.scoring.model.library import checksum, save_model
from vra_tui.scoring.model.trained import CARD_FILE, Model, ModelError, load_model
from vra_tui.scoring.stages import DAY1, DAYN, Stage
from vra_tui.scoring.training.boosters import Balance, LabelledRows, balanced
from vra_tui.scoring.training.describing import RowsOrigin
from vra_tui.scoring.training.new_model import NewModel, check_name
from vra_tui.scoring.training.probes import famous_probes, probe_table
from vra_tui.scoring.training.recipes import STAGE_COLUMNS
from vra_tui.scoring.training.stage import MadeStage, Progress, make_day1, make_dayn
from vra_tui.scoring.training.table_labels import LabelError, join_labels, read_labels, require_enough

PURPOSE = (
    "Orders alerts for human scanners: P(real) and P(galactic) of alerts of a survey like ATLAS, "
    "and from both the VRA rank."
)
NOT_FOR = (
    "announcing or classifying anything without a human: it sorts, it does not decide",
    "another survey or another camera, another alert threshold or another real/bogus score",
    "estimating rates, or any use of the probabilities as calibrated frequencies in the stream",
    "movers, alerts more than 15 days after t0, and any fine class",
)


@dataclass(frozen=True)
class LabelledFiles:
    """A feature table and its labels, on disk."""

    features: Path
    labels: Path


@dataclass(frozen=True)
class TableTrainingTask:
    """A task: train one stage of a model from tables, beside the stages that it has.

    ``day1`` are the day-1 rows, needed when ``stage`` is dayN. ``source``: where the rows come from, in words
    for the card. ``balance``: how labels of unequal number are made to count, see `boosters.balanced`.
    """

    model: NewModel
    stage: Stage
    rows: LabelledFiles
    day1: LabelledFiles | None = None
    source: str = "not stated"
    balance: Balance = "none"
    threads: int = 1


Note = Callable[[str], None]

# Of cross-validation, unless asked otherwise.
_REPEATS = 10


def train_stage(
    task: TableTrainingTask, *, progress: Progress | None = None, note: Note = print
) -> ModelCard:
    """Train one stage and return the model's card; ``note`` gets remarks for the user.

    Raises VraError (in its kinds) without having changed anything where rows, labels or folder do not serve.
    """
    model = task.model
    check_name(model.name)
    before = load_model(model.folder).card if (model.folder / CARD_FILE).exists() else None
    _check_place(task, before)
    rows = read_rows(task.rows, task.stage, note)
    require_enough(rows, task.stage)
    rows = balanced(rows, task.balance, seed=model.seed)
    source = RowsOrigin(task.source, checksum(task.rows.features.read_bytes()))
    if task.stage == DAY1:
        made = make_day1(
            rows, source, seed=model.seed, repeats=_repeats(task), threads=task.threads, progress=progress
        )
    else:
        made = _make_dayn(task, before, rows, source, progress, note)
    card, files = _merged(task, before, made, note)
    card = probed(card, model.folder, files)
    save_model(model.folder, card, files)
    return card


def _repeats(task: TableTrainingTask) -> int:
    return _REPEATS if task.model.repeats is None else task.model.repeats


def _check_place(task: TableTrainingTask, before: ModelCard | None) -> None:
    folder = task.model.folder
    if before is None and folder.exists():
        raise ModelError(f"{folder} exists and is no model. Nothing was written; choose another name.")
    if before and task.stage in before.stages and not task.model.force:
        raise ModelError(
            f"{folder} already has a {task.stage} stage. Nothing was written; choose another --name, "
            "or replace it with --force."
        )


def read_rows(rows: LabelledFiles, stage: str, note: Note) -> LabelledRows:
    """The labelled rows of two CSV files; ``note`` gets what was left out. Raises VraError."""
    with rows.features.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
        read = read_feature_table(lines, STAGE_COLUMNS[stage], source=str(rows.features))
    for refused in read.refused:
        note(f"{rows.features}, {refused}")
    with rows.labels.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
        joined = join_labels(read.table, read_labels(lines, source=str(rows.labels)))
    if joined.unlabelled:
        note(f"{joined.unlabelled} rows of {rows.features} have no label and were left out.")
    if joined.other_label:
        note(f"{joined.other_label} rows of {rows.features} have a label that teaches nothing; left out.")
    return joined.rows


def _make_dayn(
    task: TableTrainingTask,
    before: ModelCard | None,
    rows: LabelledRows,
    source: RowsOrigin,
    progress: Progress | None,
    note: Note,
) -> MadeStage:
    if task.day1 is None:
        raise LabelError(
            "The dayN stage adds to the day1 stage, and is taught on alerts that it has not seen: give "
            "--day1-features and --day1-labels, the rows of the day1 stage, too."
        )
    day1_stage = before.stages.get(DAY1) if before else None
    if day1_stage is None:
        raise ModelError(
            f"Model {task.model.name} has no day1 stage yet. Train that first, with --stage day1."
        )
    if checksum(task.day1.features.read_bytes()) != day1_stage.data.features_sha256:
        raise LabelError(
            f"{task.day1.features} is not the table that the day1 stage of {task.model.name} was trained on "
            "(the checksum differs). Nothing was trained; give that table, or train day1 again with --force."
        )
    return make_dayn(
        balanced(read_rows(task.day1, DAY1, note), task.balance, seed=task.model.seed),
        day1_stage,
        rows,
        source,
        seed=task.model.seed,
        repeats=_repeats(task),
        threads=task.threads,
        progress=progress,
    )


def _merged(
    task: TableTrainingTask, before: ModelCard | None, made: MadeStage, note: Note
) -> tuple[ModelCard, dict[str, bytes]]:
    stages: dict[Stage, StageCard] = dict(before.stages) if before else {}
    if task.stage == DAY1 and DAYN in stages:
        del stages[DAYN]
        note("The dayN stage was built on the day1 stage that was replaced, and is gone; train it again.")
    stages[task.stage] = made.card
    import xgboost

    how = () if task.balance == "none" else (f"Labels of unequal number were made to count: {task.balance}",)
    caveats = (before.caveats if before else ()) + task.model.caveats + how
    card = ModelCard(
        name=task.model.name,
        created=task.model.date,
        seed=task.model.seed,
        library={"xgboost": xgboost.__version__},
        purpose=PURPOSE,
        not_for=NOT_FOR,
        caveats=tuple(dict.fromkeys(caveats)),
        stages=stages,
    )
    folder = task.model.folder
    kept = {name: (folder / name).read_bytes() for name in files_of(card).keys() - made.files.keys()}
    return card, {**kept, **made.files}


def probed(card: ModelCard, folder: Path, files: dict[str, bytes]) -> ModelCard:
    """The card with the ranks its model gives to the constructed probes."""
    probes = famous_probes()
    model, table = Model(card, folder, files), probe_table(probes)
    stages = {}
    for name, stage in card.stages.items():
        ranks = model.scores(table, name).rank
        found = {probe.name: round(float(rank), 2) for probe, rank in zip(probes, ranks, strict=True)}
        stages[name] = stage.model_copy(update={"probes": found})
    return card.model_copy(update={"stages": stages})
