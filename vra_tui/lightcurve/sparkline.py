"""The last nights of many light curves in brief: a mean a night, or that nothing was found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import magnitude, microjansky
from vra_tui.domain.light_curve import LightCurves

Floats = NDArray[np.float64]

#: Magnitudes that the heights span at the least: noise is no course.
_LEAST_SPAN = 0.75


@dataclass(frozen=True, eq=False)
class NightlyCourses:
    """The last nights of n alerts, shape (n, nights); the last column is the night of the latest exposure.

    ``mag``: mean magnitude, NaN where nothing was detected. ``is_missed``: exposed, and nothing detected.
    """

    mag: Floats
    is_missed: NDArray[np.bool_]

    def heights(self, levels: int) -> NDArray[np.uint8]:
        """Each night's height, 1 to ``levels`` from the alert's faintest to its brightest; 0 where unseen.

        The heights span 0.75 mag at the least, so that noise stays flat.
        """
        seen = np.isfinite(self.mag)
        faint = np.where(seen, self.mag, -np.inf).max(axis=1, initial=-np.inf)
        bright = np.where(seen, self.mag, np.inf).min(axis=1, initial=np.inf)
        any_seen = np.isfinite(faint)
        faint, bright = np.where(any_seen, faint, 0.0), np.where(any_seen, bright, 0.0)
        span = np.maximum(faint - bright, _LEAST_SPAN)
        bottom = (faint + bright + span) / 2
        share = (bottom[:, None] - np.where(seen, self.mag, 0.0)) / span[:, None]
        # What varies less than that stands in the middle of a level, not on the edge of two.
        share -= np.where(faint - bright < _LEAST_SPAN, 0.5 / levels, 0.0)[:, None]
        height = np.clip(np.floor(share * levels) + 1, 1, levels)
        return np.where(seen, height, 0).astype(np.uint8)


def nightly_courses(curves: LightCurves, nights: int) -> NightlyCourses:
    """The last ``nights`` nights of each alert, counted back from its latest exposure.

    A night's mean is that of the flux in each band, negative flux and all; of several bands, that of their
    magnitudes, each less what it is off on nights with more than one, so that another band is no step.
    """
    n = len(curves)
    latest = np.full(n, -np.inf)
    for epochs, start in (
        (curves.detections, curves.detection_start),
        (curves.nondetections, curves.nondetection_start),
    ):
        some = np.flatnonzero(np.diff(start) > 0)
        latest[some] = np.maximum(latest[some], epochs[start[1:][some] - 1].mjd)
    # Before anything is decoded: years of limits cost nothing.
    curves = curves.since(np.where(np.isfinite(latest), latest, 0.0) - nights)

    def cells(mjd: Floats, owner: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of nights, all alerts end to end; -1 where too early, or out of order."""
        back = np.rint(latest[owner] - mjd).astype(np.int64)
        return np.where((back >= 0) & (back < nights), owner * nights + nights - 1 - back, -1)

    missed = cells(curves.nondetections.mjd, curves.nondetection_owner)
    seen = cells(curves.detections.mjd, curves.detection_owner)
    is_looked_at = np.zeros(n * nights, bool)
    is_looked_at[missed[missed >= 0]] = True
    is_looked_at[seen[seen >= 0]] = True
    mag = _night_means(seen, curves.detections.mag, curves.detections.band, n, nights)
    return NightlyCourses(mag, is_looked_at.reshape(n, nights) & np.isnan(mag))


def _night_means(
    night: NDArray[np.int64], mag: Floats, band: NDArray[np.uint8], n: int, nights: int
) -> Floats:
    """Mean magnitudes by alert and night, shape (n, nights), of detections by their night's number."""
    kept = (night >= 0) & np.isfinite(mag)
    night, mag = night[kept], mag[kept]
    codes, column = np.unique(band[kept], return_inverse=True)
    shape = (n, nights, max(1, len(codes)))
    place = night * shape[2] + column
    size = n * nights * shape[2]
    count = np.bincount(place, minlength=size)
    flux = np.bincount(place, np.sign(mag) * microjansky(np.abs(mag)), size) / np.maximum(count, 1)
    by_band = np.where(flux > 0, magnitude(np.where(flux > 0, flux, 1.0)), np.nan).reshape(shape)
    is_there = np.isfinite(by_band)
    mean = _mean(by_band, is_there, 2)
    shared = is_there & (is_there.sum(axis=2, keepdims=True) > 1)
    off = _mean(by_band - mean[:, :, None], shared, 1)
    return _mean(by_band - np.nan_to_num(off)[:, None, :], is_there, 2)


def _mean(values: Floats, of: NDArray[np.bool_], axis: int) -> Floats:
    """Means of some values along an axis; NaN of none."""
    count = of.sum(axis=axis)
    total = np.where(of, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
