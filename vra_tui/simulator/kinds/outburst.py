"""Outbursts: sources that are too faint to see, flare up, and do it again."""

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
from vra_tui.simulator.kinds.spec import Outburst


def draw(
    spec: Outburst, anchor: FindingVisits, rng: np.random.Generator
) -> tuple[dict[str, Floats], DrawnTruth]:
    """Parameters and truth of the outbursts found at the anchors."""
    n = len(anchor)
    peak = counts(spec.brightest, spec.faintest, spec.slope, n, rng)
    rise, plateau, fade = (lognormal(s, n, rng) for s in (spec.rise, spec.plateau, spec.fade))
    start = anchor.mjd - rise - rng.random(n) * np.minimum(plateau, 4.0)
    again = rng.random(n) < spec.recurs
    parameters = {
        "start": start,
        "peak": peak,
        "rise": rise,
        "plateau": plateau,
        "fade": fade,
        "period": np.where(again, lognormal(spec.recurrence, n, rng), 1e5),
        "dimmer": np.abs(rng.standard_normal(n)) * 0.7,
        "rapid": np.full(n, spec.rapid),
        "colour": normal(spec.colour, n, rng) + 0.3 * np.minimum(anchor.ebv, 3.0),
    }
    truth = DrawnTruth.unknown(n)
    truth.peak_mag, truth.peak_mjd, truth.start_mjd = peak, start + rise, start
    truth.duration = 0.5 * rise + plateau + 0.75 * fade
    return parameters, truth


def flux(
    parameters: dict[str, Floats], epochs: ExposureTimes, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Difference flux in microjansky at every epoch, shape (e,)."""
    owner = epochs.owner
    since = (epochs.mjd - parameters["start"][owner]).astype(np.float32)
    p = {name: values.astype(np.float32)[owner] for name, values in parameters.items() if name != "start"}
    # Outburst k begins near k periods from the one that is found; a third of a period early or late.
    turn = np.rint(since / p["period"])
    shift = np.where(turn == 0, 0.0, 0.33 * np.sin(12.9898 * turn + 78.233 * p["peak"]))
    earlier = np.where(turn == 0, 0.0, p["dimmer"] * np.abs(np.cos(7.13 * turn + 3.7 * p["peak"])))
    x = since - (turn + shift) * p["period"]
    falling = np.maximum(x - p["rise"] - p["plateau"], 0.0) / p["fade"]
    climbing = np.maximum(1.0 - x / p["rise"], 0.0)
    mag = (
        p["peak"] + earlier + falling + 3.0 * climbing + 0.08 * np.maximum(x - p["rise"], 0.0) / p["plateau"]
    )
    mag += epochs.tint * p["colour"] + p["rapid"] * rng.standard_normal(len(x), dtype=np.float32)
    return np.where((x > 0) & (falling < 6.0), microjansky(mag), 0.0).astype(np.float32)
