"""Draw the parts of a scene that are not known of an alert: stars, host, seeing."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.simulator.stamps.columns import column
from vra_tui.simulator.stamps.optics import FWHM_OF_SIGMA, Optics, StampExposures
from vra_tui.simulator.stamps.scene import Scene, StampSource, Stars

#: Slope of log10 of the number of stars with magnitude, between 12 and 22.
STAR_SLOPE = 0.25
#: How far below the limit of an exposure stars are drawn, in magnitudes: they show in the template.
BELOW_LIMIT = 2.0


def imagine(
    optics: Optics,
    kind: ArrayLike,
    mag: ArrayLike,
    rng: np.random.Generator,
    *,
    night: StampExposures | None = None,
    crowding: ArrayLike | None = None,
    **columns: ArrayLike,
) -> Scene:
    """A scene of n alerts of these kinds and magnitudes; whatever is not given is drawn from `rng`.

    Args:
        optics: The survey.
        kind: n values of StampSource.
        mag: n AB magnitudes, or one.
        rng: Source of all that is drawn.
        night: The exposures (n rows); typical ones by default.
        crowding: Stars above magnitude 20 in a square arcminute, one value or n; by default 0.5 to 60.
        **columns: Columns of a Scene that are known (a host's offset, the sign), one value or n.

    Raises:
        ValueError: A column that a scene does not have, or of another length.
    """
    kind = np.atleast_1d(np.asarray(kind, np.int8))
    n = len(kind)
    mag = column(mag, n)
    night = night or StampExposures.typical(optics, n, rng)
    if crowding is None:
        crowding = np.clip(4.0 * np.exp(1.1 * rng.standard_normal(n)), 0.5, 60.0)
    negative = column(columns.pop("negative", False), n, np.bool_)
    drawn = {
        "angle": rng.uniform(0.0, 360.0, n),
        "length": _lengths(kind, optics, night, rng),
        "dx": rng.uniform(-0.5, 0.5, n),
        "dy": rng.uniform(-0.5, 0.5, n),
    }
    drawn["angle"] = np.where(kind == StampSource.BAD_COLUMN, 90.0 * (rng.random(n) < 0.25), drawn["angle"])
    # Spikes stand where the vanes of the mirror put them, and turn with the camera.
    spikes = night.rotation + 90.0 * rng.integers(0, 4, n) + optics.spike_angle + 4.0 * rng.standard_normal(n)
    drawn["angle"] = np.where(kind == StampSource.BRIGHT_STAR, spikes, drawn["angle"])
    drawn |= _hosts(kind, mag, rng)
    given = {name: column(value, n) for name, value in columns.items()}
    drawn |= given
    if "counterpart_mag" not in given:
        drawn["counterpart_mag"] = _counterparts(kind, mag, negative, drawn, optics, night, rng)
    seed = rng.integers(0, 2**63, n, dtype=np.uint64)
    stars = _stars(optics, night, column(crowding, n), rng)
    return Scene.of(kind, mag, night, seed, stars, negative=negative, **drawn)


def _lengths(
    kind: NDArray[np.int8], optics: Optics, night: StampExposures, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Sizes of shifts, tracks and holes (arcsec) as StampSource has them, in terms of pixel and seeing."""
    n = len(kind)
    share = rng.random(n)
    pixel, half = optics.pixel, 0.5 * optics.size * optics.pixel
    by_kind = {
        StampSource.DIPOLE: night.fwhm * (0.15 + 0.35 * share),
        StampSource.PM_STAR: night.fwhm * (0.3 + 1.4 * share),
        StampSource.COSMIC_RAY: pixel * 6.0 * share**3,
        StampSource.MOVER: night.fwhm * 0.8 * share,
        StampSource.BAD_COLUMN: pixel * (1.0 + (share > 0.8)),
        # On a stamp of a few arcseconds there is no room for the star.
        StampSource.BRIGHT_STAR: half * (1.4 + 1.2 * share if half < 10.0 else 0.35 + 0.5 * share),
        StampSource.BAD_TEMPLATE: half * (0.3 + 0.25 * share),
        StampSource.GHOST: half * (0.6 + 0.7 * share),
        StampSource.TRAILED_NIGHT: night.fwhm * (1.0 + 1.2 * share),
        StampSource.EDGE: half * (0.05 + 0.5 * share),
    }
    lengths = np.zeros(n)
    for which, values in by_kind.items():
        lengths = np.where(kind == which, values, lengths)
    return lengths


def _hosts(
    kind: NDArray[np.int8], mag: NDArray[np.float64], rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Galaxies for three transients in four and all AGN; sizes fall with brightness as in bright surveys."""
    n = len(kind)
    transient = np.isin(kind, (StampSource.TRANSIENT, StampSource.EDGE))
    hosted = transient & (rng.random(n) < 0.75) | (kind == StampSource.AGN)
    host_mag = np.where(transient, mag + 1.4 * rng.standard_normal(n) - 1.8, mag - 1.5 - rng.random(n))
    re = np.clip(2.1 * 10 ** (-0.2 * (host_mag - 18.0)) * np.exp(0.35 * rng.standard_normal(n)), 0.25, 18.0)
    away = np.where(kind == StampSource.AGN, 0.0, re * rng.rayleigh(0.7, n))
    toward = rng.uniform(0.0, 2 * np.pi, n)
    bulge = 0.8 * rng.random(n) ** 2
    return {
        "host_mag": np.where(hosted, host_mag, np.nan),
        "host_re": re,
        "host_q": rng.uniform(0.25, 1.0, n),
        "host_pa": rng.uniform(0.0, 180.0, n),
        "host_bulge": bulge,
        "host_arms": np.where((re > 4.0) & (bulge < 0.5), rng.uniform(0.05, 0.4, n), 0.0),
        "host_east": away * np.sin(toward),
        "host_north": away * np.cos(toward),
    }


def _counterparts(
    kind: NDArray[np.int8],
    mag: NDArray[np.float64],
    negative: NDArray[np.bool_],
    drawn: dict[str, NDArray[np.float64]],
    optics: Optics,
    night: StampExposures,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """The star in the template that makes a residual of that magnitude; NaN for what has none."""
    n = len(kind)
    sigma = night.fwhm / FWHM_OF_SIGMA
    # Of two Gaussians of flux C, L apart, what one has more than the other is C erf(L / (2 sqrt(2) s)).
    lobe = _erf(np.maximum(drawn["length"], 0.02 * night.fwhm) / (2 * np.sqrt(2) * sigma))
    half = 0.5 * optics.size * optics.pixel
    by_kind = {
        # Dimming takes at most what is there; a star in outburst was fainter.
        StampSource.VARIABLE: np.where(
            negative, mag - rng.uniform(0.3, 2.0, n), mag + rng.uniform(-2.0, 2.5, n)
        ),
        StampSource.AGN: np.where(negative, mag - 1.0, mag - rng.uniform(-0.5, 1.0, n)),
        StampSource.DIPOLE: mag + 2.5 * np.log10(lobe),
        StampSource.PM_STAR: mag + 2.5 * np.log10(lobe),
        StampSource.TRAILED_NIGHT: mag - 1.2,
        StampSource.BAD_TEMPLATE: mag,
        # Bright enough to saturate, more so where the spike reaches far.
        StampSource.BRIGHT_STAR: _saturating(optics, night)
        - 1.0
        - 4.0 * drawn["length"] / half * rng.uniform(0.5, 1.0, n),
    }
    counterpart = np.full(n, np.nan)
    for which, values in by_kind.items():
        counterpart = np.where(kind == which, values, counterpart)
    return counterpart


def _saturating(optics: Optics, night: StampExposures) -> NDArray[np.float64]:
    """Magnitude of a star whose brightest pixel is just full."""
    sigma = night.fwhm / optics.pixel / FWHM_OF_SIGMA
    return night.zero_point - 2.5 * np.log10(optics.saturation * 2 * np.pi * sigma**2)


def _erf(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Error function of x >= 0 to 5e-4 (Abramowitz & Stegun 7.1.27): numpy has none."""
    return 1 - (1 + x * (0.278393 + x * (0.230389 + x * (0.000972 + x * 0.078108)))) ** -4


def _stars(
    optics: Optics, night: StampExposures, crowding: NDArray[np.float64], rng: np.random.Generator
) -> Stars:
    """Neighbours, evenly over the stamp and a little beyond, of numbers that rise with magnitude."""
    side = (optics.size + 8) * optics.pixel
    sigma = night.fwhm / optics.pixel / FWHM_OF_SIGMA
    limit = night.zero_point - 2.5 * np.log10(5 * night.sky_rms * np.sqrt(4 * np.pi) * sigma)
    faintest = limit + BELOW_LIMIT
    expected = crowding * (side / 60.0) ** 2 * 10 ** (STAR_SLOPE * (np.minimum(faintest, 22.0) - 20.0))
    alert = np.repeat(np.arange(len(night)), rng.poisson(expected))
    m = len(alert)
    mag = faintest[alert] + np.log10(rng.random(m)) / STAR_SLOPE
    return Stars(
        alert=alert,
        east=rng.uniform(-0.5, 0.5, m) * side,
        north=rng.uniform(-0.5, 0.5, m) * side,
        mag=np.maximum(mag, 10.0),
    )
