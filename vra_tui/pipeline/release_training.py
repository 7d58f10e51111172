"""Train a model on a release of alerts as the server's JSON: its tables are made, then both stages taught."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline.release_rows import (
    LAST_DAY,
    STORE_FILE,
    ReleaseTables,
    RowCounts,
    read_ids,
    take_in,
    write_tables,
)
from vra_tui.private import make_private
from vra_tui.scoring.model.card import ModelCard
from vra_tui.scoring.stages import DAY1, DAYN, Stage
from vra_tui.scoring.training.boosters import Balance
from vra_tui.scoring.training.from_tables import LabelledFiles, Note, TableTrainingTask, train_stage
from vra_tui.scoring.training.new_model import NewModel
from vra_tui.scoring.training.stage import Progress
from vra_tui.scoring.training.table_labels import read_labels
from vra_tui.store.connection import open_store
from vra_tui.store.intake import Intake


@dataclass(frozen=True)
class Release:
    """A release: files, folders and archives of alerts, and a table of labels by ATLAS id.

    ``rows``: the folder in which its store and tables are made. ``held_out``: a table of ids whose rows go
    into tables of their own. ``last_day``: the last day after t0 of which there are rows.
    """

    paths: tuple[Path, ...]
    labels: Path
    rows: Path
    held_out: Path | None = None
    last_day: int = LAST_DAY

    def read_labels(self) -> Mapping[int, str]:
        """The label of each object. Raises LabelError, OSError."""
        with self.labels.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
            return read_labels(lines, source=str(self.labels))

    def read_held_out(self) -> frozenset[int]:
        """The objects that teach nothing. Raises OSError."""
        if self.held_out is None:
            return frozenset()
        with self.held_out.open(encoding="utf-8", errors="replace", newline="") as lines:
            return read_ids(lines)


@dataclass(frozen=True)
class ReleaseTrainingTask:
    """A task: make the tables of a release, and a model of both stages from them.

    ``source``: where the alerts come from, in words for the card.
    """

    model: NewModel
    release: Release
    source: str = "not stated"
    balance: Balance = "even"


def make_tables(
    release: Release,
    *,
    clock: Callable[[], datetime],
    on_step: Callable[[str], None] = lambda step: None,
    on_bytes: Callable[[int], None] = lambda size: None,
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    on_progress: Callable[[Intake], None] = lambda intake: None,
) -> tuple[Intake, RowCounts]:
    """Take a release in and write its tables; what came of either. Interrupted, it can simply be repeated.

    Raises VraError for labels that cannot be used, having done nothing; StoreFault, OSError.
    """
    labels, held_out = release.read_labels(), release.read_held_out()  # before the hours that follow
    make_private(release.rows)
    store = open_store(release.rows / STORE_FILE, durable=False, on_step=on_step)
    try:
        intake = take_in(
            store,
            release.paths,
            clock=clock,
            on_bytes=on_bytes,
            on_refusal=on_refusal,
            on_progress=on_progress,
        )
        counts = write_tables(store, labels, release.rows, held_out=held_out, last_day=release.last_day)
    finally:
        store.close()
    return intake, counts


def train_on_release(
    task: ReleaseTrainingTask, *, progress: Progress | None = None, note: Note = print
) -> ModelCard:
    """Train both stages on the tables that `make_tables` made, day 1 first; the model's card.

    Raises VraError as `train_stage` does.
    """
    tables = ReleaseTables(task.release.rows)
    files = {stage: LabelledFiles(tables.features(stage), tables.labels(stage)) for stage in (DAY1, DAYN)}

    def train(stage: Stage, day1: LabelledFiles | None = None) -> ModelCard:
        asked = TableTrainingTask(task.model, stage, files[stage], day1, task.source, task.balance)
        return train_stage(asked, progress=progress, note=note)

    train(DAY1)
    return train(DAYN, files[DAY1])
