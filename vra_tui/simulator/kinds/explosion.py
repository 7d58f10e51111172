"""Explosions: one rise, one peak, one decline, perhaps with an early peak or a second maximum."""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.bands import BANDS
from vra_tui.domain.distance import distance_modulus, redshift_of_modulus
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
from vra_tui.simulator.kinds.spec import Explosion
from vra_tui.simulator.scenario import Guest

#: Extinction per E(B-V).
_EXTINCTION = {name: BANDS[name].extinction for name in "co"}
#: Half-peak point of the sine-squared rise, as a share of the whole rise.
_HALF = 0.5
_REDSHIFTS = (0.0005, 1.0)
_TAIL_PER_DAY = 0.0092  # 0.01 mag a day, the decay of cobalt-56, as a rate of flux


def draw(
    spec: Explosion, anchor: FindingVisits, rng: np.random.Generator, guest: Guest | None = None
) -> tuple[dict[str, Floats], DrawnTruth]:
    """Parameters and truth of the explosions found at the anchors; a guest's as the scenario tells them."""
    n = len(anchor)
    peak = counts(spec.brightest, spec.faintest, spec.slope, n, rng)
    absolute = normal(spec.absolute, n, rng)
    extinction = _EXTINCTION["o"] * anchor.ebv
    if guest is not None and guest.peak_mag is not None:
        peak[:] = guest.peak_mag
    redshift = np.full(n, np.nan)
    if spec.host:
        # Beyond redshift 1 nothing is drawn; a nearer one than the lowest lies in no host that is catalogued.
        redshift = np.clip(redshift_of_modulus(peak - extinction - absolute), *_REDSHIFTS)
    if guest is not None and guest.redshift is not None:
        redshift[:] = guest.redshift
        absolute = peak - extinction - distance_modulus(redshift)
    stretch = 1.0 + np.nan_to_num(redshift)
    rise = 2.0 * lognormal(spec.rise, n, rng) * stretch
    fade = lognormal(spec.fade, n, rng) * stretch
    # When the rising source passes the survey's limit; the visit that finds it follows within a few nights.
    level = np.clip(10.0 ** (0.4 * (peak - spec.found_at)), 0.0, 1.0)
    crossing = 2.0 / np.pi * np.arcsin(np.sqrt(level)) * rise
    wait = rng.exponential(1.5, n)
    late = rng.random(n) < (0.0 if guest else spec.late)
    wait = np.where(late, rng.random(n) * spec.late_days, wait)
    start = anchor.mjd - crossing - wait
    early = rng.random(n) < (1.0 if guest and spec.early_peak else spec.early_peak)
    colour = normal(spec.colour, n, rng) + (_EXTINCTION["c"] - _EXTINCTION["o"]) * anchor.ebv
    parameters = {
        "start": start,
        "rise": rise,
        "fade": fade,
        "steepness": np.maximum(0.6, normal(spec.steepness, n, rng)),
        "tail": np.full(n, spec.tail),
        "peak": peak,
        "colour": colour,
        "reddening": np.full(n, spec.reddening),
        "early": np.where(early, 10.0 ** (-0.4 * normal(spec.early_depth, n, rng)), 0.0),
        "early_days": 0.10 * rise,
        "again": np.full(n, guest.again if guest else 0.0),
        "again_after": np.full(n, guest.again_after if guest else 60.0),
    }
    truth = DrawnTruth(
        peak_mag=peak,
        peak_mjd=start + rise,
        start_mjd=start,
        # Two maxima of like brightness: above half of peak flux from the first to the second.
        duration=_HALF * rise + fade + np.where(parameters["again"] > 0.5, parameters["again_after"], 0.0),
        absolute=absolute if spec.host else np.full(n, np.nan),
        redshift=redshift,
        early_peak=early,
    )
    return parameters, truth


def draw_shared(
    spec: Explosion, anchor: FindingVisits, guest: Guest, first_mjd: int
) -> tuple[dict[str, Floats], DrawnTruth]:
    """A guest that several surveys see: what is drawn does not depend on which of them looks, nor when."""
    n = len(anchor)
    at = np.full(n, float(first_mjd + guest.night))
    # One source, tried n times: every row is the same.
    one = FindingVisits(anchor.ra[:1], anchor.dec[:1], anchor.ebv[:1], at[:1])
    rng = np.random.default_rng(np.random.SeedSequence([guest.seed or 0, 5]))
    drawn, truth = draw(spec.model_copy(update={"found_at": 19.5}), one, rng, guest)
    parameters = {name: np.repeat(values, n) for name, values in drawn.items()}
    columns = {field.name: np.repeat(getattr(truth, field.name), n) for field in fields(truth)}
    return parameters, DrawnTruth(**columns)


def flux(parameters: dict[str, Floats], epochs: ExposureTimes) -> NDArray[np.float32]:
    """Difference flux in microjansky at every epoch, shape (e,)."""
    result = np.zeros(len(epochs.mjd), dtype=np.float32)
    # Most of the history lies before the explosion: only the rest is worked out.
    on = np.flatnonzero(epochs.mjd > parameters["start"][epochs.owner])
    owner = epochs.owner[on]
    p = {name: values.astype(np.float32)[owner] for name, values in parameters.items() if name != "start"}
    since = (epochs.mjd[on] - parameters["start"][owner]).astype(np.float32)
    past = since - p["rise"]
    rising = np.sin(np.float32(np.pi / 2) * np.minimum(since / p["rise"], 1.0)) ** 2
    falling = np.maximum(past, 0.0) / p["fade"]
    shape = np.where(
        past < 0,
        rising,
        (1.0 - p["tail"]) * 0.5 ** (falling ** p["steepness"])
        + p["tail"] * np.exp(-_TAIL_PER_DAY * np.maximum(past, 0.0)),
    )
    x = since / p["early_days"]
    shape += p["early"] * x * np.exp(1.0 - x)
    shape += p["again"] * np.exp(-0.5 * ((past - p["again_after"]) / (0.35 * p["again_after"])) ** 2)
    colour = p["colour"] + p["reddening"] * np.clip(past / p["fade"], -1.0, 3.0)
    mag = p["peak"] + epochs.tint[on] * colour
    result[on] = shape * microjansky(mag)
    return result
