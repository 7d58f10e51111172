"""Flux and magnitudes: AB magnitudes as signed microjansky and back, and their errors."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: AB magnitude of one microjansky.
ZERO_POINT = 23.9
#: Limits are 5-sigma limits.
LIMIT_SIGMA = 5.0
_LN = 0.4 * np.log(10.0)


def microjansky(mag: ArrayLike) -> Floats:
    """Flux of AB magnitudes. A negative magnitude is a negative difference flux of that size."""
    value = np.asarray(mag, dtype=np.float64)
    return np.copysign(10.0 ** (0.4 * (ZERO_POINT - np.abs(value))), value)


def magnitude(flux: ArrayLike) -> Floats:
    """AB magnitude of fluxes in microjansky, negative for negative flux, NaN for 0: undoes `microjansky`."""
    value = np.asarray(flux, dtype=np.float64)
    with np.errstate(divide="ignore"):
        size = ZERO_POINT - 2.5 * np.log10(np.abs(value))
    return np.where(value == 0, np.nan, np.copysign(size, value))


def flux_error(flux: ArrayLike, magerr: ArrayLike) -> Floats:
    """Error of a flux in microjansky from the error of its magnitude."""
    return np.abs(np.asarray(flux)) * np.asarray(magerr) * _LN


def magnitude_error(flux: ArrayLike, error: ArrayLike) -> Floats:
    """Error of the magnitude of a flux from the flux's error, both in one unit; NaN where the flux is 0."""
    size = np.abs(np.asarray(flux, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(error, dtype=np.float64) / size / _LN
    return np.where(np.isfinite(found), found, np.nan)


def limit_error(limit: ArrayLike) -> Floats:
    """1-sigma flux error in microjansky of an exposure with this 5-sigma limiting magnitude."""
    return microjansky(limit) / LIMIT_SIGMA
