"""The template bank: every shape at every time of peak, on fixed nodes of time, with its prior.

Fluxes between nodes are interpolated linearly. A measurement is therefore laid on its two neighbouring nodes
once, and the sums over epochs that a linear fit needs become one matrix product for all templates.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vra_tui.lightcurve.shape import Shapes, all_shapes

Floats = NDArray[np.float64]

#: Days from the first detection that a fit looks at.
FIRST_DAY, LAST_DAY = -30.0, 400.0
#: Speeds: time above half of peak flux, days.
FAST_BELOW, SLOW_ABOVE = 12.0, 60.0

#: Peaks are tried at these times from the first detection, in rises when still to come, in fades when past.
_AHEAD = np.arange(0.0, 3.01, 0.25)
_PAST = -np.array([0.2, 0.45, 0.8, 1.25, 1.8, 2.6, 3.6])
_LATEST_ENTRY = -90.0
#: Prior share of transients first detected after their peak, and how fast that becomes rarer, in fades.
_LATE_SHARE, _LATE_FADES = 0.2, 0.7
#: Flux, in units of the peak, that is taken as none.
_NEGLIGIBLE = 1e-6
#: Width of one shape's duration, dex: the spacing of the grid, so that the durations have no gaps.
_DURATION_WIDTH = 0.14


@dataclass(frozen=True, eq=False)
class Bank:
    """k templates on d nodes.

    ``nodes``: days from the first detection, (d,). ``shape``: row of ``shapes``, (k,). ``peak``: day of the
    main peak, (k,). ``flux``, ``square``: flux and its square at the nodes, (d, k), float32. ``log_prior``:
    (k,). ``durations``: (c,) days, and ``below``: share of a template at or below each, (k, c), float32; the
    last two durations are the limits of fast and slow.
    """

    nodes: Floats
    shapes: Shapes
    shape: NDArray[np.int64]
    peak: Floats
    flux: NDArray[np.float32]
    square: NDArray[np.float32]
    log_prior: NDArray[np.float32]
    durations: Floats
    below: NDArray[np.float32]
    has_early: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.peak)


def _nodes() -> Floats:
    """Half days around the first detection, where things are fast, and ever wider later."""
    return np.concatenate(
        [
            np.arange(FIRST_DAY, -4.0, 2.0),
            np.arange(-4.0, 12.0, 0.5),
            np.arange(12.0, 40.0, 1.5),
            np.arange(40.0, 100.0, 4.0),
            np.geomspace(100.0, LAST_DAY, 14),
        ]
    )


def _peaks(shapes: Shapes) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Shape, peak day and log prior of every template."""
    day = np.concatenate([np.outer(shapes.rise, _AHEAD), np.outer(shapes.fade, _PAST)], axis=1)
    day.sort(axis=1)
    # A single shape is met anywhere along its rise; after the peak ever less often.
    ahead = (1.0 - _LATE_SHARE) / (_AHEAD[-1] * shapes.rise)[:, None] * np.ones_like(day)
    scale = _LATE_FADES * shapes.fade[:, None]
    density = np.where(day >= 0, ahead, _LATE_SHARE / scale * np.exp(np.minimum(day, 0.0) / scale))
    width = np.gradient(day, axis=1)
    log_prior = np.log(density * width * shapes.prior[:, None])
    used = day >= _LATEST_ENTRY
    # An early peak is only told apart when the rise is seen.
    used &= (shapes.early_flux[:, None] == 0) | (day > 0.5 * shapes.rise[:, None])
    rows = np.broadcast_to(np.arange(len(shapes))[:, None], day.shape)
    return rows[used], day[used], log_prior[used]


def make_bank(shapes: Shapes) -> Bank:
    """The bank of the given shapes."""
    nodes = _nodes()
    shape, peak, log_prior = _peaks(shapes)
    flux = shapes.take(shape).flux(nodes[:, None] - peak).astype(np.float32)
    # Products of very small numbers are denormal, and those are a hundred times slower.
    flux[flux < _NEGLIGIBLE] = 0.0
    durations = np.concatenate([np.geomspace(1.5, 200.0, 60), [FAST_BELOW, SLOW_ABOVE]])
    offset = np.log10(durations) - np.log10(shapes.duration[shape])[:, None]
    return Bank(
        nodes,
        shapes,
        shape,
        peak,
        flux,
        flux * flux,
        log_prior.astype(np.float32),
        durations,
        np.clip(offset / _DURATION_WIDTH + 0.5, 0.0, 1.0).astype(np.float32),
        (shapes.early_flux[shape] > 0).astype(np.float32),
    )


@cache
def default_bank() -> Bank:
    """The bank of all shapes, made on first use: some tens of milliseconds."""
    return make_bank(all_shapes())
