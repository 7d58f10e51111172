"""Light on pixels, for many stamps at once: point sources, galaxies, lines. Pure numpy, float32.

A plane is an array (n, size, size); a point source is a row of `PointSources`. Positions are pixel indices
from 0 (column x, row y), and fluxes in the unit of the images.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.simulator.stamps.columns import Columns, column
from vra_tui.simulator.stamps.optics import FWHM_OF_SIGMA

Plane = NDArray[np.float32]

#: Gaussian mixtures of Sersic profiles, in half-light radii: standard deviations and shares of the flux.
#: Fitted to n = 1 (within 2 %) and n = 4 (within 13 %) between 0.1 and 4 radii, in the manner of Hogg & Lang
#: 2013 (PASP 125, 719); a mixture is convolved with the seeing by adding variances.
DISC = ((0.12, 0.3, 0.62, 1.05, 1.6), (0.0071, 0.0731, 0.3287, 0.4068, 0.1843))
BULGE = ((0.03, 0.09, 0.25, 0.65, 1.7, 4.2), (0.0232, 0.0738, 0.1865, 0.2829, 0.3421, 0.0915))


@dataclass(frozen=True)
class MoffatShape(Columns):
    """An elliptical Moffat point-spread function a row: (1 + a dx^2 + 2 b dx dy + c dy^2)^-beta."""

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    c: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        fwhm: ArrayLike,
        beta: int,
        along: tuple[ArrayLike, ArrayLike] = (1.0, 0.0),
        drawn_out: ArrayLike = 0.0,
    ) -> Self:
        """Of a width (pixels), drawn out by so many pixels along the unit vector `along` (dx, dy)."""
        fwhm, x, y, drawn_out = np.broadcast_arrays(np.asarray(fwhm, np.float64), *along, drawn_out)
        per_fwhm2 = 4.0 * (2.0 ** (1.0 / beta) - 1.0)
        minor = per_fwhm2 / fwhm**2
        major = per_fwhm2 / (fwhm**2 + np.asarray(drawn_out, np.float64) ** 2)
        change = major - minor
        return cls(minor + change * x * x, change * x * y, minor + change * y * y)

    def norm(self, beta: int) -> NDArray[np.float64]:
        """Value at the centre for a flux of one."""
        return (beta - 1) / np.pi * np.sqrt(self.a * self.c - self.b**2)


@dataclass(frozen=True)
class PointSources(Columns):
    """Point sources, one a row, each on the stamp of an alert."""

    alert: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    flux: NDArray[np.float64]

    @classmethod
    def of(cls, alert: NDArray[np.int64], x: ArrayLike, y: ArrayLike, flux: ArrayLike) -> Self:
        """With one value for all where one is given."""
        n = len(alert)
        return cls(alert, column(x, n), column(y, n), column(flux, n))

    def __add__(self, other: "PointSources") -> "PointSources":
        return PointSources(
            *(
                np.concatenate([getattr(self, name), getattr(other, name)])
                for name in ("alert", "x", "y", "flux")
            )
        )


def spread(values: NDArray) -> NDArray[np.float32]:
    """One value a stamp, to be spread over its pixels: (n, 1, 1)."""
    return np.asarray(values, np.float32)[:, None, None]


def add_points(
    plane: Plane, points: PointSources, shape: MoffatShape, beta: int, noise: NDArray[np.float64]
) -> None:
    """Add point sources to their stamps; `shape` has a row for each point, `noise` a row for each stamp.

    A source is drawn as far out as it stands above a tenth of the noise, so that faint ones cost little.
    """
    n, size = plane.shape[0], plane.shape[1]
    peak = np.abs(points.flux) * shape.norm(beta)
    shown = np.flatnonzero(peak > 0.05 * noise[points.alert])
    with np.errstate(divide="ignore"):
        reach2 = (peak[shown] / (0.1 * noise[points.alert[shown]])) ** (1.0 / beta) / np.minimum(
            shape.a, shape.c
        )[shown]
    reach = np.sqrt(np.maximum(reach2, 4.0))
    total = np.zeros(n * size * size)
    edges = (0, 4, 7, 12, 20, 2 * size)
    for low, high in pairwise(edges):
        rows = shown[(reach > low) & (reach <= high)] if high < 2 * size else shown[reach > low]
        if len(rows):
            _add_patches(total, size, points.take(rows), shape.take(rows), beta, min(high, size))
    plane += total.reshape(plane.shape).astype(np.float32)


def _add_patches(
    total: NDArray[np.float64], size: int, points: PointSources, shape: MoffatShape, beta: int, half: int
) -> None:
    """Add patches of 2 * half + 1 pixels on a side, cut off at the edges of the stamp."""
    offset = np.arange(-half, half + 1)
    column_of = np.rint(points.x).astype(np.int64)[:, None] + offset
    row_of = np.rint(points.y).astype(np.int64)[:, None] + offset
    dx = (column_of - points.x[:, None]).astype(np.float32)[:, None, :]
    dy = (row_of - points.y[:, None]).astype(np.float32)[:, :, None]
    a, b, c, top = (
        value.astype(np.float32)[:, None, None]
        for value in (shape.a, shape.b, shape.c, points.flux * shape.norm(beta))
    )
    base = 1 + a * dx * dx + (2 * b) * dx * dy + c * dy * dy
    value = top / (base * base * base if beta == 3 else np.square(base * base) if beta == 4 else base**beta)
    inside_x = (column_of >= 0) & (column_of < size)
    inside_y = (row_of >= 0) & (row_of < size)
    inside = inside_y[:, :, None] & inside_x[:, None, :]
    index = (points.alert[:, None, None] * size + row_of[:, :, None]) * size + column_of[:, None, :]
    total += np.bincount(index[inside], weights=value[inside], minlength=len(total))


def add_wings(plane: Plane, points: PointSources, brightness: NDArray[np.float64], length: float) -> None:
    """Add a streak along the row on both sides of each point, so bright at it, fading over `length`."""
    index = np.arange(plane.shape[1])
    along = np.exp(-np.abs(index - points.x[:, None]) / length) * brightness[:, None]
    across = np.exp(-0.5 * ((index - points.y[:, None]) / 1.4) ** 2)
    np.add.at(plane, points.alert, (across[:, :, None] * along[:, None, :]).astype(np.float32))


@dataclass(frozen=True)
class Galaxies(Columns):
    """Galaxies, one a row, each on the stamp of an alert; lengths in pixels."""

    alert: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    flux: NDArray[np.float64]
    re: NDArray[np.float64]
    q: NDArray[np.float64]
    ux: NDArray[np.float64]
    uy: NDArray[np.float64]
    """Unit vector along the major axis."""
    bulge: NDArray[np.float64]
    arms: NDArray[np.float64]
    phase: NDArray[np.float64]
    """Where the arms begin, radians; its sign says which way they wind."""


def galaxy_light(galaxies: Galaxies, fwhm: NDArray[np.float64], size: int) -> Plane:
    """Light of each galaxy on a stamp of its own, blurred to that width: (galaxies, size, size)."""
    index = np.arange(size, dtype=np.float32)
    dx = index[None, None, :] - spread(galaxies.x)
    dy = index[None, :, None] - spread(galaxies.y)
    along = dx * spread(galaxies.ux) + dy * spread(galaxies.uy)
    across = dy * spread(galaxies.ux) - dx * spread(galaxies.uy)
    along2, across2 = along * along, across * across
    light = np.zeros(along.shape, np.float32)
    seeing = (fwhm / FWHM_OF_SIGMA) ** 2
    for (widths, shares), part in ((DISC, 1.0 - galaxies.bulge), (BULGE, galaxies.bulge)):
        # A bulge is rounder than its disc.
        q = galaxies.q if widths is DISC[0] else 0.5 * (1.0 + galaxies.q)
        for width, share in zip(widths, shares, strict=True):
            major = (width * galaxies.re) ** 2 + seeing
            minor = (width * galaxies.re * q) ** 2 + seeing
            top = galaxies.flux * part * share / (2 * np.pi * np.sqrt(major * minor))
            light += spread(top) * np.exp(along2 * spread(-0.5 / major) + across2 * spread(-0.5 / minor))
    armed = np.flatnonzero(galaxies.arms > 0)
    if len(armed):
        light[armed] *= _arms(galaxies.take(armed), along[armed], across[armed])
    return light


def _arms(galaxies: Galaxies, along: Plane, across: Plane) -> Plane:
    """Two logarithmic spiral arms and a few knots, as a factor on the light; 1 in the nucleus."""
    across = across / spread(galaxies.q)
    radius = np.sqrt(along * along + across * across) / spread(galaxies.re) + np.float32(1e-3)
    winding = np.float32(3.2) * np.log(radius) * spread(np.sign(galaxies.phase))
    angle = np.arctan2(across, along)
    wave = np.cos(2 * (angle - winding - spread(galaxies.phase)))
    knots = np.cos(5 * (angle + winding) + 9 * radius)
    fade = np.clip(radius - np.float32(0.25), 0, 1)
    return np.maximum(1 + spread(galaxies.arms) * fade * (wave + np.float32(0.35) * knots * (wave > 0)), 0.05)


def segment_distance2(
    size: int, start: tuple[NDArray, NDArray], end: tuple[NDArray, NDArray]
) -> NDArray[np.float32]:
    """Squared distance (pixels) of each pixel from a line between two points: (n, size, size)."""
    index = np.arange(size, dtype=np.float32)
    dx = index[None, None, :] - spread(start[0])
    dy = index[None, :, None] - spread(start[1])
    vx, vy = spread(end[0] - start[0]), spread(end[1] - start[1])
    share = np.clip((dx * vx + dy * vy) / np.maximum(vx * vx + vy * vy, 1e-6), 0, 1)
    distance2: NDArray[np.float32] = np.square(dx - share * vx) + np.square(dy - share * vy)
    return distance2
