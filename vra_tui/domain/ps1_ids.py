"""Where a source of Pan-STARRS DR1 stands, read from its id: packets of ZTF tell its distance alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The id is the zone of declination (of 30 arcsec, from the south pole), right ascension in microdegrees of
# nine digits, and four digits of the height within the zone: STScI, "PS1 Object Identifiers" (objID);
# Flewelling et al. 2020, ApJS 251, 7, section 3. The zones are as high as the number says, not as 1/120.
_ZONE_DEGREES = 0.0083333
_ZONES, _RIGHT_ASCENSION, _HEIGHT = 21_600, 10**9, 10**4
_LONGEST = 18


def place_of(object_ids: Sequence[str | None]) -> tuple[Floats, Floats]:
    """Right ascension and declination in degrees of n objIDs, shape (n,); NaN for what is no such id.

    An id was given with the first place that was measured: the catalogue's own lies some tenths of an arcsec
    beside it.
    """
    places = [_place(one) for one in object_ids]
    ra, dec = np.array(places, dtype=np.float64).reshape(-1, 2).T
    return ra, dec


def _place(object_id: str | None) -> tuple[float, float]:
    nowhere = (np.nan, np.nan)
    if not object_id or len(object_id) > _LONGEST or not (object_id.isascii() and object_id.isdigit()):
        return nowhere
    rest, height = divmod(int(object_id), _HEIGHT)
    zone, micro = divmod(rest, _RIGHT_ASCENSION)
    ra, dec = micro / 1e6, (zone + height / _HEIGHT) * _ZONE_DEGREES - 90.0
    return (ra, dec) if 0 < zone < _ZONES and ra < 360.0 else nowhere
