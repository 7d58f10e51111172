"""Labelled feature rows of simulated alerts: the first look and every visit, from the data of then."""

from collections.abc import Callable

import numpy as np

from vra_tui.features.dust_map import DustMap
from vra_tui.pipeline.looks_and_visits import first_looks, later_visits
from vra_tui.pipeline.simulated_alerts import context, light_curves
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.simulator import Scenario, load, simulate

#: The season in which the published rows were labelled: its cadence, its faults, an even mixture.
SEASON = "training"


def season(alerts: int) -> Scenario:
    """The season of the published rows with so many alerts."""
    return load(SEASON).changed(alerts=alerts)


def simulated_rows(
    scenario: Scenario, seed: int, *, progress: Callable[[int], None] = lambda done: None
) -> tuple[LabelledRows, LabelledRows]:
    """Rows of a simulated season with the truth as label: the first looks, and all visits of fifteen days.

    The same scenario and seed give the same rows. ``progress`` hears of finished alerts. Raises
    ScenarioError where the season cannot be simulated.
    """
    looks: list[LabelledRows] = []
    visits: list[LabelledRows] = []
    for batch in simulate(scenario, seed, DustMap()):
        curves, about = light_curves(batch), context(batch)
        label = batch.truth["label"].astype(np.str_)
        looks.append(LabelledRows(first_looks(curves, about), label))
        table, owner = later_visits(curves, about)
        visits.append(LabelledRows(table, label[owner]))
        progress(len(batch))
    return LabelledRows.concatenate(looks), LabelledRows.concatenate(visits)
