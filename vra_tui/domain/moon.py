"""Compute roughly where the Moon stands and how much of it is lit, without astropy and in microseconds.

For words on a screen: the Moon to 0.4 degrees, its light to two hundredths. `observability.moon` is exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.sky import unit_vectors

Floats = NDArray[np.float64]

_J2000_MJD = 51_544.5
_DAYS_PER_CENTURY = 36_525.0
#: Degrees a century by which the equinox moves along the ecliptic.
_PRECESSION = 1.397
#: Obliquity of the ecliptic of J2000, degrees.
_OBLIQUITY = 23.439
# The Astronomical Almanac, "Low-precision formulae for geocentric coordinates of the Moon": an amplitude in
# degrees, a phase in degrees, and degrees a century, of sines (longitude, latitude) and cosines (parallax).
_LONGITUDE = np.array(
    [
        (6.29, 135.0, 477_198.87),
        (-1.27, 259.3, -413_335.36),
        (0.66, 235.7, 890_534.22),
        (0.21, 269.9, 954_397.74),
        (-0.19, 357.5, 35_999.05),
        (-0.11, 186.5, 966_404.03),
    ]
)
_LATITUDE = np.array(
    [
        (5.13, 93.3, 483_202.02),
        (0.28, 228.2, 960_400.89),
        (-0.28, 318.3, 6_003.15),
        (-0.17, 217.6, -407_332.21),
    ]
)


@dataclass(frozen=True, eq=False)
class Moonlight:
    """The Moon as seen from a position at some times, shape (n,): degrees away, and the share that is lit."""

    separation: Floats
    lit: Floats


def moonlight(mjd: ArrayLike, ra: float, dec: float) -> Moonlight:
    """The Moon at times (MJD, UT, shape (n,)) as seen from a J2000 position in degrees.

    Seen from the Earth's centre: from a site it stands up to a degree elsewhere. Light: half of 1 - cos of
    its distance from the Sun (Meeus, Astronomical Algorithms, chapter 48, without the Sun's parallax).
    """
    centuries = (np.atleast_1d(np.asarray(mjd, dtype=np.float64)) - _J2000_MJD) / _DAYS_PER_CENTURY
    longitude = 218.32 + 481_267.881 * centuries + _series(_LONGITUDE, centuries)
    latitude = np.radians(_series(_LATITUDE, centuries))
    moon = _ecliptic(np.radians(longitude - _PRECESSION * centuries), latitude)
    # The Almanac's low-precision Sun: mean longitude, mean anomaly, and the equation of the centre.
    anomaly = np.radians(357.528 + 35_999.050 * centuries)
    sun_longitude = 280.460 + 36_000.771 * centuries
    sun_longitude = sun_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly)
    sun = _ecliptic(np.radians(sun_longitude - _PRECESSION * centuries), np.zeros_like(latitude))
    lit = (1.0 - (moon * sun).sum(axis=-1)) / 2.0
    tilt = np.radians(_OBLIQUITY)
    x, y, z = moon[:, 0], moon[:, 1], moon[:, 2]
    equatorial = np.stack([x, y * np.cos(tilt) - z * np.sin(tilt), y * np.sin(tilt) + z * np.cos(tilt)], -1)
    cosine = equatorial @ unit_vectors([ra], [dec])[0]
    return Moonlight(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))), lit)


def _series(terms: Floats, centuries: Floats) -> Floats:
    amplitude, phase, rate = terms.T
    sines: Floats = np.sin(np.radians(phase + rate * centuries[:, None]))
    return sines @ amplitude


def _ecliptic(longitude: Floats, latitude: Floats) -> Floats:
    """Unit vectors, shape (n, 3), of angles in radians."""
    return np.stack(
        [
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ],
        -1,
    )
