"""Position and history features: a part of `stream-1`."""

import numpy as np

from vra_tui.domain.sky import ARCSEC_PER_DEGREE, half_turn
from vra_tui.features.stream_epochs import FORCED_SIGMA, ForcedEpochs, KnownDetections, nights
from vra_tui.features.stream_sums import Floats, Ints, counts, greatest, last, least, mean_of, total

#: Positions are good to this at best, arcsec; else to this share of the seeing over the signal to noise.
POSITION_FLOOR_ARCSEC, SEEING_SHARE = 0.1, 0.6
#: A motion needs times that scatter by more than this, days: a minute and a half.
LEAST_SPREAD = 1e-3
#: What lies more than so many days before t0 is history, and not the rise of what is new.
BEFORE_DAYS = 5.0


def place_columns(seen: KnownDetections, fwhm_arcsec: Floats) -> dict[str, Floats]:
    """Scatter of the positions, alone and in units of their errors, and motion across the sky with errors."""
    at = np.flatnonzero(~(np.isnan(seen.ra) | np.isnan(seen.dec)))
    n, owner = seen.n, seen.owner[at]
    # From the latest position of each alert: no jump at 0, and no digits lost on 300 degrees.
    ra0, dec0 = last(seen.ra[at], owner, n)[owner], last(seen.dec[at], owner, n)
    east = half_turn(seen.ra[at] - ra0) * (np.cos(np.radians(dec0)) * ARCSEC_PER_DEGREE)[owner]
    north = (seen.dec[at] - dec0[owner]) * ARCSEC_PER_DEGREE
    days = seen.mjd[at] - seen.latest_mjd[owner]
    free = counts(owner, n) - 1.0
    squares = _squares(east, north, np.ones(len(at)), owner, n)
    scatter = np.where(free > 0, np.sqrt(squares / (2.0 * free)), np.nan)

    blur = SEEING_SHARE * fwhm_arcsec[owner] / seen.signal_to_noise[at]
    weight = 1.0 / (POSITION_FLOOR_ARCSEC**2 + blur**2)
    told = np.isfinite(weight)
    told_owner = owner[told]
    told_free = counts(told_owner, n) - 1.0
    chi2 = _squares(east[told], north[told], weight[told], told_owner, n)
    tonight = seen.night[at] == 0
    motion, motion_error = _motion(east, north, days, owner, n)
    in_night, in_night_error = _motion(east[tonight], north[tonight], days[tonight], owner[tonight], n)
    return {
        "position_scatter_arcsec": scatter,
        "position_scatter_in_errors": np.where(told_free > 0, np.sqrt(chi2 / (2.0 * told_free)), np.nan),
        "motion_arcsec_per_day": motion,
        "motion_error_arcsec_per_day": motion_error,
        "in_night_motion_arcsec_per_day": in_night,
        "in_night_motion_error_arcsec_per_day": in_night_error,
    }


def position_error(seen: KnownDetections, scatter_arcsec: Floats) -> Floats:
    """Error of the mean position along one axis, arcsec, from the scatter; NaN for a single detection."""
    known = ~(np.isnan(seen.ra) | np.isnan(seen.dec))
    return scatter_arcsec / np.sqrt(counts(seen.owner[known], seen.n))


def _squares(east: Floats, north: Floats, weight: Floats, owner: Ints, n: int) -> Floats:
    """Weighted sum of the squared distances from the weighted mean position."""
    de = east - mean_of(east, weight, owner, n)[owner]
    dn = north - mean_of(north, weight, owner, n)[owner]
    return total(weight * (de * de + dn * dn), owner, n)


def _motion(east: Floats, north: Floats, days: Floats, owner: Ints, n: int) -> tuple[Floats, Floats]:
    """Speed of a straight motion, and the error of one of its components from the scatter about it.

    The error is NaN for two detections, which any motion fits.
    """
    weight, size = np.ones(len(days)), counts(owner, n)
    dt = days - mean_of(days, weight, owner, n)[owner]
    de = east - mean_of(east, weight, owner, n)[owner]
    dn = north - mean_of(north, weight, owner, n)[owner]
    stt = total(dt * dt, owner, n)
    moves = stt > LEAST_SPREAD**2 * size
    stt = np.where(moves, stt, np.nan)
    speed_east, speed_north = total(dt * de, owner, n) / stt, total(dt * dn, owner, n) / stt
    left = (de - speed_east[owner] * dt) ** 2 + (dn - speed_north[owner] * dt) ** 2
    variance = total(left, owner, n) / np.where(size > 2, 2.0 * (size - 2.0), np.nan)
    return np.hypot(speed_east, speed_north), np.sqrt(variance / stt)


def history_columns(seen: KnownDetections, forced: ForcedEpochs, t0_mjd: Floats) -> dict[str, Floats]:
    """Detections and forced flux of more than `BEFORE_DAYS` before t0, and the latest forced flux."""
    n, end = seen.n, t0_mjd - BEFORE_DAYS
    before = seen.mjd < end[seen.owner]
    owner, mjd = seen.owner[before], seen.mjd[before]
    dated = np.where(np.isnan(t0_mjd), np.nan, 0.0)
    return {
        "n_detections_before": counts(owner, n) + dated,
        "n_nights_before": nights(seen, before) + dated,
        "n_negative_before": counts(owner[seen.is_negative[before]], n) + dated,
        "span_before_days": greatest(mjd, owner, n) - least(mjd, owner, n),
        **_forced_before(forced, end, n),
        "forced_signal_to_noise_latest": last(forced.signal_to_noise, forced.owner, n),
    }


def _forced_before(forced: ForcedEpochs, end: Floats, n: int) -> dict[str, Floats]:
    at = np.flatnonzero(forced.mjd < end[forced.owner])
    owner, flux, ratio = forced.owner[at], forced.flux[at], forced.signal_to_noise[at]
    weight = forced.error[at] ** -2.0
    n_bands = int(forced.band.max(initial=0)) + 1
    group = owner * n_bands + forced.band[at]
    varies = weight * (flux - mean_of(flux, weight, group, n * n_bands)[group]) ** 2
    in_bands = (np.bincount(group, minlength=n * n_bands).reshape(n, n_bands) > 0).sum(axis=1)
    size = counts(owner, n)
    free, any_at_all = size - in_bands, size > 0
    return {
        "forced_before_signal_to_noise": np.where(
            any_at_all, total(weight * flux, owner, n) / np.sqrt(total(weight, owner, n)), np.nan
        ),
        "forced_before_reduced_chi2": np.where(free > 0, total(varies, owner, n) / free, np.nan),
        "n_forced_before_above_3_sigma": np.where(any_at_all, counts(owner[ratio > FORCED_SIGMA], n), np.nan),
    }
