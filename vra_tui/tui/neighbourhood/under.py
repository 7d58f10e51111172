"""Lay a picture of the field under a map: the same places, in half blocks of few greys."""

from collections.abc import Mapping, Sequence
from typing import Any

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
#: Of its greys beyond that of the sky: brighter ones would leave no contrast to signs and numbers.
_SHARE = 0.45
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
            return kind, one
    return None


def levels_under(frame: Frame, picture: Picture) -> Levels:
    """Grey levels of the halves of a frame's cells, shape (2 height, width); sky beyond the picture."""
    half = 2.0 * frame.dot
    factor = max(1, round(half / picture.arcsec))
    pixels = reduced(picture.pixels, factor) if factor > 1 else picture.pixels
    at = (picture.row // factor, picture.column // factor)
    side = 2 * max(*pixels.shape) + 1
    stretched = stretch(pixels, at, side)
    if stretched.reason:
        return np.full((2 * frame.height, frame.width), SKY, dtype=np.uint8)
    column, row = frame.middle
    east = (column - np.arange(frame.width)) * half
    north = (2 * row + 0.5 - np.arange(2 * frame.height)) * half
    rows = _rounded(-north, picture.arcsec * factor)
    columns = _rounded(-east, picture.arcsec * factor)
    middle = side // 2
    found = stretched.levels[
        np.clip(rows + middle, 0, side - 1)[:, None], np.clip(columns + middle, 0, side - 1)[None, :]
    ]
    height, width = pixels.shape
    inside = ((rows >= -at[0]) & (rows < height - at[0]))[:, None] & (
        (columns >= -at[1]) & (columns < width - at[1])
    )[None, :]
    softer = SKY + _STEP * np.round(_SHARE * (found.astype(np.int64) - SKY) / _STEP)
    softer = np.where(found < SKY, found, softer)
    # Masked pixels are black, and say nothing of what is there.
    return np.asarray(np.where(inside & (found > 0), softer, SKY), dtype=np.uint8)


def _rounded(arcsec: NDArray[np.floating[Any]], pixel: float) -> NDArray[np.int64]:
    return np.floor(arcsec / pixel + 0.5).astype(np.int64)


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
