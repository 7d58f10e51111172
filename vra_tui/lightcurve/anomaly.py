"""The anomaly test: compare the newest nights of an old alert with the curve fitted to earlier ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.flux import magnitude
from vra_tui.lightcurve.bank import Bank
from vra_tui.lightcurve.fit import Fits, fit
from vra_tui.lightcurve.fitted_curve import predict
from vra_tui.lightcurve.flux_epochs import Photometry
from vra_tui.lightcurve.nights import Nights, first_detection, nights

Floats = NDArray[np.float64]

#: A rise needs so many nights with a detection, over so many days.
_RISE_NIGHTS, _RISE_DAYS = 3, 2.0


@dataclass(frozen=True)
class AnomalyRule:
    """What counts as an anomaly.

    ``from_day``: days after t0 from which alerts are watched. ``newest``: days before the end that are
    tested against the fit of all before. ``nights``: so many of them must leave the curve in one direction,
    each by ``each`` sigma, together by ``sigma``. ``model``: how far smooth shapes stray from real declines,
    as a share of the fitted flux and (``of_peak``) of the peak; added to the errors of data and fit. Or they
    rise by themselves, by ``growth`` of their flux at ``rise`` sigma.
    """

    from_day: float = 21.0
    newest: float = 12.0
    nights: int = 2
    each: float = 2.0
    sigma: float = 4.0
    model: float = 0.1
    of_peak: float = 0.02
    rise: float = 3.0
    growth: float = 0.3


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
    # A break from the decline needs a decline: the peak lies before the cut.
    declining = old & (before.detected >= 3) & (before.peak_mjd + before.peak_mjd_error < cut)
    new = _newest(nights(watched, first_detection(watched)), before, declining, cut, rule)
    return _test(new, n, rule)


@dataclass(frozen=True, eq=False)
class _Newest:
    """The newest nights, (e,) each: flux, the fit's mean, and the variances of the night and of the fit.

    ``peak``: fitted peak flux in the night's filter. ``seen``: with a detection.
    """

    owner: NDArray[np.int64]
    mjd: Floats
    flux: Floats
    mean: Floats
    noise: Floats
    shared: Floats
    peak: Floats
    seen: NDArray[np.bool_]


def _newest(
    data: Nights, before: Fits, declining: NDArray[np.bool_], cut: Floats, rule: AnomalyRule
) -> _Newest:
    mjd = data.anchor[data.owner] + data.day
    chosen = (mjd > cut[data.owner]) & declining[data.owner]
    chosen &= np.isin(data.filters, before.filters)[data.band]
    owner, mjd, filters = data.owner[chosen], mjd[chosen], data.filters[data.band[chosen]]
    mean, spread = predict(before, owner, mjd, filters)
    peak = before.peak_flux[owner, np.searchsorted(before.filters, filters)]
    scale = data.scale[owner]
    flux, seen = data.flux[chosen] * scale, ~data.is_limit[chosen]
    # Limits say that a source is fainter than the fit, never that it is brighter; unfitted filters nothing.
    known = np.isfinite(mean + peak) & (seen | (flux < mean))
    shared = spread**2 + (rule.model * mean) ** 2 + (rule.of_peak * peak) ** 2
    return _Newest(
        owner[known],
        mjd[known],
        flux[known],
        mean[known],
        (scale**2 / data.weight[chosen])[known],
        shared[known],
        peak[known],
        seen[known],
    )


def _sum(owner: NDArray[np.int64], values: Floats, n: int) -> Floats:
    return np.bincount(owner, values, n).astype(np.float64)


def _test(new: _Newest, n: int, rule: AnomalyRule) -> Anomalies:
    def total(values: Floats) -> Floats:
        return _sum(new.owner, values, n)

    away = (new.flux - new.mean) / np.sqrt(new.noise + new.shared)
    weight = 1.0 / (new.noise + new.shared)
    # Nights average their own noise, but all share the error of the fit: more of them do not lessen that.
    error = np.sqrt(total(weight * np.sqrt(new.shared)) ** 2 + total(weight**2 * new.noise))
    with np.errstate(invalid="ignore", divide="ignore"):
        together = total(weight * (new.flux - new.mean)) / error
        seen, expected = total(weight * new.flux) / total(weight), total(weight * new.mean) / total(weight)
    direction = np.sign(np.nan_to_num(together))[new.owner]
    agree = total((direction * away > rule.each).astype(float))
    broken = (np.abs(together) > rule.sigma) & (agree >= rule.nights)
    rise, growth = _rise(new, n)
    rising = (rise > rule.rise) & (growth > rule.growth)
    reason = np.full(n, "", dtype="U160")
    for row in np.flatnonzero(broken | rising):
        fit_says = f"{_brightness(seen[row])} where the fit expects {_brightness(expected[row])}"
        if rising[row]:
            what = f"re-brightening: rose by {growth[row]:.0%} at {rise[row]:.0f} sigma"
        elif together[row] > 0:
            what = f"brighter than its decline at {together[row]:.0f} sigma"
        else:
            what = f"fades faster than fitted at {-together[row]:.0f} sigma"
        reason[row] = f"{what} within {rule.newest:.0f} days: {fit_says}"
    return Anomalies(total(weight) > 0, together, reason)


def _rise(new: _Newest, n: int) -> tuple[Floats, Floats]:
    """Significance of a straight rise through the new detections, and its growth from first to last of them.

    It does not ask the fit, except for the ratio of the filters: a source that declines does not rise.
    """
    owner, mjd = new.owner[new.seen], new.mjd[new.seen]
    flux, weight = (new.flux / new.peak)[new.seen], (new.peak**2 / new.noise)[new.seen]

    def total(values: Floats) -> Floats:
        return _sum(owner, values, n)

    first, last = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(first, owner, mjd)
    np.maximum.at(last, owner, mjd)
    with np.errstate(invalid="ignore", divide="ignore"):
        day = mjd - (total(weight * mjd) / total(weight))[owner]
        middle = total(weight * flux) / total(weight)
        square = total(weight * day**2)
        slope = total(weight * day * flux) / square
        # The scatter of the nights about the line counts where it is larger than their errors.
        rest = total(weight * (flux - middle[owner] - slope[owner] * day) ** 2)
        heat = np.maximum(rest / np.maximum(total(np.ones(len(owner))) - 2.0, 1.0), 1.0)
        start = np.maximum(middle - 0.5 * slope * (last - first), 0.1 * middle)
        enough = (total(np.ones(len(owner))) >= _RISE_NIGHTS) & (last - first > _RISE_DAYS)
        growth = slope * (last - first) / start
        return np.where(enough, slope * np.sqrt(square / heat), 0.0), np.where(enough, growth, 0.0)


def _brightness(flux: float) -> str:
    return f"{float(magnitude(flux)):.1f} mag" if flux > 0 else "nothing"
