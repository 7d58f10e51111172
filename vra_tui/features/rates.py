"""Rates and colours of many light curves at once: straight lines through several bands, with priors."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Bands that are compared: c and g, o and r, all others.
BLUE, RED, OTHER = 0, 1, 2
N_BANDS = 3

#: Priors, standard deviations about zero: rates of transients, in mag a day; within a night, where flares
#: reach some mag an hour; colours of transients, in mag.
RATE_PRIOR = 0.3
NIGHT_RATE_PRIOR = 5.0
COLOUR_PRIOR = 0.25


def band_of(letters: NDArray[np.uint8]) -> Ints:
    """Band of each filter letter (an ASCII number)."""
    bands = np.full(256, OTHER)
    for letter, band in (("c", BLUE), ("g", BLUE), ("o", RED), ("r", RED)):
        bands[ord(letter)] = band
    return bands[letters]


def fit_lines(
    owner: Ints, mjd: Floats, mag: Floats, weight: Floats, band: Ints, n: int, rate_prior: float
) -> tuple[Floats, Floats]:
    """Rate (n,) and offsets of the bands (n, bands; 0 for red) of a straight line through the points.

    The most probable line for normal errors and normal priors about zero on rate and colours: two points a
    few hours apart say little, and get a rate near zero instead of a wild one. Points of different bands
    are compared through the colour that the prior allows.
    """
    safe = np.maximum(np.bincount(owner, weight, n), 1e-12)
    t = mjd - (np.bincount(owner, weight * mjd, n) / safe)[owner]
    y = mag - (np.bincount(owner, weight * mag, n) / safe)[owner]
    terms = (np.ones(len(t)), t, (band == BLUE).astype(np.float64), (band == OTHER).astype(np.float64))
    left, right = np.empty((n, 4, 4)), np.empty((n, 4, 1))
    for i, term in enumerate(terms):
        right[:, i, 0] = np.bincount(owner, weight * term * y, n)
        for j in range(i, 4):
            left[:, i, j] = left[:, j, i] = np.bincount(owner, weight * term * terms[j], n)
    # The level is free: 100 mag keeps the equations soluble for alerts without points.
    prior = np.array([100.0, rate_prior, COLOUR_PRIOR, COLOUR_PRIOR])
    left[:, range(4), range(4)] += prior**-2.0
    solved = np.asarray(np.linalg.solve(left, right)[:, :, 0], dtype=np.float64)
    return -solved[:, 1], np.stack([solved[:, 2], np.zeros(n), solved[:, 3]], axis=1)
