"""How much of the sky a map shows, and where a place on the sky falls in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vra_tui.tui.neighbourhood.things import Kind, Thing

#: Radii of fields, arcsec, the least first.
RADII = (15.0, 30.0, 60.0, 120.0, 300.0)
#: Where nothing is known to stand around.
_EMPTY = 30.0
#: So many of the nearest things are to be in the field, and a known host with its whole size.
_NEAREST = 6
#: What stands further out than this is none of the nearest: it would make the field too wide for the others.
_NEAR_ARCSEC = 60.0
#: Of a field, what is left free at its edge.
_USED = 0.92
_BARS = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0)


def radius_of(things: Sequence[Thing]) -> float:
    """The field's radius, arcsec: the least of `RADII` that holds the host and the nearest things.

    What tells no direction counts where nothing else does: a ring around the whole field says little.
    """
    apart = [one.arcsec for one in things if one.arcsec is not None and one.east is not None]
    needed = sorted(value for value in apart if value <= _NEAR_ARCSEC)[:_NEAREST]
    for one in things:
        if one.kind is Kind.HOST and one.arcsec is not None:
            size = one.ellipse.arcsec if one.ellipse is not None else 0.0
            # A host as large as the whole field would leave its outline outside.
            needed.append(one.arcsec + size if one.arcsec + size <= RADII[-1] * _USED else one.arcsec)
    if not needed:
        # The nearest that there is, though far.
        needed = sorted(one.arcsec for one in things if one.arcsec is not None)[:1]
    if not needed:
        return _EMPTY
    return next((radius for radius in RADII if max(needed) <= radius * _USED), RADII[-1])


@dataclass(frozen=True)
class Frame:
    """A field of cells around an alert; a cell holds two by four dots, which are squares.

    ``dot``: arcsec of a dot. North is up and east is left, as on the sky seen from below.
    """

    width: int
    height: int
    dot: float

    @classmethod
    def around(cls, radius: float, width: int, height: int) -> "Frame":
        """The frame whose shorter side spans the radius both ways."""
        return cls(width, height, 2.0 * radius / min(2 * width, 4 * height))

    @property
    def middle(self) -> tuple[int, int]:
        """Column and row of the alert's cell."""
        return self.width // 2, self.height // 2

    def dots(self, east: float, north: float) -> tuple[float, float]:
        """Where a place falls, in dots from the left and from the top."""
        column, row = self.middle
        return 2 * column + 1 - east / self.dot, 4 * row + 2 - north / self.dot

    def cell(self, east: float, north: float) -> tuple[int, int]:
        """Column and row of a place, maybe outside."""
        x, y = self.dots(east, north)
        return math.floor(x / 2), math.floor(y / 4)

    def holds(self, column: int, row: int) -> bool:
        """Tell whether a cell is in the field."""
        return 0 <= column < self.width and 0 <= row < self.height

    def bar(self) -> tuple[float, int]:
        """A round length for the scale, arcsec, and how many cells it takes: about a fourth of the width."""
        cell = 2 * self.dot
        fitting = [length for length in _BARS if length / cell <= max(4.0, self.width / 3)]
        length = fitting[-1] if fitting else _BARS[0]
        return length, max(2, round(length / cell))


def angle_words(arcsec: float, is_ascii: bool = False) -> str:
    """An angle in arcsec, or in arcmin where it is that many: 30″, 2′."""
    seconds, minutes = ('"', "'") if is_ascii else ("″", "′")
    if arcsec >= 60.0 and arcsec % 60.0 == 0.0:
        return f"{arcsec / 60.0:.0f}{minutes}"
    return f"{arcsec:.0f}{seconds}" if arcsec >= 10.0 or arcsec == round(arcsec) else f"{arcsec:.1f}{seconds}"
