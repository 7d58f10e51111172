"""Dust of the Milky Way: from E(B-V) to magnitudes in a band.

E(B-V) is that of Schlegel, Finkbeiner & Davis (1998, SFD) as the map gives it. The recalibration of Schlafly
& Finkbeiner (2011, ApJ 737, 103; SF11) is in the coefficients: a map that was scaled by 0.86 already must not
meet them.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.bands import Band, band

Floats = NDArray[np.float64]

#: A at 1 micron for E(B-V) of SFD = 1: SF11's 1.32, times their recalibration of 0.78.
_AT_ONE_MICRON = 0.78 * 1.32

# Knots of the law of Fitzpatrick (1999, PASP 111, 63, table 4) for R_V = 3.1: nm, and A / E(B-V) of the law
# itself. The last two come from its ultraviolet formula, and bend the spline below 411 nm.
_KNOT_NM = np.array([np.inf, 2650.0, 1220.0, 600.0, 547.0, 467.0, 411.0, 270.0, 260.0])
_KNOT_A = np.array([0.0, 0.26469, 0.82925, 2.68761, 3.05463, 3.80551, 4.31457, 6.26484, 6.59097])
#: Where the law is read: nm.
LAW_FROM_NM, LAW_TO_NM = 270.0, 5000.0


def extinction(ebv: ArrayLike, band_or_name: Band | str) -> Floats:
    """Extinction in magnitudes in one band behind E(B-V) of SFD, shape of ``ebv``.

    NaN where E(B-V) is unknown or negative, and in a band without a coefficient.
    """
    one = band_or_name if isinstance(band_or_name, Band) else band(band_or_name)
    dust = np.asarray(ebv, dtype=np.float64)
    dust = np.where((dust >= 0) & (dust < _GREATEST_EBV), dust, np.nan)
    result: Floats = (dust * one.extinction)[()]
    return result


def coefficients(names: Iterable[str]) -> Floats:
    """A / E(B-V) of bands by name, in their order; NaN for a band without."""
    return np.array([band(name).extinction for name in names], dtype=np.float64)


def coefficient_at(wavelength_nm: ArrayLike) -> Floats:
    """A / E(B-V) at a wavelength: what a band of a stranger gets of which no more than that is known.

    Fitzpatrick's (1999) law for R_V = 3.1, normalised as SF11 do. At the effective wavelengths of their
    bands it gives SF11's coefficients within 2.5 %, w, the widest, within 5 %. NaN outside 270 to 5000 nm.
    """
    nm = np.asarray(wavelength_nm, dtype=np.float64)
    with np.errstate(all="ignore"):
        inverse = 1000.0 / np.where((nm >= LAW_FROM_NM) & (nm <= LAW_TO_NM), nm, np.nan)
        result: Floats = (_AT_ONE_MICRON * _law(inverse) / _law(np.float64(1.0)))[()]
    return result


#: The map reaches some 500 in the galactic centre.
_GREATEST_EBV = 1000.0


def _law(inverse_micron: ArrayLike) -> Floats:
    """The cubic spline through the knots, in 1 / micron."""
    x = np.asarray(inverse_micron, dtype=np.float64)
    knots, values, curvature = _spline()
    index = np.clip(np.searchsorted(knots, x, "right") - 1, 0, len(knots) - 2)
    width = knots[index + 1] - knots[index]
    right = (x - knots[index]) / width
    left = 1.0 - right
    bend = (left**3 - left) * curvature[index] + (right**3 - right) * curvature[index + 1]
    result: Floats = left * values[index] + right * values[index + 1] + bend * width**2 / 6.0
    return result


@cache
def _spline() -> tuple[Floats, Floats, Floats]:
    """Knots in 1 / micron, values there, and the second derivatives of a spline that ends straight."""
    knots: Floats = np.asarray(1000.0 / _KNOT_NM, dtype=np.float64)
    width, rise = np.diff(knots), np.diff(_KNOT_A)
    n = len(knots)
    equations = np.eye(n)
    target = np.zeros(n)
    for i in range(1, n - 1):
        equations[i, i - 1 : i + 2] = width[i - 1], 2.0 * (width[i - 1] + width[i]), width[i]
        target[i] = 6.0 * (rise[i] / width[i] - rise[i - 1] / width[i - 1])
    return knots, _KNOT_A, np.asarray(np.linalg.solve(equations, target), dtype=np.float64)
