"""Positions on the sky: separations, offsets, galactic and ecliptic coordinates; numpy alone, no astropy.

Positions are ICRS (J2000) in degrees. Every function takes scalars or arrays that broadcast together, and
gives a scalar for scalars. What is no position (NaN, infinite, a declination beyond a pole, a right ascension
outside -360 to 720) gives NaN and no warning. `tests/domain/test_sky.py` holds all of it against astropy.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ARCSEC_PER_DEGREE = 3600.0

#: Right ascensions may be unwrapped by a turn either way.
_LEAST_RA, _GREATEST_RA = -360.0, 720.0

# ICRS axes in galactic coordinates as astropy has them, through FK5 and its tie to ICRS. The matrix of the
# Hipparcos catalogue (ESA SP-1200, section 1.5.3) lies 0.02 arcsec beside it.
_TO_GALACTIC = np.array(
    [
        [-0.05487565771259168, -0.8734370519556163, -0.4838350736167155],
        [+0.4941094371927275, -0.44482972122329517, +0.7469821839866676],
        [-0.8676661375596587, -0.19807633727300075, +0.4559838136873016],
    ]
)

# The mean obliquity of the ecliptic at J2000, IAU 2006: 84381.406 arcsec (Capitaine et al. 2003). What ICRS
# and the mean equator of J2000 differ by, 0.02 arcsec, is left out.
_OBLIQUITY = np.radians(84381.406 / ARCSEC_PER_DEGREE)
_TO_ECLIPTIC = np.array(
    [
        [1.0, 0.0, 0.0],
        [0.0, np.cos(_OBLIQUITY), np.sin(_OBLIQUITY)],
        [0.0, -np.sin(_OBLIQUITY), np.cos(_OBLIQUITY)],
    ]
)


def separation(ra1: ArrayLike, dec1: ArrayLike, ra2: ArrayLike, dec2: ArrayLike) -> Floats:
    """Angle between positions, arcsec: right for the smallest angles, and for opposite points.

    Vincenty's formula (1975, Survey Review 23, 88), with the differences taken before the sines.
    """
    with np.errstate(all="ignore"):
        east, north, forward = _toward(ra1, dec1, ra2, dec2)
        return _scalar(np.degrees(np.arctan2(np.hypot(east, north), forward)) * ARCSEC_PER_DEGREE)


def position_angle(ra0: ArrayLike, dec0: ArrayLike, ra: ArrayLike, dec: ArrayLike) -> Floats:
    """Direction from (ra0, dec0) to (ra, dec), degrees from north through east, 0 to 360.

    NaN where the two are one point, which has no direction.
    """
    with np.errstate(all="ignore"):
        east, north, _ = _toward(ra0, dec0, ra, dec)
        angle = _turn(np.degrees(np.arctan2(east, north)))
        return _scalar(np.where((east == 0) & (north == 0), np.nan, angle))


def offsets(ra: ArrayLike, dec: ArrayLike, ra0: ArrayLike, dec0: ArrayLike) -> tuple[Floats, Floats]:
    """Offsets east and north of (ra, dec) from (ra0, dec0), arcsec, in the plane that touches there.

    The gnomonic projection (Calabretta & Greisen 2002, section 5.1.3); NaN a quarter turn away and beyond,
    where the plane does not reach.
    """
    with np.errstate(all="ignore"):
        east, north, forward = _toward(ra0, dec0, ra, dec)
        scale = np.where(forward > 0, np.degrees(1.0) * ARCSEC_PER_DEGREE / forward, np.nan)
        return _scalar(east * scale), _scalar(north * scale)


def shifted(ra0: ArrayLike, dec0: ArrayLike, east: ArrayLike, north: ArrayLike) -> tuple[Floats, Floats]:
    """The position, degrees, that stands ``east`` and ``north`` (arcsec) of another: undoes `offsets`."""
    alpha, delta = _radians(ra0, dec0)
    with np.errstate(all="ignore"):
        xi, eta = (
            np.radians(np.asarray(value, dtype=np.float64) / ARCSEC_PER_DEGREE) for value in (east, north)
        )
        known = np.isfinite(xi) & np.isfinite(eta)
        xi, eta = np.where(known, xi, np.nan), np.where(known, eta, np.nan)
        forward = np.cos(delta) - eta * np.sin(delta)
        ra = np.degrees(alpha + np.arctan2(xi, forward))
        dec = np.degrees(np.arctan2(np.sin(delta) + eta * np.cos(delta), np.hypot(xi, forward)))
        return _scalar(_turn(ra)), _scalar(dec)


def unwrapped_ra(ra: ArrayLike, owner: ArrayLike, n: int) -> Floats:
    """Right ascensions of n groups, degrees, without the jump from 360 to 0 inside a group.

    ``ra`` and ``owner``: shape (d,), the values, and for each the row, below ``n``, of the group that owns
    it, in any order. A group whose values lie within half a turn comes back as it is, bit for bit. One that
    reaches over 0 is given from -180 to 180, so that its mean is the mean direction, and its scatter is that
    on the sky over cos(dec). NaN, infinite values and those outside -360 to 720 come back as NaN.
    """
    values = np.asarray(ra, dtype=np.float64)
    rows = np.asarray(owner, dtype=np.int64)
    with np.errstate(all="ignore"):
        values = np.where((values >= _LEAST_RA) & (values <= _GREATEST_RA), values, np.nan)
        values = np.where((values >= 0) & (values < 360.0), values, _turn(values))
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.fmin.at(low, rows, values)
    np.fmax.at(high, rows, values)
    reaches_over = high - low > 180.0
    return np.where(reaches_over[rows] & (values > 180.0), values - 360.0, values)


def galactic(ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
    """Galactic longitude (0 to 360) and latitude, degrees."""
    return _rotated(_TO_GALACTIC, ra, dec)


def ecliptic(ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
    """Longitude (0 to 360) and latitude, degrees, above the mean ecliptic of J2000, to 1e-5 degrees."""
    return _rotated(_TO_ECLIPTIC, ra, dec)


def ecliptic_latitude(ra: ArrayLike, dec: ArrayLike) -> Floats:
    """Height above the ecliptic, degrees: small where asteroids are."""
    return ecliptic(ra, dec)[1]


def unit_vectors(ra: ArrayLike, dec: ArrayLike) -> Floats:
    """Directions as (..., 3): towards (0, 0), towards (90, 0), towards the north pole."""
    alpha, delta = np.broadcast_arrays(*_radians(ra, dec))
    return np.stack([np.cos(delta) * np.cos(alpha), np.cos(delta) * np.sin(alpha), np.sin(delta)], axis=-1)


def half_turn(degrees: ArrayLike) -> Floats:
    """The same angle between -180 and 180 degrees; NaN for what is no finite angle."""
    angle = np.asarray(degrees, dtype=np.float64)
    with np.errstate(all="ignore"):
        return _scalar(np.remainder(angle + 180.0, 360.0) - 180.0)


def _radians(ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
    """Right ascension and declination in radians, NaN (both) for what is no position."""
    alpha, delta = _positions(ra, dec)
    return np.radians(alpha), np.radians(delta)


def _positions(ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
    alpha, delta = np.asarray(ra, dtype=np.float64), np.asarray(dec, dtype=np.float64)
    known = (alpha >= _LEAST_RA) & (alpha <= _GREATEST_RA) & (np.abs(delta) <= 90.0)
    return np.where(known, alpha, np.nan), np.where(known, delta, np.nan)


def _toward(ra0: ArrayLike, dec0: ArrayLike, ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """The direction (ra, dec) along east, along north and along the line of sight of (ra0, dec0).

    Differences are taken in degrees and cosines of small angles are avoided: an angle of a micro-arcsecond
    keeps its digits.
    """
    alpha0, delta0 = _positions(ra0, dec0)
    alpha, delta = _positions(ra, dec)
    turn = np.radians(alpha - alpha0)
    rise = np.radians(delta - delta0)
    delta0, delta = np.radians(delta0), np.radians(delta)
    versed = 2.0 * np.sin(turn / 2.0) ** 2  # 1 - cos(turn)
    east = np.cos(delta) * np.sin(turn)
    north = np.sin(rise) + np.sin(delta0) * np.cos(delta) * versed
    forward = np.cos(rise) - np.cos(delta0) * np.cos(delta) * versed
    return east, north, forward


def _rotated(matrix: Floats, ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
    # Term by term: a matrix product sums in another order where there are more positions, and what is told of
    # an alert would hang on who came with it.
    a, b, c = np.moveaxis(unit_vectors(ra, dec), -1, 0)
    x, y, z = (row[0] * a + row[1] * b + row[2] * c for row in matrix)
    longitude = _turn(np.degrees(np.arctan2(y, x)))
    # Not the arc sine, which loses half the digits near a pole.
    return _scalar(longitude), _scalar(np.degrees(np.arctan2(z, np.hypot(x, y))))


def _turn(degrees: Floats) -> Floats:
    """The angle between 0 and below 360: the smallest negative number would round up to 360 itself."""
    turned = np.remainder(degrees, 360.0)
    return np.where(turned == 360.0, 0.0, turned)


def _scalar(values: Floats) -> Floats:
    """A number in place of an array without dimensions, which f-strings cannot write."""
    result: Floats = values[()]
    return result
