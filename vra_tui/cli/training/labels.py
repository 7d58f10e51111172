"""`vra train` without more: a model of ATLAS's alerts, from what scanners decided in the store."""

from functools import partial
from typing import TYPE_CHECKING

import typer

from vra_tui.cli.common import open_existing, say
from vra_tui.cli.doubt import say_doubts
from vra_tui.cli.training.options import TrainOptions, labelled_files
from vra_tui.cli.training.trained import Trained
from vra_tui.scoring.stages import DAY1, DAYN, Stage

if TYPE_CHECKING:
    from vra_tui.pipeline.label_training import LabelTrainingTask
    from vra_tui.scoring.training.from_tables import LabelledFiles
    from vra_tui.scoring.training.new_model import NewModel


def train(options: TrainOptions, model: "NewModel") -> Trained:
    """Train on the labels of the store, or only count them. Raises VraError."""
    from vra_tui.cli.steps import steps_shown
    from vra_tui.pipeline.label_cards import counts
    from vra_tui.pipeline.label_rows import label_rows
    from vra_tui.pipeline.label_training import train_from_labels

    task = _task(options, model)
    store = open_existing(options.db)
    if options.dry_run:
        typer.echo("\n".join(counts(label_rows(store, choice=task.labels))))
        return Trained(None)
    with steps_shown() as show:
        return Trained(
            train_from_labels(
                store, task, progress=show, note=say, on_folded=partial(say_doubts, store, task)
            )
        )


def _task(options: TrainOptions, model: "NewModel") -> "LabelTrainingTask":
    from vra_tui.errors import VraError
    from vra_tui.pipeline.train_model import label_choice, label_training_task

    if options.grid and options.search:
        raise VraError("Either --grid or --search N, not both. Nothing was trained.")
    beside: dict[Stage, LabelledFiles | None] = {
        DAY1: labelled_files(options.base_features, options.base_labels, "--base-features", "--base-labels"),
        DAYN: labelled_files(
            options.base_dayn_features,
            options.base_dayn_labels,
            "--base-dayn-features",
            "--base-dayn-labels",
        ),
    }
    return label_training_task(
        model,
        label_choice(options.since, options.scanner or ()),
        stage=options.stage,
        balance=options.balance,
        searched="grid" if options.grid else options.search,
        base=options.base,
        base_rows={stage: table for stage, table in beside.items() if table is not None},
        base_weight=options.base_weight,
    )
