"""Describe on a model's card what was trained and how well it did, whatever the way of training.

What a card names by file is put into ``files``, the contents by name of the files of a new model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, bootstrap_areas
from vra_tui.scoring.model.card import BoosterCard, DataCard, FigureCard, ScopeCard, ValidationCard
from vra_tui.scoring.model.library import checksum
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.recipes import Recipe
from vra_tui.scoring.training.scope_making import summarise_scope
from vra_tui.scoring.training.validation import FOLDS, Figure

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]

_MANY_ROWS = 5_000


@dataclass(frozen=True)
class RowsOrigin:
    """The origin of rows in words, and the checksum of the feature file, or of the values."""

    words: str
    features_sha256: str


def booster_card(name: str, recipe: Recipe, booster: "Booster", files: dict[str, bytes]) -> BoosterCard:
    """The card of a booster, whose file is put into ``files`` by its name."""
    content = bytes(booster.save_raw(raw_format="ubj"))
    files[name] = content
    return BoosterCard(
        file=name,
        sha256=checksum(content),
        features=recipe.features,
        rounds=recipe.rounds,
        parameters=dict(recipe.parameters),
        monotone=dict(recipe.monotone),
        label_weight=dict(recipe.label_weight),
    )


def scope_card(
    name: str, rows: LabelledRows, features: tuple[str, ...], seed: int, files: dict[str, bytes]
) -> ScopeCard:
    """The card of what rows look like in some features; the summary is put into ``files`` by its name."""
    content = (summarise_scope(rows, features, seed=seed).model_dump_json() + "\n").encode()
    files[name] = content
    return ScopeCard(file=name, sha256=checksum(content))


def data_card(alert_id: NDArray[np.int64], label: NDArray[np.str_], source: RowsOrigin) -> DataCard:
    """How many rows and objects of each label taught; shape (n,) each."""
    chosen = {str(name): label == name for name in np.unique(label)}
    return DataCard(
        source=source.words,
        features_sha256=source.features_sha256,
        rows={name: int(mine.sum()) for name, mine in chosen.items()},
        objects={name: len(np.unique(alert_id[mine])) for name, mine in chosen.items()},
    )


def validation_card(
    method: str, rows: LabelledRows, ranks: Floats, figures: Mapping[str, Figure], seed: int
) -> ValidationCard:
    """How well rows were ordered by ``ranks`` out of fold, shape (repeats, n), beside other ``figures``."""
    # One repeat's rank resampled by object: the spread over repeats says nothing about other objects.
    areas = bootstrap_areas(
        {"rank": ranks[0]},
        rows.label,
        seed,
        group=rows.table.alert_id,
        mixture=STREAM_MIXTURE,
        resamples=resamples_of(len(rows)),
    )
    interval = areas.interval("rank")
    return ValidationCard(
        method=f"out of fold, {method}",
        folds=FOLDS,
        repeats=len(ranks),
        mixture=STREAM_MIXTURE,
        ceiling=round(1 - STREAM_MIXTURE["good"] / sum(STREAM_MIXTURE.values()) / 2, 5),
        aurak={
            name: FigureCard(mean=round(figure.mean, 5), spread=round(figure.spread, 5))
            for name, figure in figures.items()
        },
        interval_over_objects=(round(interval.low, 5), round(interval.high, 5)),
    )


def resamples_of(rows: int) -> int:
    """Tell how often so many rows are resampled for an interval: with many, its own noise is small sooner."""
    return 500 if rows <= _MANY_ROWS else 200
