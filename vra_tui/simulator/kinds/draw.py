"""Exposure times and random draws that several flux models share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import ZERO_POINT

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ExposureTimes:
    """Exposures of n alerts laid end to end, shape (e,) each.

    ``owner``: row of the alert; ``night``: running number of the alert's night (``nights`` in all);
    ``tint``: how much of the source's colour c - o stands between its brightness in o and in this band
    (1 for c, 0 for o, see `tint.tint`); ``unit``: index of the telescope unit.
    """

    mjd: Floats
    owner: NDArray[np.int32]
    night: NDArray[np.int32]
    nights: int
    tint: NDArray[np.float32]
    unit: NDArray[np.uint8]

    def select(self, keep: NDArray[np.generic]) -> "ExposureTimes":
        """The chosen exposures; nights keep their numbers."""
        return ExposureTimes(
            self.mjd[keep], self.owner[keep], self.night[keep], self.nights, self.tint[keep], self.unit[keep]
        )


@dataclass(frozen=True, eq=False)
class FindingVisits:
    """Where and when n alerts are to be found: degrees, E(B-V), and the time of the visit that finds them."""

    ra: Floats
    dec: Floats
    ebv: Floats
    mjd: Floats

    def __len__(self) -> int:
        return len(self.mjd)


@dataclass(eq=False)
class DrawnTruth:
    """The truth of n simulated alerts, shape (n,) each; NaN where it has no meaning. Days and magnitudes.

    ``duration``: time above half of peak flux; ``redshift``: true one; ``absolute``: peak absolute magnitude.
    """

    peak_mag: Floats
    peak_mjd: Floats
    start_mjd: Floats
    duration: Floats
    absolute: Floats
    redshift: Floats
    early_peak: NDArray[np.bool_]

    @classmethod
    def unknown(cls, n: int) -> "DrawnTruth":
        """Truth of a source without a light curve of its own."""
        peak_mag, peak_mjd, start, duration, absolute, redshift = np.full((6, n), np.nan)
        return cls(peak_mag, peak_mjd, start, duration, absolute, redshift, np.zeros(n, dtype=bool))


def lognormal(spec: tuple[float, float], n: int, rng: np.random.Generator) -> Floats:
    """n draws with a median and a spread in dex."""
    median, dex = spec
    return median * 10.0 ** (dex * rng.standard_normal(n))


def normal(spec: tuple[float, float], n: int, rng: np.random.Generator) -> Floats:
    """n draws with a mean and a standard deviation."""
    return spec[0] + spec[1] * rng.standard_normal(n)


def counts(brightest: float, faintest: float, slope: float, n: int, rng: np.random.Generator) -> Floats:
    """n magnitudes whose numbers go as 10^(slope m) between two limits."""
    low = 10.0 ** (slope * (brightest - faintest))
    return faintest + np.log10(low + (1.0 - low) * rng.random(n)) / slope


def microjansky(mag: NDArray[np.floating]) -> NDArray[np.floating]:
    """Flux of an AB magnitude, in the precision of the magnitude: `domain.flux` always gives doubles."""
    return np.exp((ZERO_POINT - mag) * np.float32(0.4 * np.log(10.0)))
