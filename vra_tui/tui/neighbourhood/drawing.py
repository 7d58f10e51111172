"""Dots, signs and labels in a field of cells, for maps."""

import math

import numpy as np
from numpy.typing import NDArray

from vra_tui.tui.neighbourhood.frame import Frame
from vra_tui.tui.spans import Line, Span

# Bits of the braille pattern by column and row of a dot in its cell: Unicode 15, section 21.1.
_BITS = np.array([[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]], dtype=np.int64)
_BRAILLE = 0x2800
#: An outline is followed in steps of so many dots: a ring that is not a place has fewer.
_CLOSE, _SPARSE = 1.6, 4.5


class Canvas:
    """Cells of a map: outlines below, signs and labels above. What is outside of the frame is not drawn."""

    def __init__(self, frame: Frame, is_ascii: bool) -> None:
        self.frame = frame
        self.is_ascii = is_ascii
        self._dots: dict[int, tuple[int, str]] = {}
        self._cells: dict[int, Span] = {}

    def ellipse(
        self, east: float, north: float, arcsec: float, ratio: float, angle: float, role: str, *, sparse: bool
    ) -> None:
        """The outline of an ellipse: half its longest diameter, and its angle from north through east."""
        frame, step = self.frame, _SPARSE if sparse else _CLOSE
        long = arcsec / frame.dot
        around = math.pi * long * (1.0 + ratio)
        # A ring far larger than the field is nearly straight there: fewer dots than steps along all of it.
        count = int(min(max(around / step, 8), 2_000))
        turn = np.arange(count) * (2.0 * math.pi / count)
        along, across = long * np.cos(turn), long * ratio * np.sin(turn)
        up, left = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        x, y = frame.dots(east, north)
        self._dotted(x - (along * left + across * up), y - (along * up - across * left), role)

    def _dotted(self, x: NDArray[np.float64], y: NDArray[np.float64], role: str) -> None:
        frame = self.frame
        inside = (x >= 0) & (x < 2 * frame.width) & (y >= 0) & (y < 4 * frame.height)
        columns, rows = x[inside].astype(np.int64), y[inside].astype(np.int64)
        cells = (rows >> 2) * frame.width + (columns >> 1)
        bits = _BITS[columns & 1, rows & 3]
        for cell, bit in zip(cells.tolist(), bits.tolist(), strict=True):
            before = self._dots.get(cell)
            self._dots[cell] = (bit, role) if before is None else (before[0] | bit, before[1])

    def is_free(self, column: int, row: int, width: int = 1) -> bool:
        """Tell whether cells of a row are in the field and hold no sign and no label."""
        if not (self.frame.holds(column, row) and self.frame.holds(column + width - 1, row)):
            return False
        start = row * self.frame.width + column
        return not any(cell in self._cells for cell in range(start, start + width))

    def has_dots(self, column: int, row: int, width: int) -> bool:
        """Tell whether an outline passes under cells of a row."""
        start = row * self.frame.width + column
        return any(cell in self._dots for cell in range(start, start + width))

    def write(self, column: int, row: int, text: str, role: str) -> None:
        """A sign or a label of characters that take one cell each."""
        start = row * self.frame.width + column
        for index, char in enumerate(text):
            if self.frame.holds(column + index, row):
                self._cells[start + index] = (char, role)

    def lines(self) -> list[Line]:
        """The rows, each in as few spans as it takes."""
        width = self.frame.width
        cells: dict[int, Span] = {
            cell: ("." if self.is_ascii else chr(_BRAILLE | bits), role)
            for cell, (bits, role) in self._dots.items()
        }
        cells |= self._cells
        rows: list[dict[int, Span]] = [{} for _ in range(self.frame.height)]
        for cell, span in cells.items():
            rows[cell // width][cell % width] = span
        return [_line(row, width) for row in rows]


def _line(cells: dict[int, Span], width: int) -> Line:
    line: Line = []
    text, role, end = "", "sky", 0
    for column in sorted(cells):
        char, its_role = cells[column]
        text += " " * (column - end)
        if its_role != role:
            if text:
                line.append((text, role))
            text, role = "", its_role
        text += char
        end = column + 1
    line.append((text + " " * (width - end), role))
    return line
