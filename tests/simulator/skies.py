"""Skies and measures that the tests of stamps share."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from vra_tui.simulator.stamps import ATLAS, OPTICS, Optics, Scene, StampExposures, StampSource

SURVEYS = pytest.mark.parametrize("optics", OPTICS.values(), ids=OPTICS.keys())
#: A magnitude that stands well above the noise of each survey, and far below full pixels.
BRIGHT = {"ztf": 17.0, "atlas": 16.0, "lsst": 20.0}


def nights(optics: Optics, n: int, seed: int = 0, **columns: float) -> StampExposures:
    """Typical nights; the columns named are the same for all."""
    night = StampExposures.typical(optics, n, np.random.default_rng(seed))
    return replace(night, **{name: np.full(n, value) for name, value in columns.items()})


def scene(optics: Optics, kind: StampSource, n: int = 24, seed: int = 0, **columns) -> Scene:
    """Alerts of one kind on an empty sky."""
    stars = columns.pop("stars", None)
    night = columns.pop("night", None) or nights(optics, n, seed, stripes=0.0)
    seeds = np.arange(n) + 1000 * seed
    mag = columns.pop("mag", BRIGHT[optics.survey])
    return Scene.of(kind, mag, night, seeds, stars, **columns)


def aperture(planes: NDArray, optics: Optics, radius: float, dx: float = 0.0, dy: float = 0.0) -> NDArray:
    """Sum within a radius (pixels) of the centre; masked pixels count nothing.

    The sky is the median (LSST's has none, and its stamps are too small to tell it from a source).
    """
    index = np.arange(optics.size) - optics.centre
    inside = (index[None, :] - dx) ** 2 + (index[:, None] - dy) ** 2 <= radius**2
    sky = np.nanmedian(planes, axis=(1, 2))[:, None, None] if optics.keeps_sky else 0
    return np.nansum(np.where(inside, planes - sky, 0), axis=(1, 2))


def valid(planes: NDArray) -> NDArray:
    """With NaN where ATLAS writes its mask value."""
    return np.where(planes == ATLAS.mask, np.nan, planes)


def moments(plane: NDArray) -> tuple[float, float, float]:
    """Widths along the main axes (pixels), and the angle of the longer from +x to +y (radians)."""
    light = np.clip(plane, 0, None)
    y, x = np.indices(plane.shape)
    total = light.sum()
    cx, cy = (light * x).sum() / total, (light * y).sum() / total
    cov = np.array(
        [
            [(light * (x - cx) ** 2).sum(), (light * (x - cx) * (y - cy)).sum()],
            [(light * (x - cx) * (y - cy)).sum(), (light * (y - cy) ** 2).sum()],
        ]
    )
    widths, axes = np.linalg.eigh(cov / total)
    return float(np.sqrt(widths[1])), float(np.sqrt(widths[0])), float(np.arctan2(axes[1, 1], axes[0, 1]))
