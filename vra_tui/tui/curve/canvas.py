"""A canvas of cells: signs, and below them dots in layers, of which a cell shows the highest."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.tui.curve.scales import ACROSS, DOWN, Floats
from vra_tui.tui.spans import Line

Ints = NDArray[np.int64]

#: Bits of the dots of a braille cell, by row and column.
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint32)
_BRAILLE, _BLANK = 0x2800, 0x20


class Canvas:
    """Cells to draw on, from the lowest layer to the highest.

    A cell of dots shows those of its highest layer alone, in that layer's role, so that two colours never
    mix in one cell. Signs stand above all dots that were drawn before them.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._dots = np.zeros((height * DOWN, width * ACROSS), np.uint16)
        self._signs = np.zeros((height, width), np.uint32)
        self._role = np.zeros((height, width), np.uint16)
        self._roles, self._plain = ["text"], [_BLANK]

    def dots(
        self, columns: Ints, first: Floats, last: Floats, role: str, plain: str, over: bool = False
    ) -> None:
        """Vertical runs of dots from ``first`` to ``last`` (rows, not rounded) as a new layer.

        What is outside is cut off; NaN draws nothing. ``plain``: the cell without braille. ``over``: signs
        below it vanish.
        """
        layer = self._layer(role, plain)
        there = np.isfinite(first) & np.isfinite(last) & (last >= 0) & (first < self.height * DOWN)
        columns = columns[there]
        top = np.clip(np.floor(first[there]), 0, None).astype(np.int64)
        size = np.clip(np.floor(last[there]), None, self.height * DOWN - 1).astype(np.int64) - top + 1
        rows = np.arange(size.sum()) + np.repeat(top - np.cumsum(size) + size, size)
        columns = np.repeat(columns, size)
        self._dots[rows, columns] = layer
        if over:
            self._signs[rows // DOWN, columns // ACROSS] = 0

    def sign(self, column: int | Ints, row: int | Ints, char: str, role: str) -> None:
        """Signs in cells."""
        self._signs[row, column] = ord(char)
        self._role[row, column] = self._layer(role, char)

    def text(self, column: int, row: int, words: str, role: str) -> None:
        """Words from a cell on, where they fit and nothing is in their way."""
        cells = slice(column, column + len(words))
        if column >= 0 and column + len(words) <= self.width and not self._signs[row, cells].any():
            for offset, char in enumerate(words):
                self.sign(column + offset, row, char, role)

    def is_blank(self, column: int, row: int) -> bool:
        """Tell whether nothing is in a cell, neither sign nor dot."""
        dots = self._dots[row * DOWN : (row + 1) * DOWN, column * ACROSS : (column + 1) * ACROSS]
        return not self._signs[row, column] and not dots.any()

    def lines(self, ascii: bool = False) -> list[Line]:
        """The rows; ``ascii``: each layer's plain letter for its dots."""
        blocks = self._dots.reshape(self.height, DOWN, self.width, ACROSS)
        highest = blocks.max(axis=(1, 3))
        if ascii:
            codes = np.array(self._plain, np.uint32)[highest]
        else:
            shown = blocks == highest[:, None, :, None]
            codes = (shown * _BITS[:, None, :]).sum(axis=(1, 3), dtype=np.uint32) + _BRAILLE
            codes[highest == 0] = _BLANK
        codes = np.where(self._signs, self._signs, codes)
        roles = np.where(self._signs, self._role, highest)
        return [self._line(*row) for row in zip(codes, roles, strict=True)]

    def _layer(self, role: str, plain: str) -> int:
        self._roles.append(role)
        self._plain.append(ord(plain))
        return len(self._roles) - 1

    def _line(self, codes: NDArray[np.uint32], roles: NDArray[np.uint16]) -> Line:
        """A row as spans, blanks with what stands before them."""
        text = codes.astype("<u4").tobytes().decode("utf-32-le")
        line: Line = []
        start, role = 0, "text"
        for column in np.flatnonzero(codes != _BLANK).tolist():
            its_role = self._roles[roles[column]]
            if its_role != role:
                if column > start:
                    line.append((text[start:column], role))
                start, role = column, its_role
        line.append((text[start:], role))
        return line
