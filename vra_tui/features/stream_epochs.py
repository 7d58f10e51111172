"""Detections, limits and forced photometry known by a given time, in columns, for `stream-1`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.bands import Band, band
from vra_tui.domain.epochs import Detections
from vra_tui.domain.flux import LIMIT_SIGMA, magnitude
from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.stream_sums import Bools, Floats, Ints, changes, counts, greatest, last

#: Magnitude errors are this over the signal to noise.
POGSON = 2.5 / np.log(10.0)
#: The error of a magnitude of which neither error nor limit is told, mag.
UNKNOWN_ERROR = 0.1
#: Forced flux of less than so many sigma is a limit.
FORCED_SIGMA = 3.0


@dataclass(frozen=True, eq=False)
class BandTable:
    """The bands of a store from blue to red, those without a wavelength first, and each code's place there.

    Names that mean one band share a place. ``place``: shape (256,); a code without a name has place 0, that
    of a band of which nothing is known.
    """

    bands: tuple[Band, ...]
    place: Ints

    def __len__(self) -> int:
        return len(self.bands)

    @classmethod
    def of(cls, band_names: Mapping[int, str]) -> "BandTable":
        """The table of a store's codes and names."""
        meant = {code: band(name) for code, name in band_names.items()}
        distinct = {one for one in meant.values() if one.name}
        in_order = sorted(distinct, key=_from_blue)
        bands = (Band(""), *in_order)
        place = np.zeros(256, dtype=np.int64)
        for code, one in meant.items():
            place[code] = bands.index(one) if one.name else 0
        return cls(bands, place)

    def place_of(self, name: str) -> int | None:
        """The place of the band of this name; None where the store has no such band."""
        return next((i for i, one in enumerate(self.bands) if one.name == name), None)


def _from_blue(one: Band) -> tuple[bool, float, str]:
    return one.is_known, one.wavelength_nm if one.is_known else 0.0, one.name


@dataclass(frozen=True, eq=False)
class KnownDetections:
    """The known detections, shape (d,), of one alert after the other in the order of time.

    Those of one exposure stand in the order of significance (then of brightness, of score), so that the last
    one is the one that counts as its latest. ``size``: the magnitude without the sign of the flux. ``error``:
    of the magnitude, always known. ``night``: how many whole days before the alert's latest detection, give
    or take twelve hours: the nights of any site, and of several at once. ``first_mjd``, ``latest_mjd``: of
    detections, shape (n,).
    """

    n: int
    owner: Ints
    mjd: Floats
    band: Ints
    is_negative: Bools
    size: Floats
    signal_to_noise: Floats
    error: Floats
    score: Floats
    ra: Floats
    dec: Floats
    night: Ints
    first_mjd: Floats
    latest_mjd: Floats


def seen_until(curves: LightCurves, at: Floats, bands: BandTable) -> KnownDetections:
    """The detections up to a time, one for each alert, shape (n,)."""
    n = len(curves)
    found, owner = curves.detections, curves.detection_owner
    known = found.mjd <= at[owner]
    if not known.all():
        found, owner = found[known], owner[known]
    signal_to_noise = _signal_to_noise(found)
    order = _order(found, owner, signal_to_noise)
    if order is not None:
        # Owners come in order already, and stay so.
        found, signal_to_noise = found[order], signal_to_noise[order]
    mjd = found.mjd
    latest = last(mjd, owner, n)
    first = -last(-mjd[::-1], owner[::-1], n)
    error = POGSON / signal_to_noise
    return KnownDetections(
        n=n,
        owner=owner,
        mjd=mjd,
        band=bands.place[found.band],
        is_negative=found.mag < 0,
        size=np.abs(found.mag),
        signal_to_noise=signal_to_noise,
        error=np.where(np.isfinite(error), error, UNKNOWN_ERROR),
        score=found.score,
        ra=found.ra,
        dec=found.dec,
        night=np.floor(latest[owner] - mjd + 0.5).astype(np.int64),
        first_mjd=first,
        latest_mjd=latest,
    )


def _signal_to_noise(found: Detections) -> Floats:
    """From the error of the magnitude; where none is told, from the exposure's limit; else NaN."""
    ratio: Floats = POGSON / np.where(found.magerr > 0, found.magerr, np.nan)
    unknown = np.flatnonzero(np.isnan(ratio))
    if len(unknown):
        deeper = found.limit[unknown] - np.abs(found.mag[unknown])
        ratio[unknown] = LIMIT_SIGMA * 10.0 ** (0.4 * deeper)
    return ratio


def _order(found: Detections, owner: Ints, signal_to_noise: Floats) -> Ints | None:
    """The order of `KnownDetections`; None where the detections stand in it already."""
    mjd = found.mjd
    same = owner[1:] == owner[:-1]
    if np.any(same & (mjd[1:] < mjd[:-1])):
        moved = np.arange(len(mjd))
    else:
        tied = same & (mjd[1:] == mjd[:-1])
        if not tied.any():
            return None
        moved = np.flatnonzero(np.r_[tied, False] | np.r_[False, tied])
    order = np.arange(len(mjd))
    # What is not told counts as least, in all three.
    ties = (found.score[moved], -np.abs(found.mag[moved]), signal_to_noise[moved])
    least_first = [np.where(np.isnan(values), -np.inf, values) for values in ties]
    order[moved] = moved[np.lexsort((*least_first, mjd[moved], owner[moved]))]
    return order


@dataclass(frozen=True, eq=False)
class ForcedEpochs:
    """Forced photometry with a known flux and error, shape (p,); empty where there is none."""

    owner: Ints
    mjd: Floats
    band: Ints
    flux: Floats
    error: Floats
    signal_to_noise: Floats


def forced_until(curves: LightCurves, at: Floats, bands: BandTable) -> ForcedEpochs:
    """The forced photometry up to a time, one for each alert, shape (n,)."""
    if curves.forced is None or not len(curves.forced):
        none = np.empty(0)
        return ForcedEpochs(none.astype(np.int64), none, none.astype(np.int64), none, none, none)
    points, owner = curves.forced, curves.forced_owner
    usable = (points.mjd <= at[owner]) & np.isfinite(points.flux) & (points.dflux > 0)
    if not usable.all():
        points, owner = points[usable], owner[usable]
    flux, error = points.flux.astype(np.float64), points.dflux.astype(np.float64)
    return ForcedEpochs(owner, points.mjd, bands.place[points.band], flux, error, flux / error)


@dataclass(frozen=True, eq=False)
class UpperLimits:
    """Exposures that saw nothing, shape (m,), with their 5-sigma depths, NaN where not told."""

    owner: Ints
    mjd: Floats
    depth: Floats


def limits_until(curves: LightCurves, forced: ForcedEpochs, at: Floats) -> UpperLimits:
    """Non-detections up to a time; of an alert without any, its forced photometry below three sigma.

    A survey that sends no non-detections (Rubin) says by its forced flux that it looked and saw nothing.
    """
    missed, owner = curves.nondetections, curves.nondetection_owner
    known = missed.mjd <= at[owner]
    if not known.all():
        missed, owner = missed[known], owner[known]
    told = counts(owner, len(curves)) > 0
    stands_in = ~told[forced.owner] & (np.abs(forced.signal_to_noise) < FORCED_SIGMA)
    if not stands_in.any():
        return UpperLimits(owner, missed.mjd, missed.limit)
    return UpperLimits(
        np.r_[owner, forced.owner[stands_in]],
        np.r_[missed.mjd, forced.mjd[stands_in]],
        np.r_[missed.limit, magnitude(LIMIT_SIGMA * forced.error[stands_in])],
    )


def latest_epoch(seen: KnownDetections, limits: UpperLimits, forced: ForcedEpochs) -> Floats:
    """MJD of the latest known epoch of each alert, of whatever kind; NaN without one."""
    found = [greatest(one.mjd, one.owner, seen.n) for one in (limits, forced)]
    return np.fmax(np.fmax(found[0], found[1]), seen.latest_mjd)


def nights(seen: KnownDetections, chosen: NDArray[np.bool_] | None = None) -> Floats:
    """In how many nights each alert was detected; of the ``chosen`` detections where given."""
    owner, night = (seen.owner, seen.night) if chosen is None else (seen.owner[chosen], seen.night[chosen])
    return counts(owner[changes(owner, night)], seen.n)
