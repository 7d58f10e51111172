"""Optics of each survey: scale, depth, orientation, masks, and errors of subtraction.

Figures are measured on real packets (docs/stamps.md says on how many). Brightness is in the unit of the
survey's images.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.simulator.stamps.columns import Columns, column

#: FWHM of a Gaussian in units of its standard deviation.
FWHM_OF_SIGMA = 2.354820045


@dataclass(frozen=True)
class Optics:
    """One survey's camera and pipeline; the same for all of its alerts."""

    survey: str
    size: int
    """Pixels on a side."""
    pixel: float
    """Arcseconds a pixel."""
    centre: float
    """Index (from 0) of the pixel coordinate, along both axes, about which the source is placed."""
    unit: str
    """Value of BUNIT."""
    zero_point: float
    """AB magnitude of one unit of flux on a clear night."""
    gain: float
    """Electrons a unit."""
    read_variance: float
    """Variance of an empty, dark pixel, in squared units."""
    beta: int
    """Exponent of the Moffat point-spread function."""
    fwhm: tuple[float, float]
    """Median seeing (arcsec) and its scatter in ln."""
    template_fwhm: tuple[float, float]
    """The same of the template."""
    sky: tuple[float, float]
    """Median counts of the background and their scatter in ln: they make the noise."""
    keeps_sky: bool
    """Whether the background stays in the science image and template (LSST subtracts it)."""
    template_depth: float
    """Noise of the template in units of that of the science image."""
    difference_depth: float
    """What the difference has of the science image's noise; the template's comes on top."""
    noise_share: float
    """Correlation of the noise of the difference with that of the science image."""
    registration: float
    """Scatter of the registration, in pixels, each axis."""
    mismatch: float
    """Scatter of the relative error with which the two widths are matched."""
    jitter: float
    """Residual of a pixel, at random, as a share of the light in it, where that fills the pixel."""
    jitter_slope: float
    """How that falls with the light: 1 in proportion, less where it reaches into the wings of stars."""
    saturation: float
    """Counts of a full pixel."""
    mask: float
    """What stands in a pixel of the difference that is not valid: NaN or a number."""
    masks_all: bool
    """Whether science image and template are masked where the difference is."""
    template_wings: float
    """Streaks along rows beside bright stars of half of the templates, as a share of the peak."""
    stray_masks: float
    """Share of stamps with a masked square that no star in them explains."""
    has_template: bool
    integers: bool
    """Whether pixels hold whole numbers (cut off towards zero)."""
    north_up: bool
    """Whether Dec grows with the row at rotation 0. RA falls with the column for all."""
    inverts_negative: bool
    """Whether the difference of a negative source is template minus science (ZTF: `refmsci`)."""
    rotates: bool
    """Whether each exposure has its own angle on the sky."""
    striped_nights: float
    """Share of exposures whose columns differ in level."""
    spike_angle: float
    """Where the four spikes of bright stars stand on the chip, deg from its columns."""
    form: Literal["bare", "exposure", "triple"]
    """How packets carry an image: gzipped FITS without a header to speak of; FITS with the exposure's header;
    FITS of image, variance and PSF."""

    def to_pixels(
        self, east: ArrayLike, north: ArrayLike, rotation: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Offsets on the sky (arcsec) as offsets along columns and rows (pixels).

        `rotation` (deg) is that of LSST's ROTPA; with 0, east is towards lower columns. The matrix is its own
        inverse but for the scale (and the direction of the rows): header cards use it as it stands.
        """
        angle = np.radians(rotation)
        cos, sin = np.cos(angle), np.sin(angle)
        east, north = np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)
        rows = 1.0 if self.north_up else -1.0
        return (sin * north - cos * east) / self.pixel, rows * (sin * east + cos * north) / self.pixel

    def flux(self, mag: ArrayLike, zero_point: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Flux of a magnitude in the unit of the images; 0 where the magnitude is NaN (nothing there)."""
        flux = 10.0 ** (-0.4 * (np.asarray(mag, dtype=np.float64) - zero_point))
        return np.where(np.isfinite(flux), flux, 0.0)


@dataclass(frozen=True)
class StampExposures(Columns):
    """The exposure each alert was found in, one row an alert."""

    zero_point: NDArray[np.float64]
    """AB magnitude of one unit of flux."""
    fwhm: NDArray[np.float64]
    """Seeing of the science image, arcsec."""
    template_fwhm: NDArray[np.float64]
    """Seeing of the template, arcsec."""
    sky: NDArray[np.float64]
    """Background that stands in the images, units."""
    sky_rms: NDArray[np.float64]
    """Noise of an empty pixel of the science image, units."""
    template_rms: NDArray[np.float64]
    """The same of the template."""
    stripes: NDArray[np.float64]
    """Noise that is one for a whole column, as a share of `sky_rms`."""
    rotation: NDArray[np.float64]
    """Angle on the sky, deg; 0 where the camera does not turn."""

    @classmethod
    def typical(cls, optics: Optics, n: int, rng: np.random.Generator, limit: ArrayLike = np.nan) -> Self:
        """Nights as the survey has them; a `limit` (5-sigma magnitude, one or n) sets the noise."""
        fwhm = optics.fwhm[0] * np.exp(optics.fwhm[1] * rng.standard_normal(n))
        counts = optics.sky[0] * np.exp(optics.sky[1] * rng.standard_normal(n))
        rms = np.sqrt(counts / optics.gain + optics.read_variance)
        # Reduction adds a tenth, more on some nights: measured against counts and gain.
        rms *= 1.1 * np.exp(0.15 * rng.standard_normal(n))
        zero_point = optics.zero_point - np.abs(0.1 * rng.standard_normal(n))
        limit = column(limit, n)
        # Five sigma of a source fitted with its PSF: 5 rms sqrt(4 pi) sigma (King 1983, PASP 95, 163).
        sigma = fwhm / optics.pixel / FWHM_OF_SIGMA
        told = optics.flux(limit, zero_point) / (5.0 * np.sqrt(4.0 * np.pi) * sigma)
        rms = np.where(np.isfinite(limit), told, rms)
        rotation = rng.uniform(0.0, 360.0, n) if optics.rotates else np.zeros(n)
        striped = rng.random(n) < optics.striped_nights
        return cls(
            zero_point=zero_point,
            fwhm=fwhm,
            template_fwhm=optics.template_fwhm[0] * np.exp(optics.template_fwhm[1] * rng.standard_normal(n)),
            sky=counts if optics.keeps_sky else np.zeros(n),
            sky_rms=rms,
            template_rms=optics.template_depth * rms * np.exp(0.2 * rng.standard_normal(n)),
            stripes=np.where(striped, rng.uniform(0.08, 0.35, n), 0.0),
            rotation=rotation,
        )


ZTF = Optics(
    survey="ztf",
    size=63,
    pixel=1.012,
    centre=31.0,
    unit="DN",
    zero_point=26.25,
    gain=6.2,
    read_variance=2.6,
    beta=3,
    fwhm=(1.92, 0.14),
    template_fwhm=(2.05, 0.06),
    sky=(165.0, 0.45),
    keeps_sky=True,
    template_depth=0.23,
    difference_depth=0.91,
    noise_share=0.86,
    registration=0.03,
    mismatch=0.035,
    jitter=0.035,
    jitter_slope=1.0,
    saturation=50_000.0,
    mask=float("nan"),
    masks_all=True,
    template_wings=0.0025,
    stray_masks=0.09,
    has_template=True,
    integers=False,
    north_up=False,
    inverts_negative=True,
    rotates=False,
    striped_nights=0.25,
    spike_angle=0.0,
    form="bare",
)
ATLAS = Optics(
    survey="atlas",
    size=61,
    pixel=1.862,
    centre=30.0,
    unit="adu",
    zero_point=25.85,
    gain=2.05,
    read_variance=29.7,
    beta=3,
    fwhm=(3.85, 0.1),
    template_fwhm=(3.9, 0.05),
    sky=(420.0, 0.3),
    keeps_sky=True,
    template_depth=0.25,
    difference_depth=0.97,
    noise_share=0.94,
    registration=0.04,
    mismatch=0.07,
    jitter=0.05,
    jitter_slope=0.7,
    saturation=46_574.0,
    mask=-31_415.0,
    masks_all=False,
    template_wings=0.0,
    stray_masks=0.0,
    has_template=False,
    integers=True,
    north_up=True,
    inverts_negative=False,
    rotates=False,
    striped_nights=0.0,
    spike_angle=45.0,
    form="exposure",
)
LSST = Optics(
    survey="lsst",
    size=30,
    pixel=0.2,
    centre=14.5,
    unit="nJy",
    zero_point=31.4,
    gain=1.55,
    read_variance=100.0,
    beta=4,
    fwhm=(1.0, 0.14),
    template_fwhm=(0.82, 0.1),
    sky=(2100.0, 0.25),
    keeps_sky=False,
    template_depth=0.14,
    difference_depth=1.0,
    noise_share=0.98,
    registration=0.03,
    mismatch=0.01,
    jitter=0.003,
    jitter_slope=1.0,
    saturation=3.0e6,
    mask=float("nan"),
    masks_all=True,
    template_wings=0.0,
    stray_masks=0.0,
    has_template=True,
    integers=False,
    north_up=True,
    inverts_negative=False,
    rotates=True,
    striped_nights=0.0,
    spike_angle=0.0,
    form="triple",
)
#: The surveys that stamps are drawn for, by name.
OPTICS: Mapping[str, Optics] = MappingProxyType({optics.survey: optics for optics in (ATLAS, ZTF, LSST)})
