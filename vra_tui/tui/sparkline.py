"""Light curves in a few cells, for a column of the list: two nights a cell, the latest at the right."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.lightcurve.sparkline import NightlyCourses, nightly_courses
from vra_tui.tui.spans import Line

#: Nights of a cell.
NIGHTS = 2
#: Bits of a braille cell's left dots, by how many stand on one another from below; those of its right ones.
_LEFT = np.array([0x00, 0x40, 0x44, 0x46, 0x47], np.uint32)
_RIGHT = np.array([0x00, 0x80, 0xA0, 0xB0, 0xB8], np.uint32)
_BRAILLE, _BLANK, _LIMIT = 0x2800, 0x20, ord(".")
_BLOCKS = 0x2580


def sparklines(
    curves: LightCurves, width: int, blocks: bool = False, role: str = "text", faint: str = "dim"
) -> dict[int, Line]:
    """The last nights of each light curve in ``width`` cells, by alert.

    Dots of four heights from the alert's faintest night to its brightest, a cell's two nights side by side; a
    single dot for a night with limits alone. ``blocks``: block characters of eight heights, for the brighter
    one of two nights, where a terminal has no braille. ``role`` of what was detected; cells of limits alone
    are ``faint``: say the same role twice where bytes matter more.
    """
    courses = nightly_courses(curves, width * NIGHTS)
    codes, is_faint = _blocks(courses) if blocks else _dots(courses)
    return {
        alert_id: _line(row, dim, role, faint)
        for alert_id, row, dim in zip(curves.alert_id.tolist(), codes, is_faint, strict=True)
    }


_Cells = tuple[NDArray[np.uint32], NDArray[np.bool_]]


def _dots(courses: NightlyCourses) -> _Cells:
    height = courses.heights(4)
    dots = np.where(courses.is_missed, 1, height)
    bits = _LEFT[dots[:, ::2]] | _RIGHT[dots[:, 1::2]]
    is_faint = (bits > 0) & (height[:, ::2] == 0) & (height[:, 1::2] == 0)
    return np.where(bits > 0, bits + _BRAILLE, _BLANK).astype(np.uint32), is_faint


def _blocks(courses: NightlyCourses) -> _Cells:
    height = np.maximum(*(courses.heights(8)[:, side::2] for side in range(NIGHTS))).astype(np.uint32)
    is_missed = courses.is_missed[:, ::2] | courses.is_missed[:, 1::2]
    is_faint = (height == 0) & is_missed
    return np.where(height > 0, _BLOCKS + height, np.where(is_faint, _LIMIT, _BLANK)), is_faint


def _line(codes: NDArray[np.uint32], is_faint: NDArray[np.bool_], role: str, faint: str) -> Line:
    text = codes.astype("<u4").tobytes().decode("utf-32-le")
    if role == faint or not is_faint.any():
        return [(text, role)]
    # Blanks go with what stands before them.
    line: Line = []
    start = 0
    dim = bool(is_faint[0])
    for column in np.flatnonzero(codes != _BLANK).tolist():
        if bool(is_faint[column]) != dim:
            if column > start:
                line.append((text[start:column], faint if dim else role))
            start, dim = column, not dim
    line.append((text[start:], faint if dim else role))
    return line
