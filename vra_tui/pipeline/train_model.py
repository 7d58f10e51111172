"""Make the tasks of training from names and dates, as the command line and Python give them."""

import datetime
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from vra_tui.domain.times import mjd_of
from vra_tui.errors import VraError
from vra_tui.pipeline.label_rows import LabelChoice
from vra_tui.pipeline.label_training import LabelTrainingTask
from vra_tui.pipeline.stream_training import StreamTrainingTask
from vra_tui.scoring.model.library import ModelRole, chosen_folder, find_model, user_models
from vra_tui.scoring.stages import DAY1, DAYN, STAGES, Stage
from vra_tui.scoring.training.boosters import Balance
from vra_tui.scoring.training.from_tables import LabelledFiles
from vra_tui.scoring.training.new_model import NewModel


def new_model(
    name: str,
    *,
    date: str,
    into: Path | None = None,
    caveats: Iterable[str] = (),
    seed: int = 1,
    repeats: int | None = None,
    force: bool = False,
) -> NewModel:
    """Return a model that is to be made in the folder of models ``into``, the user's own for None.

    Other parameters as of `NewModel`.
    """
    return NewModel(
        name=name,
        folder=(into or user_models()) / name,
        date=date,
        caveats=tuple(caveats),
        seed=seed,
        repeats=repeats,
        force=force,
    )


def label_choice(since: str | None = None, scanners: Iterable[str] = ()) -> LabelChoice:
    """Return which labels count: those given since a date or time (UTC), by these scanners.

    Raises VraError for what is no date.
    """
    return LabelChoice(_since(since), tuple(scanners))


def label_training_task(
    model: NewModel,
    labels: LabelChoice,
    *,
    stage: Stage | None = None,
    balance: Balance = "even",
    searched: Literal["grid"] | int | None = None,
    base: str | None = None,
    base_rows: Mapping[Stage, LabelledFiles] | None = None,
    base_weight: float = 1.0,
) -> LabelTrainingTask:
    """Return what is to be trained from the labels of a store.

    ``base``: the model to compare with, by name or folder; the one in use for None. Raises VraError for what
    cannot be meant.
    """
    if stage == DAYN:
        raise VraError(
            "The dayN stage adds to the day1 stage: of the store's labels both are trained together. Leave "
            "the stage out. Nothing was trained."
        )
    return LabelTrainingTask(
        model=model,
        base=find_model(base),
        labels=labels,
        stages=(DAY1,) if stage == DAY1 else STAGES,
        base_rows=dict(base_rows or {}),
        base_weight=base_weight,
        balance=balance,
        searched=searched,
    )


def stream_training_task(
    model: NewModel, labels: LabelChoice, survey: str, *, base: str | None = None
) -> StreamTrainingTask:
    """Return what is to be trained for a survey.

    ``base``: the model to compare with, by name or folder; for None the one in use for the survey, if any.
    """
    in_use = chosen_folder(ModelRole.IN_USE, survey) if base is None else find_model(base)
    return StreamTrainingTask(model=model, survey=survey, base=in_use, labels=labels)


def today(now: datetime.datetime) -> str:
    """The day that a card bears, ISO 8601, UTC."""
    return now.astimezone(datetime.UTC).date().isoformat()


def _since(date: str | None) -> float:
    """MJD of a date or time, UTC unless it says otherwise. Raises VraError."""
    if date is None:
        return -math.inf
    try:
        return mjd_of(datetime.datetime.fromisoformat(date))
    except ValueError:
        raise VraError(
            f"{date[:60]!r} is no date like 2026-11-22 or 2026-11-22T18:00 to take labels since. Nothing was "
            "trained."
        ) from None
