"""Find where a transient begins in its light curve, and when it was last not there.

A position has a history: spurious detections of years, an older outburst, single noise peaks in the nights
before. What is reported as the discovery is the first detection of the transient itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import LIMIT_SIGMA, ZERO_POINT
from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.sky import offsets
from vra_tui.lightcurve.measures import FROM_DAYS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Detections no farther apart than this, days, are of one night.
NIGHT_DAYS = 0.5
#: A pause without a detection that is longer, days, ends what belongs together.
PAUSE_DAYS = 30.0
#: Limits that are so much deeper, mag, say that the source was not there; so many of them are believed.
DEEPER_MAG, DEEPER_LIMITS = 0.5, 2
#: Limits of a detection's own night doubt it unless they are so much shallower, mag, as under clouds.
SHALLOWER_MAG = 0.5
#: What was not seen so many days before the discovery at least was not there before it.
BEFORE_DAYS = 0.2
#: A detection's error is at most this, mag: 3 sigma.
_MOST_MAGERR = 2.5 / np.log(10.0) / 3.0
_FORCED_SIGMA = 3.0


@dataclass(frozen=True, eq=False)
class Onset:
    """Where a transient begins in a light curve.

    ``own``: indices of its detections, the discovery first, one an exposure, in order of time. ``earlier``:
    how many positive detections lie before it; ``single``: how many of them stand alone among limits,
    in the `PAUSE_DAYS` before it; ``negative``: how many detections from the discovery on are negative.
    """

    own: Ints
    earlier: int
    single: int
    negative: int

    @property
    def discovery(self) -> int:
        """The index of the first detection."""
        return int(self.own[0])


@dataclass(frozen=True)
class Unseen:
    """An exposure in which the source was not seen: MJD, 5-sigma limit (AB), codes of band and instrument.

    ``is_forced``: the limit is that of photometry forced at the place. ``is_deep``: it would have shown the
    source as it was discovered.
    """

    mjd: float
    limit: float
    band: int
    instrument: int
    is_forced: bool
    is_deep: bool


@dataclass(frozen=True, eq=False)
class _Night:
    indices: Ints
    first: float
    last: float
    mag: float
    is_single: bool


def onset(curve: LightCurve, t0_mjd: float) -> Onset | None:
    """Where the transient that raised the alert begins; None without a positive detection.

    From its brightest night since `measures.FROM_DAYS` before t0 back in time, over nights that belong to it.
    The walk ends at a pause of more than `PAUSE_DAYS`, and where `DEEPER_LIMITS` limits of nights without a
    detection lie `DEEPER_MAG` below the earlier night: it was gone in between. A night with one detection
    among `DEEPER_LIMITS` limits of clear sky is passed over: one of four exposures is often noise
    (`lightcurve.nights` takes it so, too).
    """
    seen = curve.detections
    usable = np.flatnonzero(_shines(curve))
    if not len(usable):
        return None
    nights = _nights(curve, usable)
    recent = [n for n, night in enumerate(nights) if night.last > t0_mjd - FROM_DAYS] or [*range(len(nights))]
    sound = [n for n in recent if not nights[n].is_single] or recent
    start = min(sound, key=lambda n: (nights[n].mag, nights[n].first))
    reached = start
    for n in range(start - 1, -1, -1):
        night = nights[n]
        if night.is_single:
            continue
        if nights[reached].first - night.last > PAUSE_DAYS or _was_gone(curve, night, nights[reached]):
            break
        reached = n
    first = nights[reached].first
    own = usable[seen.mjd[usable] >= first]
    before = usable[seen.mjd[usable] < first]
    lone = [n for n in nights[:reached] if n.is_single and first - n.last <= PAUSE_DAYS]
    return Onset(
        _one_an_exposure(curve, own),
        len(before),
        sum(len(night.indices) for night in lone),
        int(((seen.mag < 0) & (seen.mjd >= first)).sum()),
    )


def _shines(curve: LightCurve) -> NDArray[np.bool_]:
    """Which detections are of positive flux, and significant as far as their errors tell."""
    seen = curve.detections
    found: NDArray[np.bool_] = (seen.mag > 0) & ~(seen.magerr > _MOST_MAGERR)
    return found


def _is_apart(mjd: Floats, lit: Floats) -> NDArray[np.bool_]:
    """Which times are of no night in which something was seen (``lit``: when, ascending)."""
    if not len(lit):
        return np.ones(len(mjd), dtype=bool)
    place = np.searchsorted(lit, mjd)
    before, after = lit[np.maximum(place - 1, 0)], lit[np.minimum(place, len(lit) - 1)]
    found: NDArray[np.bool_] = np.minimum(np.abs(mjd - before), np.abs(after - mjd)) > NIGHT_DAYS
    return found


def _one_an_exposure(curve: LightCurve, own: Ints) -> Ints:
    """Of several detections in one exposure that nearest to where most of them are; in order of time."""
    seen = curve.detections
    ra, dec = seen.ra[own], seen.dec[own]
    placed = np.isfinite(ra) & np.isfinite(dec)
    apart = np.full(len(own), np.inf)
    if placed.any():
        east, north = offsets(ra[placed], dec[placed], ra[placed][0], dec[placed][0])
        apart[placed] = np.hypot(east - np.median(east), north - np.median(north))
    order = np.lexsort([apart, seen.exposure[own]])
    _, first = np.unique(seen.exposure[own][order], return_index=True)
    chosen = own[order[first]]
    found: Ints = chosen[np.lexsort([chosen, seen.mjd[chosen]])]
    return found


def _nights(curve: LightCurve, usable: Ints) -> list[_Night]:
    seen, missed = curve.detections, curve.nondetections
    mjd = seen.mjd[usable]
    parts = np.split(usable, np.flatnonzero(np.diff(mjd) > NIGHT_DAYS) + 1)
    found = []
    for part in parts:
        times = seen.mjd[part]
        mag = float(np.median(seen.mag[part]))
        around = (missed.mjd > times[0] - NIGHT_DAYS) & (missed.mjd < times[-1] + NIGHT_DAYS)
        deep = int((missed.limit[around] >= mag - SHALLOWER_MAG).sum())
        is_single = len(np.unique(seen.exposure[part])) == 1 and deep >= DEEPER_LIMITS
        found.append(_Night(part, float(times[0]), float(times[-1]), mag, is_single))
    return found


def _was_gone(curve: LightCurve, earlier: _Night, later: _Night) -> bool:
    """Whether limits between two nights say that what was there in the earlier one was not any more."""
    missed = curve.nondetections
    between = (missed.mjd > earlier.last + NIGHT_DAYS) & (missed.mjd < later.first - NIGHT_DAYS)
    return int((missed.limit[between] >= earlier.mag + DEEPER_MAG).sum()) >= DEEPER_LIMITS


def last_unseen(curve: LightCurve, onset: Onset) -> Unseen | None:
    """The last exposure before the discovery in which the source was not seen; None where none is known.

    Nights with any detection of it, however doubtful, are left out. Of exposures that are as deep as the
    discovery the latest; where none is, the latest of all, which then says little. Limits of the survey's own
    come first, then those of photometry forced at the place (5 sigma, from its error; where it is seen by
    3 sigma there is no limit).
    """
    seen = curve.detections
    at, mag = float(seen.mjd[onset.discovery]), float(seen.mag[onset.discovery])
    missed, forced = curve.nondetections, curve.forced
    lit = seen.mjd[_shines(curve)]
    missed = missed[_is_apart(missed.mjd, lit)]
    forced = forced[_is_apart(forced.mjd, lit)]
    with np.errstate(all="ignore"):
        size = ZERO_POINT - 2.5 * np.log10(LIMIT_SIGMA * forced.dflux.astype(np.float64))
    dark = np.isfinite(forced.flux) & (np.abs(forced.flux) < _FORCED_SIGMA * forced.dflux)
    found = [
        *_unseen(missed.mjd, missed.limit, missed.band, missed.instrument, at, mag, is_forced=False),
        *_unseen(forced.mjd[dark], size[dark], forced.band[dark], forced.instrument[dark], at, mag, True),
    ]
    return max(found, key=lambda one: (one.is_deep, not one.is_forced, one.mjd), default=None)


def _unseen(
    mjd: Floats,
    limit: Floats,
    band: NDArray[np.uint8],
    instrument: NDArray[np.uint8],
    before: float,
    mag: float,
    is_forced: bool,
) -> list[Unseen]:
    """The latest before a time, and the latest of those that are deep."""
    rows = np.flatnonzero((mjd < before - BEFORE_DAYS) & np.isfinite(limit) & (limit > 0))
    deep = rows[limit[rows] >= mag]
    latest = {int(some[np.argmax(mjd[some])]) for some in (rows, deep) if len(some)}
    return [
        Unseen(
            float(mjd[n]), float(limit[n]), int(band[n]), int(instrument[n]), is_forced, bool(limit[n] >= mag)
        )
        for n in latest
    ]


def forced_before(curve: LightCurve, onset: Onset) -> float | None:
    """When photometry forced at the place saw the source first, where that was before the discovery (MJD).

    Two exposures above 5 sigma within the pause before it, without one of 3 sigma missing in between.
    """
    forced = curve.forced
    at = float(curve.detections.mjd[onset.discovery])
    rows = np.flatnonzero(
        (forced.mjd < at - BEFORE_DAYS) & (forced.mjd > at - PAUSE_DAYS) & np.isfinite(forced.flux)
    )
    rows = rows[np.argsort(forced.mjd[rows], kind="stable")][::-1]
    significance = forced.flux[rows] / np.where(forced.dflux[rows] > 0, forced.dflux[rows], np.inf)
    dark = np.flatnonzero(significance < _FORCED_SIGMA)
    bright = rows[: dark[0] if len(dark) else len(rows)]
    bright = bright[significance[: len(bright)] >= LIMIT_SIGMA]
    return float(forced.mjd[bright[-1]]) if len(bright) >= 2 else None
