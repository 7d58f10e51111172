"""Variables: stars and active nuclei that wander about the brightness they had in the reference image."""

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
from vra_tui.simulator.kinds.spec import Variable


def draw(
    spec: Variable, anchor: FindingVisits, rng: np.random.Generator
) -> tuple[dict[str, Floats], DrawnTruth]:
    """Parameters and truth of the variables found at the anchors: each is near its maximum there."""
    n = len(anchor)
    peak = counts(spec.brightest, spec.faintest, spec.slope, n, rng)
    period = lognormal(spec.period, n, rng)
    irregular = spec.irregular * rng.random(n)
    parameters = {
        "peak": peak,
        "period": period,
        "phase": anchor.mjd + 0.15 * period * rng.standard_normal(n),
        "irregular": irregular,
        "slow": period * 10.0 ** (0.3 + 0.3 * rng.random(n)),
        "slow_phase": rng.random(n),
        "zero": normal(spec.negative, n, rng),
        "colour": normal(spec.colour, n, rng),
    }
    truth = DrawnTruth.unknown(n)
    truth.peak_mag, truth.peak_mjd = peak, parameters["phase"]
    return parameters, truth


def flux(parameters: dict[str, Floats], epochs: ExposureTimes) -> NDArray[np.float32]:
    """Difference flux in microjansky at every epoch, negative below the reference, shape (e,)."""
    owner = epochs.owner
    p = {name: values.astype(np.float32)[owner] for name, values in parameters.items() if name != "phase"}
    since = (epochs.mjd - parameters["phase"][owner]).astype(np.float32)
    turn = np.float32(2.0 * np.pi)
    regular = np.cos(turn * since / p["period"])
    wander = np.cos(turn * (since / p["slow"] * 1.37)) * np.cos(
        turn * (since / p["slow"] * 0.41 + p["slow_phase"])
    )
    swing = (1.0 - p["irregular"]) * regular + p["irregular"] * wander
    mag = p["peak"] + epochs.tint * p["colour"]
    return ((swing - p["zero"]) / (1.0 - p["zero"]) * microjansky(mag)).astype(np.float32)
