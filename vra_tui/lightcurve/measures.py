"""Single numbers of one light curve: peak absolute magnitude and scatter of the positions.

The screen, `vra show` and files show these values and no others of the same name. The features of the models
are defined otherwise (DESIGN.md section 5), and the labels rest on a fit: of these, words are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vra_tui.domain import distance
from vra_tui.domain.extinction import extinction
from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.sky import offsets

#: Detections from so many days before t0 on are of the source that raised the alert.
FROM_DAYS = 30.0


@dataclass(frozen=True)
class Peak:
    """The brightest detection: magnitude, the band's name, MJD."""

    mag: float
    band: str
    mjd: float


def brightest(curve: LightCurve, t0_mjd: float, bands: Mapping[int, str]) -> Peak | None:
    """The brightest detection of positive flux since `FROM_DAYS` before t0; None without one.

    ``bands``: names by the codes of the light curve (`store.codes.band_names`); "?" for a code without.
    """
    seen = curve.detections
    recent = np.flatnonzero((seen.mjd > t0_mjd - FROM_DAYS) & (seen.mag > 0))
    if not len(recent):
        return None
    index = recent[np.argmin(seen.mag[recent])]
    return Peak(float(seen.mag[index]), bands.get(int(seen.band[index]), "?"), float(seen.mjd[index]))


def absolute_magnitude(peak: Peak, distance_mpc: float, ebv: float | None) -> float | None:
    """Absolute magnitude of a peak at a distance, behind dust of E(B-V) ``ebv`` (None: none).

    None in a band whose extinction is not known: better no number than one that leaves the dust out.
    """
    dust = 0.0 if ebv is None else extinction(ebv, peak.band)
    found = float(distance.absolute_magnitude(peak.mag, distance.modulus_of_distance(distance_mpc), dust))
    return found if np.isfinite(found) else None


def position_scatter(curve: LightCurve) -> float | None:
    """Root of the mean square distance of all detections from their mean position, arcsec; None below two."""
    seen = curve.detections
    seen = seen[np.isfinite(seen.ra) & np.isfinite(seen.dec)]
    if len(seen) < 2:
        return None
    east, north = offsets(seen.ra, seen.dec, seen.ra[0], seen.dec[0])
    scatter = float(np.hypot(np.std(east), np.std(north)))
    return scatter if np.isfinite(scatter) else None
