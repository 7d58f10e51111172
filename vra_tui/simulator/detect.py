"""Find the exposures that detect a source, its brightness and position, and the night of its alert."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import ZERO_POINT
from vra_tui.simulator.instrument import Detection

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]


@dataclass(eq=False)
class MeasuredExposures:
    """Measurements of all exposures, shape (e,): flux and error in microjansky, and which are detections.

    ``chance``: detections of something else.
    """

    flux: Singles
    error: Singles
    detected: NDArray[np.bool_]
    chance: NDArray[np.bool_]


def flux_error(limit: Singles) -> Singles:
    """Error of the flux in microjansky for a 5-sigma limiting magnitude."""
    return np.exp((np.float32(ZERO_POINT) - limit) * np.float32(0.4 * np.log(10.0))) * np.float32(0.2)


def look(flux: Singles, error: Singles, figures: Detection, rng: np.random.Generator) -> MeasuredExposures:
    """Measure fluxes with noise and decide which are detections.

    Near the limit the cuts on shape and position lose some that stand above five sigma.
    """
    n = len(flux)
    measured = flux + error * rng.standard_normal(n, dtype=np.float32)
    ratio = np.abs(measured) / error
    draw = rng.random(n, dtype=np.float32)
    odds = np.exp(
        np.minimum((np.float32(figures.half) - ratio) / np.float32(figures.width), np.float32(60.0))
    )
    detected = (draw * (1.0 + odds) < figures.ceiling) & (ratio > figures.threshold)
    chance = ~detected & (draw > 1.0 - figures.chance)
    if chance.any():
        strength = figures.threshold + rng.exponential(2.0, int(chance.sum()))
        measured[chance] = strength * error[chance]
        detected |= chance
    return MeasuredExposures(measured, error, detected, chance)


def first_alert(
    detected: NDArray[np.bool_],
    owner: NDArray[np.integer],
    night: NDArray[np.integer],
    counted: NDArray[np.bool_],
    n: int,
    needed: int = 3,
) -> Ints:
    """For each of n alerts the exposure that raises it: the third detection of its first night with three.

    ``counted``: per night, whether its detections reach the eyeball list. ``needed``: where it is not three.
    -1 where no night has as many. The exposures are sorted by alert and time, ``night`` runs on over alerts.
    """
    found = np.flatnonzero(detected)
    in_night = np.bincount(night[found], minlength=len(counted))
    raising = (in_night >= needed) & counted
    result = np.full(n, -1, dtype=np.int64)
    first_of_night = np.searchsorted(night[found], np.flatnonzero(raising))
    third = found[first_of_night + needed - 1] if len(first_of_night) else found[:0]
    alert, first = np.unique(owner[third], return_index=True)
    result[alert] = third[first]
    return result


def magnitudes(flux: Singles, error: Singles, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Magnitude (negative for a negative flux) and error of detections, as many decimals as are delivered."""
    size = np.abs(flux.astype(np.float64))
    mag = np.round(ZERO_POINT - 2.5 * np.log10(size), 3) * np.sign(flux).astype(np.float64)
    # The photometry of a detection is a little noisier than the limit says, and has a floor.
    ratio = size / error.astype(np.float64) * (0.88 + 0.06 * rng.standard_normal(len(size)))
    magerr = np.hypot(1.0857 / np.maximum(ratio, 1.0), 0.004)
    return mag, np.round(magerr, 3).astype(np.float64)


def position_error(seen_flux: Singles, error: Singles, fwhm: Singles, figures: Detection) -> Floats:
    """Standard deviation per axis, arcsec, of the position of a detection: it grows towards the limit."""
    ratio = np.abs(seen_flux) / error
    return np.hypot(figures.position_floor, figures.position_centroid * fwhm / ratio).astype(np.float64)
