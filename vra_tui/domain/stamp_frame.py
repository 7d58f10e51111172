"""How a survey's stamps lie on the sky, where their own headers do not say it."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class StampFrame:
    """Pixels of a survey's stamps. Columns run from east to west in all of them.

    ``arcsec``: width of a pixel, NaN where it is not known. ``rows_to_north``: whether the first row is the
    southernmost. ``masked``: the value of masked pixels, beside NaN. ``negative_shines``: the difference of
    a negative detection is template minus science, in which it is bright.
    """

    arcsec: float = math.nan
    rows_to_north: bool = True
    masked: float = math.nan
    negative_shines: bool = False
