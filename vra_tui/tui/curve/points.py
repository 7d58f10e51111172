"""Points of a light curve for drawing: detections, limits, negative fluxes, forced photometry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum, IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.epochs import Epochs
from vra_tui.domain.flux import flux_error, magnitude, microjansky
from vra_tui.domain.light_curve import LightCurve
from vra_tui.lightcurve.windows import nights_of_units

Floats = NDArray[np.float64]

_MAG_PER_RELATIVE_FLUX = 2.5 / np.log(10)
#: A limit brighter than the peak and so much, magnitudes, says nothing about the source.
_DULL = 0.45
#: An alert is fresh for so long after its last exposure, days: its days are counted back from now.
_FRESH = 5.0
#: A longer error bar, magnitudes, may end outside of the plot: it says little, and would squash the rest.
_LONGEST_BAR = 0.3
#: Days shown before t0, and after it at the most.
_BEFORE, _AFTER = 15.0, 30.0


class PointKind(IntEnum):
    """What a point is; greater ones are drawn over smaller ones."""

    BAD = 0
    LIMIT = 1
    FORCED = 2
    NEGATIVE = 3
    DETECTION = 4


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


class Limits(Enum):
    """Which limits are shown: those deep enough to say something, all, none."""

    DEEP = "deep"
    ALL = "all"
    NONE = "no"


@dataclass(frozen=True)
class Points:
    """Points in the order of time, columns of one length, values in ``quantity``.

    ``phase``: days since t0. ``value`` and ``error``: mag or microjansky; a limit's value is the limit,
    and a negative flux has the magnitude of its size. ``band``, ``instrument``: their codes. ``night``:
    number of the night at its site. ``survey``: number of its light curve, 0 for the alert's own.
    ``section`` and ``row``: which epoch of that it is; of a bad one, which of the bad ones.
    """

    quantity: Quantity
    phase: Floats
    value: Floats
    error: Floats
    kind: NDArray[np.uint8]
    band: NDArray[np.uint8]
    instrument: NDArray[np.uint8]
    survey: NDArray[np.uint8]
    night: NDArray[np.int64]
    section: NDArray[np.uint8]
    row: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.phase)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Points":
        """Some of the points."""
        return Points(self.quantity, *(getattr(self, name)[chosen] for name in _COLUMNS))

    def of(self, *kinds: PointKind) -> "Points":
        """The points of some kinds."""
        wanted = np.zeros(len(PointKind), bool)
        wanted[list(kinds)] = True
        return self.where(wanted[self.kind])


_COLUMNS = tuple(one.name for one in fields(Points))[1:]


def points_of(
    curve: LightCurve,
    t0: float,
    quantity: Quantity = Quantity.MAGNITUDE,
    forced: bool = False,
    longitude: Sequence[float] | None = None,
    others: Sequence[LightCurve] = (),
    bad: LightCurve | None = None,
) -> Points:
    """All points of a light curve, and of ``others`` of the same source; phases counted from ``t0`` (MJD).

    ``longitude``: degrees east of each of 256 unit codes (`surveys.longitudes`), for the nights. ``bad``: the
    epochs of the alert that a scanner called bad, which stand beside and count for nothing.
    """
    parts = [
        (
            section.mjd,
            value,
            error,
            np.full(len(kind), PointKind.BAD, np.uint8) if is_bad else kind,
            section.band,
            section.instrument,
            np.full(len(kind), number, np.uint8),
            np.full(len(kind), place, np.uint8),
            np.arange(len(kind)),
        )
        for number, one, is_bad in [
            *((number, one, False) for number, one in enumerate((curve, *others))),
            *([] if bad is None else [(0, bad, True)]),
        ]
        for place, (section, value, error, kind) in enumerate(_sections(one, quantity, forced))
    ]
    columns: list[NDArray[Any]] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    mjd, value, error, kind, band, unit, survey, section, row = columns
    night = nights_of_units(mjd, unit, np.full(256, np.nan) if longitude is None else longitude)
    points = Points(quantity, mjd - t0, value, error, kind, band, unit, survey, night, section, row)
    order = np.argsort(mjd, kind="stable")
    return points.where(order[np.isfinite(value[order])])


_Section = tuple[Epochs, Floats, Floats, NDArray[np.uint8]]


def _sections(curve: LightCurve, quantity: Quantity, forced: bool) -> Iterator[_Section]:
    """Epochs with their values, errors and kinds."""
    seen, missed = curve.detections, curve.nondetections
    mag, limit = seen.mag, missed.limit
    value, error = np.abs(mag), np.asarray(seen.magerr, float)
    if quantity is Quantity.FLUX:
        flux = microjansky(value)
        value, error, limit = np.sign(mag) * flux, flux_error(flux, error), microjansky(limit)
    kind = np.where(mag < 0, PointKind.NEGATIVE, PointKind.DETECTION).astype(np.uint8)
    yield seen, value, error, kind
    yield missed, limit, np.full(len(missed), np.nan), np.full(len(missed), PointKind.LIMIT, np.uint8)
    if forced and len(curve.forced):
        yield curve.forced, *_forced(curve, quantity), np.full(len(curve.forced), PointKind.FORCED, np.uint8)


def _forced(curve: LightCurve, quantity: Quantity) -> tuple[Floats, Floats]:
    """Forced photometry; in magnitudes only what is above three sigma, as a limit says nothing new."""
    flux, dflux = curve.forced.flux.astype(np.float64), curve.forced.dflux.astype(np.float64)
    if quantity is Quantity.FLUX:
        return flux, dflux
    with np.errstate(divide="ignore", invalid="ignore"):
        bright = flux > 3 * dflux
        value = np.where(bright, magnitude(flux), np.nan)
        return value, np.where(bright, _MAG_PER_RELATIVE_FLUX * dflux / flux, np.nan)


def is_fresh(points: Points, now: float | None) -> bool:
    """Tell whether the last exposure was taken within the days before ``now``, a phase."""
    return now is not None and len(points) > 0 and 0.0 <= now - float(points.phase[-1]) <= _FRESH


def span_of(points: Points, window: Window, now: float | None = None) -> tuple[float, float]:
    """First and last phase to show, days since t0.

    Around t0 means from 15 days before it to the latest exposure, 30 days after it at the most, so that
    neither an old point nor years of later limits squash the axis. Where nothing was detected in that time,
    the latest detections are shown instead. ``now``: its phase; of a fresh alert the days end there, however
    old it is.
    """
    if not len(points):
        return -_BEFORE, 2.0
    first, last = float(points.phase[0]), float(points.phase[-1])
    end = now if now is not None and is_fresh(points, now) else None
    if window is Window.ALL:
        return first - 0.5, last + 0.5 if end is None else end
    if window.days is not None:
        return last - window.days, last + 0.02 * window.days if end is None else end
    if end is not None:
        return max(-_BEFORE, end - _BEFORE - _AFTER), max(end, 1.0 - _BEFORE)
    left, right = -_BEFORE, min(max(last, 0.0) + 0.5, _AFTER)
    seen = points.of(PointKind.DETECTION).phase
    if len(seen) and not np.any((seen >= left) & (seen <= right)):
        last_seen = float(seen[-1])
        return last_seen - _BEFORE, last_seen + 2.0
    return left, right


def limited(points: Points, limits: Limits) -> Points:
    """The points with those limits that are wanted: a deep one reaches 0.45 mag below the peak."""
    is_limit = points.kind == PointKind.LIMIT
    seen = points.value[points.kind == PointKind.DETECTION]
    if limits is Limits.ALL or (limits is Limits.DEEP and not len(seen)):
        return points
    if limits is Limits.NONE:
        return points.where(~is_limit)
    if points.quantity is Quantity.MAGNITUDE:
        return points.where(~is_limit | (points.value >= seen.min() + _DULL))
    return points.where(~is_limit | (points.value <= seen.max() * 10 ** (-0.4 * _DULL)))


def value_range(points: Points) -> tuple[float, float]:
    """Values that should be in sight, the one on top first; magnitudes run downwards, bright on top."""
    if points.quantity is Quantity.FLUX:
        return _flux_range(points)
    seen = points.of(PointKind.DETECTION, PointKind.FORCED)
    limits = points.value[points.kind == PointKind.LIMIT]
    error = np.minimum(np.nan_to_num(seen.error), _LONGEST_BAR)
    edges = [seen.value - error, seen.value + error]
    if len(limits):
        shallow, deep = np.percentile(limits, (25, 90))
        edges.append(np.array([shallow, deep]))
        if len(seen):  # what lies deeper stands on the bottom line
            low, high = float(seen.value.min()), float(seen.value.max())
            edges[-1] = np.array([min(deep, high + max(1.5, high - low))])
    values = np.concatenate(edges)
    if not len(values):
        return 16.0, 20.0
    top, bottom = float(values.min()), float(values.max())
    missing = max(0.0, 1.0 - (bottom - top))
    return top - missing / 2, bottom + missing / 2


def _flux_range(points: Points) -> tuple[float, float]:
    measured = points.of(PointKind.DETECTION, PointKind.NEGATIVE, PointKind.FORCED)
    measured = measured if len(measured) else points
    if not len(measured):
        return 100.0, 0.0
    error = np.nan_to_num(measured.error)
    # A wild forced flux must not squash the rest: the middle 98 per cent decide.
    low = min(float(np.percentile(measured.value - error, 1)), 0.0)
    high = float(np.percentile(measured.value + error, 99))
    return max(high, low + 1.0), low


def nightly(points: Points) -> Points:
    """Detections and forced photometry of one night, filter and survey as one point at their weighted mean.

    Limits of a night become its deepest one; negative fluxes and bad epochs stay single. A point names the
    first unit of its night.
    """
    kind, nights = points.kind.astype(np.int64), points.night - points.night.min(initial=0)
    key = ((kind * 256 + points.survey) * 256 + points.band) * (nights.max(initial=0) + 1) + nights
    single = (kind == PointKind.NEGATIVE) | (kind == PointKind.BAD)
    key[single] = -1 - np.arange(np.count_nonzero(single))
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    size = len(first)
    known = points.error > 0
    usual = float(np.median(points.error[known])) if known.any() else 0.1
    # Limits count alike.
    weight = np.where(known, points.error, usual) ** -2.0
    total = np.bincount(index, weight, size)
    value = np.bincount(index, weight * points.value, size) / total
    deepest = np.full(size, -np.inf)
    depth = points.value if points.quantity is Quantity.MAGNITUDE else -points.value
    np.maximum.at(deepest, index, depth)
    merged = points.where(first)
    is_limit = merged.kind == PointKind.LIMIT
    merged = replace(
        merged,
        phase=np.bincount(index, weight * points.phase, size) / total,
        value=np.where(is_limit, np.abs(deepest), value),
        error=np.where(is_limit, np.nan, 1 / np.sqrt(total)),
    )
    return merged.where(np.argsort(merged.phase, kind="stable"))
