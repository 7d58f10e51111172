"""Feature set ``vra-fast-1``: rates of rise and fade of alerts, as known at a given time.

Nothing here depends on how bright the source is, how deep the survey goes or which of two like filters it
uses: rates and differences of magnitudes only, so that what is learnt on one survey holds on another. A
host's distance comes in as the absolute magnitude it implies. The place in the sky and the kind of the
nearest catalogue source are left out on purpose: P(galactic) answers for these, and a model that found
cataclysmic variables by their latitude would know nothing of a fast transient in a galaxy.

In words. All is taken from the exposures of the ``LOOKBACK`` days up to *now*, the latest exposure known.
A *night* is the exposures a whole number of days before now, give or take twelve hours. A night is *seen*
when at least half of its exposures, or three, detect the source in positive flux; one stray detection among
four is no night. The *episode* is the latest seen nights without a gap of more than ``GAP`` days. A *point*
is the median magnitude of a night and band; blue bands are c and g, red ones o and r, all else is the third.
All points are brought to the red band by a colour fitted together with a rate (`features.rates`). Rates are
in magnitudes a day, positive while it brightens.

=================  ====================================================================================
age                days from the first detection of the episode to now
unseen_days        days from its last detection to now
earlier_nights     seen nights before the episode
seen_nights        seen nights of the episode
peak_delay         days from the first seen night to the brightest
since_peak         days from the brightest night to the last seen one
gain               magnitudes from the first night up to the brightest
faded              magnitudes from the brightest night down to the last seen one
rate               rate over the episode
rate_up            rate up to the brightest night; NaN when that is the first
rate_down          rate from the brightest night on; NaN when that is the last
rate_recent        rate over the four days up to the last detection
night_rate         rate within the last seen night
night_scatter      log10 of the scatter within the last seen night over the error, in the band with most
first_excess       magnitudes by which the first seen night stands above what is detected at five sigma
colour             blue minus red of the four days up to the last detection, less reddening
dark_days          days from the last limit fainter than the first night to the first detection
rise_from_limit    steepest rate that a limit of the 20 days before the first detection demands
fall_to_limit      steepest rate of fading that a limit after the brightest night demands
absolute_mag       of the brightest night, at the distance of the host, less extinction
=================  ====================================================================================

NaN where a feature has no value. An alert never detected in the window has none at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.features import segments
from vra_tui.features.rates import BLUE, N_BANDS, NIGHT_RATE_PRIOR, RATE_PRIOR, RED, band_of, fit_lines
from vra_tui.features.table import FAST_FEATURES, FeatureTable
from vra_tui.features.vra import VraContext
from vra_tui.lightcurve.flux_epochs import MAX_REDSHIFT

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Days before now that count. Shorter than the history that scoring reads, so that it never cuts them short.
LOOKBACK = 60
#: Days without a seen night that end an episode: longer than bright time, shorter than between outbursts.
GAP = 20
#: Share of a night's exposures that must detect the source; three detections are the survey's own rule.
SEEN_SHARE = 0.5
SEEN_DETECTIONS = 3
#: Days that count as recent, and days before the first detection in which limits count.
RECENT_DAYS = 4.0
LIMIT_DAYS = 20.0

# What the errors of the photometry leave out: zero points, hosts, differences between units; mag.
_ERROR_FLOOR = 0.05
_UNKNOWN_ERROR = 0.1

# Hubble's law to first order in the deceleration, and A / E(B-V) and E(c-o) / E(B-V) of SFD for R_V = 3.1
# (Schlafly & Finkbeiner 2011, table 6: r 2.285, i 1.698, g 3.303).
_HUBBLE_DISTANCE_MPC = 299_792.458 / 70.0
_EXTINCTION = 2.1
REDDENING = 0.9

_N_NIGHTS = LOOKBACK + 1


def compute_fast(curves: LightCurves, context: VraContext, at_mjd: ArrayLike | None = None) -> FeatureTable:
    """The features of ``vra-fast-1`` for n alerts, from epochs up to ``at_mjd`` (a time, or one for each)."""
    n = len(curves)
    at = np.broadcast_to(np.asarray(np.inf if at_mjd is None else at_mjd, dtype=np.float64), n)
    exposures = _exposures(curves, at)
    points = _points(exposures, n)
    columns = {
        **_course(points, exposures, n),
        **_rates(points, n),
        **_last_night(exposures, n),
        **_limits(points, exposures, n),
        "first_excess": _first_excess(exposures, n),
        "colour": _colour(points, n) - REDDENING * context.ebv_sfd,
    }
    columns["absolute_mag"] = (
        points.peak_mag
        - _EXTINCTION * context.ebv_sfd
        - 25.0
        - 5.0 * np.log10(_distance_mpc(context.z, context.photoz))
    )
    values = np.stack([columns[name] for name in FAST_FEATURES], axis=1)
    values[~np.isfinite(values)] = np.nan
    return FeatureTable(curves.alert_id, FAST_FEATURES, values)


@dataclass(frozen=True, eq=False)
class _Detections:
    """Detections of the episodes, shape (d,), of one alert after the other in the order of time."""

    owner: Ints
    mjd: Floats
    mag: Floats
    error: Floats
    night: Ints
    band: Ints


@dataclass(frozen=True, eq=False)
class _Exposures:
    """What was looked at: ``now``, shape (n,); nights before now, shape (n, nights); episode detections.

    ``limit_*``: the non-detections, shape (l,), of nights that are not seen.
    """

    now: Floats
    seen: Bools
    episode: Bools
    detections: _Detections
    limit_owner: Ints
    limit_mjd: Floats
    limit: Floats


def _exposures(curves: LightCurves, at: Floats) -> _Exposures:
    n = len(curves)
    found, missed = curves.detections, curves.nondetections
    found_owner, missed_owner = curves.detection_owner, curves.nondetection_owner
    found_known, missed_known = found.mjd <= at[found_owner], missed.mjd <= at[missed_owner]
    now = np.maximum(
        _last_known(found.mjd, found_known, curves.detection_start),
        _last_known(missed.mjd, missed_known, curves.nondetection_start),
    )
    rows = np.flatnonzero(found_known & (now[found_owner] - found.mjd < LOOKBACK))
    limits = np.flatnonzero(missed_known & (now[missed_owner] - missed.mjd < LOOKBACK))
    part = found[rows]
    owner, limit_owner = found_owner[rows], missed_owner[limits]
    night = np.rint(now[owner] - part.mjd).astype(np.int64)
    limit_night = np.rint(now[limit_owner] - missed.mjd[limits]).astype(np.int64)
    cell, limit_cell = owner * _N_NIGHTS + night, limit_owner * _N_NIGHTS + limit_night
    # A negative difference flux is an exposure that did not see the source.
    positive = part.mag > 0
    hits = np.bincount(cell[positive], minlength=n * _N_NIGHTS)
    looks = np.bincount(cell, minlength=n * _N_NIGHTS) + np.bincount(limit_cell, minlength=n * _N_NIGHTS)
    seen = (hits > 0) & ((hits >= SEEN_SHARE * looks) | (hits >= SEEN_DETECTIONS))
    episode = _latest_episode(seen.reshape(n, _N_NIGHTS))
    kept = np.flatnonzero(positive & episode.ravel()[cell])
    kept_limits = ~seen[limit_cell]
    chosen = part[kept]
    return _Exposures(
        now=np.where(np.isfinite(now), now, np.nan),
        seen=seen.reshape(n, _N_NIGHTS),
        episode=episode,
        detections=_Detections(
            owner[kept], chosen.mjd, chosen.mag, chosen.magerr, night[kept], band_of(chosen.band)
        ),
        limit_owner=limit_owner[kept_limits],
        limit_mjd=missed.mjd[limits][kept_limits],
        limit=missed[limits].limit[kept_limits],
    )


def _last_known(mjd: Floats, known: Bools, start: Ints) -> Floats:
    """Time of each alert's last known epoch, shape (n,); -inf without one. Epochs are sorted by time."""
    so_far = np.concatenate([[0], np.cumsum(known)])
    count = so_far[start[1:]] - so_far[start[:-1]]
    result = np.full(len(count), -np.inf)
    some = count > 0
    result[some] = mjd[(start[:-1] + count - 1)[some]]
    return result


def _latest_episode(seen: Bools) -> Bools:
    """Of the seen nights, counted back from now, those before the first gap; shape (n, nights)."""
    night = np.arange(seen.shape[1])
    # The nearest later seen night; of the latest one itself there is none, and no gap.
    later = np.maximum.accumulate(np.where(seen, night, -1), axis=1)
    later = np.concatenate([np.full((len(seen), 1), -1), later[:, :-1]], axis=1)
    gap = seen & (later >= 0) & (night - later > GAP)
    return np.asarray(seen & ~np.logical_or.accumulate(gap, axis=1))


@dataclass(frozen=True, eq=False)
class _Points:
    """Medians by night and band, shape (p,), magnitudes in the red band; and per alert, shape (n,),
    times and magnitudes of the first, brightest and last seen night."""

    owner: Ints
    mjd: Floats
    mag: Floats
    measured: Floats
    weight: Floats
    band: Ints
    first_mjd: Floats
    first_mag: Floats
    peak_mjd: Floats
    peak_mag: Floats
    last_mjd: Floats
    last_mag: Floats


def _points(exposures: _Exposures, n: int) -> _Points:
    seen = exposures.detections
    # Nights count back from now: reversed, so that points come in the order of time.
    key = (seen.owner * _N_NIGHTS + (LOOKBACK - seen.night)) * N_BANDS + seen.band
    cells, point = np.unique(key, return_inverse=True)
    size = segments.counts(point, len(cells))
    owner, band = cells // (_N_NIGHTS * N_BANDS), cells % N_BANDS
    mjd = np.bincount(point, seen.mjd, len(cells)) / size
    measured = segments.median(seen.mag, point, len(cells))
    error = segments.median(seen.error, point, len(cells))
    error = np.where(np.isnan(error), _UNKNOWN_ERROR, error)
    weight = 1.0 / (_ERROR_FLOOR**2 + error**2 / size)
    mag = measured - _offsets(owner, mjd, measured, weight, band, n)

    night, of_night = np.unique(cells // N_BANDS, return_inverse=True)
    night_owner = night // _N_NIGHTS
    total = np.bincount(of_night, weight, len(night))
    night_mag = np.bincount(of_night, weight * mag, len(night)) / total
    night_mjd = np.bincount(of_night, weight * mjd, len(night)) / total
    alert, first = np.unique(night_owner, return_index=True)
    last = np.append(first[1:], len(night))[: len(first)] - 1
    # Of nights equally bright the first, whatever the last digit of a fit says.
    brightest = np.lexsort((night_mjd, night_mag.round(6), night_owner))[first]

    def spread(values: Floats, index: Ints) -> Floats:
        result = np.full(n, np.nan)
        result[alert] = values[index]
        return result

    return _Points(
        owner, mjd, mag, measured, weight, band,
        spread(night_mjd, first), spread(night_mag, first),
        spread(night_mjd, brightest), spread(night_mag, brightest),
        spread(night_mjd, last), spread(night_mag, last),
    )  # fmt: skip


def _offsets(owner: Ints, mjd: Floats, mag: Floats, weight: Floats, band: Ints, n: int) -> Floats:
    """Return what each point's band differs from the red one, shape (p,); 0 for alerts seen in one band."""
    result = np.zeros(len(owner))
    several = np.bincount(np.unique(owner * N_BANDS + band) // N_BANDS, minlength=n) > 1
    part = several[owner]
    rows, of_row = np.unique(owner[part], return_inverse=True)
    _, offset = fit_lines(of_row, mjd[part], mag[part], weight[part], band[part], len(rows), RATE_PRIOR)
    result[part] = offset[of_row, band[part]]
    return result


def _course(points: _Points, exposures: _Exposures, n: int) -> dict[str, Floats]:
    seen = exposures.detections
    first, last = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(first, seen.owner, seen.mjd)
    np.maximum.at(last, seen.owner, seen.mjd)
    detected = np.isfinite(first)
    return {
        "age": exposures.now - first,
        "unseen_days": exposures.now - last,
        "earlier_nights": np.where(detected, np.sum(exposures.seen & ~exposures.episode, axis=1), np.nan),
        "seen_nights": np.where(detected, np.sum(exposures.episode, axis=1), np.nan),
        "peak_delay": points.peak_mjd - points.first_mjd,
        "since_peak": points.last_mjd - points.peak_mjd,
        "gain": points.first_mag - points.peak_mag,
        "faded": points.last_mag - points.peak_mag,
    }


def _rates(points: _Points, n: int) -> dict[str, Floats]:
    # Points of one night differ by hours: half a day on either side belongs to the brightest night.
    up = points.mjd <= points.peak_mjd[points.owner] + 0.5
    down = points.mjd >= points.peak_mjd[points.owner] - 0.5
    return {
        "rate": _rate(points, np.ones(len(up), dtype=bool), points.last_mjd - points.first_mjd, n),
        "rate_up": _rate(points, up, points.peak_mjd - points.first_mjd, n),
        "rate_down": _rate(points, down, points.last_mjd - points.peak_mjd, n),
        "rate_recent": _rate(points, _recent(points), points.last_mjd - points.first_mjd, n),
    }


def _recent(points: _Points) -> Bools:
    return np.asarray(points.mjd > points.last_mjd[points.owner] - RECENT_DAYS - 0.5)


def _rate(points: _Points, chosen: Bools, days: Floats, n: int) -> Floats:
    # Most alerts have one night so far, and no rate to be fitted.
    rows, rate, _ = _fit(points, chosen & (days > 0.5)[points.owner])
    result = np.full(n, np.nan)
    result[rows] = rate
    return result


def _colour(points: _Points, n: int) -> Floats:
    recent = _recent(points)
    in_blue, in_red = (
        np.bincount(points.owner[recent & (points.band == band)], minlength=n) > 0 for band in (BLUE, RED)
    )
    rows, _, offset = _fit(points, recent & (in_blue & in_red)[points.owner])
    result = np.full(n, np.nan)
    result[rows] = offset[:, BLUE]
    return result


def _fit(points: _Points, part: Bools) -> tuple[Ints, Floats, Floats]:
    """Fit a line to the chosen points of each alert: the k alerts that have any, their rates and offsets."""
    rows, of_row = np.unique(points.owner[part], return_inverse=True)
    rate, offset = fit_lines(
        of_row,
        points.mjd[part],
        points.measured[part],
        points.weight[part],
        points.band[part],
        len(rows),
        RATE_PRIOR,
    )
    return rows, rate, offset


def _last_night(exposures: _Exposures, n: int) -> dict[str, Floats]:
    """Rate and scatter within the last seen night; three detections are the least that tell of either."""
    seen = exposures.detections
    last = np.full(n, _N_NIGHTS)
    np.minimum.at(last, seen.owner, seen.night)
    then = seen.night == last[seen.owner]
    owner, band, mag = seen.owner[then], seen.band[then], seen.mag[then]
    error = np.where(np.isnan(seen.error[then]), _UNKNOWN_ERROR, seen.error[then])
    enough = segments.counts(owner, n) >= 3
    weight = 1.0 / (_ERROR_FLOOR**2 + error**2)
    rate, _ = fit_lines(owner, seen.mjd[then], mag, weight, band, n, NIGHT_RATE_PRIOR)
    cell = owner * N_BANDS + band
    _, scatter = segments.mean_and_std(mag, cell, n * N_BANDS)
    usual, _ = segments.mean_and_std(np.hypot(error, _ERROR_FLOOR), cell, n * N_BANDS)
    by_band = (scatter / usual).reshape(n, N_BANDS)
    largest = np.max(np.where(np.isnan(by_band), 0.0, by_band), axis=1, initial=0.0)
    return {
        "night_rate": np.where(enough, rate, np.nan),
        # Equal magnitudes have no logarithm; a tenth of the error is as good as equal.
        "night_scatter": np.where(enough, np.log10(np.maximum(largest, 0.1)), np.nan),
    }


def _first_excess(exposures: _Exposures, n: int) -> Floats:
    """From the errors: a magnitude of error e has a signal-to-noise of 1.0857 / e."""
    seen = exposures.detections
    first = np.full(n, -1)
    np.maximum.at(first, seen.owner, seen.night)
    then = (seen.night == first[seen.owner]) & (seen.error > 0)
    error = segments.median(seen.error[then], seen.owner[then], n)
    return np.asarray(2.5 * np.log10(2.5 / np.log(10.0) / (5.0 * error)))


def _limits(points: _Points, exposures: _Exposures, n: int) -> dict[str, Floats]:
    before = points.first_mjd[exposures.limit_owner] - exposures.limit_mjd
    after_last = exposures.limit_mjd - points.last_mjd[exposures.limit_owner]
    last_dark = np.full(n, np.nan)
    early = np.flatnonzero((before > 0.5) & (before <= LIMIT_DAYS))
    early = early[exposures.limit[early] > points.first_mag[exposures.limit_owner[early]]]
    np.fmax.at(last_dark, exposures.limit_owner[early], exposures.limit_mjd[early])
    late = np.flatnonzero(after_last > 0.5)
    rise = _steepest(exposures, early, points.first_mjd, points.first_mag)
    fall = _steepest(exposures, late, points.peak_mjd, points.peak_mag)
    return {
        "dark_days": points.first_mjd - last_dark,
        "rise_from_limit": rise,
        "fall_to_limit": -fall,
    }


def _steepest(exposures: _Exposures, limits: Ints, mjd: Floats, mag: Floats) -> Floats:
    """Steepest slope between a point of each alert and the chosen limits, mag a day, shape (n,).

    A limit brighter than the point demands nothing.
    """
    owner = exposures.limit_owner[limits]
    depth = exposures.limit[limits] - mag[owner]
    slope = depth / np.abs(exposures.limit_mjd[limits] - mjd[owner])
    result = np.full(len(mjd), np.nan)
    np.fmax.at(result, owner[depth > 0], slope[depth > 0])
    return result


def _distance_mpc(z: Floats, photoz: Floats) -> Floats:
    """Luminosity distance of the host; NaN without a redshift. Good to 2 % below z = 0.3."""
    redshift = np.where(np.isnan(z), photoz, z)
    redshift = np.where((redshift > 0) & (redshift <= MAX_REDSHIFT), redshift, np.nan)
    return _HUBBLE_DISTANCE_MPC * redshift * (1.0 + 0.775 * redshift)
