"""Broad light-curve labels of a fit: speed, luminosity, structure, each with "too early to say".

Deliberately broad (DESIGN.md section 3), and silent where the data do not decide. How often each label is
right, and how often it speaks, stands in docs/labels.md; the thresholds were chosen there.
"""

from dataclasses import dataclass
from functools import cache
from math import erf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.flux import magnitude
from vra_tui.lightcurve.bank import Bank
from vra_tui.lightcurve.fit import Fits

Floats = NDArray[np.float64]
Words = NDArray[np.str_]

TOO_EARLY = "too early to say"
SPEEDS = ("fast", "normal", "slow")
LUMINOSITIES = ("faint", "normal", "bright")
EARLY_PEAK, ONE_PEAK = "early peak + main peak", "one peak"

#: Peak absolute magnitudes between faint and normal, and between normal and bright.
FAINT_BELOW, BRIGHT_ABOVE = -16.5, -20.0


@dataclass(frozen=True)
class Thresholds:
    """When a label speaks.

    ``days``: from first detection to the last night, at least. ``nights``: with a detection.
    ``probability``: of the label. ``without_prior``: the same were all labels equally frequent, so that the
    data decide, and not that most are normal. ``chi2``: greatest reduced chi2; above it the source has no one
    rise and fall. ``early``, ``one``: log10 of the Bayes factor for, and against, an early peak.
    """

    days: float = 1.5
    nights: int = 2
    probability: float = 0.9
    without_prior: float = 0.5
    chi2: float = 4.0
    early: float = 2.0
    one: float = 1.0


@dataclass(frozen=True, eq=False)
class Labels:
    """Labels of n alerts as words, and their probabilities in the order of the words, shape (n, 3).

    ``absolute``: peak absolute magnitude at 16, 50, 84 %, brightest first; it and
    ``luminosity_probability`` are NaN without a distance.
    """

    speed: Words
    luminosity: Words
    structure: Words
    speed_probability: Floats
    luminosity_probability: Floats
    absolute: Floats


def label(
    fits: Fits,
    modulus: ArrayLike = np.nan,
    modulus_error: ArrayLike = 0.0,
    thresholds: Thresholds | None = None,
) -> Labels:
    """The labels of all fits.

    ``modulus``: distance modulus of the host plus the extinction towards it, magnitudes, for all or for each,
    NaN for none; ``modulus_error``: its error.
    """
    limits = thresholds or Thresholds()
    n = len(fits)
    ready = (fits.last_mjd - fits.anchor >= limits.days) & (fits.detected >= limits.nights)
    ready &= fits.reduced_chi2 < limits.chi2
    speed = np.stack([fits.fast, fits.normal, fits.slow], axis=1)
    prior = speed_prior(fits.bank)
    absolute = peak_magnitude(fits) - np.broadcast_to(np.asarray(modulus, float), (n,))[:, None]
    error = np.broadcast_to(np.asarray(modulus_error, float), (n,))
    luminosity = _luminosity(absolute, error)
    even = np.full(3, 1.0 / 3.0)
    structure = np.full(n, TOO_EARLY, dtype="U24")
    structure[ready & (fits.early_evidence > limits.early)] = EARLY_PEAK
    structure[ready & (fits.early_evidence < -limits.one)] = ONE_PEAK
    return Labels(
        _decide(speed, prior, SPEEDS, ready, limits),
        _decide(luminosity, even, LUMINOSITIES, ready, limits),
        structure,
        speed,
        luminosity,
        np.quantile(absolute, (0.16, 0.5, 0.84), axis=1).T,
    )


def peak_magnitude(fits: Fits) -> Floats:
    """Apparent magnitude at peak of each draw, (n, 64), in the filter in which the alert is brightest."""
    known = np.where(np.isnan(fits.peak_flux)[:, None, :], -np.inf, fits.draw_flux)
    brightest = known.max(axis=2, initial=-np.inf)
    return magnitude(np.where(brightest > 0, brightest, np.nan))


@cache
def speed_prior(bank: Bank) -> Floats:
    """Probabilities of fast, normal and slow before any data, (3,)."""
    weight = np.exp(bank.log_prior.astype(np.float64))
    fast, known = (weight @ bank.below[:, -2:]) / weight.sum()
    return np.array([fast, known - fast, 1.0 - known])


def _luminosity(absolute: Floats, error: Floats) -> Floats:
    """Probabilities of faint, normal, bright: each draw blurred by the error of the modulus."""
    width = np.maximum(error, 0.02)[:, None]
    faint = _normal_cdf((absolute - FAINT_BELOW) / width).mean(axis=1)
    bright = _normal_cdf((BRIGHT_ABOVE - absolute) / width).mean(axis=1)
    return np.stack([faint, 1.0 - faint - bright, bright], axis=1)


def _normal_cdf(x: Floats) -> Floats:
    """Cumulative normal distribution, from a table (numpy has no erf); to 1e-4."""
    return np.interp(x, *_normal_table())


@cache
def _normal_table() -> tuple[Floats, Floats]:
    grid = np.linspace(-5.0, 5.0, 401)
    return grid, np.array([0.5 + 0.5 * erf(value / np.sqrt(2.0)) for value in grid])


def _decide(
    probability: Floats,
    prior: Floats,
    words: tuple[str, ...],
    ready: NDArray[np.bool_],
    limits: Thresholds,
) -> Words:
    known = np.nan_to_num(probability)
    best = known.argmax(axis=1)
    rows = np.arange(len(best))
    even = known / prior
    even /= np.maximum(even.sum(axis=1, keepdims=True), 1e-12)
    sure = (known[rows, best] > limits.probability) & (even[rows, best] > limits.without_prior)
    return np.where(ready & sure, np.array(words)[best], TOO_EARLY)
