"""The anomaly test: whether the newest nights of an old alert leave the curve fitted to what came before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.lightcurve.bank import Bank
from vra_tui.lightcurve.evaluate import predict
from vra_tui.lightcurve.fit import Fits, fit
from vra_tui.lightcurve.flux import Photometry, magnitude
from vra_tui.lightcurve.nights import Nights, first_detection, nights

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AnomalyRule:
    """What counts as an anomaly.

    ``from_day``: days after t0 from which alerts are watched. ``newest``: days before the end that are
    tested against the fit of all before. ``nights``: so many of them must leave the curve in one direction,
    each by ``each`` sigma, together by ``sigma``. ``model``: how far smooth shapes stray from real declines, as
    a share of the fitted flux and (``of_peak``) of the peak; added to the errors of data and fit.
    """

    from_day: float = 21.0
    newest: float = 12.0
    nights: int = 2
    each: float = 2.0
    sigma: float = 4.0
    model: float = 0.15
    of_peak: float = 0.03


@dataclass(frozen=True, eq=False)
class Anomalies:
    """The test of n alerts.

    ``tested``: old enough, past its peak, with new nights. ``significance``: sigma of the newest nights
    together, positive for brighter than the fit, NaN where not tested. ``reason``: in words, empty for none.
    """

    tested: NDArray[np.bool_]
    significance: Floats
    reason: NDArray[np.str_]


def find_anomalies(
    photometry: Photometry, t0: ArrayLike, rule: AnomalyRule | None = None, bank: Bank | None = None
) -> Anomalies:
    """Test the newest nights of all alerts. ``t0``: MJD of entry, shape (n,)."""
    rule = rule or AnomalyRule()
    n = photometry.n
    end = np.full(n, -np.inf)
    np.maximum.at(end, photometry.owner, photometry.mjd)
    old = end - np.broadcast_to(np.asarray(t0, float), (n,)) > rule.from_day
    # Fits are what costs: only those that are watched.
    watched = photometry.keep(old[photometry.owner])
    cut = end - rule.newest
    before = fit(watched.between(-np.inf, cut), bank)
    new = nights(watched, first_detection(watched))
    return _compare(before, new, end, cut, old, rule)


def _compare(
    before: Fits, new: Nights, end: Floats, cut: Floats, old: NDArray[np.bool_], rule: AnomalyRule
) -> Anomalies:
    n = len(end)
    mjd = new.anchor[new.owner] + new.day
    # A break from the decline needs a decline: the peak lies before the cut.
    declining = old & (before.detected >= 3) & (before.peak_mjd + before.peak_mjd_error < cut)
    chosen = (mjd > cut[new.owner]) & declining[new.owner]
    owner, mjd, band = new.owner[chosen], mjd[chosen], new.band[chosen]
    mean, spread = predict(before, owner, mjd, new.filters[band])
    scale = new.scale[owner]
    flux = new.flux[chosen] * scale
    peak = np.nanmax(before.peak_flux, axis=1, initial=0.0)[owner]
    noise = scale**2 / new.weight[chosen]
    shared = spread**2 + (rule.model * mean) ** 2 + (rule.of_peak * peak) ** 2
    away = (flux - mean) / np.sqrt(noise + shared)
    # Limits say that a source is fainter than the fit, never that it is brighter.
    known = np.isfinite(away) & ~(new.is_limit[chosen] & (away > 0))
    owner, mjd, flux, mean, away, noise, shared = (
        column[known] for column in (owner, mjd, flux, mean, away, noise, shared)
    )
    tested = np.bincount(owner, minlength=n) > 0
    variance = noise + shared
    weight = 1.0 / variance
    # Nights average their own noise, but all share the error of the fit: more of them do not lessen that.
    error = np.bincount(owner, weight * np.sqrt(shared), n) ** 2 + np.bincount(owner, weight**2 * noise, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        together = np.bincount(owner, weight * (flux - mean), n) / np.sqrt(error)
        total = np.bincount(owner, weight, n)
        seen = np.bincount(owner, weight * flux, n) / total
        expected = np.bincount(owner, weight * mean, n) / total
    direction = np.sign(np.nan_to_num(together))[owner]
    agree = np.bincount(owner, direction * away > rule.each, n)
    found = tested & (np.abs(together) > rule.sigma) & (agree >= rule.nights)
    reason = np.full(n, "", dtype="U160")
    rising = _rising(owner, mjd, flux, variance, n)
    for row in np.flatnonzero(found):
        reason[row] = _words(
            together[row], seen[row], expected[row], int(agree[row]), bool(rising[row]), end[row] - cut[row]
        )
    return Anomalies(tested, np.where(tested, together, np.nan), reason)


def _rising(
    owner: NDArray[np.int64], mjd: Floats, flux: Floats, variance: Floats, n: int
) -> NDArray[np.bool_]:
    """Whether the new nights themselves grow brighter, by more than twice the error of the slope."""
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = 1.0 / variance
        total = np.bincount(owner, weight, n)
        day = mjd - (np.bincount(owner, weight * mjd, n) / total)[owner]
        square = np.bincount(owner, weight * day**2, n)
        slope = np.bincount(owner, weight * day * flux, n) / square
        return np.nan_to_num(slope * np.sqrt(square)) > 2.0


def _words(sigma: float, seen: float, expected: float, agree: int, rising: bool, days: float) -> str:
    """One line for the list: what happened, by how much, on how many nights."""
    brighter = "re-brightening" if rising else "brighter than its decline"
    what = brighter if sigma > 0 else "fades faster than fitted"
    found = f"{float(magnitude(seen)):.1f} mag" if seen > 0 else "not seen"
    fitted = f"{float(magnitude(expected)):.1f}" if expected > 0 else "nothing"
    span = f"{agree} nights of the last {days:.0f} days"
    return f"{what}: {found} where the fit expects {fitted}, {abs(sigma):.0f} sigma on {span}"
