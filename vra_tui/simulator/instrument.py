"""A survey's own figures: telescope units, cadence, depth, detection (``data/<survey>.toml``)."""

import tomllib
from functools import cached_property
from importlib import resources
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vra_tui.simulator.kinds.spec import ScoreFigures, Share

_STRICT = ConfigDict(extra="forbid", frozen=True)


#: A band: one letter.
Band = Annotated[str, Field(pattern=r"^[a-z]$")]
SurveyName = Literal["atlas", "ztf", "lsst"]
SURVEYS: tuple[SurveyName, ...] = ("atlas", "ztf", "lsst")


class Unit(BaseModel):
    """One telescope unit. Limits: 5-sigma magnitudes at the zenith in a dark clear night; fwhm in arcsec.

    ``dark``, ``grey``, ``bright``: what is exposed by the Moon's illumination (below 0.1, below 0.35, above):
    bands and their shares. Of several letters (``gr``) the exposures of a visit take one after the other.
    """

    model_config = _STRICT
    code: str = Field(pattern=r"^[0-9A-Za-z]{1,12}$")
    site: str
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    #: Bands of declination that it looks at: from, to (degrees), and nights from visit to visit.
    bands: tuple[tuple[float, float, Annotated[int, Field(ge=1)]], ...] = Field(min_length=1)
    phase: int = Field(ge=0)
    limits: dict[Band, Annotated[float, Field(gt=15, lt=27)]]
    dark: dict[str, Share]
    grey: dict[str, Share]
    bright: dict[str, Share]
    fwhm: float = Field(gt=0)
    closed: float = Field(ge=0, lt=1)

    @model_validator(mode="after")
    def _deep_in_all(self) -> Self:
        used = {letter for plan in (self.dark, self.grey, self.bright) for bands in plan for letter in bands}
        if missing := used - self.limits.keys():
            raise ValueError(f"unit {self.code}: no limit in {', '.join(sorted(missing))}")
        return self


class Cadence(BaseModel):
    """How often a position is visited, and how often exposed in a visit."""

    model_config = _STRICT
    exposures: tuple[float, ...]
    spacing_minutes: float = Field(gt=0)
    spacing_dex: float = Field(ge=0)
    repeat: float = Field(ge=0, le=1)
    lost: float = Field(ge=0, lt=1)
    airmass_limit: float = Field(gt=1)
    #: Whether a band is chosen for a whole night of a unit, or for each visit.
    band_by: Literal["night", "visit"] = "night"


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
    #: No exposure goes deeper than this.
    deepest: float = 20.6


class Detection(BaseModel):
    """From a signal in an exposure to a detection, and from detections to an alert.

    ``for_an_alert``: so many detections in one night raise one. ``each_alerts``: every detection of the
    stream's nights sends a packet of its own, of either sign, whatever was there before.
    """

    model_config = _STRICT
    for_an_alert: int = Field(default=3, ge=1)
    each_alerts: bool = False
    ceiling: float = Field(gt=0, le=1)
    half: float
    width: float = Field(gt=0)
    threshold: float
    position_floor: float = Field(ge=0)
    position_centroid: float = Field(ge=0)
    tracking_ra: tuple[float, float]
    #: Of a position in degrees, as delivered.
    decimals: int = 5
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


class SurveyKinds(BaseModel):
    """What a survey makes of the kinds, whose figures are those of ATLAS.

    ``deeper``: magnitudes by which faint ends lie deeper, ``residuals``: by which residuals are fainter;
    ``saturates``: nothing brighter is found.
    ``scores``: real/bogus scores by family or kind in place of the kinds' own; none is below ``lowest``.
    ``shares``: of kinds within their label. ``unsteady``: scatter (logit) of one source's scores.
    """

    model_config = _STRICT
    deeper: float = 0.0
    residuals: float = 0.0
    saturates: float = 0.0
    lowest: float = Field(default=0.2, ge=0, lt=1)
    scores: dict[str, tuple[ScoreFigures, ...]] = {}
    shares: dict[str, Annotated[float, Field(ge=0)]] = {}
    unsteady: float = Field(default=0.0, ge=0)


class Instrument(BaseModel):
    """A survey: all telescope units that the simulator knows, and how they work."""

    model_config = _STRICT
    survey: SurveyName
    cadence: Cadence
    depth: Depth
    detection: Detection
    doubles: Doubles
    sources: SurveyKinds = SurveyKinds()
    units: tuple[Unit, ...]

    @classmethod
    def shipped(cls, survey: str = "atlas") -> Self:
        """The figures of a survey that come with the package."""
        text = resources.files(__package__).joinpath(f"data/{survey}.toml").read_text(encoding="utf-8")
        return cls.model_validate({"survey": survey, **tomllib.loads(text)})

    @cached_property
    def bands(self) -> tuple[str, ...]:
        """The bands that any unit exposes in."""
        return tuple(dict.fromkeys(band for unit in self.units for band in unit.limits))

    def unit_index(self, code: str) -> int:
        """Place of a unit in `units`. Raises KeyError for an unknown one."""
        for index, unit in enumerate(self.units):
            if unit.code == code:
                return index
        raise KeyError(code)
