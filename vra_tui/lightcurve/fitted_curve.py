"""Fitted curves: flux and its uncertainty at any time, from the draws a fit keeps."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.lightcurve.fit import Fits

Floats = NDArray[np.float64]


def curve(fits: Fits, row: int, mjd: ArrayLike, filter: int) -> tuple[Floats, Floats, Floats]:
    """Flux of one alert in microjansky at times of shape (t,): 16, 50 and 84 % of its draws.

    ``filter``: code of a band. Raises ValueError for a filter that the fit has not seen.
    """
    flux = _draws(fits, np.array([row]), np.array([_band(fits, filter)]), np.asarray(mjd, float)[:, None])
    low, middle, high = np.quantile(flux, (0.16, 0.5, 0.84), axis=1)
    return low, middle, high


def predict(
    fits: Fits, owner: NDArray[np.integer], mjd: Floats, filter: NDArray[np.uint8]
) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the fitted flux, microjansky, of alert ``owner[i]`` at ``mjd[i]``.

    NaN in a filter that the fit has not seen.
    """
    known = np.isin(filter, fits.filters)
    mean, error = np.full(len(mjd), np.nan), np.full(len(mjd), np.nan)
    if known.any():
        band = np.searchsorted(fits.filters, filter[known])
        flux = _draws(fits, owner[known], band, mjd[known, None])
        mean[known], error[known] = flux.mean(axis=1), flux.std(axis=1)
    return mean, error


def _band(fits: Fits, filter: int) -> int:
    found = np.flatnonzero(fits.filters == filter)
    if not len(found):
        seen = ", ".join(map(str, fits.filters.tolist())) or "none"
        raise ValueError(f"the fit has no data in the band of code {filter}; codes with data: {seen}")
    return int(found[0])


def _draws(fits: Fits, row: NDArray[np.integer], band: NDArray[np.integer], mjd: Floats) -> Floats:
    """Flux of each draw, (t, 64)."""
    draw = fits.draw[row]
    days = mjd - fits.anchor[row][:, None] - fits.bank.peak[draw]
    shape = fits.bank.shapes.take(fits.bank.shape[draw]).flux(days)
    result: Floats = shape * fits.draw_flux[row, :, band]
    return result
