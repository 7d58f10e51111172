"""Pictures for tests: a star at a known place on the sky, as each survey's stamps would have it."""

import numpy as np


def starred(side: int, x: float, y: float, *, peak: float = 500.0, seed: int = 1) -> np.ndarray:
    """A star at column x and row y on a sky of noise 1; (side, side), float32."""
    rows, columns = np.mgrid[:side, :side]
    sky = np.random.default_rng(seed).normal(100.0, 1.0, (side, side))
    return (sky + peak * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 2.0)).astype(np.float32)


def brightest(pixels: np.ndarray) -> tuple[int, int]:
    """Row and column of the brightest pixel."""
    row, column = np.unravel_index(np.nanargmax(pixels), pixels.shape)
    return int(row), int(column)
