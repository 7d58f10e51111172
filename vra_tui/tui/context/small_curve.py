"""Draw a few probabilities over time as a curve of one line: braille, two values a cell, four heights."""

from collections.abc import Sequence
from itertools import pairwise

#: Dots of the left and of the right column of a braille cell that are set up to each height.
_LEFT, _RIGHT = (0, 0x40, 0x44, 0x46, 0x47), (0, 0x80, 0xA0, 0xB0, 0xB8)
_BLANK = 0x2800
_HEIGHTS = 4


def small_curve(values: Sequence[float], width: int) -> str:
    """Values from 0 to 1 as bars, the latest on the right, in at most ``width`` cells: more are averaged.

    A value of 0 has the lowest dot, so that it is told from no value. A single value is no curve: "".
    """
    if len(values) < 2 or width < 1:
        return ""
    most = 2 * width
    if len(values) > most:
        count = len(values)
        edges = [index * count // most for index in range(most + 1)]
        values = [sum(values[first:last]) / (last - first) for first, last in pairwise(edges)]
    heights = [max(1, min(_HEIGHTS, round(value * _HEIGHTS))) for value in values]
    if len(heights) % 2:
        heights.insert(0, 0)
    cells = zip(heights[::2], heights[1::2], strict=True)
    return "".join(chr(_BLANK | _LEFT[left] | _RIGHT[right]) for left, right in cells)
