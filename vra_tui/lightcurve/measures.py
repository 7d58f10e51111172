"""What one light curve says in a number: peak absolute magnitude and scatter of the positions, each once.

The screen, `vra show` and files show these values and no others of the same name. The features of the models
are defined otherwise (DESIGN.md section 5), and the labels rest on a fit: of these, words are shown.
"""

import math
from dataclasses import dataclass

import numpy as np

from vra_tui.lightcurve.angles import unwrapped
from vra_tui.lightcurve.curves import LightCurve

#: Detections from so many days before t0 on are of the source that raised the alert.
FROM_DAYS = 30.0
#: Extinction in magnitudes for E(B-V) = 1 in ATLAS's filters; that of o for any other.
_EXTINCTION = {"c": 3.0, "o": 2.1}


@dataclass(frozen=True)
class Peak:
    """The brightest detection: magnitude, the filter's letter, MJD."""

    mag: float
    band: str
    mjd: float


def brightest(curve: LightCurve, t0_mjd: float) -> Peak | None:
    """The brightest detection of positive flux since `FROM_DAYS` before t0; None without one."""
    seen = curve.detections
    recent = np.flatnonzero((seen.mjd > t0_mjd - FROM_DAYS) & (seen.mag > 0))
    if not len(recent):
        return None
    index = recent[np.argmin(seen.mag[recent])]
    return Peak(float(seen.mag[index]), chr(int(seen.filter[index])), float(seen.mjd[index]))


def absolute_magnitude(peak: Peak, distance_mpc: float, ebv: float | None) -> float:
    """Absolute magnitude of a peak at a distance, behind dust of E(B-V) ``ebv`` (None: none)."""
    extinction = _EXTINCTION.get(peak.band, _EXTINCTION["o"]) * (ebv or 0.0)
    return peak.mag - extinction - 5.0 * math.log10(distance_mpc) - 25.0


def position_scatter(curve: LightCurve) -> float | None:
    """Root of the mean square distance of all detections from their mean position, arcsec; None below two."""
    seen = curve.detections
    seen = seen[np.isfinite(seen.ra) & np.isfinite(seen.dec)]
    if len(seen) < 2:
        return None
    east = np.std(unwrapped(seen.ra)) * np.cos(np.radians(np.mean(seen.dec)))
    return float(np.hypot(east, np.std(seen.dec)) * 3600.0)
