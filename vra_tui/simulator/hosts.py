"""Simulate Sherlock's match (separation, redshifts) and the real/bogus score."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.distance import distance_modulus, kpc_per_arcsec
from vra_tui.simulator.kinds.draw import lognormal
from vra_tui.simulator.kinds.spec import MatchFigures, ScoreFigures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Scores below this do not reach the eyeball list.
LOWEST_SCORE = 0.2
_LOWEST_LOGIT = float(np.log(LOWEST_SCORE / (1.0 - LOWEST_SCORE)))
_ASTROMETRY = 0.15
_PHOTOZ_SCATTER = 0.02


def choose(shares: list[float], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """n indices, each as often as its share."""
    edges = np.cumsum(np.array(shares) / sum(shares))[:-1]
    return np.searchsorted(edges, rng.random(n), side="right")


def matches(
    ways: tuple[MatchFigures, ...], redshift: Floats, rng: np.random.Generator
) -> dict[str, NDArray[np.generic]]:
    """Columns of the first cross-match of n alerts of a kind; NaN redshifts: not in a galaxy."""
    n = len(redshift)
    way = choose([match.share for match in ways], n, rng)
    sherlock = np.array([match.sherlock for match in ways])[way]
    catalogue = np.array([match.catalogue for match in ways])[way]
    separation, z, photoz = (np.full(n, np.nan) for _ in range(3))
    # A galaxy by chance in the line of sight lies where catalogued galaxies do.
    true_z = redshift.copy()
    for index, match in enumerate(ways):
        rows = np.flatnonzero(way == index)
        if match.catalogue == "none":
            continue
        stray = rows[np.isnan(redshift[rows])]
        true_z[stray] = lognormal(match.redshift, len(stray), rng)
        offset = _offset(match, true_z[rows], rng)
        error = _ASTROMETRY * rng.standard_normal((2, len(rows)))
        separation[rows] = np.hypot(offset + error[0], error[1])
        wrong = rng.random(len(rows)) < match.wrong
        seen_z = np.where(wrong, lognormal((0.12, 0.35), len(rows), rng), true_z[rows])
        z[rows] = np.where(rng.random(len(rows)) < match.spectroscopic, seen_z, np.nan)
        guess = seen_z + _PHOTOZ_SCATTER * (1.0 + seen_z) * rng.standard_normal(len(rows))
        # Tables of photometric redshifts hold little below 0.02, and stars among them scatter far.
        has = (rng.random(len(rows)) < match.photometric) & (guess > 0.015)
        photoz[rows] = np.where(has, np.maximum(guess, 0.02), np.nan)
    angle = 2.0 * np.pi * rng.random(n)
    host = np.round(
        np.where(
            catalogue == "galaxy",
            _galaxy_mag(np.nan_to_num(true_z, nan=0.05), rng),
            12.0 + 8.0 * rng.random(n),
        ),
        2,
    )
    return {
        "catalogue": catalogue.astype("<U6"),
        "sherlock": sherlock,
        "separation": np.round(separation, 6),
        "north": np.round(separation * np.cos(angle), 4),
        "east": np.round(separation * np.sin(angle), 4),
        "z": np.round(z, 6),
        "photoz": np.round(photoz, 6),
        "magnitude": host,
    }


def _offset(match: MatchFigures, z: Floats, rng: np.random.Generator) -> Floats:
    if match.kpc is not None:
        return lognormal(match.kpc, len(z), rng) / kpc_per_arcsec(z)
    if match.beyond is not None:
        return match.beyond[0] * 10.0 ** rng.exponential(match.beyond[1], len(z))
    return lognormal(match.arcsec or (1.0, 0.3), len(z), rng)


def _galaxy_mag(z: Floats, rng: np.random.Generator) -> Floats:
    result: Floats = -20.3 + 1.3 * rng.standard_normal(len(z)) + distance_modulus(z)
    return result


def real_bogus(
    parts: tuple[ScoreFigures, ...],
    ratio: Floats,
    number: Ints,
    rng: np.random.Generator,
    lowest: float = LOWEST_SCORE,
) -> Floats:
    """Scores of n alerts with ``number`` detections of signal-to-noise ``ratio``, all above ``lowest``."""
    floor = float(np.log(lowest / (1.0 - lowest))) if lowest > 0 else -np.inf
    n = len(ratio)
    part = choose([score.share for score in parts], n, rng)
    logit = np.empty(n)
    for index, score in enumerate(parts):
        rows = np.flatnonzero(part == index)
        strength = score.per_dex * np.log10(np.clip(ratio[rows], 5.0, 50.0) / 8.0)
        strength += score.per_dex_number * np.log10(np.clip(number[rows], 3, 20) / 5.0)
        if score.tail is not None:
            logit[rows] = max(floor, _LOWEST_LOGIT) + rng.exponential(score.tail, len(rows))
        else:
            mean, spread = score.normal or (0.0, 1.0)
            logit[rows] = mean + strength + spread * rng.standard_normal(len(rows))
    # Those below would not be listed: they are listed with the lowest tail instead, so that no alert is lost.
    low = logit < floor
    logit[low] = floor + rng.exponential(1.0, int(low.sum()))
    return np.round(1.0 / (1.0 + np.exp(-logit)), 6)
