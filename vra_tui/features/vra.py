"""The published VRA features of many alerts (DESIGN.md section 5), as known at a given time."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.epochs import Epochs
from vra_tui.domain.light_curve import LightCurves
from vra_tui.domain.sky import unwrapped_ra
from vra_tui.features import segments
from vra_tui.features.table import DAYN_FEATURES, FeatureTable
from vra_tui.lightcurve.windows import HISTORY_DAYS, RECENT_DAY, VISITS_FROM, VISITS_TO, day_number

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class VraContext:
    """The numbers that features take from alerts' records, each of shape (n,).

    ``ra, dec`` in degrees; ``z, photoz, sep_arcsec`` of the first Sherlock cross-match, NaN without one;
    ``ebv_sfd`` in magnitudes; ``is_cv`` whether the Sherlock class is CV.
    """

    t0_mjd: Floats
    ra: Floats
    dec: Floats
    rb_pix: Floats
    z: Floats
    photoz: Floats
    sep_arcsec: Floats
    ebv_sfd: Floats
    is_cv: NDArray[np.bool_]

    def take(self, rows: Ints) -> "VraContext":
        """The context of some of the alerts, in the order of ``rows`` (their indices)."""
        return VraContext(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def compute(curves: LightCurves, context: VraContext, at_mjd: ArrayLike | None = None) -> FeatureTable:
    """All features of ``vra-dayN-1`` (which holds those of ``vra-day1-1``) for n alerts.

    ``at_mjd``: a time, or one for each alert: only epochs up to it count, as `--at-mjd` means. Without it,
    all epochs count. Spreads of exactly zero have no logarithm and give NaN.
    """
    n = len(curves)
    at = np.broadcast_to(np.asarray(np.inf if at_mjd is None else at_mjd, dtype=np.float64), n)
    seen = _Window(curves.detections, curves.detection_owner, context.t0_mjd, at)
    missed = _Window(curves.nondetections, curves.nondetection_owner, context.t0_mjd, at)
    columns = {
        **_history(curves, seen, missed, n),
        **_visit(curves, seen, missed, n),
        "ra": context.ra,
        "dec": context.dec,
        "rb_pix": context.rb_pix,
        "z": context.z,
        "photoz": context.photoz,
        "ebv_sfd": context.ebv_sfd,
        "log10_sep_arcsec": _log10(context.sep_arcsec),
        "CV": context.is_cv,
    }
    values = np.empty((n, len(DAYN_FEATURES)))
    for index, name in enumerate(DAYN_FEATURES):
        values[:, index] = columns[name]
    return FeatureTable(curves.alert_id, DAYN_FEATURES, values)


class _Window:
    """Phase, day and owner of each epoch of one kind, and which of them lie in which window."""

    def __init__(self, epochs: Epochs, owner: Ints, t0_mjd: Floats, at_mjd: Floats) -> None:
        mjd = epochs.mjd
        self.owner = owner
        self.phase = mjd - t0_mjd[owner]
        self.day = day_number(self.phase)
        known = mjd <= at_mjd[owner]
        self.history = known & (self.phase >= -HISTORY_DAYS) & (self.phase < 0)
        self.recent = self.history & (self.day >= RECENT_DAY)
        self.visits = known & (self.phase > VISITS_FROM) & (self.phase <= VISITS_TO)


def _log10(values: Floats) -> Floats:
    """Base-10 logarithm; NaN where there is none, so that no infinity reaches the trees."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)


def _history(curves: LightCurves, seen: _Window, missed: _Window, n: int) -> dict[str, Floats]:
    detections = curves.detections
    run_mean, run_std = _nondetection_runs(seen, missed, n)
    mag = detections.mag
    recent = seen.recent
    recent_owner = seen.owner[recent]
    recent_ra = unwrapped_ra(detections.ra[recent], recent_owner, n)
    return {
        "Nnondet_mean": run_mean,
        "Nnondet_std": run_std,
        "magdet_std": segments.mean_and_std(mag[seen.history], seen.owner[seen.history], n)[1],
        "DET_Nsince_min5d": segments.counts(recent_owner, n),
        "NON_Nsince_min5d": segments.counts(missed.owner[missed.recent], n),
        "log10_std_ra_min5d": _log10(segments.mean_and_std(recent_ra, recent_owner, n)[1]),
        "log10_std_dec_min5d": _log10(segments.mean_and_std(detections.dec[recent], recent_owner, n)[1]),
        "DET_mag_median_min5d": segments.median(mag[recent], recent_owner, n),
    }


def _nondetection_runs(seen: _Window, missed: _Window, n: int) -> tuple[Floats, Floats]:
    """Mean and std of the number of non-detections that follow each history detection.

    Every detection of the history opens a run that ends at the next one. A first run that holds no
    non-detection is no run.
    """
    detection_owner = seen.owner[seen.history]
    detection_time = _order_key(detection_owner, seen.phase[seen.history])
    in_time = np.argsort(detection_time, kind="stable")
    detection_owner, detection_time = detection_owner[in_time], detection_time[in_time]

    owner = missed.owner[missed.history]
    opened_by = np.searchsorted(detection_time, _order_key(owner, missed.phase[missed.history]), "right") - 1
    after_a_detection = opened_by >= 0
    after_a_detection[after_a_detection] &= (
        detection_owner[opened_by[after_a_detection]] == owner[after_a_detection]
    )
    run = np.bincount(opened_by[after_a_detection], minlength=len(detection_owner))
    leading = np.diff(detection_owner, prepend=-1) != 0
    is_run = ~(leading & (run == 0))
    return segments.mean_and_std(run[is_run].astype(np.float64), detection_owner[is_run], n)


def _order_key(owner: Ints, phase: Floats) -> Ints:
    """Whole numbers that sort by owner, then by phase (to 1e-9 days, within the history)."""
    return owner * (1 << 38) + np.rint((phase + HISTORY_DAYS) * 1e9).astype(np.int64)


#: Days of the visit window, -5 < phase <= 15: -4 to 15, and 16 for a phase of exactly 15.
_FIRST_DAY, _N_DAYS = -4, 21


def _visit(curves: LightCurves, seen: _Window, missed: _Window, n: int) -> dict[str, Floats]:
    detections_owner, detections_day = seen.owner[seen.visits], seen.day[seen.visits]
    missed_owner, missed_day = missed.owner[missed.visits], missed.day[missed.visits]
    mag = curves.detections.mag[seen.visits]
    limit = curves.nondetections.limit[missed.visits]

    latest = np.full(n, -np.inf)
    np.maximum.at(latest, detections_owner, detections_day)
    np.maximum.at(latest, missed_owner, missed_day)
    detected_then = detections_day == latest[detections_owner]
    missed_then = missed_day == latest[missed_owner]
    max_mag, max_mag_day = _brightest_day(mag, detections_owner, detections_day, n)
    return {
        "dayN": np.where(np.isfinite(latest), latest, np.nan),
        "DET_mag_median": segments.median(mag[detected_then], detections_owner[detected_then], n),
        "DET_N_total": _total_on_a_day_with_any(detections_owner, detected_then, n),
        "NON_mag_median": segments.median(limit[missed_then], missed_owner[missed_then], n),
        "NON_N_total": _total_on_a_day_with_any(missed_owner, missed_then, n),
        "max_mag": max_mag,
        "max_mag_day": max_mag_day,
    }


def _total_on_a_day_with_any(owner: Ints, then: NDArray[np.bool_], n: int) -> Floats:
    any_then = segments.counts(owner[then], n) > 0
    return np.where(any_then, segments.counts(owner, n), np.nan)


def _brightest_day(mag: Floats, owner: Ints, day: Floats, n: int) -> tuple[Floats, Floats]:
    """Brightest daily median magnitude and the day it was first reached; NaN without detections."""
    group = owner * _N_DAYS + (day.astype(np.int64) - _FIRST_DAY)
    by_day = segments.median(mag, group, n * _N_DAYS).reshape(n, _N_DAYS)
    has_any = ~np.all(np.isnan(by_day), axis=1)
    index = np.argmin(np.where(np.isnan(by_day), np.inf, by_day), axis=1)
    return (
        np.where(has_any, by_day[np.arange(n), index], np.nan),
        np.where(has_any, index + float(_FIRST_DAY), np.nan),
    )
