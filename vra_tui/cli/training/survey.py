"""`vra train --survey NAME`: a model of any survey, from few labels, on features that all have."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import typer

from vra_tui.cli.common import open_existing, say
from vra_tui.cli.doubt import say_doubts
from vra_tui.cli.training.options import TrainOptions
from vra_tui.cli.training.trained import Trained

if TYPE_CHECKING:
    from vra_tui.scoring.training.new_model import NewModel
    from vra_tui.store import Store


def train(options: TrainOptions, model: "NewModel") -> Trained:
    """Train for a survey from the labels of a store, or only count them.

    Raises VraError for a survey of which the store knows nothing, and as training does.
    """
    from vra_tui.cli.steps import steps_shown
    from vra_tui.pipeline.label_cards import counts
    from vra_tui.pipeline.reckon_evening import reckon_evening
    from vra_tui.pipeline.stream_training import stream_labels, train_stream_model
    from vra_tui.pipeline.train_model import label_choice, stream_training_task
    from vra_tui.scoring.model.card import DEFAULT_SURVEY

    survey = options.survey or DEFAULT_SURVEY
    labels = label_choice(options.since, options.scanner or ())
    task = stream_training_task(model, labels, survey, base=options.base)
    store = open_existing(options.db)
    _check_held(store, survey)
    if options.dry_run:
        typer.echo("\n".join(counts(stream_labels(store, survey, labels))))
        return Trained(None)
    with steps_shown() as show:
        card = train_stream_model(
            store, task, progress=show, note=say, on_folded=partial(say_doubts, store, task)
        )
    return Trained(card, closing=lambda: reckon_evening(store, survey, datetime.now(UTC)))


def _check_held(store: "Store", survey: str) -> None:
    from vra_tui.errors import VraError
    from vra_tui.store.objects import surveys_held
    from vra_tui.text import printable

    held = surveys_held(store)
    if survey not in held:
        raise VraError(
            f"This store holds no alert of the survey {printable(survey, 40)!r}; it holds "
            f"{', '.join(held) or 'none of any'}. Nothing was trained."
        )
