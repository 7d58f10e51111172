"""The stretch of stamps: pixels to 24 grey levels, in which sources, sky and holes are told at a glance.

The sky is one grey, however noisy it is: sources stand out from it, and a terminal is sent few changes of
colour. What is a source is decided on the mean of 3 × 3 pixels; bright pixels keep their own values.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Levels of the greys: masked pixels and the deepest holes 0, the sky, the brightest.
SKY, TOP = 4, 23
LEVELS = TOP + 1
#: Share of its pixels that a picture must have.
LEAST_KNOWN = 0.3
_CLIPPINGS = 6
#: Contrasts that can be chosen; 0 is the one that scanners begin with.
CONTRASTS = range(-2, 4)

Levels = NDArray[np.uint8]
_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stretched:
    """``levels``: uint8, 0 to `TOP`. ``reason``: why all of it is sky, "" where it is not."""

    levels: Levels
    reason: str = ""


def stretch(
    pixels: NDArray[np.float32], at: tuple[int, int], side: int, contrast: int = 0, *, smooth: bool = True
) -> Stretched:
    """Grey levels of the ``side`` × ``side`` pixels (odd) around the row and column ``at``.

    ``contrast``: each step up shows sources that are two thirds as bright, and compresses them less.
    ``smooth``: whether sources are sought in the mean of 3 × 3 pixels, which makes faint ones whole and a
    faint dipole a blob; without it in the pixels themselves. Beyond the picture's edges it is black.

    m, σ: median and 1.4826 MAD of all pixels, clipped at −3σ and +2σ six times; z = (p − m)/σ. v is z where
    it is above 12, the mean q of 3 × 3 min(z, 6) where it is below 6, and between them a mixture. A source
    is where q > 1.5, in a neighbour too, or z > 6: 5 + 18 asinh((v − 1.5)/4)/asinh((top − 1.5)/4), with
    top = max(P99.5(z), 12) of the pixels that are shown. A hole is where z < −5, in a neighbour too:
    3 + (z + 4)/8.
    """
    known = np.isfinite(pixels)
    values = np.where(known, pixels, 0.0).astype(np.float64)
    if known.mean() < LEAST_KNOWN:
        return _only_sky(side, "too few pixels")
    middle, sigma = _sky(values[known])
    if not sigma > 1e-7 * max(abs(middle), 1e-30):
        return _only_sky(side, "no noise to measure it by")
    z = np.where(known, (values - middle) / sigma, 0.0)
    q = _mean_of_nine(np.minimum(z, 6.0), known) if smooth else z
    least = (1.5 if smooth else 2.0) * 1.5**-contrast
    source = known & (_with_neighbour(q > least) | (z > 6.0))
    hole = known & _with_neighbour(z < -5.0)
    window = tuple(slice(max(0, one - side // 2), one + side // 2 + 1) for one in at)
    z, q = z[window], q[window]
    known, source, hole = known[window], source[window], hole[window]
    w = np.clip((z - 6.0) / 6.0, 0.0, 1.0)
    v = np.where(z > 0.0, w * z + (1.0 - w) * q, q)
    top = max(float(np.percentile(z[known], 99.5)), 12.0) if known.any() else 12.0
    knee = 4.0 * 2.0**-contrast
    share = np.arcsinh(np.maximum(v - least, 0.0) / knee) / math.asinh((top - least) / knee)
    levels = np.full(z.shape, float(SKY))
    levels[source] = (5.0 + np.round(18.0 * np.minimum(1.0, share)))[source]
    levels[hole] = np.maximum(0.0, 3.0 - np.round(-(z + 4.0) / 8.0))[hole]
    levels[~known] = 0.0
    return Stretched(_placed(levels.astype(np.uint8), at, side))


def _placed(levels: Levels, at: tuple[int, int], side: int) -> Levels:
    """What is there of a window, in a black one."""
    whole = np.zeros((side, side), dtype=np.uint8)
    row, column = (max(0, side // 2 - one) for one in at)
    whole[row : row + levels.shape[0], column : column + levels.shape[1]] = levels
    return whole


def _only_sky(side: int, reason: str) -> Stretched:
    return Stretched(np.full((side, side), SKY, dtype=np.uint8), reason)


def _sky(values: _Floats) -> tuple[float, float]:
    """Median and spread of the sky, sources clipped away."""
    ordered = np.sort(values)
    kept = ordered
    for _ in range(_CLIPPINGS):
        middle, sigma = _median_and_spread(kept)
        first = np.searchsorted(ordered, middle - 3.0 * sigma, side="right")
        last = np.searchsorted(ordered, middle + 2.0 * sigma, side="left")
        if first >= last:
            return middle, 0.0
        kept = ordered[first:last]
    return _median_and_spread(kept)


def _median_and_spread(ordered: _Floats) -> tuple[float, float]:
    half, count = len(ordered) // 2, len(ordered)
    middle = float(ordered[half] if count % 2 else (ordered[half - 1] + ordered[half]) / 2.0)
    return middle, 1.4826 * float(np.median(np.abs(ordered - middle)))


def _mean_of_nine(values: _Floats, known: NDArray[np.bool_]) -> _Floats:
    """Mean of the known ones of 3 × 3 values; at an edge of fewer."""
    total = _sum_of_nine(np.where(known, values, 0.0))
    return np.asarray(total / np.maximum(_sum_of_nine(known.astype(np.float64)), 1.0))


def _sum_of_nine(values: _Floats) -> _Floats:
    padded = np.pad(values, 1)
    across = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return np.asarray(across[:-2] + across[1:-1] + across[2:])


def _with_neighbour(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a pixel and one of its eight neighbours are both set."""
    return mask & (_sum_of_nine(mask.astype(np.float64)) > 1.5)


def reduced(pixels: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """The means of squares of ``factor`` × ``factor`` pixels; what is over at the edges is cut off."""
    ny, nx = (size // factor * factor for size in pixels.shape)
    top, left = (pixels.shape[0] - ny) // 2, (pixels.shape[1] - nx) // 2
    squares = pixels[top : top + ny, left : left + nx].reshape(ny // factor, factor, nx // factor, factor)
    known = np.isfinite(squares)
    count = known.sum(axis=(1, 3))
    total = np.where(known, squares, 0.0).sum(axis=(1, 3))
    return np.where(count * 2 >= factor * factor, total / np.maximum(count, 1), np.nan).astype(np.float32)
