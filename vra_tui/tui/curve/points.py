"""Points of a light curve for drawing: detections, limits, negative fluxes, forced photometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import flux_error, magnitude, microjansky
from vra_tui.domain.light_curve import LightCurve
from vra_tui.lightcurve.windows import nights_of_units

Floats = NDArray[np.float64]

_MAG_PER_RELATIVE_FLUX = 2.5 / np.log(10)


_COLUMNS = ("phase", "value", "error", "kind", "band", "instrument", "night")


class PointKind(IntEnum):
    """What a point is; greater ones are drawn over smaller ones."""

    LIMIT = 0
    FORCED = 1
    NEGATIVE = 2
    DETECTION = 3


class Window(Enum):
    """Which days are shown."""

    AUTO = "around t0"
    DAYS_5 = "last 5 days"
    DAYS_15 = "last 15 days"
    DAYS_100 = "last 100 days"
    ALL = "all"

    @property
    def days(self) -> float | None:
        """Length of the window before the last exposure, None where it is not counted from there."""
        return {Window.DAYS_5: 5.0, Window.DAYS_15: 15.0, Window.DAYS_100: 100.0}.get(self)


class Quantity(StrEnum):
    """What stands on the vertical axis."""

    MAGNITUDE = "mag"
    FLUX = "µJy"


@dataclass(frozen=True)
class Points:
    """Points in the order of time, columns of one length.

    ``phase``: days since t0. ``value`` and ``error``: mag or microjansky; a limit's value is the limit,
    and a negative flux has the magnitude of its size. ``band``, ``instrument``: their
    codes. ``night``: number of the night at its site.
    """

    phase: Floats
    value: Floats
    error: Floats
    kind: NDArray[np.uint8]
    band: NDArray[np.uint8]
    instrument: NDArray[np.uint8]
    night: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.phase)

    def where(self, chosen: NDArray[np.bool_]) -> "Points":
        """Some of the points."""
        return Points(*(getattr(self, name)[chosen] for name in _COLUMNS))

    def of(self, *kinds: PointKind) -> "Points":
        """The points of some kinds."""
        return self.where(np.isin(self.kind, kinds))


def points_of(
    curve: LightCurve,
    t0: float,
    quantity: Quantity = Quantity.MAGNITUDE,
    forced: bool = False,
    longitude: Sequence[float] | None = None,
) -> Points:
    """All points of a light curve, phases counted from ``t0`` (MJD).

    ``longitude``: degrees east of each of 256 unit codes (`surveys.longitudes`), for the nights.
    """
    seen, missed = curve.detections, curve.nondetections
    kind = np.where(seen.mag < 0, PointKind.NEGATIVE, PointKind.DETECTION)
    parts = [(seen.mjd, np.abs(seen.mag), seen.magerr, kind, seen.band, seen.instrument, np.sign(seen.mag))]
    none = np.full(len(missed), np.nan)
    limits = np.full(len(missed), PointKind.LIMIT)
    parts.append(
        (missed.mjd, missed.limit, none, limits, missed.band, missed.instrument, np.ones(len(missed)))
    )
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    mjd, mag, magerr, kinds, filters, units, sign = columns
    value, error = (mag, magerr) if quantity is Quantity.MAGNITUDE else _flux(mag, magerr, sign)
    if forced and len(curve.forced):
        extra = _forced(curve, quantity)
        mjd, value, error, kinds, filters, units = (
            np.concatenate(pair)
            for pair in zip((mjd, value, error, kinds, filters, units), extra, strict=True)
        )
    order = np.argsort(mjd, kind="stable")
    order = order[np.isfinite(value[order])]
    east = np.full(256, np.nan) if longitude is None else longitude
    night = nights_of_units(mjd, units.astype(np.uint8), east)
    return Points(
        mjd[order] - t0,
        value[order],
        error[order],
        kinds[order].astype(np.uint8),
        filters[order].astype(np.uint8),
        units[order].astype(np.uint8),
        night[order],
    )


def _flux(mag: Floats, magerr: Floats, sign: Floats) -> tuple[Floats, Floats]:
    flux = microjansky(mag)
    return sign * flux, flux_error(flux, magerr)


def _forced(curve: LightCurve, quantity: Quantity) -> tuple[NDArray[np.generic], ...]:
    """Forced photometry; in magnitudes only what is above three sigma, as a limit says nothing new."""
    section = curve.forced
    flux, dflux = section.flux.astype(np.float64), section.dflux.astype(np.float64)
    if quantity is Quantity.FLUX:
        value, error = flux, dflux
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            bright = flux > 3 * dflux
            value = np.where(bright, magnitude(flux), np.nan)
            error = np.where(bright, _MAG_PER_RELATIVE_FLUX * dflux / flux, np.nan)
    return (
        section.mjd,
        value,
        error,
        np.full(len(section), PointKind.FORCED),
        section.band,
        section.instrument,
    )


def span_of(points: Points, window: Window) -> tuple[float, float]:
    """First and last phase to show, days since t0.

    Around t0 means from 15 days before it to the latest exposure, 30 days after it at the most, so that
    neither an old point nor years of later limits squash the axis. Where nothing was detected in that time,
    the latest detections are shown instead.
    """
    if not len(points):
        return -15.0, 2.0
    first, last = float(points.phase[0]), float(points.phase[-1])
    if window is Window.ALL:
        return first - 0.5, last + 0.5
    if window.days is not None:
        return last - window.days, last + 0.02 * window.days
    left, right = -15.0, min(max(last + 1.0, 2.0), 30.0)
    seen = points.of(PointKind.DETECTION).phase
    if len(seen) and not np.any((seen >= left) & (seen <= right)):
        last_seen = float(seen[-1])
        return last_seen - 15.0, last_seen + 2.0
    return left, right


def value_range(points: Points, quantity: Quantity) -> tuple[float, float]:
    """Values at the top and at the bottom of the plot; magnitudes run downwards, bright on top."""
    if quantity is Quantity.FLUX:
        return _flux_range(points)
    seen = points.of(PointKind.DETECTION, PointKind.FORCED)
    limits = points.of(PointKind.LIMIT).value
    error = np.minimum(np.nan_to_num(seen.error), 0.5)
    edges = [seen.value - error, seen.value + error]
    if len(limits):
        shallow, deep = np.percentile(limits, (25, 90))
        edges.append(np.array([deep] if len(seen) else [shallow, deep]))
    values = np.concatenate(edges)
    if not len(values):
        return 16.0, 20.0
    top, bottom = float(values.min()) - 0.1, float(values.max()) + 0.1
    missing = max(0.0, 1.0 - (bottom - top))
    return top - missing / 2, bottom + missing / 2


def _flux_range(points: Points) -> tuple[float, float]:
    measured = points.of(PointKind.DETECTION, PointKind.NEGATIVE, PointKind.FORCED)
    values = measured.value
    if not len(values):
        values = points.value
    if not len(values):
        return 100.0, 0.0
    error = np.nan_to_num(measured.error) if len(measured) else np.zeros(len(values))
    # A wild forced flux must not squash the rest: the middle 98 per cent decide.
    low = min(float(np.percentile(values - error, 1)), 0.0)
    high = float(np.percentile(values + error, 99))
    margin = 0.05 * max(high - low, 1.0)
    return high + margin, low - margin


def nightly(points: Points) -> Points:
    """Detections and forced photometry of one night and filter as one point at their weighted mean.

    Limits of a night become its deepest one; negative fluxes stay single. A point names the first unit of its
    night.
    """
    single = points.of(PointKind.NEGATIVE)
    rows = [
        _group(points.of(kind).where(points.of(kind).band == code), kind)
        for kind in (PointKind.DETECTION, PointKind.FORCED, PointKind.LIMIT)
        for code in np.unique(points.of(kind).band)
    ]
    parts = [*rows, single]
    merged = Points(*(np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS))
    order = np.argsort(merged.phase, kind="stable")
    return Points(*(getattr(merged, name)[order] for name in _COLUMNS))


def _group(points: Points, kind: PointKind) -> Points:
    night, first, index = np.unique(points.night, return_index=True, return_inverse=True)
    size = len(night)
    if kind is PointKind.LIMIT:
        deepest = np.full(size, -np.inf)
        np.maximum.at(deepest, index, points.value)
        value, error = deepest, np.full(size, np.nan)
        phase = np.bincount(index, points.phase, size) / np.maximum(np.bincount(index, minlength=size), 1)
    else:
        sigma = np.where(points.error > 0, points.error, np.nan)
        fallback = np.nanmedian(sigma) if np.isfinite(sigma).any() else 0.1
        weight = 1 / np.where(np.isfinite(sigma), sigma, fallback) ** 2
        total = np.bincount(index, weight, size)
        value = np.bincount(index, weight * points.value, size) / total
        phase = np.bincount(index, weight * points.phase, size) / total
        error = 1 / np.sqrt(total)
    kinds = np.full(size, kind, np.uint8)
    return Points(phase, value, error, kinds, points.band[first], points.instrument[first], night)
