"""Pictures as cells of a terminal: two pixels a cell, and characters over them.

A cell is one number: the grey above, the grey below, a colour for a character, and the character (0: none).
Greys are levels of `pictures.stretch`; `GROUND` is what lies behind all panes.
"""

import numpy as np
from numpy.typing import NDArray

from vra_tui.pictures.stretch import SKY, TOP, Levels

Cells = NDArray[np.uint64]

#: What a cell's halves are beside the levels of greys.
GROUND = 255
#: Colours of characters over a picture.
ACCENT, DIM, STRONG = 1, 2, 3

_BOTTOM, _COLOUR, _CHARACTER = (np.uint64(shift) for shift in (8, 16, 24))
_BYTE = np.uint64(0xFF)


def empty(height: int, width: int) -> Cells:
    """Cells with nothing in them."""
    return np.full((height, width), GROUND | GROUND << 8, dtype=np.uint64)


def of_levels(levels: Levels) -> Cells:
    """The cells of a picture; the lower half of the last ones is ground where its height is odd."""
    padded = np.full((levels.shape[0] + levels.shape[0] % 2, levels.shape[1]), GROUND, dtype=np.uint64)
    padded[: levels.shape[0]] = np.minimum(levels, TOP)
    return np.asarray(padded[::2] | padded[1::2] << _BOTTOM)


def grey_field(side: int, level: int = SKY) -> Cells:
    """The cells of an even grey square."""
    return of_levels(np.full((side, side), level, dtype=np.uint8))


def write(cells: Cells, row: int, column: int, text: str, colour: int) -> None:
    """Put characters of one column each over cells, in place, as far as there are some."""
    if not 0 <= row < cells.shape[0]:
        return
    for at, character in enumerate(text, start=column):
        if 0 <= at < cells.shape[1]:
            below = _one_grey(cells[row, at])
            cells[row, at] = below | colour << 16 | ord(character) << 24


def _one_grey(cell: np.uint64) -> int:
    """A character stands on one grey, the mean of the two."""
    top, bottom = int(cell) & 0xFF, int(cell) >> 8 & 0xFF
    grey = max(top, bottom) if GROUND in (top, bottom) else (top + bottom) // 2
    return grey | grey << 8


def add_crosshair(cells: Cells, side: int, vertical: str = "│", horizontal: str = "─") -> None:
    """Thin lines from the north and from the west towards the middle of a square picture, in place.

    They end two pixels or more before the middle.
    """
    middle = side // 2
    above, offset = (middle - 2) // 2, min(4, middle - 1)
    for at in range(max(0, above - max(2, side // 10)), above):
        write(cells, at, middle, vertical, ACCENT)
    write(cells, middle // 2, middle + offset, horizontal * max(3, side // 7), ACCENT)


def halves(cells: Cells) -> tuple[Cells, Cells, Cells, Cells]:
    """Grey above, grey below, colour and character of each cell."""
    return (
        cells & _BYTE,
        cells >> _BOTTOM & _BYTE,
        cells >> _COLOUR & _BYTE,
        cells >> _CHARACTER,
    )
