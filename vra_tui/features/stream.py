"""Feature set ``stream-1`` for alerts of any survey, as known at a given time.

Each feature with its definition, its unit and what it is for: docs/features.md. No survey is known here:
bands come by name, numbers of a packet as `StreamContext` has them, and what a survey does not tell is NaN.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.hosts import HostKind, Hosts
from vra_tui.domain.light_curve import LightCurves
from vra_tui.domain.sky import ecliptic_latitude, galactic
from vra_tui.features.stream_course import (
    COLOURS,
    COURSE_DAYS,
    BrightnessCourse,
    colour_columns,
    course_columns,
    course_of,
)
from vra_tui.features.stream_epochs import (
    BandTable,
    KnownDetections,
    UpperLimits,
    forced_until,
    latest_epoch,
    limits_until,
    nights,
    seen_until,
)
from vra_tui.features.stream_host import host_columns
from vra_tui.features.stream_place import history_columns, place_columns, position_error
from vra_tui.features.stream_sums import Floats, changes, counts, decimal_median, greatest, last, least

__all__ = ["STREAM_1", "HostKind", "Hosts", "StreamContext", "rows_of", "stream_features"]

#: Context columns that are features as they are.
AS_TOLD = (
    "star_score", "star_arcsec", "gaia_arcsec", "gaia_mag", "solar_arcsec", "solar_mag", "reference_arcsec",
    "reference_mag", "fwhm_arcsec", "elongation", "is_dipole", "trail_arcsec", "n_bad_pixels", "extendedness",
    "n_detections_told",
)  # fmt: skip

#: The features of ``stream-1``, in the order of its tables.
STREAM_1: tuple[str, ...] = (
    "object_score", "score_latest", "score_max", "score_median", "score_share_above_half",
    "n_detections", "n_nights", "n_bands", "n_limits_since_latest", "detected_share",
    "negative_share", "latest_sign", "signal_to_noise_latest", "signal_to_noise_max",
    "mag_latest", "mag_brightest", "mag_median",
    "days_since_first", "days_since_latest", "days_since_first_told", "days_since_limit",
    "limit_to_first_mag", "limit_to_first_days", "rise_from_limits_mag_per_day",
    "rise_mag_per_day", "rise_error_mag_per_day", "fade_mag_per_day", "fade_error_mag_per_day",
    "recent_rise_mag_per_day", "recent_rise_error_mag_per_day",
    "main_band_rise_mag_per_day", "main_band_rise_error_mag_per_day",
    "night_to_night_rise_mag", "night_to_night_rise_error_mag",
    "in_night_rise_mag_per_day", "in_night_rise_error_mag_per_day",
    "days_since_peak", "amplitude_mag", "reduced_chi2", "roughness",
    "colour_as_g_r_mag", "colour_as_g_r_error_mag",
    *(f"colour_{blue}_{red}_{what}" for blue, red in COLOURS for what in ("mag", "error_mag")),
    "position_scatter_arcsec", "position_scatter_in_errors",
    "motion_arcsec_per_day", "motion_error_arcsec_per_day",
    "in_night_motion_arcsec_per_day", "in_night_motion_error_arcsec_per_day",
    "n_detections_before", "n_nights_before", "n_negative_before", "span_before_days",
    "forced_before_signal_to_noise", "forced_before_reduced_chi2", "n_forced_before_above_3_sigma",
    "forced_signal_to_noise_latest",
    "ebv", "galactic_latitude_deg", "ecliptic_latitude_deg",
    *AS_TOLD, "latest_less_reference_mag",
    "host_is_galaxy", "host_is_star", "host_is_agn", "host_is_cv",
    "host_separation_arcsec", "host_separation_kpc", "host_separation_in_sizes", "host_is_nuclear",
    "host_mag", "host_colour_mag", "host_redshift", "host_absolute_mag",
    "peak_absolute_mag", "peak_less_host_mag", "n_other_matches_near",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class StreamContext:
    """The numbers that features take from alerts' records, NaN where unknown.

    Columns of shape (n,), each what `vra_tui.domain.alert.FACTS` says of it; ``ebv``: E(B-V) of SFD;
    ``real_bogus``: the latest score of the object; ``is_dipole``: 0 or 1.
    """

    t0_mjd: Floats
    ra: Floats
    dec: Floats
    ebv: Floats
    real_bogus: Floats
    star_score: Floats
    star_arcsec: Floats
    gaia_arcsec: Floats
    gaia_mag: Floats
    solar_arcsec: Floats
    solar_mag: Floats
    reference_arcsec: Floats
    reference_mag: Floats
    fwhm_arcsec: Floats
    elongation: Floats
    is_dipole: Floats
    trail_arcsec: Floats
    n_bad_pixels: Floats
    extendedness: Floats
    n_detections_told: Floats
    first_told_mjd: Floats
    host: Hosts


#: Epochs that are worked on at once: their columns stay in the processor's cache.
_BATCH_EPOCHS = 1 << 16


def stream_features(
    curves: LightCurves,
    context: StreamContext,
    band_names: Mapping[int, str],
    at_mjd: ArrayLike | None = None,
) -> dict[str, Floats]:
    """The features of ``stream-1`` of n alerts, by name in the order of `STREAM_1`, each of shape (n,).

    ``band_names``: the codes of the light curves' bands. ``at_mjd``: a time, or one for each alert: only
    epochs up to it count, and ages are counted to it. Where it is not finite, or not given, all epochs count,
    and ages are counted to the latest of them. NaN where a feature has no value; never infinite. Raises
    ValueError for a context of another length.
    """
    n = len(curves)
    for part in (context, context.host):
        for one in fields(part):
            if one.name != "host" and np.shape(getattr(part, one.name)) != (n,):
                raise ValueError(f"the context's `{one.name}` is not a column of {n} alerts")
    at = np.broadcast_to(np.asarray(np.nan if at_mjd is None else at_mjd, dtype=np.float64), n)
    bands = BandTable.of(band_names)
    features = {name: np.full(n, np.nan) for name in STREAM_1}
    for first, end in _batches(curves):
        rows = slice(first, end)
        with np.errstate(all="ignore"):
            columns = _features(curves.part(first, end), rows_of(context, rows), bands, at[rows])
        for name, values in features.items():
            values[rows] = np.where(np.isfinite(columns[name]), columns[name], np.nan)
    return features


def _batches(curves: LightCurves) -> Iterator[tuple[int, int]]:
    """First and last rows of pieces of some `_BATCH_EPOCHS` epochs each, whole alerts, at least one."""
    epochs = curves.detection_start + curves.nondetection_start + np.arange(len(curves) + 1)
    if curves.forced_start is not None:
        epochs = epochs + curves.forced_start
    first = 0
    while first < len(curves):
        end = int(np.searchsorted(epochs, epochs[first] + _BATCH_EPOCHS, "right")) - 1
        end = max(end, first + 1)
        yield first, end
        first = end


C = TypeVar("C", StreamContext, Hosts)


def rows_of(context: C, rows: slice | NDArray[np.int64]) -> C:
    """Some rows of a context."""
    parts: dict[str, Any] = {one.name: getattr(context, one.name) for one in fields(context)}
    for name, part in parts.items():
        parts[name] = rows_of(part, rows) if isinstance(part, Hosts) else part[rows]
    return type(context)(**parts)


def _features(curves: LightCurves, context: StreamContext, bands: BandTable, at: Floats) -> dict[str, Floats]:
    until = np.where(np.isfinite(at), at, np.inf)
    seen = seen_until(curves, until, bands)
    forced = forced_until(curves, until, bands)
    limits = limits_until(curves, forced, until)
    now = np.where(np.isfinite(at), at, latest_epoch(seen, limits, forced))
    course = course_of(seen, len(bands))
    place = place_columns(seen, context.fwhm_arcsec)
    counted = _counted(seen, limits, now, len(bands))
    return {
        "object_score": context.real_bogus,
        **counted,
        "days_since_first_told": _age(now, context.first_told_mjd),
        **course_columns(course, seen, limits, now),
        **colour_columns(course, bands, context.ebv),
        **place,
        **history_columns(seen, forced, context.t0_mjd),
        "ebv": context.ebv,
        "galactic_latitude_deg": np.abs(galactic(context.ra, context.dec)[1]),
        "ecliptic_latitude_deg": np.abs(ecliptic_latitude(context.ra, context.dec)),
        **{name: getattr(context, name) for name in AS_TOLD},
        "latest_less_reference_mag": counted["mag_latest"] - context.reference_mag,
        **host_columns(
            context.host,
            context.fwhm_arcsec,
            position_error(seen, place["position_scatter_arcsec"]),
            course.peak_mag,
            _peak_extinction(course, bands, context.ebv),
        ),
    }


def _detected_share(seen: KnownDetections, limits: UpperLimits) -> Floats:
    """Share of the exposures that detected it, from the first to the latest of the last `COURSE_DAYS`."""
    recent = seen.latest_mjd[seen.owner] - seen.mjd <= COURSE_DAYS
    owner, mjd = seen.owner[recent], seen.mjd[recent]
    first = least(mjd, owner, seen.n)
    between = (limits.mjd > first[limits.owner]) & (limits.mjd <= seen.latest_mjd[limits.owner])
    detected = counts(owner[changes(owner, mjd)], seen.n)
    return detected / (detected + counts(limits.owner[between], seen.n))


def _age(now: Floats, mjd: Floats) -> Floats:
    """Days from ``mjd`` to now; NaN for what is not yet."""
    return np.where(mjd <= now, now - mjd, np.nan)


def _peak_extinction(course: BrightnessCourse, bands: BandTable, ebv: Floats) -> Floats:
    coefficient = np.array([one.extinction for one in bands.bands])
    return np.where((course.main >= 0) & (ebv >= 0), ebv * coefficient[course.main], np.nan)


def _counted(seen: KnownDetections, limits: UpperLimits, now: Floats, n_bands: int) -> dict[str, Floats]:
    """Scores, numbers, signs, magnitudes and ages: all that needs no fit."""
    n, owner = seen.n, seen.owner
    scored = ~np.isnan(seen.score)
    n_scored = counts(owner[scored], n)
    measured = ~np.isnan(seen.size)
    n_measured = counts(owner[measured], n)
    sign = np.where(measured, np.where(seen.is_negative, -1.0, 1.0), np.nan)
    n_detections = counts(owner, n)
    n_limits = counts(limits.owner, n)
    since_latest = limits.mjd > seen.latest_mjd[limits.owner]
    some_limits = (n_limits > 0) & (n_detections > 0)
    in_bands = np.bincount(owner * n_bands + seen.band, minlength=n * n_bands).reshape(n, n_bands) > 0
    return {
        "score_latest": last(seen.score, owner, n),
        "score_max": greatest(seen.score, owner, n),
        "score_median": decimal_median(seen.score, owner, n, 4),
        "score_share_above_half": counts(owner[seen.score > 0.5], n) / n_scored,
        "n_detections": n_detections,
        "n_nights": nights(seen),
        "n_bands": in_bands.sum(axis=1).astype(np.float64),
        "n_limits_since_latest": np.where(some_limits, counts(limits.owner[since_latest], n), np.nan),
        "detected_share": np.where(some_limits, _detected_share(seen, limits), np.nan),
        "negative_share": counts(owner[seen.is_negative], n) / n_measured,
        "latest_sign": last(sign, owner, n),
        "signal_to_noise_latest": last(seen.signal_to_noise, owner, n),
        "signal_to_noise_max": greatest(seen.signal_to_noise, owner, n),
        "mag_latest": last(seen.size, owner, n),
        "mag_brightest": least(np.where(seen.is_negative, np.nan, seen.size), owner, n),
        "mag_median": decimal_median(seen.size, owner, n, 6),
        "days_since_first": now - seen.first_mjd,
        "days_since_latest": now - seen.latest_mjd,
        "days_since_limit": now - greatest(limits.mjd, limits.owner, n),
    }
