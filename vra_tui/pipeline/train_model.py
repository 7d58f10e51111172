"""Make a `LabelTrainingTask` from names and dates, as the command line and Python give them."""

import datetime
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from vra_tui.domain.times import mjd_of
from vra_tui.errors import VraError
from vra_tui.pipeline.label_training import LabelTrainingTask
from vra_tui.pipeline.stream_training import StreamTrainingTask
from vra_tui.scoring.model.library import ModelRole, chosen_folder, find_model, user_models
from vra_tui.scoring.stages import DAY1, DAYN, STAGES, Stage
from vra_tui.scoring.training.boosters import Balance
from vra_tui.scoring.training.from_tables import LabelledFiles


def label_training_task(
    name: str,
    *,
    date: str,
    stage: Stage | None = None,
    since: str | None = None,
    scanners: Iterable[str] = (),
    balance: Balance = "even",
    searched: Literal["grid"] | int | None = None,
    base: str | None = None,
    base_rows: Mapping[Stage, LabelledFiles] | None = None,
    base_weight: float = 1.0,
    into: Path | None = None,
    caveats: Iterable[str] = (),
    seed: int = 1,
    repeats: int | None = None,
    force: bool = False,
) -> LabelTrainingTask:
    """Return what is to be trained from the labels of a store, with the folders in which models stand.

    ``base``: the model to compare with, by name or folder; the one in use for None. ``into``: the folder of
    models, the user's own for None. ``since``: labels given since that date or time (UTC). Raises VraError
    for what cannot be meant.
    """
    if stage == DAYN:
        raise VraError(
            "The dayN stage adds to the day1 stage: of the store's labels both are trained together. Leave "
            "the stage out. Nothing was trained."
        )
    return LabelTrainingTask(
        name=name,
        folder=folder_of(name, into),
        base=find_model(base),
        date=date,
        stages=(DAY1,) if stage == DAY1 else STAGES,
        since_mjd=_since(since),
        scanners=tuple(scanners),
        base_rows=dict(base_rows or {}),
        base_weight=base_weight,
        balance=balance,
        searched=searched,
        seed=seed,
        repeats=repeats,
        caveats=tuple(caveats),
        force=force,
    )


def stream_training_task(
    name: str,
    survey: str,
    *,
    date: str,
    since: str | None = None,
    scanners: Iterable[str] = (),
    base: str | None = None,
    into: Path | None = None,
    caveats: Iterable[str] = (),
    seed: int = 1,
    repeats: int | None = None,
    force: bool = False,
) -> StreamTrainingTask:
    """Return what is to be trained for a survey; parameters as of `label_training_task`.

    ``base``: for None the model in use for the survey, if any.
    """
    return StreamTrainingTask(
        name=name,
        folder=folder_of(name, into),
        survey=survey,
        date=date,
        base=chosen_folder(ModelRole.IN_USE, survey) if base is None else find_model(base),
        since_mjd=_since(since),
        scanners=tuple(scanners),
        seed=seed,
        repeats=repeats,
        caveats=tuple(caveats),
        force=force,
    )


def folder_of(name: str, into: Path | None = None) -> Path:
    """The folder of a model that is to be made; among the user's own for None."""
    return (into or user_models()) / name


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
