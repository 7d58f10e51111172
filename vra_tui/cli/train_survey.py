"""The part of `vra train` for any survey: few labels, on the features that every survey has."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vra_tui.cli.common import open_existing, say
from vra_tui.cli.doubt import say_doubts

if TYPE_CHECKING:
    from vra_tui.pipeline.stream_training import StreamTrainingTask
    from vra_tui.scoring.model.card import ModelCard

#: The feature set that serves every survey, as `--features` names it.
STREAM_SET = "stream-1"


def table_or_set(value: Path | None) -> Path | None:
    """Let `--features` name a table that is there, or the feature set of all surveys."""
    if value is None or str(value) == STREAM_SET or value.is_file():
        return value
    raise typer.BadParameter(f"There is no file {value}, nor a feature set of that name but {STREAM_SET}.")


def train_survey(db: Path | None, task: "StreamTrainingTask", dry_run: bool) -> "ModelCard | None":
    """Train for a survey from the labels of a store; only count them for None.

    Raises VraError for a survey of which the store knows nothing, and as training does.
    """
    from vra_tui.cli.steps import steps_shown
    from vra_tui.errors import VraError
    from vra_tui.pipeline.label_cards import counts
    from vra_tui.pipeline.stream_training import stream_labels, train_stream_model
    from vra_tui.store.objects import surveys_held
    from vra_tui.text import printable

    store = open_existing(db)
    held = surveys_held(store)
    if task.survey not in held:
        raise VraError(
            f"This store holds no alert of the survey {printable(task.survey, 40)!r}; it holds "
            f"{', '.join(held) or 'none of any'}. Nothing was trained."
        )
    if dry_run:
        typer.echo("\n".join(counts(stream_labels(store, task))))
        return None
    with steps_shown() as show:
        return train_stream_model(
            store, task, progress=show, note=say, on_folded=partial(say_doubts, store, task)
        )


def say_evening(db: Path | None, survey: str) -> None:
    """Reckon what the labels of a survey buy by now, keep it, and say it in a line."""
    from vra_tui.pipeline.reckon_evening import reckon_evening

    typer.echo(reckon_evening(open_existing(db), survey, datetime.now(UTC)))
