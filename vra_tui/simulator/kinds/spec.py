"""The figures of every kind, as they stand in ``data/kinds.toml``."""

import tomllib
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_STRICT = ConfigDict(extra="forbid", frozen=True)
Share = Annotated[float, Field(ge=0, le=1)]
#: Median, and spread in dex (log-normal).
LogNormal = tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(ge=0)]]
#: Mean and standard deviation.
Normal = tuple[float, Annotated[float, Field(ge=0)]]
Label = Literal["good", "galactic", "garbage", "pm"]


class SkyFigures(BaseModel):
    """Where a kind is found, see `sky.Density`."""

    model_config = _STRICT
    even: float = Field(default=1.0, ge=0)
    disc: float = Field(default=0.0, ge=0)
    disc_height: float = Field(default=5.0, gt=0)
    disc_length: float = Field(default=35.0, gt=0)
    reddened: float = Field(default=0.0, ge=0)
    south: float = Field(default=1.0, gt=0)
    far_south: float = Field(default=1.0, gt=0)


class ScoreFigures(BaseModel):
    """One part of a kind's real/bogus scores, in logits: normal, or ``tail`` above the lowest score listed.

    ``per_dex``, ``per_dex_number``: how much the logit rises with the decimal logarithm of the
    signal-to-noise over 8, and of the number of recent detections over 5, whose stamps it judges.
    """

    model_config = _STRICT
    share: Share
    normal: Normal | None = None
    tail: float | None = Field(default=None, gt=0)
    per_dex: float = 0.0
    per_dex_number: float = 0.0


class MatchFigures(BaseModel):
    """One way in which Sherlock matches a kind: class, catalogue, separation and redshifts.

    ``kpc``: projected offset of a host, which the redshift turns into arcsec; else ``arcsec``; or ``beyond``
    a radius in arcsec, by a mean of so many dex (what lies closer to a star never reaches the list).
    ``redshift``: of a galaxy that has nothing to do with the source.
    """

    model_config = _STRICT
    share: Share
    sherlock: Literal["VS", "CV", "BS", "AGN", "NT", "SN", "ORPHAN", "UNCLEAR", "HPMS"]
    catalogue: Literal["galaxy", "star", "agn", "cv", "none"]
    kpc: LogNormal | None = None
    arcsec: LogNormal | None = None
    beyond: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] | None = None
    redshift: LogNormal = (0.05, 0.35)
    spectroscopic: Share = 0.0
    photometric: Share = 0.0
    wrong: Share = 0.0


class _Kind(BaseModel):
    model_config = _STRICT
    label: Label
    share: float = Field(ge=0)
    sky: SkyFigures = SkyFigures()
    scores: tuple[ScoreFigures, ...] = Field(min_length=1)
    matches: tuple[MatchFigures, ...] = Field(min_length=1)
    #: Share of nights with three detections that do not reach the eyeball list (their score was below 0.2).
    overlooked: Share = 0.0
    #: Scatter of positions beside the centroid's, arcsec: crowding, saturation, a host's light.
    jitter: LogNormal = (0.05, 0.3)
    #: Share of alerts that TNS lists, and the delay of its row in days.
    tns: Share = 0.0
    tns_delay: LogNormal = (2.0, 0.5)


class Explosion(_Kind):
    """Sources that rise once and fade: supernovae, fast transients, tidal disruptions, novae.

    ``absolute``: peak magnitude in o; ``rise`` and ``fade``: days from and to half of peak flux;
    ``steepness``: 1 fades exponentially, 3 stays on a plateau first; ``tail``: share of peak flux in the slow
    tail; ``colour``: c - o at peak; ``reddening``: its change per fade time. Numbers of apparent peaks go as
    10^(slope m) from ``brightest`` to ``faintest``. ``late``: share that is found up to ``late_days`` late.
    ``early_peak``: share with a first, blue peak of ``early_depth`` magnitudes below the main one.
    """

    family: Literal["explosion"]
    absolute: Normal
    rise: LogNormal
    fade: LogNormal
    steepness: Normal = (1.2, 0.1)
    tail: Share = 0.05
    colour: Normal = (0.0, 0.1)
    reddening: float = 0.1
    brightest: float = 13.0
    faintest: float = 19.8
    slope: float = 0.6
    late: Share = 0.08
    late_days: float = 40.0
    #: Magnitude in which the survey can find it on its rise.
    found_at: float = 19.5
    early_peak: Share = 0.0
    early_depth: Normal = (0.3, 0.3)
    host: bool = True


class Outburst(_Kind):
    """Sources that flare up again and again: dwarf novae, flares of M dwarfs.

    ``peak``: magnitudes, ``peak_slope`` of their counts; ``rise``, ``plateau``, ``fade``: days (fade by one
    magnitude); ``recurrence``: days; ``recurs``: share with earlier outbursts in reach; ``rapid``: the
    scatter of magnitudes from exposure to exposure (flickering).
    """

    family: Literal["outburst"]
    brightest: float
    faintest: float
    slope: float
    rise: LogNormal
    plateau: LogNormal
    fade: LogNormal
    recurrence: LogNormal
    recurs: Share
    rapid: float = 0.05
    colour: Normal = (-0.1, 0.15)


class Variable(_Kind):
    """Sources that vary about a reference image: variable stars and AGN.

    ``period``: days; ``irregular``: the share of the swing without a period; ``negative``: where between the
    mean (0) and the maximum (1) the reference stands, below the mean if negative.
    """

    family: Literal["variable"]
    brightest: float
    faintest: float
    slope: float
    period: LogNormal
    irregular: Share
    negative: Normal
    colour: Normal = (0.2, 0.3)


class Residual(_Kind):
    """What is left of a subtraction: proper-motion dipoles, bad subtractions, artefacts of bright stars.

    ``magnitude``: of the typical residual; ``nightly`` and ``single``: its scatter from night to night and
    exposure to exposure; ``by_unit``: from unit to unit; ``fresh``: share that begins shortly before (new
    reference, new artefact), within ``fresh_days``; ``signed``: share of alerts with detections of either
    sign; ``streak``: scatter along RA and Dec, arcsec; ``one_night``: nothing before and after
    so many days (``lasts``) from the exposure that finds it.
    """

    family: Literal["residual"]
    magnitude: Normal
    nightly: LogNormal
    single: LogNormal
    by_unit: float = 0.3
    fresh: Share = 0.0
    fresh_days: float = 30.0
    signed: Share = 0.1
    streak: tuple[float, float] = (0.0, 0.0)
    one_night: bool = False
    lasts: float = 0.5
    colour: Normal = (0.0, 0.3)


class Mover(_Kind):
    """Asteroids caught three times in one night. ``rate``: arcsec per hour."""

    family: Literal["mover"]
    brightest: float
    faintest: float
    slope: float
    rate: LogNormal
    colour: Normal = (0.3, 0.1)


Kind = Annotated[Explosion | Outburst | Variable | Residual | Mover, Field(discriminator="family")]


class Kinds(BaseModel):
    """All kinds by name."""

    model_config = _STRICT
    kinds: dict[str, Kind]


def shipped_kinds() -> dict[str, Kind]:
    """The kinds that come with the package."""
    text = resources.files("vra_tui.simulator").joinpath("data/kinds.toml").read_text(encoding="utf-8")
    return Kinds.model_validate({"kinds": tomllib.loads(text)}).kinds
