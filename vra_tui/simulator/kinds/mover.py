"""Movers: asteroids so slow that three exposures of one night find them at one place."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator.kinds.draw import (
    DrawnTruth,
    ExposureTimes,
    FindingVisits,
    Floats,
    counts,
    lognormal,
    microjansky,
    normal,
)
from vra_tui.simulator.kinds.spec import Mover


def draw(
    spec: Mover, anchor: FindingVisits, rng: np.random.Generator
) -> tuple[dict[str, Floats], DrawnTruth]:
    """Parameters of the asteroids that pass the anchors, along the ecliptic either way."""
    n = len(anchor)
    rate = lognormal(spec.rate, n, rng)
    angle = np.radians(17.0) * rng.standard_normal(n) + np.where(rng.random(n) < 0.5, 0.0, np.pi)
    parameters = {
        "passage": anchor.mjd,
        "magnitude": counts(spec.brightest, spec.faintest, spec.slope, n, rng),
        "rate_ra": rate * np.cos(angle),
        "rate_dec": rate * np.sin(angle),
        "colour": normal(spec.colour, n, rng),
    }
    return parameters, DrawnTruth.unknown(n)


def flux(parameters: dict[str, Floats], epochs: ExposureTimes) -> NDArray[np.float32]:
    """Difference flux in microjansky at every epoch, shape (e,): only in the night of the passage."""
    owner = epochs.owner
    near = np.abs(epochs.mjd - parameters["passage"][owner]) < 0.12
    mag = parameters["magnitude"][owner] + epochs.tint * parameters["colour"][owner]
    return np.where(near, microjansky(mag), 0.0).astype(np.float32)


def displacement(
    parameters: dict[str, Floats], owner: NDArray[np.int32], mjd: Floats
) -> tuple[Floats, Floats]:
    """Tell how far a detection lies from the passage's place, arcsec along RA (on the sky) and Dec."""
    hours = (mjd - parameters["passage"][owner]) * 24.0
    return parameters["rate_ra"][owner] * hours, parameters["rate_dec"][owner] * hours
