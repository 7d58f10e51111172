"""Compute when a position can be observed: hours above an airmass at night, and the end of its window.

Two steps. ``nights_at`` asks astropy for the Sun once per site and night; what it returns serves every
position, is small, and can be stored (``Nights.to_json``). All that follows is closed-form spherical
astronomy in numpy, so that a process that must not load astropy can still work out any position.

A night is named by a whole number N, the MJD about which its local mean midnight lies: N - longitude / 360,
longitude in degrees east. These are the numbers in the names of ATLAS exposures: night 61000 is about
UT 2025-11-21 10:25 in Hawaii, 04:43 in Chile and 2025-11-20 22:37 in South Africa.

Hours agree with astropy's AltAz to a minute (docs/observability.md tells what is left out).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.site import Site
from vra_tui.domain.sky import half_turn, unit_vectors

Floats = NDArray[np.float64]

#: Airmass (secant of the zenith distance) down to which a position counts as observable.
AIRMASS = 2.0
#: Altitude of the Sun's centre, degrees, below which it is astronomical night.
SUN_ALTITUDE = -18.0
#: A night counts for a position if one site has it for so many hours: room for a quad, or for a spectrum.
MINIMUM_HOURS = 1.0
#: Nights in a row without it after which its window has ended.
RUN_NIGHTS = 7
#: Hours at which a strip's block is full.
FULL_HOURS = 8.0

_MJD_ZERO = 2400000.5
#: Times for which the Earth's ephemeris is valid: 1900 to 2100.
_FIRST_MJD, _LAST_MJD = 15020, 88069
#: Sidereal hours in a solar one, IAU 1982.
_SIDEREAL = 1.00273790935
#: One precession matrix serves all nights: over more, it would cost seconds of time.
_MOST_NIGHTS = 800
_BLOCK = 4096
_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, eq=False)
class Nights:
    """Successive nights at some sites, for all positions alike.

    ``begin``, ``end``: of the dark, hours from local mean midnight, shape (sites, nights); equal where the
    Sun does not sink deep enough. ``sidereal``: apparent sidereal time at that midnight, degrees, of the same
    shape. ``frame``: the matrix from J2000 to the equator and equinox of the middle night, shape (3, 3).
    """

    sites: tuple[Site, ...]
    first_night: int
    frame: Floats
    begin: Floats
    end: Floats
    sidereal: Floats

    def __len__(self) -> int:
        return self.begin.shape[1]

    def __post_init__(self) -> None:
        shape = (len(self.sites), self.begin.shape[-1])
        if self.frame.shape != (3, 3) or {self.begin.shape, self.end.shape, self.sidereal.shape} != {shape}:
            raise ValueError("a table of nights needs begin, end and sidereal of shape (sites, nights)")

    def since(self, night: int, count: int | None = None) -> Self:
        """These nights from ``night`` on, ``count`` or all. Raises ValueError if they are not all here."""
        start = night - self.first_night
        count = len(self) - start if count is None else count
        if start < 0 or count < 1 or start + count > len(self):
            last = self.first_night + len(self) - 1
            raise ValueError(f"{count} nights from {night} on: the table holds {self.first_night} to {last}")
        cut = {name: getattr(self, name)[:, start : start + count] for name in ("begin", "end", "sidereal")}
        return replace(self, first_night=night, **cut)

    def to_json(self) -> bytes:
        """The table as JSON: 5 sites and 120 nights take about 35 kB."""
        # orjson takes numpy arrays only in C order, which a table cut by ``since`` is not in.
        columns = {
            name: np.ascontiguousarray(value) if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
        }
        return orjson.dumps(columns, option=orjson.OPT_SERIALIZE_NUMPY)

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """The table that ``to_json`` wrote. Raises ValueError if it is damaged."""
        try:
            raw: dict[str, Any] = orjson.loads(data)
            names = ("frame", "begin", "end", "sidereal")
            arrays = {name: np.array(raw[name], dtype=float) for name in names}
            sites = tuple(Site(**site) for site in raw["sites"])
            table = cls(sites=sites, first_night=int(raw["first_night"]), **arrays)
        except (TypeError, KeyError, IndexError, ValueError) as error:
            raise ValueError(f"this is no table of nights, make it anew: {error}") from error
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise ValueError("this is no table of nights, make it anew: a number is missing")
        return table


@dataclass(frozen=True, eq=False)
class Closing:
    """Ends of observing windows, shape (n,) each; NaN where it does not end within the nights looked at.

    ``ends_mjd``: the first night on which the position is lost. ``days_left``: until then, from the first
    night of the table; 0 for a position that cannot be observed now.
    """

    ends_mjd: Floats
    days_left: Floats


def tonight(mjd: float, sites: Sequence[Site]) -> int:
    """The night it is at ``mjd``, noon to noon in local mean time: the earliest at any of the sites."""
    return min(int(np.floor(mjd + site.longitude / 360.0 + 0.5)) for site in sites)


def nights_at(
    sites: Sequence[Site], first_night: int, count: int, sun_altitude: float = SUN_ALTITUDE
) -> Nights:
    """When it is dark at the sites on ``count`` nights. Loads astropy: 0.5 s the first time, then 0.03 s.

    Needs no table of the Earth's rotation, and so no download, whatever the time: UT1 and UTC count as one
    (0.9 s), and UT as TDB for the Sun (70 s, in which it moves 3 arcsec). Raises ValueError for no site,
    no night or too many of them, and for times outside 1900 to 2100.
    """
    if not sites or not 1 <= count <= _MOST_NIGHTS:
        raise ValueError(f"nights_at needs a site and 1 to {_MOST_NIGHTS} nights, not {count}")
    _check_time(first_night)
    _check_time(first_night + count)
    import erfa  # type: ignore[import-untyped]

    east = np.array([site.longitude for site in sites])[:, None]
    midnight = first_night + np.arange(count) - east / 360.0
    frame = np.asarray(erfa.pnm06a(_MJD_ZERO, first_night + count / 2))
    sidereal = np.degrees(erfa.gst06(_MJD_ZERO, midnight, _MJD_ZERO, midnight, frame)) + east
    sun_ra, sun_dec = _angles(_sun(midnight) @ frame.T)
    # The Sun's lower transit, hour angle 180 degrees: off mean midnight by the equation of time.
    lowest = half_turn(sun_ra + 180.0 - sidereal) / 15.0
    latitude = np.array([site.latitude for site in sites])[:, None]
    dark = 12.0 - _half_arc(latitude, sun_dec, np.sin(np.radians(sun_altitude))) / 15.0
    return Nights(tuple(sites), first_night, frame, lowest - dark, lowest + dark, sidereal % 360.0)


def hours_up(nights: Nights, ra: ArrayLike, dec: ArrayLike, airmass: float = AIRMASS) -> NDArray[np.float32]:
    """Hours in the dark above an airmass, of J2000 positions (degrees, shape (n,)): shape (sites, n, nights).

    NaN where a position is not finite. Raises ValueError for an airmass below 1.
    """
    if not airmass >= 1.0:
        raise ValueError(f"an airmass is 1 or more, not {airmass}")
    ra_now, dec_now = _angles(unit_vectors(ra, dec) @ nights.frame.T)
    hours = np.empty((len(nights.sites), len(ra_now), len(nights)), dtype=np.float32)
    day = 24.0 / _SIDEREAL
    for site, begin, end, sidereal, out in zip(
        nights.sites, nights.begin, nights.end, nights.sidereal, hours, strict=True
    ):
        half = (_half_arc(site.latitude, dec_now, 1.0 / airmass) / 15.0 / _SIDEREAL)[:, None]
        transit = half_turn(ra_now[:, None] - sidereal) / 15.0 / _SIDEREAL
        total = np.zeros_like(transit)
        # A night can hold parts of two passes over the sky: that before or after the nearest one as well.
        for shift in (-day, 0.0, day):
            rise, sets = transit + (shift - half), transit + (shift + half)
            total += np.maximum(np.minimum(sets, end) - np.maximum(rise, begin), 0.0)
        out[...] = total
    return hours


def first_up(
    nights: Nights, ra: float, dec: float, night: int, airmass: float = AIRMASS
) -> tuple[Site, float, float] | None:
    """The site that has a J2000 position (degrees) longest in the dark on a night; from when (MJD), how long.

    The hours are those of its longest stretch. None where no site has it, or the table lacks the night.
    """
    column = night - nights.first_night
    if not 0 <= column < len(nights):
        return None
    ra_now, dec_now = _angles(unit_vectors([ra], [dec]) @ nights.frame.T)
    day = 24.0 / _SIDEREAL
    begin, end = nights.begin[:, column, None], nights.end[:, column, None]
    latitude = np.array([site.latitude for site in nights.sites])
    half = (_half_arc(latitude, dec_now, 1.0 / airmass) / 15.0 / _SIDEREAL)[:, None]
    transit = (half_turn(ra_now - nights.sidereal[:, column]) / 15.0 / _SIDEREAL)[:, None]
    passes = transit + np.array([-day, 0.0, day])
    rise, sets = np.maximum(passes - half, begin), np.minimum(passes + half, end)
    hours = sets - rise
    best, which = np.unravel_index(int(np.argmax(hours)), hours.shape)
    if not hours[best, which] > 0:
        return None
    site = nights.sites[int(best)]
    midnight = night - site.longitude / 360.0
    return site, midnight + float(rise[best, which]) / 24.0, float(hours[best, which])


def window_end(observable: NDArray[np.bool_], run: int = RUN_NIGHTS) -> Floats:
    """Index of the first night of the first ``run`` nights in a row that are not observable, else NaN.

    ``observable`` has the shape (n, nights); the result (n,). A run cut off by the last night is none: to
    look for ends within k nights takes k + run of them.
    """
    if run < 1:
        raise ValueError(f"a run is of 1 night or more, not {run}")
    n, count = observable.shape
    if count < run:
        return np.full(n, np.nan)
    so_far = np.zeros((n, count + 1), dtype=np.int32)
    np.cumsum(observable, axis=1, out=so_far[:, 1:])
    lost = so_far[:, run:] == so_far[:, :-run]
    return np.where(lost.any(axis=1), lost.argmax(axis=1), np.nan)


def closing(
    nights: Nights,
    ra: ArrayLike,
    dec: ArrayLike,
    minimum_hours: float = MINIMUM_HOURS,
    run: int = RUN_NIGHTS,
    airmass: float = AIRMASS,
) -> Closing:
    """Tell when the windows of J2000 positions (degrees, shape (n,)) end, seen from the table's first night.

    A window ends on the first night from which for ``run`` nights no site has ``minimum_hours``. A position
    that is not finite has NaN. Works in blocks: memory does not grow with the number of sites and nights.
    """
    ra, dec = np.asarray(ra, dtype=float), np.asarray(dec, dtype=float)
    left = np.empty(len(ra))
    for start in range(0, len(ra), _BLOCK):
        block = slice(start, start + _BLOCK)
        best = hours_up(nights, ra[block], dec[block], airmass).max(axis=0)
        left[block] = window_end(best >= minimum_hours, run)
    left[~(np.isfinite(ra) & np.isfinite(dec))] = np.nan
    return Closing(ends_mjd=nights.first_night + left, days_left=left)


def moon(mjd: float, ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, float]:
    """Degrees from the Moon to J2000 positions (degrees, shape (n,)), and its illuminated fraction, at a UT.

    Seen from the Earth's centre: from a site it stands up to a degree elsewhere. Loads astropy.
    Fraction: Meeus, Astronomical Algorithms, chapter 48. Raises ValueError for times outside 1900 to 2100.
    """
    _check_time(mjd)
    import erfa

    # What astropy's get_body takes the Moon from; get_body itself warns of leap seconds not yet known.
    place = np.asarray(erfa.moon98(_MJD_ZERO, mjd)["p"])
    sun = _sun(np.array(mjd))
    distance, sun_distance = np.linalg.norm(place), np.linalg.norm(sun)
    toward, sunward = place / distance, sun / sun_distance
    elongation = np.arccos(np.clip(toward @ sunward, -1.0, 1.0))
    phase = np.arctan2(sun_distance * np.sin(elongation), distance - sun_distance * np.cos(elongation))
    separation = np.degrees(np.arccos(np.clip(unit_vectors(ra, dec) @ toward, -1.0, 1.0)))
    return separation, float((1.0 + np.cos(phase)) / 2.0)


def strip(
    hours: ArrayLike,
    width: int | None = None,
    minimum_hours: float = MINIMUM_HOURS,
    *,
    ascii_only: bool = False,
) -> str:
    """Hours by night, shape (nights,), as a line: a character a night, or for a few to fit ``width``.

    Nights that share a character show their mean. A block is full at 8 hours; a dot is a night below
    ``minimum_hours`` (or NaN). In ASCII a digit gives whole hours, 9 for more.
    """
    values = np.asarray(hours, dtype=float)
    if width is not None and len(values) > width:
        if width < 1:
            return ""
        per = -(-len(values) // width)
        starts = np.arange(0, len(values), per)
        values = np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values)))
    up = values >= minimum_hours
    if ascii_only:
        level, ramp, dot = np.clip(np.where(up, values, 0.0), 0, 9), "0123456789", "."
    else:
        share = np.clip(np.where(up, values, 0.0) / FULL_HOURS, 0.0, 1.0)
        level, ramp, dot = np.clip(np.ceil(share * len(_BLOCKS)) - 1, 0, len(_BLOCKS) - 1), _BLOCKS, "·"
    return "".join(ramp[int(step)] if seen else dot for step, seen in zip(level, up, strict=True))


def _check_time(mjd: float) -> None:
    if not _FIRST_MJD <= mjd <= _LAST_MJD:
        raise ValueError(f"MJD {mjd} is outside 1900 to 2100 ({_FIRST_MJD} to {_LAST_MJD})")


def _sun(mjd: Floats) -> Floats:
    """The Sun from the Earth's centre, AU, J2000 axes, shape (..., 3)."""
    from astropy.coordinates import get_sun
    from astropy.time import Time

    place = get_sun(Time(mjd, format="mjd", scale="tdb")).cartesian.xyz.to_value("AU")
    return np.moveaxis(np.asarray(place), 0, -1)


def _angles(vector: Floats) -> tuple[Floats, Floats]:
    """Right ascension and declination, degrees, of vectors of shape (..., 3)."""
    x, y, z = np.moveaxis(vector, -1, 0)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def _half_arc(latitude: ArrayLike, dec: Floats, sin_altitude: float) -> Floats:
    """Hour angle, degrees, at which a declination passes an altitude: 0 if always below it, 180 if above."""
    lat, delta = np.radians(latitude), np.radians(dec)
    # At the poles this divides by 1e-17, not by 0: the quotient is huge, and its sign the answer.
    cosine = (sin_altitude - np.sin(lat) * np.sin(delta)) / (np.cos(lat) * np.cos(delta))
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
