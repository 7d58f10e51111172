"""The survey's own figures: telescope units, cadence, depth, detection (``data/survey.toml``)."""

import tomllib
from importlib import resources
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

_STRICT = ConfigDict(extra="forbid", frozen=True)


class Unit(BaseModel):
    """One telescope unit. Limits: 5-sigma magnitudes at the zenith in a dark clear night; fwhm in arcsec."""

    model_config = _STRICT
    code: str = Field(pattern=r"^\d\d[a-z]$")
    site: str
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    #: Bands of declination that it looks at: from, to (degrees), and nights from visit to visit.
    bands: tuple[tuple[float, float, Annotated[int, Field(ge=1)]], ...] = Field(min_length=1)
    phase: int = Field(ge=0)
    limit_o: float = Field(gt=15, lt=25)
    limit_c: float = Field(gt=15, lt=25)
    cyan_dark: float = Field(ge=0, le=1)
    cyan_grey: float = Field(ge=0, le=1)
    cyan_bright: float = Field(ge=0, le=1)
    fwhm: float = Field(gt=0)
    closed: float = Field(ge=0, lt=1)


class Cadence(BaseModel):
    """How often a position is visited, and how often exposed in a visit."""

    model_config = _STRICT
    exposures: tuple[float, ...]
    spacing_minutes: float = Field(gt=0)
    spacing_dex: float = Field(ge=0)
    repeat: float = Field(ge=0, le=1)
    lost: float = Field(ge=0, lt=1)
    airmass_limit: float = Field(gt=1)


class Depth(BaseModel):
    """What changes the 5-sigma limit of an exposure, magnitudes."""

    model_config = _STRICT
    moon: float
    moon_power: float
    airmass: float
    night_scatter: float
    quad_scatter: float
    exposure_scatter: float
    cloud_share: float = Field(ge=0, le=1)
    cloud_mean: float = Field(ge=0)
    cloud_exposure_scatter: float = Field(ge=0)


class Detection(BaseModel):
    """From a signal in an exposure to a detection, and from detections to an alert."""

    model_config = _STRICT
    ceiling: float = Field(gt=0, le=1)
    half: float
    width: float = Field(gt=0)
    threshold: float
    position_floor: float = Field(ge=0)
    position_centroid: float = Field(ge=0)
    tracking_ra: tuple[float, float]
    chance: float = Field(ge=0, lt=1)
    ingest_hours: float = Field(gt=0)
    ingest_dex: float = Field(ge=0)


class Doubles(BaseModel):
    """Exposures with two detections: of which share of alerts, and of how many of their exposures.

    ``apart_fwhm``: how far from each other, in widths of the point-spread; ``fainter_mag``: mean and spread
    of the difference, whose sign is dropped.
    """

    model_config = _STRICT
    alerts: float = Field(ge=0, le=1)
    share: float = Field(ge=0, le=1)
    apart_fwhm: float = Field(gt=0)
    fainter_mag: tuple[float, float]


class Instrument(BaseModel):
    """The survey: all telescope units that the simulator knows, and how they work."""

    model_config = _STRICT
    cadence: Cadence
    depth: Depth
    detection: Detection
    doubles: Doubles
    units: tuple[Unit, ...]

    @classmethod
    def shipped(cls) -> Self:
        """The figures that come with the package."""
        text = resources.files(__package__).joinpath("data/survey.toml").read_text(encoding="utf-8")
        return cls.model_validate(tomllib.loads(text))

    def unit_index(self, code: str) -> int:
        """Place of a unit in `units`. Raises KeyError for an unknown one."""
        for index, unit in enumerate(self.units):
            if unit.code == code:
                return index
        raise KeyError(code)
