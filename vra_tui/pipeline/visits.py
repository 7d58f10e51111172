"""Visits: the nights after t0 on which the survey observed each alert, and the last exposure of each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.lightcurve.windows import VISITS_TO, day_number

#: Days of a score history: 0, the entry, to 15, the last on which the day-N models apply.
N_DAYS = int(VISITS_TO) + 1


@dataclass(frozen=True, eq=False)
class Visits:
    """The visits of n alerts.

    ``end_mjd``, shape (n, N_DAYS): MJD of the last exposure that counts for the visit of that day, NaN where
    the day had none. Day 0 is the entry and is always there; its end is the last exposure up to t0, or t0
    itself without one.
    """

    end_mjd: NDArray[np.float64]

    @property
    def exists(self) -> NDArray[np.bool_]:
        """Whether there is a visit on each day, shape (n, N_DAYS)."""
        return ~np.isnan(self.end_mjd)

    @property
    def number(self) -> NDArray[np.int64]:
        """Running number of each visit, from 1 for the entry; meaningless where there is none."""
        return np.cumsum(self.exists, axis=1)

    def day_of(
        self, t0_mjd: NDArray[np.float64], rows: NDArray[np.int64], days: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The days since t0 of some visits: that of an open-ended last one is its latest exposure's."""
        latest = day_number(self.end_mjd[rows, days] - t0_mjd[rows])
        return np.where(days == N_DAYS - 1, np.fmax(latest, days), days).astype(np.int64)


def last_exposure(curves: LightCurves, at_mjd: float = np.inf) -> NDArray[np.float64]:
    """MJD of the last exposure of n alerts up to ``at_mjd``, also after the last day of visits; shape (n,).

    NaN without one.
    """
    last = np.full(len(curves), np.nan)
    for epochs, owner in (
        (curves.detections, curves.detection_owner),
        (curves.nondetections, curves.nondetection_owner),
    ):
        known = epochs.mjd <= at_mjd
        np.fmax.at(last, owner[known], epochs.mjd[known])
    return last


def visits_of(
    curves: LightCurves,
    t0_mjd: NDArray[np.float64],
    at_mjd: float = np.inf,
    *,
    is_open_ended: bool = False,
) -> Visits:
    """The visits of n alerts from their epochs up to ``at_mjd``, detections and non-detections alike.

    An alert raised after ``at_mjd`` has no visit yet, not even its entry. ``is_open_ended``: the last day
    takes all later exposures as well, so that the latest score rests on all there is.
    """
    end = np.full((len(curves), N_DAYS), np.nan)
    flat = end.reshape(-1)
    for epochs, owner in (
        (curves.detections, curves.detection_owner),
        (curves.nondetections, curves.nondetection_owner),
    ):
        mjd = epochs.mjd
        phase = mjd - t0_mjd[owner]
        counts = mjd <= at_mjd
        if not is_open_ended:
            counts &= phase <= VISITS_TO
        day = np.clip(day_number(phase[counts]), 0, N_DAYS - 1).astype(np.int64)
        # Epochs stand in the order of time, so that the last of a run is the latest of its day.
        cell = owner[counts] * N_DAYS + day
        last = np.flatnonzero(np.diff(cell, append=-1))
        cells = cell[last]
        flat[cells] = np.fmax(flat[cells], mjd[counts][last])
    end[:, 0] = np.where(np.isnan(end[:, 0]), t0_mjd, end[:, 0])
    end[t0_mjd > at_mjd] = np.nan
    return Visits(end)
