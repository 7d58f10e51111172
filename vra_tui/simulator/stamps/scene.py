"""The scene at the position of each alert, on the sky and on the chip, from which stamps are drawn."""

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.simulator.stamps.columns import Columns, column
from vra_tui.simulator.stamps.optics import StampExposures


class StampSource(IntEnum):
    """The source of the alert. In brackets: what `angle` and `length` of a scene mean for it."""

    TRANSIENT = 0
    """A new point source, in a host or without one."""
    VARIABLE = 1
    """A star that is in the template too: variable, or a cataclysmic variable in outburst."""
    AGN = 2
    """The same in the nucleus of its host."""
    DIPOLE = 3
    """A star, and all others, badly registered (direction and size of the shift)."""
    PM_STAR = 4
    """A star that has moved since the template was made (direction and size of the motion)."""
    COSMIC_RAY = 5
    """Charge in a few pixels, without a PSF (direction and length of the track)."""
    TRAIL = 6
    """A satellite that crosses the whole stamp (direction)."""
    MOVER = 7
    """A solar-system object: in science image and difference only (its motion during the exposure)."""
    BAD_COLUMN = 8
    """A hot column, or a row where `angle` is 45 or more (width)."""
    BRIGHT_STAR = 9
    """A spike of a saturated star (where the star lies as seen from the alert)."""
    BAD_TEMPLATE = 10
    """A hole in the template: what is really there looks new (half the side of the hole)."""
    GHOST = 11
    """The rim of an out-of-focus reflection (where its centre lies)."""
    TRAILED_NIGHT = 12
    """The telescope moved: every star of the science image is elongated (direction, length)."""
    EDGE = 13
    """A transient at the edge of the chip (side, distance from it)."""


#: Kinds that are a point source on the sky whose difference flux is `mag`.
POINT_SOURCES = frozenset(
    {StampSource.TRANSIENT, StampSource.VARIABLE, StampSource.AGN, StampSource.MOVER, StampSource.EDGE}
)
#: Kinds whose difference follows from the brightness of a star that is there, not from `mag`.
OF_A_STAR = frozenset(
    {
        StampSource.VARIABLE,
        StampSource.AGN,
        StampSource.DIPOLE,
        StampSource.PM_STAR,
        StampSource.BRIGHT_STAR,
        StampSource.BAD_TEMPLATE,
        StampSource.TRAILED_NIGHT,
    }
)


@dataclass(frozen=True)
class Stars:
    """Neighbouring stars, all alerts' in one table: one row a star."""

    alert: NDArray[np.int64]
    """Row of the scene that it belongs to."""
    east: NDArray[np.float64]
    north: NDArray[np.float64]
    """Offset from the alert, arcsec."""
    mag: NDArray[np.float64]

    @classmethod
    def none(cls) -> Self:
        """An empty field."""
        return cls(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))

    def of(self, rows: NDArray[np.int64]) -> Self:
        """The stars of these alerts (each named once), numbered by their place in `rows`."""
        place = np.full(1 + max(self.alert.max(initial=-1), rows.max(initial=-1)), -1, np.int64)
        place[rows] = np.arange(len(rows))
        alert = place[self.alert]
        kept = np.flatnonzero(alert >= 0)
        return type(self)(alert[kept], self.east[kept], self.north[kept], self.mag[kept])


@dataclass(frozen=True)
class Scene(Columns):
    """One row an alert. Magnitudes AB, NaN where nothing is; offsets in arcsec, angles in deg from north."""

    kind: NDArray[np.int8]
    mag: NDArray[np.float64]
    """Of the difference flux (for artefacts: as a PSF fit at that place would find it)."""
    negative: NDArray[np.bool_]
    """Whether the difference flux is negative: fainter than in the template."""
    counterpart_mag: NDArray[np.float64]
    """The star at that place in the template."""
    angle: NDArray[np.float64]
    length: NDArray[np.float64]
    """Direction (deg) and size (arcsec): see StampSource."""
    host_mag: NDArray[np.float64]
    host_east: NDArray[np.float64]
    host_north: NDArray[np.float64]
    """Offset of the host's nucleus from the alert."""
    host_re: NDArray[np.float64]
    """Half-light radius along the major axis, arcsec."""
    host_q: NDArray[np.float64]
    """Axis ratio, 0 to 1."""
    host_pa: NDArray[np.float64]
    """Position angle of the major axis."""
    host_bulge: NDArray[np.float64]
    """Share of its light in a de Vaucouleurs profile; the rest is an exponential disc."""
    host_arms: NDArray[np.float64]
    """Contrast of spiral arms, 0 (none) to 1."""
    dx: NDArray[np.float64]
    dy: NDArray[np.float64]
    """Where the source lies from the centre of the stamp, pixels, -0.5 to 0.5."""
    seed: NDArray[np.uint64]
    """All that is random in the row's images follows from it."""
    night: StampExposures
    stars: Stars

    def _per_row(self, name: str) -> bool:
        return name != "stars"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.stars.alert) and not 0 <= self.stars.alert.min() <= self.stars.alert.max() < len(self):
            raise ValueError(f"a star belongs to an alert that is not there (there are {len(self)})")
        starless = np.isin(self.kind, list(OF_A_STAR)) & ~np.isfinite(self.counterpart_mag)
        if starless.any():
            row = int(np.flatnonzero(starless)[0])
            kind = StampSource(self.kind[row]).name
            raise ValueError(f"row {row}: {kind} needs the magnitude of a star (counterpart_mag)")
        below = self.negative & np.isin(self.kind, list(POINT_SOURCES)) & (self.mag < self.counterpart_mag)
        if below.any():
            row = int(np.flatnonzero(below)[0])
            raise ValueError(
                f"row {row}: a star cannot lose more light than it has (mag {self.mag[row]:.2f})"
            )

    @classmethod
    def of(
        cls,
        kind: ArrayLike,
        mag: ArrayLike,
        night: StampExposures,
        seed: ArrayLike,
        stars: Stars | None = None,
        **columns: ArrayLike,
    ) -> Self:
        """A scene of as many rows as `night` has; columns not given are empty (no host, no star, no motion).

        Raises:
            ValueError: a column of another length, or of a kind that needs a star without one.
        """
        n = len(night)
        given = {
            "kind": column(kind, n, np.int8),
            "mag": column(mag, n),
            "negative": column(columns.pop("negative", False), n, np.bool_),
            "seed": column(seed, n, np.uint64),
        }
        empty = {"counterpart_mag": np.nan, "host_mag": np.nan, "host_re": 1.0, "host_q": 1.0}
        rest = [field.name for field in fields(cls) if field.name not in {*given, "night", "stars"}]
        if unknown := columns.keys() - set(rest):
            raise ValueError(f"a scene has no column {', '.join(sorted(unknown))}")
        filled = {name: column(columns.get(name, empty.get(name, 0.0)), n) for name in rest}
        return cls(**given, **filled, night=night, stars=stars or Stars.none())

    def take(self, rows: NDArray[np.integer] | slice) -> Self:
        """The same scene with these alerts only (each named once), their stars with them."""
        return replace(self.starless(rows), stars=self.stars.of(np.arange(len(self))[rows]))

    def starless(self, rows: NDArray[np.integer] | slice) -> Self:
        """These alerts without the stars around them."""
        return Columns.take(replace(self, stars=Stars.none()), rows)
