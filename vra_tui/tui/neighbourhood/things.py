"""What stands around an alert: the things that the map and the table show."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """What a thing is, the dearest first: where there is room for one of two, it is the first."""

    HOST = 0
    SOLAR = 1
    ALERT = 2
    STAR = 3
    GALAXY = 4
    SOURCE = 5


#: What a kind is called in the table.
WORDS: Mapping[Kind, str] = {
    Kind.HOST: "host", Kind.SOLAR: "asteroid", Kind.ALERT: "alert", Kind.STAR: "star",
    Kind.GALAXY: "galaxy", Kind.SOURCE: "source",
}  # fmt: skip


@dataclass(frozen=True)
class Ellipse:
    """Half the longest diameter, arcsec; the shortest by the longest; its angle from north through east.

    Where the shape is not known the ratio is 1 and the angle None.
    """

    arcsec: float
    ratio: float = 1.0
    angle: float | None = None


@dataclass(frozen=True)
class Thing:
    """One thing near an alert. Texts are fit for a terminal.

    ``arcsec``: its separation; None where it was matched and nobody said how far away: at the place if
    ``is_here``. ``east`` and ``north``: arcsec from the alert; None where the direction is not known.
    ``motion``: proper motion east and north in mas a year, or its amount alone. ``letter``: of an alert, its
    survey's. ``matcher``: who found it in the catalogue. ``z_is_photometric``: of ``z``.
    """

    kind: Kind
    catalogue: str
    name: str = ""
    arcsec: float | None = None
    east: float | None = None
    north: float | None = None
    mag: float | None = None
    band: str = ""
    z: float | None = None
    z_is_photometric: bool = False
    motion: tuple[float, float] | float | None = None
    ellipse: Ellipse | None = None
    letter: str = ""
    words: str = ""
    matcher: str = ""
    is_here: bool = False

    @property
    def angle(self) -> float | None:
        """Direction from the alert, degrees from north through east, 0 to 360; None where not known."""
        if self.east is None or self.north is None or (self.east == 0.0 and self.north == 0.0):
            return None
        return math.degrees(math.atan2(self.east, self.north)) % 360.0

    @property
    def motion_amount(self) -> float | None:
        """Proper motion, mas a year."""
        return math.hypot(*self.motion) if isinstance(self.motion, tuple) else self.motion
