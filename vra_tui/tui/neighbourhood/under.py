"""Lay a picture of the field under a map: the same places, in half blocks of few greys."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vra_tui.pictures.decode import Picture
from vra_tui.pictures.stretch import SKY, Levels, reduced, stretch
from vra_tui.tui.neighbourhood.frame import Frame
from vra_tui.tui.spans import Line
from vra_tui.tui.stamps import cells as grid
from vra_tui.tui.stamps.shelf import AlertStamps

#: Which of an alert's pictures lies below: what stands there without the transient comes first.
_KINDS = ("template", "science")
_NAMES = {"science": "science stamp"}
#: Of its greys beyond that of the sky: brighter ones would leave no contrast to signs and numbers.
_SHARE = 0.45
#: Pixels on each side of the alert in which noise can be measured.
_LEAST_SIDE = 31
#: Every second grey will do: a seventh of the bytes less.
_STEP = 2
_ACCENTS = frozenset({"sky_accent", "sky_warn"})
_BRAILLE = range(0x2800, 0x2900)


def picture_of(stamps: AlertStamps | None) -> tuple[str, Picture] | None:
    """The picture that lies below, and what it is: the field if that was fetched, else the template."""
    if stamps is None:
        return None
    latest: Mapping[str, Picture] = stamps.pictures.get(len(stamps.epochs) - 1, {})
    for kind, one in (("field", stamps.context), *((kind, latest.get(kind)) for kind in _KINDS)):
        if one is not None and not one.reason and np.isfinite(one.arcsec):
            return _NAMES.get(kind, kind), one
    return None


def levels_under(frame: Frame, picture: Picture) -> Levels:
    """Grey levels of the halves of a frame's cells, shape (2 height, width); sky beyond the picture."""
    half = 2.0 * frame.dot
    column, row = frame.middle
    east = (column - np.arange(frame.width)) * half
    north = (2 * row + 0.5 - np.arange(2 * frame.height)) * half
    pixels, centre, arcsec = _needed(picture, half, float(max(np.abs(east).max(), np.abs(north).max())))
    height, width = pixels.shape
    side = 2 * (max(height, width) // 2) + 3
    stretched = stretch(pixels, (height // 2, width // 2), side)
    rows = np.floor(centre[0] - north / arcsec + 0.5).astype(np.int64)
    columns = np.floor(centre[1] - east / arcsec + 0.5).astype(np.int64)
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))[None, :]
    first, left = side // 2 - height // 2, side // 2 - width // 2
    found = stretched.levels[
        (np.clip(rows, 0, height - 1) + first)[:, None], (np.clip(columns, 0, width - 1) + left)[None, :]
    ]
    softer = SKY + _STEP * np.round(_SHARE * (found.astype(np.int64) - SKY) / _STEP)
    softer = np.where(found < SKY, found, softer)
    # Masked pixels are black, and say nothing of what is there.
    is_told = inside & (found > 0) & (not stretched.reason)
    return np.asarray(np.where(is_told, softer, SKY), dtype=np.uint8)


def _needed(
    picture: Picture, half: float, reach: float
) -> tuple[NDArray[np.float32], tuple[float, float], float]:
    """The pixels that a map needs, where the alert stands among them, and arcsec a pixel.

    ``half``: arcsec of half a cell, below which pixels are joined; ``reach``: of the field. However large a
    picture is, little more is looked at: its noise is measured there.
    """
    factor = max(1, min(round(half / picture.arcsec), min(picture.pixels.shape) // 3))
    most = max(_LEAST_SIDE * factor, math.ceil(reach / picture.arcsec) + 2 * factor)
    rows, columns = (slice(max(0, at - most), at + most + 1) for at in (picture.row, picture.column))
    pixels = picture.pixels[rows, columns]
    centre = [float(picture.row - rows.start), float(picture.column - columns.start)]
    if factor > 1:
        # What does not fill a square is cut off on both sides.
        over = [size % factor // 2 for size in pixels.shape]
        pixels = reduced(pixels, factor)
        centre = [(at - cut - (factor - 1) / 2) / factor for at, cut in zip(centre, over, strict=True)]
    return pixels, (centre[0], centre[1]), picture.arcsec * factor


def cells_over(levels: Levels, lines: Sequence[Line]) -> grid.Cells:
    """The cells of a picture with the signs and numbers of a map's lines on it."""
    cells = grid.of_levels(levels)
    for row, line in enumerate(lines[: cells.shape[0]]):
        column = 0
        for text, role in line:
            for index, char in enumerate(text):
                if char != " ":
                    # What is dim on the plain ground would not be read on a bright source: but for outlines.
                    letters = grid.DIM if ord(char) in _BRAILLE else grid.STRONG
                    colour = grid.ACCENT if role in _ACCENTS else letters
                    grid.write(cells, row, column + index, char, colour)
            column += len(text)
    return cells
