"""Residuals of subtraction: of a star that moved, of a bright star, of a bad night."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator.kinds.draw import (
    DrawnTruth,
    ExposureTimes,
    FindingVisits,
    Floats,
    lognormal,
    microjansky,
    normal,
)
from vra_tui.simulator.kinds.spec import Residual

_UNITS = 8


def draw(
    spec: Residual, anchor: FindingVisits, rng: np.random.Generator
) -> tuple[dict[str, Floats], DrawnTruth]:
    """Parameters of the residuals found at the anchors; they have no truth of their own."""
    n = len(anchor)
    fresh = rng.random(n) < spec.fresh
    begin = np.where(fresh, anchor.mjd - 0.2 - rng.exponential(spec.fresh_days, n), -np.inf)
    signed = rng.random(n) < spec.signed
    parameters = {
        "magnitude": normal(spec.magnitude, n, rng),
        "nightly": lognormal(spec.nightly, n, rng),
        "single": lognormal(spec.single, n, rng),
        "begin": np.where(spec.one_night, anchor.mjd - 0.2, begin),
        "end": np.where(spec.one_night, anchor.mjd + spec.lasts, np.inf),
        "negative": np.where(signed, 0.5 * rng.random(n) ** 1.5, 0.0),
        "colour": normal(spec.colour, n, rng),
        "streak_ra": np.full(n, spec.streak[0]),
        "streak_dec": np.full(n, spec.streak[1]),
        "unit_offset": spec.by_unit * rng.standard_normal(n * _UNITS),
    }
    return parameters, DrawnTruth.unknown(n)


def flux(
    parameters: dict[str, Floats], epochs: ExposureTimes, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Difference flux in microjansky at every epoch, shape (e,).

    The residual of a night depends on its seeing and guiding, and is common to the night's exposures.
    """
    owner = epochs.owner
    n = len(owner)
    f4 = {name: parameters[name].astype(np.float32) for name in ("magnitude", "nightly", "single", "colour")}
    of_night = rng.standard_normal(epochs.nights, dtype=np.float32)[epochs.night]
    mag = f4["magnitude"][owner] - f4["nightly"][owner] * of_night
    mag -= f4["single"][owner] * rng.standard_normal(n, dtype=np.float32)
    mag += parameters["unit_offset"].astype(np.float32)[owner * _UNITS + epochs.unit]
    mag += epochs.tint * f4["colour"][owner]
    sign_of_night = rng.random(epochs.nights, dtype=np.float32)[epochs.night]
    sign = np.where(sign_of_night < parameters["negative"].astype(np.float32)[owner], -1.0, 1.0)
    on = (epochs.mjd >= parameters["begin"][owner]) & (epochs.mjd <= parameters["end"][owner])
    return (sign * on * microjansky(mag)).astype(np.float32)
