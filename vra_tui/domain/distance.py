"""Distances of hosts: redshift, luminosity distance, distance modulus, scale on the sky, absolute magnitude.

One universe for the whole program: flat, H0 = 70 km/s/Mpc, matter 0.3, no radiation (astropy's
``FlatLambdaCDM(70, 0.3)``). Every function takes scalars or arrays and gives a scalar for scalars. What
has no value (a redshift of 0 or less, above `MAX_REDSHIFT`, NaN, infinite) gives NaN and no warning.
Redshifts are taken as cosmological: below z = 0.01 the galaxies' own motions move a distance by a tenth.
"""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Hubble constant, km/s/Mpc; matter density; km/s.
HUBBLE, MATTER, SPEED_OF_LIGHT = 70.0, 0.3, 299_792.458
HUBBLE_DISTANCE_MPC = SPEED_OF_LIGHT / HUBBLE
#: Greater redshifts are no redshifts: without radiation the distances would be wrong by then.
MAX_REDSHIFT = 100.0

# Nodes of Gauss and Legendre on [-1, 1] and their weights; the other six lie mirrored (Abramowitz and Stegun
# 1964, table 25.4). With ln(1 + z) as the variable, 12 give the modulus to 1e-9 mag at z = 10 and 1e-6 mag at
# `MAX_REDSHIFT`. They stand here because numpy.polynomial, which makes them, takes every start 10 ms.
_HALF = {
    0.1252334085114689: 0.2491470458134028, 0.3678314989981802: 0.2334925365383548,
    0.5873179542866175: 0.2031674267230659, 0.7699026741943047: 0.1600783285433462,
    0.9041172563704749: 0.1069393259953184, 0.9815606342467192: 0.0471753363865118,
}  # fmt: skip
_RULE = [(0.5 + 0.5 * sign * node, 0.5 * weight) for node, weight in _HALF.items() for sign in (-1, 1)]

_KPC_PER_MPC = 1000.0
_RADIANS_PER_ARCSEC = np.radians(1.0 / 3600.0)


def luminosity_distance(z: ArrayLike) -> Floats:
    """Luminosity distance of redshifts, Mpc (Hogg 1999, astro-ph/9905116, equations 14, 15, 21)."""
    redshift = _redshifts(z)
    return _scalar((1.0 + redshift) * _comoving(redshift))


def distance_modulus(z: ArrayLike) -> Floats:
    """Distance modulus of redshifts, magnitudes; within 1e-4 of astropy over 1e-4 < z < 10."""
    return modulus_of_distance(luminosity_distance(z))


def modulus_of_distance(distance_mpc: ArrayLike) -> Floats:
    """Distance modulus of luminosity distances in Mpc: 5 log10(d / 10 pc)."""
    distance = np.asarray(distance_mpc, dtype=np.float64)
    with np.errstate(all="ignore"):
        known = (distance > 0) & (distance <= _greatest()[0])
        return _scalar(5.0 * np.log10(np.where(known, distance, np.nan)) + 25.0)


def redshift_of_modulus(modulus: ArrayLike) -> Floats:
    """Redshift at which a distance modulus is reached: undoes `distance_modulus`.

    Newton's method in ln z from a table; NaN for a modulus greater than that of `MAX_REDSHIFT`.
    """
    mu = np.asarray(modulus, dtype=np.float64)
    table_mu, table_log_z = _table()
    greatest = _greatest()[1]
    with np.errstate(all="ignore"):
        mu = np.where(np.abs(mu) <= greatest, mu, np.nan)
        # Below the table a distance is c z / H0, and the modulus a straight line in ln z.
        log_z = np.interp(mu, table_mu, table_log_z) + np.minimum(mu - table_mu[0], 0.0) * np.log(10.0) / 5.0
        for _ in range(3):
            z = np.exp(log_z)
            comoving = _comoving(z)
            error = 5.0 * np.log10((1.0 + z) * comoving) + 25.0 - mu
            slope = z / (1.0 + z) + z * HUBBLE_DISTANCE_MPC / (comoving * _expansion(1.0 + z))
            log_z = log_z - error * np.log(10.0) / 5.0 / slope
        return _scalar(np.minimum(np.exp(log_z), MAX_REDSHIFT))


def redshift_of_distance(distance_mpc: ArrayLike) -> Floats:
    """Redshift of luminosity distances in Mpc: undoes `luminosity_distance`."""
    return redshift_of_modulus(modulus_of_distance(distance_mpc))


def kpc_per_arcsec(z: ArrayLike) -> Floats:
    """Tell how many kpc an arcsecond spans at redshifts: the angular-diameter distance, as a scale."""
    redshift = _redshifts(z)
    return _scalar(_comoving(redshift) / (1.0 + redshift) * _KPC_PER_MPC * _RADIANS_PER_ARCSEC)


def absolute_magnitude(mag: ArrayLike, modulus: ArrayLike, extinction: ArrayLike = 0.0) -> Floats:
    """Absolute magnitude: mag - modulus - extinction, all in magnitudes; no K correction.

    ``modulus``: `distance_modulus` of a redshift, or `modulus_of_distance` of a distance that came with the
    host. ``extinction``: `domain.extinction.extinction` in the band. NaN where one of the three is unknown.
    """
    with np.errstate(all="ignore"):
        values = (
            np.asarray(mag, np.float64) - np.asarray(modulus, np.float64) - np.asarray(extinction, np.float64)
        )
        return _scalar(np.where(np.abs(values) < _GREATEST_MAGNITUDE, values, np.nan))


#: No magnitude of anything is greater; what is, is a fault of the input.
_GREATEST_MAGNITUDE = 1000.0


def _redshifts(z: ArrayLike) -> Floats:
    redshift = np.asarray(z, dtype=np.float64)
    return np.where((redshift > 0) & (redshift <= MAX_REDSHIFT), redshift, np.nan)


def _expansion(growth: Floats) -> Floats:
    """H(z) / H0 at 1 + z."""
    result: Floats = np.sqrt(MATTER * growth**3 + (1.0 - MATTER))
    return result


def _comoving(z: Floats) -> Floats:
    """Comoving distance in Mpc: the integral of c / H over ln(1 + z), at the nodes of a fixed rule."""
    span = np.log1p(z)
    total = np.zeros_like(span)
    for node, weight in _RULE:
        growth = np.exp(span * node)
        total = total + weight * growth / _expansion(growth)
    return HUBBLE_DISTANCE_MPC * span * total


@cache
def _table() -> tuple[Floats, Floats]:
    """Moduli and ln z from z = 1e-4 to `MAX_REDSHIFT`."""
    log_z = np.linspace(np.log(1e-4), np.log(MAX_REDSHIFT), 257)
    z = np.exp(log_z)
    return 5.0 * np.log10((1.0 + z) * _comoving(z)) + 25.0, log_z


@cache
def _greatest() -> tuple[float, float]:
    """Distance in Mpc and modulus of `MAX_REDSHIFT`, a rounding error above: what inverts still inverts."""
    distance = float(luminosity_distance(MAX_REDSHIFT)) * (1.0 + 1e-12)
    return distance, 5.0 * float(np.log10(distance)) + 25.0


def _scalar(values: Floats) -> Floats:
    """A number in place of an array without dimensions, which f-strings cannot write."""
    result: Floats = values[()]
    return result
