"""Shapes of a light curve in flux: one rise, one peak, one decline, perhaps an early peak; and their prior.

Flux is 1 at the main peak. The rise and the fade are given as the days from half of peak flux to the peak
and back to half of it, so that their sum is the time above half of peak flux by construction.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: The rise is 2^-(t/rise)^p.
_RISE_POWER = 1.8
#: Kinds of decline, x in units of the fade: (1 - tail) 2^-(x^q) + tail 2^(-x/4) as q, tail; with q = 0 the
#: power law (1 + x)^-1.75 of novae (Hachisu & Kato 2006; disruptions are close to it). Last, the prior share.
#: From that over an outburst and a bell with a tail (Ia, Ibc) to a plateau that drops onto a tail (II-P).
DECLINES = ((0.0, 0.0, 0.1), (0.85, 0.0, 0.1), (1.3, 0.12, 0.5), (2.5, 0.15, 0.3))
_BELL = 2
_POWER_LAW = 1.75
_TAIL_HALVES = 4.0

#: Rise and fade of ZTF Bright Transient Survey objects (every other one of those with both measured: 1,072),
#: as a mixture of Gaussians in log10 of days: weight, mean rise, mean fade, their deviations, correlation.
#: By expectation maximisation; the three are close to Ia-like, longer-lived, and short ones.
BTS_MIXTURE = (
    (0.825, 0.991, 1.147, 0.136, 0.131, -0.26),
    (0.147, 1.092, 1.456, 0.375, 0.198, 0.40),
    (0.028, 0.608, 0.822, 0.462, 0.410, 0.18),
)
#: Share of the prior that is even in log rise and log fade: what that survey of bright transients lacks.
BROAD_SHARE = 0.12

RISES = np.geomspace(0.6, 45.0, 12)
FADES = np.geomspace(1.2, 130.0, 14)
#: Limits of log10(fade/rise): outside it no transient is known.
_RATIO = (-0.7, 1.5)

#: Early peaks (shock cooling): flux over main peak, days before it in units of the rise, prior share of all.
EARLY_FLUX = (0.4, 0.8, 1.5)
EARLY_TIME = (1.6, 2.2)
EARLY_SHARE = 0.03
#: Rise and fall of the early peak to half of it, in units of the rise.
_EARLY_RISE, _EARLY_FADE = 0.12, 0.33
_EARLY_RISES = (4.0, 25.0)
_EARLY_FADES = (6.0, 40.0)


@dataclass(frozen=True, eq=False)
class Shapes:
    """m shapes, (m,) each: ``rise`` and ``fade`` in days, row of `DECLINES`, early peak, prior share."""

    rise: Floats
    fade: Floats
    decline: NDArray[np.int64]
    early_flux: Floats
    early_time: Floats
    prior: Floats

    def __len__(self) -> int:
        return len(self.rise)

    @property
    def duration(self) -> Floats:
        """Time above half of peak flux, days."""
        return self.rise + self.fade

    def take(self, rows: NDArray[np.integer]) -> "Shapes":
        """Some of the shapes; ``rows`` may have any number of dimensions."""
        columns = (self.rise, self.fade, self.decline, self.early_flux, self.early_time, self.prior)
        return Shapes(*(column[rows] for column in columns))

    def flux(self, days: Floats) -> Floats:
        """Flux at days from the main peak; broadcasts against the shapes' own dimensions."""
        power, tail, stretch = (column[self.decline] for column in _declines())
        with np.errstate(under="ignore"):
            before = np.exp2(-((np.maximum(-days, 0.0) / self.rise) ** _RISE_POWER))
            flux = before * _decline(stretch * np.maximum(days, 0.0) / self.fade, power, tail)
            if np.any(self.early_flux > 0):
                since = days + self.early_time * self.rise
                width = np.where(since < 0, _EARLY_RISE, _EARLY_FADE) * self.rise
                flux = flux + self.early_flux * np.exp2(-(np.abs(since / width) ** 1.3))
        return flux


def _decline(x: Floats, power: Floats, tail: Floats) -> Floats:
    bell = (1.0 - tail) * np.exp2(-(x**power)) + tail * np.exp2(-x / _TAIL_HALVES)
    return np.where(power > 0, bell, (1.0 + x) ** -_POWER_LAW)


def _declines() -> tuple[Floats, Floats, Floats]:
    """Power, tail, and the stretch that puts the half-peak point of each kind of decline at 1."""
    power, tail, _ = (np.array(column) for column in zip(*DECLINES, strict=True))
    low, high = np.full(len(power), 0.2), np.full(len(power), 2.0)
    for _ in range(40):
        x = 0.5 * (low + high)
        above = _decline(x, power, tail) > 0.5
        low, high = np.where(above, x, low), np.where(above, high, x)
    return power, tail, low


def prior_density(rise: Floats, fade: Floats) -> Floats:
    """Density of the prior per dex of rise and dex of fade, days from half of peak flux."""
    x, y = np.log10(rise), np.log10(fade)
    density = np.zeros(np.broadcast(x, y).shape)
    for weight, x0, y0, sx, sy, r in BTS_MIXTURE:
        u, v = (x - x0) / sx, (y - y0) / sy
        norm = weight / (2.0 * np.pi * sx * sy * np.sqrt(1.0 - r * r))
        density += norm * np.exp(-0.5 * (u * u - 2.0 * r * u * v + v * v) / (1.0 - r * r))
    area = np.log10(RISES[-1] / RISES[0]) * np.log10(FADES[-1] / FADES[0])
    return (1.0 - BROAD_SHARE) * density + BROAD_SHARE / area


def all_shapes() -> Shapes:
    """The grid of shapes with their prior, which sums to 1."""
    grid = np.indices((len(RISES), len(FADES), len(DECLINES))).reshape(3, -1)
    rise, fade, decline = RISES[grid[0]], FADES[grid[1]], grid[2].astype(np.int64)
    known = (np.log10(fade / rise) > _RATIO[0]) & (np.log10(fade / rise) < _RATIO[1])
    rise, fade, decline = rise[known], fade[known], decline[known]
    share = np.array([kind[2] for kind in DECLINES])
    prior = prior_density(rise, fade) * share[decline]
    single = Shapes(rise, fade, decline, np.zeros(len(rise)), np.ones(len(rise)), prior / prior.sum())
    able = np.flatnonzero(
        (decline == _BELL)
        & (rise > _EARLY_RISES[0])
        & (rise < _EARLY_RISES[1])
        & (fade > _EARLY_FADES[0])
        & (fade < _EARLY_FADES[1])
    )
    base, flux, time = (
        a.ravel() for a in np.meshgrid(able, np.array(EARLY_FLUX), np.array(EARLY_TIME), indexing="ij")
    )
    again = single.take(base)
    early_prior = again.prior / again.prior.sum()
    return Shapes(
        np.concatenate([single.rise, again.rise]),
        np.concatenate([single.fade, again.fade]),
        np.concatenate([single.decline, again.decline]),
        np.concatenate([single.early_flux, flux]),
        np.concatenate([single.early_time, time]),
        np.concatenate([(1.0 - EARLY_SHARE) * single.prior, EARLY_SHARE * early_prior]),
    )
