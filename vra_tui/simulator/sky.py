"""The sky: its cells, positions drawn from it, Galactic coordinates, densities of stars and galaxies."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: E(B-V) in magnitudes at positions (ra, dec) in degrees: passed in, since the map belongs to the features.
Extinction = Callable[[Floats, Floats], Floats]

#: Equatorial (J2000) to Galactic rotation, Hipparcos Catalogue, ESA SP-1200, vol. 1, section 1.5.3.
_TO_GALACTIC = np.array(
    [
        [-0.0548755604, -0.8734370902, -0.4838350155],
        [+0.4941094279, -0.4448296300, +0.7469822445],
        [-0.8676661490, -0.1980763734, +0.4559837762],
    ]
)


def galactic(ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
    """Galactic longitude (-180 to 180) and latitude in degrees of positions in degrees."""
    lon, lat = np.radians(ra), np.radians(dec)
    unit = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    x, y, z = _TO_GALACTIC @ unit
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(np.clip(z, -1.0, 1.0)))


@dataclass(frozen=True)
class Cells:
    """The sky cut into rows of declination, and each row into columns, about ``size`` degrees wide."""

    size: float = 3.6

    @cached_property
    def rows(self) -> int:
        """Number of declination rows."""
        return int(np.ceil(180.0 / self.size))

    @cached_property
    def height(self) -> float:
        """Height of a row, degrees."""
        return 180.0 / self.rows

    @cached_property
    def columns(self) -> Ints:
        """Number of cells in each row."""
        middle = -90.0 + self.height * (np.arange(self.rows) + 0.5)
        return np.maximum(1, np.rint(360.0 * np.cos(np.radians(middle)) / self.size)).astype(np.int64)

    @cached_property
    def start(self) -> Ints:
        """Offsets: row r owns cells start[r] to start[r + 1]."""
        return np.concatenate([[0], np.cumsum(self.columns)])

    def __len__(self) -> int:
        return int(self.start[-1])

    @cached_property
    def row(self) -> Ints:
        """Row of each cell, shape (cells,)."""
        return np.repeat(np.arange(self.rows), self.columns)

    @cached_property
    def center(self) -> tuple[Floats, Floats]:
        """RA and Dec of the centre of each cell, degrees."""
        column = np.arange(len(self)) - self.start[self.row]
        ra: Floats = (column + 0.5) * 360.0 / self.columns[self.row]
        dec = -90.0 + self.height * (self.row.astype(np.float64) + 0.5)
        return ra, dec

    def of(self, ra: Floats, dec: Floats) -> Ints:
        """The cell that holds each position."""
        row = np.clip(((dec + 90.0) / self.height).astype(np.int64), 0, self.rows - 1)
        columns = self.columns[row]
        return self.start[row] + np.minimum((ra % 360.0 / 360.0 * columns).astype(np.int64), columns - 1)

    def draw(self, cell: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Positions spread evenly over each given cell, degrees."""
        row, columns = self.row[cell], self.columns[self.row[cell]]
        ra = (cell - self.start[row] + rng.random(len(cell))) * 360.0 / columns
        low = np.sin(np.radians(-90.0 + self.height * row))
        high = np.sin(np.radians(np.minimum(90.0, -90.0 + self.height * (row + 1))))
        dec = np.degrees(np.arcsin(low + (high - low) * rng.random(len(cell))))
        return ra, dec


@dataclass(frozen=True)
class Density:
    """Relative numbers per solid angle of a population: an even part, a disc and a bulge of the Galaxy.

    ``disc_height`` is the exponential scale in latitude, ``disc_length`` the Gaussian spread in longitude
    about the Galactic centre, on top of a fifth spread evenly along the plane; degrees. ``reddened`` is how
    many magnitudes of extinction per E(B-V) thin the counts, as 10^(-0.6 A) does for a Euclidean population.
    ``south``: factor on the disc below Dec -15, where the survey is young and knows few of its variables;
    ``far_south``: on all below Dec -45, where reference images are so new that few stars have moved since.
    """

    even: float
    disc: float
    disc_height: float
    disc_length: float
    reddened: float
    south: float
    far_south: float

    def at(self, ra: Floats, dec: Floats, ebv: Floats) -> Floats:
        """The density at positions in degrees; over the sky the parts come to about ``even`` and ``disc``."""
        longitude, latitude = galactic(ra, dec)
        across = np.exp(-np.abs(latitude) / self.disc_height)
        along = 0.2 + 0.8 * np.exp(-0.5 * ((longitude - 8.0) / self.disc_length) ** 2)
        # Solid angle over which the disc's profile integrates to one, in units of the sphere.
        width = 0.2 * 360.0 + 0.8 * np.sqrt(2.0 * np.pi) * self.disc_length
        area = 2.0 * self.disc_height * width / 41253.0
        clear = 10.0 ** (-0.6 * self.reddened * ebv)
        young = np.where(dec < -15.0, self.south, 1.0)
        old = np.where(dec < -45.0, self.far_south, 1.0)
        result: Floats = old * clear * (self.even + young * self.disc * across * along / area)
        return result
