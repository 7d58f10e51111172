"""What the last weeks of a light curve say: when it was not there, nights, colour, agreement of units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.bands import BANDS, Band
from vra_tui.domain.epochs import Detections, NonDetections
from vra_tui.domain.light_curve import LightCurve
from vra_tui.lightcurve.windows import nights_of_units

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: So far back from the last detection is looked, days.
_DAYS = 100.0
#: Of this many days up to the last detection are colour and agreement.
_NOW_DAYS = 14.0
#: Two bands of one colour are not further apart than this, days; those of one night are nearer than that.
_TOGETHER, _ONE_NIGHT = 1.2, 0.5
#: A limit so much fainter than the peak, magnitudes, tells that the source has changed.
_FAINTER = 0.45
#: Zero points of exposures differ by about this, magnitudes.
_FLOOR = 0.02
#: A colour with a greater error says nothing.
_GREATEST_ERROR = 0.35
#: Colours that are told, the most telling first.
_COLOURS = (
    ("g", "r"), ("c", "o"), ("r", "i"), ("g", "i"), ("i", "z"), ("z", "y"), ("u", "g"), ("r", "z"),
    ("B", "V"), ("V", "R"), ("BP", "RP"),
)  # fmt: skip


@dataclass(frozen=True)
class Missed:
    """The last exposure that did not find it before it was found: its band's code, MJD and limit.

    ``days_before``: the first detection after it, days later.
    """

    band: int
    mjd: float
    limit: float
    days_before: float


@dataclass(frozen=True)
class Colour:
    """A colour: names of the bands, value, error, MJD; whether the dust of our Galaxy is taken off."""

    blue: str
    red: str
    value: float
    error: float
    mjd: float
    is_less_dust: bool


@dataclass(frozen=True)
class Agreement:
    """How far instruments (their codes) differ that saw it in one band and night: rms, magnitudes."""

    units: tuple[int, ...]
    mag: float


@dataclass(frozen=True)
class Recent:
    """What `recent` finds; None where the data say nothing.

    ``nights_seen`` of ``nights_looked``: from the first detection of the last 100 days to the last one.
    """

    missed: Missed | None = None
    nights_seen: int = 0
    nights_looked: int = 0
    first_mjd: float | None = None
    colour: Colour | None = None
    agreement: Agreement | None = None


def recent(
    curve: LightCurve,
    bands: Mapping[int, Band],
    longitude: Sequence[float],
    ebv: float | None = None,
) -> Recent:
    """What the detections and limits of the last 100 days say.

    ``bands``: of the codes in the light curve; ``longitude``: of each of 256 instrument codes, degrees east,
    NaN where the site is not known; ``ebv``: E(B-V) taken off the colour, None: none is.
    """
    seen, missed = curve.detections, curve.nondetections
    if not len(seen):
        return Recent()
    last = float(seen.mjd[-1])
    seen = seen[int(np.searchsorted(seen.mjd, last - _DAYS)) :]
    missed = missed[int(np.searchsorted(missed.mjd, last - _DAYS)) :]
    mjd, missed_mjd = seen.mjd, missed.mjd
    nights = nights_of_units(
        np.concatenate([mjd, missed_mjd]), np.concatenate([seen.instrument, missed.instrument]), longitude
    )
    night, empty = nights[: len(mjd)], nights[len(mjd) :]
    is_clean = ~np.isin(empty, night)
    seen_nights = np.unique(night)
    looked = np.unique(empty[is_clean & (missed_mjd > mjd[0]) & (missed_mjd < last)])
    means = _means(seen, night)
    return Recent(
        missed=_last_missed(seen, missed, empty, is_clean),
        nights_seen=len(seen_nights),
        nights_looked=len(seen_nights) + len(looked),
        first_mjd=float(mjd[0]),
        colour=_colour(means, bands, ebv),
        agreement=_agreement(means),
    )


def united(*curves: LightCurve) -> LightCurve:
    """Light curves of one source laid together in the order of time; the codes are those of one store."""
    if len(curves) == 1:
        return curves[0]
    sections = []
    for parts in zip(*(one.sections for one in curves), strict=True):
        whole = type(parts[0])(np.concatenate([part.records for part in parts]))
        sections.append(whole[np.argsort(whole.mjd, kind="stable")])
    seen, missed, forced = sections
    return LightCurve(seen, missed, forced)


def _last_missed(
    seen: Detections, missed: NonDetections, empty: Ints, is_clean: NDArray[np.bool_]
) -> Missed | None:
    """The deepest limit of the last night without detections before the run of detections that goes on now.

    A limit says nothing that is brighter than what was found after it, and hardly fainter than the peak.
    """
    mjd, limit = missed.mjd, missed.limit
    after = np.minimum(np.searchsorted(seen.mjd, mjd), len(seen) - 1)
    size = np.abs(seen.mag)
    is_telling = is_clean & (mjd < seen.mjd[-1])
    is_telling &= limit >= np.minimum(size[after], size.min() + _FAINTER)
    telling = np.flatnonzero(is_telling)
    if not len(telling):
        return None
    of_night = telling[empty[telling] == empty[telling[-1]]]
    index = of_night[np.argmax(limit[of_night])]
    when = float(mjd[index])
    return Missed(int(missed.band[index]), when, float(limit[index]), float(seen.mjd[after[index]]) - when)


@dataclass(frozen=True, eq=False)
class _Means:
    """Weighted mean magnitudes of the last nights: a row a night, band and unit, in that order."""

    night: Ints
    band: Ints
    unit: Ints
    mjd: Floats
    mag: Floats
    error: Floats


def _means(seen: Detections, night: Ints) -> _Means:
    """Of positive flux alone, of the last days."""
    mag, magerr, mjd = seen.mag, seen.magerr, seen.mjd
    rows = np.flatnonzero((mag > 0) & (magerr > 0) & (mjd >= mjd[-1] - _NOW_DAYS))
    key = night[rows] << 16 | seen.band[rows].astype(np.int64) << 8 | seen.instrument[rows]
    keys, group = np.unique(key, return_inverse=True)
    weight = 1.0 / (magerr[rows] ** 2 + _FLOOR**2)
    total = np.bincount(group, weight, len(keys))
    return _Means(
        keys >> 16,
        keys >> 8 & 0xFF,
        keys & 0xFF,
        np.bincount(group, weight * mjd[rows], len(keys)) / total,
        np.bincount(group, weight * mag[rows], len(keys)) / total,
        1.0 / np.sqrt(total),
    )


def _colour(means: _Means, bands: Mapping[int, Band], ebv: float | None) -> Colour | None:
    """The latest colour of two bands seen by one unit within `_TOGETHER`; of several, the most telling."""
    latest: dict[str, tuple[float, float, float]] = {}
    found: dict[tuple[str, str], Colour] = {}
    names = {int(code): bands[int(code)] for code in np.unique(means.band) if int(code) in bands}
    for code, mjd, mag, error in zip(
        means.band.tolist(), means.mjd.tolist(), means.mag.tolist(), means.error.tolist(), strict=True
    ):
        own = names.get(code)
        if own is None or not own.is_known:
            continue
        latest[own.name] = mjd, mag, error
        for blue, red in _COLOURS:
            if own.name not in (blue, red) or blue not in latest or red not in latest:
                continue
            one, other = latest[blue], latest[red]
            size = float(np.hypot(one[2], other[2]))
            apart = abs(one[0] - other[0])
            if apart > _TOGETHER or size > _GREATEST_ERROR:
                continue
            # What changes within a day would pass for a colour: one night tells it better than two.
            if apart > _ONE_NIGHT and (blue, red) in found:
                continue
            dust = 0.0 if ebv is None else ebv * (BANDS[blue].extinction - BANDS[red].extinction)
            value = one[1] - other[1] - dust
            found[blue, red] = Colour(blue, red, value, size, max(one[0], other[0]), ebv is not None)
    return next((found[pair] for pair in _COLOURS if pair in found), None)


def _agreement(means: _Means) -> Agreement | None:
    """Differences between units in one band and night: each with the first one there."""
    place = means.night << 8 | means.band
    same = np.flatnonzero(place[1:] == place[:-1]) + 1
    if not len(same):
        return None
    difference = means.mag[same] - means.mag[same - 1]
    units = np.unique(means.unit[np.concatenate([same, same - 1])])
    return Agreement(tuple(units.tolist()), float(np.sqrt(np.mean(difference**2))))
