"""Artefacts on images: cosmic rays, trails, bad columns, spikes, ghosts, holes in the template, edges.

Each function adds to the planes of the rows that have it. A flux here is what a fit of the PSF at the place
of the alert finds; F = sum(P I) / sum(P^2), with a Gaussian of standard deviation s, makes it a brightness.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator.stamps.light import Plane, segment_distance2, spread
from vra_tui.simulator.stamps.optics import Optics


@dataclass(frozen=True)
class ArtefactRows:
    """The rows that a kind of artefact stands on: n of them."""

    rows: NDArray[np.int64]
    """Rows of the planes."""
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    """Where the alert is, pixels."""
    ux: NDArray[np.float64]
    uy: NDArray[np.float64]
    """Unit vector of the scene's angle."""
    length: NDArray[np.float64]
    """The scene's length, pixels."""
    flux: NDArray[np.float64]
    """Of the difference, with its sign."""
    star: NDArray[np.float64]
    """Flux of the star, 0 where there is none."""
    sigma: NDArray[np.float64]
    """Standard deviation of the PSF, pixels."""
    chance: NDArray[np.float64]
    """Uniform random numbers (n, 16), the row's own."""
    grain: Plane
    """Normal random numbers (n, size, size), the row's own."""


@dataclass(frozen=True)
class Planes:
    """The model of the three images, before noise, and where there is no data: (n, size, size) each."""

    science: Plane
    template: Plane
    difference: Plane
    masked: NDArray[np.bool_]
    """Not valid in the difference."""
    hole: NDArray[np.bool_]
    """Without data in the template."""

    @classmethod
    def empty(cls, n: int, size: int) -> Self:
        """Nothing there yet."""
        light = np.zeros((3, n, size, size), np.float32)
        nowhere = np.zeros((2, n, size, size), np.bool_)
        return cls(light[0], light[1], light[2], nowhere[0], nowhere[1])

    @property
    def size(self) -> int:
        """Pixels on a side."""
        return self.science.shape[1]

    def add(self, rows: NDArray[np.int64], light: Plane) -> None:
        """Add what is in this exposure and not in the template."""
        self.science[rows] += light
        self.difference[rows] += light


def _offsets(place: ArtefactRows, size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    index = np.arange(size, dtype=np.float32)
    return index[None, None, :] - spread(place.x), index[None, :, None] - spread(place.y)


def add_cosmic_rays(planes: Planes, place: ArtefactRows) -> None:
    """A track thinner than the PSF, its charge uneven along it; its whole flux is that of the alert."""
    half = 0.5 * np.maximum(place.length, 0.3)
    start = (place.x - half * place.ux, place.y - half * place.uy)
    end = (place.x + half * place.ux, place.y + half * place.uy)
    track = np.exp(segment_distance2(planes.size, start, end) * np.float32(-0.5 / 0.33**2))
    track *= (track > 0.02) * np.exp(np.float32(0.5) * place.grain)
    track *= spread(place.flux / track.sum(axis=(1, 2)))
    planes.add(place.rows, track)


def add_trails(planes: Planes, place: ArtefactRows) -> None:
    """A line across the whole stamp, as wide as the PSF, a little uneven."""
    far = 3.0 * planes.size
    start = (place.x - far * place.ux, place.y - far * place.uy)
    end = (place.x + far * place.ux, place.y + far * place.uy)
    profile = np.exp(segment_distance2(planes.size, start, end) * spread(-0.5 / place.sigma**2))
    # Of a line of brightness v on its ridge: F = v * 2 sqrt(2) pi s^2.
    planes.add(place.rows, profile * spread(place.flux / (2 * np.sqrt(2) * np.pi * place.sigma**2)))


def add_bad_columns(planes: Planes, place: ArtefactRows, row_wise: NDArray[np.bool_]) -> None:
    """A column (or row) too bright from somewhere on, a few pixels wide at most, a dark one beside it."""
    dx, dy = _offsets(place, planes.size)
    wise = row_wise[:, None, None]
    across, along = np.where(wise, dy, dx), np.where(wise, dx, dy)
    at = np.where(row_wise, place.y, place.x)
    across = np.rint(across + spread(at - np.rint(at)))
    width = spread(np.clip(np.rint(place.length), 1, 4))
    begins = spread(np.where(place.chance[:, 0] < 0.4, -planes.size, -4.0 - 12.0 * place.chance[:, 1]))
    along = along * spread(np.where(place.chance[:, 2] < 0.5, -1.0, 1.0))
    hot = (across >= 0) & (across < width)
    dark = (across == width) | (across == -1)
    light = (hot - np.float32(0.12) * dark) * (along >= begins) * (1 + np.float32(0.15) * place.grain)
    # Of a column of value v: F = v * 2 sqrt(2 pi) s.
    planes.add(place.rows, light * spread(place.flux / (2 * np.sqrt(2 * np.pi) * place.sigma)))


def add_ghosts(planes: Planes, place: ArtefactRows) -> None:
    """A faint ring out of focus about the scene's angle and length; the alert is a knot on its rim."""
    dx, dy = _offsets(place, planes.size)
    knot = np.exp((dx * dx + dy * dy) * spread(-0.5 / (1.3 * place.sigma) ** 2))
    dx, dy = dx - spread(place.length * place.ux), dy - spread(place.length * place.uy)
    size = np.maximum(place.length, 1.0)
    share = np.sqrt(dx * dx + dy * dy) / spread(size)
    soft = spread(0.8 * size)
    disc = 1 / (1 + np.exp((share - 1) * soft)) - 0.9 / (1 + np.exp((share - 0.35) * soft))
    uneven = 1 + 0.2 * np.cos(2 * np.arctan2(dy, dx) + spread(6.3 * place.chance[:, 0])) * share
    light = 0.25 * disc * (0.6 + 0.4 * np.minimum(share, 1) ** 3) * uneven + 0.6 * knot
    planes.add(place.rows, (light * spread(place.flux / (4 * np.pi * place.sigma**2))).astype(np.float32))


def add_bright_stars(planes: Planes, place: ArtefactRows, optics: Optics) -> None:
    """A saturated star with its halo, four spikes and a bleeding column; the alert is a residual on a spike.

    The template has the same star with other spikes, because the camera stood at another angle.
    """
    size = planes.size
    star_x, star_y = place.x + place.length * place.ux, place.y + place.length * place.uy
    index = np.arange(size, dtype=np.float32)
    dx, dy = index[None, None, :] - spread(star_x), index[None, :, None] - spread(star_y)
    radius = np.sqrt(dx * dx + dy * dy) + np.float32(0.5)
    turned = 0.06 + 0.1 * place.chance[:, 2]
    spikes_now = _spikes(dx, dy, radius, place.ux, place.uy, place.sigma)
    cos, sin = np.cos(turned), np.sin(turned)
    spikes_then = _spikes(
        dx, dy, radius, place.ux * cos - place.uy * sin, place.uy * cos + place.ux * sin, place.sigma
    )
    # The spike shines in the difference as the alert does: scaled to its flux at the alert's distance.
    at_alert = np.maximum(place.length + 0.5, 3.0) ** -1.3
    scale = spread(np.abs(place.flux) / (2 * np.sqrt(2) * np.pi * place.sigma**2) / at_alert)
    halo = spread(0.006 * place.star / place.sigma) / (radius + 2) ** 2.6
    core = spread(place.star / (2 * np.pi * place.sigma**2)) * np.exp(
        -0.5 * (radius / spread(place.sigma)) ** 2
    )
    still = halo + core
    planes.science[place.rows] += still + scale * spikes_now
    planes.template[place.rows] += still + scale * spikes_then
    residual = scale * (spikes_now - spikes_then) * (1 + np.float32(0.25) * place.grain)
    residual += np.float32(0.005) * place.grain * halo
    residual += spread(0.04 * (place.chance[:, 3] - 0.5)) * halo
    planes.difference[place.rows] += residual * spread(np.where(place.flux < 0, -1.0, 1.0))
    over = np.log10(np.maximum(place.star / optics.saturation / 10.0, 1.0))
    core_size = spread(1.6 * place.sigma + 1.2 * over)
    bleed = spread((2.0 if optics.masks_all else 9.0) * (1.0 + 3.0 * over))
    full = (np.abs(dx) < 1 + core_size / 3) & (np.abs(dy) < bleed) | (radius < core_size)
    planes.science[place.rows] = np.where(full, optics.saturation * 1.2, planes.science[place.rows])
    planes.template[place.rows] = np.where(full, optics.saturation * 1.2, planes.template[place.rows])
    planes.difference[place.rows] = np.where(full, 0, planes.difference[place.rows])
    square = (np.abs(dx) < core_size + 5) & (np.abs(dy) < core_size + 5) if optics.masks_all else full
    planes.masked[place.rows] |= square


def _spikes(
    dx: Plane,
    dy: Plane,
    radius: Plane,
    ux: NDArray[np.float64],
    uy: NDArray[np.float64],
    sigma: NDArray[np.float64],
) -> Plane:
    """Four arms along a direction and across it, fading with distance."""
    along = dx * spread(ux) + dy * spread(uy)
    across = dy * spread(ux) - dx * spread(uy)
    width = spread(-0.5 / sigma**2)
    arms = np.exp(width * across * across) + np.exp(width * along * along)
    return (arms * np.maximum(radius, 3) ** np.float32(-1.3)).astype(np.float32)


def cut_template(planes: Planes, place: ArtefactRows, science_sources: Plane) -> None:
    """A hole in the template: the sources in it stand whole in the difference."""
    dx, dy = _offsets(place, planes.size)
    shift = 0.6 * place.length * (place.chance[:, 4] - 0.5)
    hole = (np.abs(dx - spread(shift)) <= spread(place.length)) & (
        np.abs(dy + spread(shift)) <= spread(place.length)
    )
    planes.difference[place.rows] = np.where(hole, science_sources[place.rows], planes.difference[place.rows])
    planes.template[place.rows] = np.where(hole, 0, planes.template[place.rows])
    planes.hole[place.rows] |= hole


def cut_edges(planes: Planes, place: ArtefactRows) -> None:
    """Mask what lies beyond the edge of the chip, at the scene's length, on the side nearest to its angle."""
    dx, dy = _offsets(place, planes.size)
    sideways = np.abs(place.ux) >= np.abs(place.uy)
    toward = np.where(sideways[:, None, None], dx * spread(np.sign(place.ux)), dy * spread(np.sign(place.uy)))
    planes.masked[place.rows] |= toward > spread(place.length)
