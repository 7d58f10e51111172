"""Feature rows of alerts whose whole light curve is known: the first look, and each visit after it."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.table import DAY1_FEATURES, DAYN_FEATURES, FeatureTable
from vra_tui.features.vra import VraContext, compute
from vra_tui.pipeline.visits import N_DAYS, visits_of

Ints = NDArray[np.int64]


def first_looks(curves: LightCurves, about: VraContext) -> FeatureTable:
    """The day-1 features of n alerts as they stood at their entry; one row each, in their order."""
    end = visits_of(curves, about.t0_mjd).end_mjd[:, 0]
    table = compute(curves, about, end)
    return FeatureTable(table.alert_id, DAY1_FEATURES, table.select(DAY1_FEATURES))


def later_visits(
    curves: LightCurves, about: VraContext, last_day: int = N_DAYS - 1
) -> tuple[FeatureTable, Ints]:
    """The day-N features at every visit up to ``last_day``, each from the data of then.

    Also the index of each row's alert, shape (rows,). Ordered by alert, then by day.
    """
    end = visits_of(curves, about.t0_mjd).end_mjd
    owner, values = [], []
    for day in range(1, last_day + 1):
        rows = np.flatnonzero(~np.isnan(end[:, day]))
        table = compute(curves.take(rows), about.take(rows), end[rows, day])
        owner.append(rows)
        values.append(table.select(DAYN_FEATURES))
    rows = np.concatenate(owner) if owner else np.empty(0, np.int64)
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    matrix = np.concatenate(values)[order] if values else np.empty((0, len(DAYN_FEATURES)))
    return FeatureTable(curves.alert_id[rows], DAYN_FEATURES, matrix), rows
