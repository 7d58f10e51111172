"""Light curves in a few cells, for a column of the list: two nights a cell, the latest at the right."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.lightcurve.sparkline import NightlyCourses, nightly_courses

#: Nights of a cell.
NIGHTS = 2
#: Bits of a braille cell's left dots, by how many stand on one another from below; those of its right ones.
_LEFT = np.array([0x00, 0x40, 0x44, 0x46, 0x47], np.uint32)
_RIGHT = np.array([0x00, 0x80, 0xA0, 0xB0, 0xB8], np.uint32)
_BRAILLE, _BLOCKS, _BLANK, _LIMIT = 0x2800, 0x2580, ord(" "), ord(".")


def sparklines(curves: LightCurves, width: int, blocks: bool = False) -> dict[int, str]:
    """The last nights of each light curve in ``width`` cells, by alert.

    A column of two to four dots a night, from the alert's faintest one to its brightest; a single dot for a
    night with limits alone, so that it needs no colour of its own, which would cost twice the bytes.
    ``blocks``: block characters of eight heights, for the brighter one of two nights, where there is no
    braille.
    """
    courses = nightly_courses(curves, width * NIGHTS)
    codes = _blocks(courses) if blocks else _dots(courses)
    lines = codes.astype("<u4").tobytes().decode("utf-32-le")
    return {
        alert_id: lines[number * width : (number + 1) * width]
        for number, alert_id in enumerate(curves.alert_id.tolist())
    }


def _dots(courses: NightlyCourses) -> NDArray[np.uint32]:
    height = courses.heights(3)
    dots = np.where(height, height + 1, courses.is_missed)
    bits = _LEFT[dots[:, ::2]] | _RIGHT[dots[:, 1::2]]
    return np.where(bits, _BRAILLE + bits, _BLANK)


def _blocks(courses: NightlyCourses) -> NDArray[np.uint32]:
    height = np.maximum.reduceat(courses.heights(8), range(0, courses.mag.shape[1], NIGHTS), axis=1)
    is_missed = courses.is_missed[:, ::2] | courses.is_missed[:, 1::2]
    return np.where(height, _BLOCKS + height.astype(np.uint32), np.where(is_missed, _LIMIT, _BLANK))
