"""The rise-and-fall fit in flux: posterior weights of all templates of a bank, for many alerts at once.

Of a template only the flux in each filter is free; it is linear, so that the best flux and the integral over
it have closed forms. What is left, shape and time of peak, is summed over the whole bank: no start values, no
local minima, and the spread of the weights is the uncertainty. Every number of a `Fits` follows from weights.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from vra_tui.lightcurve.bank import Bank, default_bank
from vra_tui.lightcurve.flux_epochs import Photometry
from vra_tui.lightcurve.nights import Nights, nights

Floats = NDArray[np.float64]
Single = NDArray[np.float32]

#: Draws from the posterior kept for each alert.
DRAWS = 64
#: Spread of the flux ratio between two filters about 1 (colours of transients, -0.4 to 0.6 mag in c - o).
COLOUR_SPREAD = 0.35
#: Number of sources brighter than flux F goes as F^-1.5 (Euclidean counts): density of peak flux F^-2.5.
COUNTS_POWER = 2.5
_QUANTILES = (0.16, 0.5, 0.84)
#: Log of the least weight, relative to the best: below it float32 exponentials are denormal and slow.
_LEAST = -60.0
#: Rise, fade and time of peak, beside the flux in each filter.
_SHAPE_PARAMETERS = 3
#: Alerts taken at once: their arrays fit into the cache.
_CHUNK = 16


@dataclass(frozen=True, eq=False)
class Fits:
    """The fits of n alerts; NaN where an alert has no detection.

    ``anchor``: MJD of first detection. ``nights``, ``detected``: averages used, and those with a detection.
    ``last_mjd``: last night used. ``peak_mjd``, ``peak_mjd_error``: of the main peak, which may lie ahead.
    ``filters``: (b,) codes of bands; ``peak_flux``, ``peak_flux_error``: (n, b) microjansky, NaN in
    a filter without data. ``duration``: (n, 3), time above half of peak flux at 16, 50, 84 %, days. ``fast``,
    ``normal``, ``slow``: probabilities. ``early_evidence``: log10 of the Bayes factor for an early peak.
    ``reduced_chi2``: of the best template. ``draw``: (n, 64) templates of equal weight, and ``draw_flux``,
    (n, 64, b), their peak flux, from which curves are drawn (`vra_tui.lightcurve.fitted_curve`).
    """

    bank: Bank
    anchor: Floats
    last_mjd: Floats
    nights: NDArray[np.int64]
    detected: NDArray[np.int64]
    peak_mjd: Floats
    peak_mjd_error: Floats
    filters: NDArray[np.uint8]
    peak_flux: Floats
    peak_flux_error: Floats
    duration: Floats
    fast: Floats
    normal: Floats
    slow: Floats
    early_evidence: Floats
    reduced_chi2: Floats
    draw: NDArray[np.int64]
    draw_flux: Floats

    def __len__(self) -> int:
        return len(self.anchor)


def fit(photometry: Photometry, bank: Bank | None = None) -> Fits:
    """Fit all alerts. Cut the light curves first (`Photometry.between`) for a fit as of an earlier time."""
    bank = bank or default_bank()
    data = nights(photometry)
    filters = data.filters
    n, b = photometry.n, len(filters)
    out = _blank(n, b, len(bank.durations))
    start = np.searchsorted(data.owner, np.arange(n + 1))
    for first in range(0, n if b else 0, _CHUNK):
        rows = slice(first, min(first + _CHUNK, n))
        _fit_chunk(data, slice(start[first], start[rows.stop]), rows, bank, out)
    return _finish(data, bank, out)


@dataclass(frozen=True, eq=False)
class _Columns:
    """What the chunks fill in, row by row; ``flux`` in units of each alert's scale."""

    below: Floats
    early: Floats
    chi2: Floats
    draw: NDArray[np.int64]
    flux: Floats


def _blank(n: int, b: int, durations: int) -> _Columns:
    return _Columns(
        np.full((n, durations), np.nan),
        np.full(n, np.nan),
        np.full(n, np.nan),
        np.zeros((n, DRAWS), dtype=np.int64),
        np.full((n, DRAWS, b), np.nan),
    )


def _on_nodes(data: Nights, part: slice, rows: slice, nodes: Floats) -> tuple[Single, Single, Floats]:
    """Weights and weighted fluxes on the nodes, (b, m, d) each, and the sum of weighted squares, (m,)."""
    m, b, d = rows.stop - rows.start, len(data.filters), len(nodes)
    owner = data.owner[part] - rows.start
    day = np.clip(data.day[part], nodes[0], nodes[-1])
    left = np.clip(np.searchsorted(nodes, day, side="right") - 1, 0, d - 2)
    share = (day - nodes[left]) / (nodes[left + 1] - nodes[left])
    cell = (data.band[part] * m + owner) * d + left
    weight, flux = data.weight[part], data.flux[part]
    laid = []
    for value in (weight, weight * flux):
        total = np.bincount(cell, value * (1.0 - share), b * m * d)
        total += np.bincount(cell + 1, value * share, b * m * d)
        laid.append(total.reshape(b, m, d).astype(np.float32))
    return laid[0], laid[1], np.bincount(owner, weight * flux**2, m).astype(np.float64)


def _fit_chunk(data: Nights, part: slice, rows: slice, bank: Bank, out: _Columns) -> None:
    weight, weighted, total = _on_nodes(data, part, rows, bank.nodes)
    b, m, _ = weight.shape
    # Early in the life of an alert the later nodes are empty: leave them out.
    used = 1 + int(np.flatnonzero(weight.any(axis=(0, 1)))[-1]) if weight.any() else 1
    squares = [weight[band, :, :used] @ bank.square[:used] for band in range(b)]
    products = [weighted[band, :, :used] @ bank.flux[:used] for band in range(b)]
    amplitude, precision, spread, gain = _amplitudes(squares, products)
    best = gain.max(axis=1, keepdims=True)
    filters_seen = np.count_nonzero(weight.any(axis=2), axis=0)
    seen = filters_seen > 0
    count = np.bincount(data.owner[part] - rows.start, minlength=m)
    chi2 = np.maximum(total - best[:, 0], 0.0) / np.maximum(count - filters_seen - _SHAPE_PARAMETERS, 1)
    # A source that no template fits is less certain by as much as it misses.
    heat = np.maximum(chi2, 1.0).astype(np.float32)[:, None]
    # Width that the data leave in each filter and in common, and the prior of counts, in one logarithm.
    volume = precision * amplitude ** np.float32(2.0 * COUNTS_POWER)
    for square in squares:
        volume *= 1.0 + spread * square
    posterior = _normalised(np.float32(0.5) * ((gain - best) / heat - np.log(volume)) + bank.log_prior)
    draw = _draws(posterior)
    out.below[rows] = np.where(seen[:, None], posterior @ bank.below, np.nan)
    out.early[rows] = np.where(seen, posterior @ bank.has_early, np.nan)
    out.chi2[rows] = np.where(seen, chi2, np.nan)
    out.draw[rows] = draw
    flux = _drawn_flux(draw, squares, products, amplitude, precision, spread)
    out.flux[rows] = np.where(seen[:, None, None], flux, np.nan)


def _normalised(log_weight: Single) -> Single:
    """Weights that sum to 1 in each row, from their logarithms, which are overwritten."""
    log_weight -= log_weight.max(axis=1, keepdims=True)
    posterior = np.exp(np.maximum(log_weight, _LEAST))
    posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


def _amplitudes(squares: list[Single], products: list[Single]) -> tuple[Single, Single, Single, Single]:
    """Common peak flux of each template, its precision, the variance of colour, and the chi2 it saves.

    The peak flux of each filter scatters about a common one with a variance that is a share of its square, so
    the filters are independent given the common flux and each is integrated out by itself.
    """
    square, product = np.sum(squares, axis=0), np.sum(products, axis=0)
    tiny = np.float32(1e-3)
    rough = np.maximum(product / (square + tiny), tiny)
    spread = np.float32(COLOUR_SPREAD**2) * rough * rough
    precision = np.full_like(rough, 1e-4)
    moment = np.zeros_like(rough)
    gain = np.zeros_like(rough)
    for s, p in zip(squares, products, strict=True):
        shrink = 1.0 / (1.0 + spread * s)
        precision += s * shrink
        moment += p * shrink
        gain += spread * p * p * shrink
    amplitude = moment / precision
    gain += np.where(amplitude > 0, moment * amplitude, 0.0)
    # Where the data leave the flux open, it is its error that stands for it in the prior of counts.
    amplitude = np.maximum(amplitude, 0.5 / np.sqrt(precision))
    return amplitude, precision, spread, gain


def _draws(posterior: Single) -> NDArray[np.int64]:
    """Templates of equal weight by systematic resampling, (m, 64): no random numbers, little noise."""
    m, k = posterior.shape
    part = np.cumsum(posterior, axis=1)
    total = part / part[:, -1:].astype(np.float64) + np.arange(m)[:, None]
    wanted = np.arange(m)[:, None] + (np.arange(DRAWS) + 0.5) / DRAWS
    found = np.searchsorted(total.ravel(), wanted.ravel()).reshape(m, DRAWS)
    return np.minimum(found - np.arange(m)[:, None] * k, k - 1)


def _drawn_flux(
    draw: NDArray[np.int64], squares: list[Single], products: list[Single], *shared: Single
) -> Floats:
    """Peak flux in each filter, (m, 64, b), of the drawn templates, scattered as the data leave it open."""
    amplitude, precision, spread = (np.take_along_axis(a, draw, axis=1).astype(float) for a in shared)
    normal = _scatter(1 + len(squares))
    common = np.maximum(amplitude + normal[0] / np.sqrt(precision), 0.05 * amplitude)
    drawn = []
    for band, (s, p) in enumerate(zip(squares, products, strict=True)):
        square, product = (np.take_along_axis(a, draw, axis=1) for a in (s, p))
        shrink = 1.0 / (1.0 + spread * square)
        value = (common + spread * product) * shrink + normal[1 + band] * np.sqrt(spread * shrink)
        drawn.append(np.maximum(value, 0.05 * common))
    return np.stack(drawn, axis=2)


def _scatter(rows: int) -> Floats:
    """Standard normal deviates for the draws, (rows, 64): one even set, each row in an order of its own."""
    even = np.array([NormalDist().inv_cdf((i + 0.5) / DRAWS) for i in range(DRAWS)])
    # Odd multipliers permute the numbers below 64; these keep rows uncorrelated.
    return np.stack([even[(np.arange(DRAWS) * (5 + 8 * row) * 3 + 11 * row) % DRAWS] for row in range(rows)])


def _finish(data: Nights, bank: Bank, out: _Columns) -> Fits:
    n, b = len(data.anchor), len(data.filters)
    peak = data.anchor[:, None] + bank.peak[out.draw]
    flux = out.flux * data.scale[:, None, None]
    known = np.bincount(data.owner * b + data.band, minlength=n * b).reshape(n, b) > 0
    last = np.full(n, -np.inf)
    np.maximum.at(last, data.owner, data.day)
    order = np.argsort(bank.durations)
    below, days = out.below[:, order], bank.durations[order]
    prior = float(np.exp(bank.log_prior) @ bank.has_early / np.exp(bank.log_prior).sum())
    early = np.clip(out.early, 1e-6, 1.0 - 1e-6)
    return Fits(
        bank,
        data.anchor,
        data.anchor + last,
        np.bincount(data.owner, minlength=n),
        np.bincount(data.owner, ~data.is_limit, n).astype(np.int64),
        peak.mean(axis=1),
        peak.std(axis=1),
        data.filters,
        np.where(known, flux.mean(axis=1), np.nan),
        np.where(known, flux.std(axis=1), np.nan),
        _quantiles(below, days),
        out.below[:, -2],
        np.maximum(out.below[:, -1] - out.below[:, -2], 0.0),
        1.0 - out.below[:, -1],
        np.log10(early / (1.0 - early) * (1.0 - prior) / prior),
        out.chi2,
        out.draw,
        flux,
    )


def _quantiles(below: Floats, days: Floats) -> Floats:
    """Days at which the share below reaches the quantiles, (n, 3), linear between the durations."""
    n = len(below)
    result = np.full((n, len(_QUANTILES)), np.nan)
    rows = np.flatnonzero(np.isfinite(below[:, 0])) if below.size else np.arange(0)
    for column, level in enumerate(_QUANTILES):
        right = np.clip(np.argmax(below[rows] >= level, axis=1), 1, len(days) - 1)
        low, high = below[rows, right - 1], below[rows, right]
        share = np.clip((level - low) / np.maximum(high - low, 1e-9), 0.0, 1.0)
        result[rows, column] = days[right - 1] + share * (days[right] - days[right - 1])
    return result
