"""The scenario of a simulation: a TOML file that is checked before anything is written."""

import datetime as dt
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vra_tui.errors import VraError
from vra_tui.simulator.instrument import SURVEYS, Instrument, SurveyName
from vra_tui.simulator.kinds.spec import Kind, Label, shipped_kinds

_STRICT = ConfigDict(extra="forbid", frozen=True)
_MJD_OF_ORDINAL = 678_576
MAX_ALERTS = 10_000_000
#: Alerts made at once: enough for numpy, few enough for memory (about 100 MB at 400 epochs).
BATCH = 4000
Share = Annotated[float, Field(ge=0, le=1)]


class ScenarioError(VraError):
    """A scenario that cannot be simulated; the message names the field."""


class UnitPlan(BaseModel):
    """A telescope unit that takes part: ``joins`` after so many nights, ``garbage`` times the usual bogus."""

    model_config = _STRICT
    code: str
    joins: int = Field(default=0, ge=0)
    garbage: float = Field(default=1.0, gt=0)


class BadNight(BaseModel):
    """A night on which one unit trails its images: so many bogus alerts of a kind, on so many square degrees.

    ``night`` counts from the first of the scenario. ``logit``: mean and spread of their real/bogus scores.
    ``center``: RA and Dec in degrees; without one, the whole sky of that night.
    """

    model_config = _STRICT
    night: int = Field(ge=0)
    unit: str
    kind: str = "trailed_night"
    alerts: int | None = Field(default=None, ge=1)
    share: Share | None = None
    logit: tuple[float, Annotated[float, Field(ge=0)]] | None = None
    center: tuple[Annotated[float, Field(ge=0, lt=360)], Annotated[float, Field(ge=-90, le=90)]] | None = None
    radius: float = Field(default=3.0, gt=0, le=180)

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if (self.alerts is None) == (self.share is None):
            raise ValueError("give either alerts or share")
        return self


class Guest(BaseModel):
    """One alert told in advance: its kind, place, time, and what sets it apart.

    ``night``: on which it is found, from the first of the scenario. ``seed``: its draws, the same in every
    survey, so that several see the one source; it needs ``ra`` and ``dec``. ``again``: a second maximum of so
    many times the peak's flux, ``again_after`` days after the first. ``conjunction``: at a place that the Sun
    hides after that night. ``redshift`` (of a known host) and ``peak_mag`` override the kind's draws.
    """

    model_config = _STRICT
    kind: str
    night: int = Field(ge=0)
    ra: float | None = Field(default=None, ge=0, lt=360)
    dec: float | None = Field(default=None, ge=-90, le=90)
    peak_mag: float | None = Field(default=None, gt=5, lt=24)
    redshift: float | None = Field(default=None, gt=0, lt=1)
    again: float = Field(default=0.0, ge=0)
    again_after: float = Field(default=60.0, gt=0)
    conjunction: bool = False
    seed: int | None = Field(default=None, ge=0)
    #: Which surveys it is told to; all by default.
    surveys: tuple[SurveyName, ...] = SURVEYS

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.seed is not None and (self.ra is None or self.dec is None):
            raise ValueError("a guest with a seed of its own needs ra and dec")
        return self


class Scanner(BaseModel):
    """A tired human: per label the shares of what is filed instead; ``by_kind`` holds for a kind instead."""

    model_config = _STRICT
    good: dict[Label, Share] = {}
    galactic: dict[Label, Share] = {}
    garbage: dict[Label, Share] = {}
    pm: dict[Label, Share] = {}
    by_kind: dict[str, dict[Label, Share]] = {}

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        tables = {"good": self.good, "galactic": self.galactic, "garbage": self.garbage, "pm": self.pm}
        for name, table in {**tables, **self.by_kind}.items():
            if sum(table.values()) > 1.0:
                raise ValueError(f"{name}: the shares add up to more than 1")
        return self


class Scenario(BaseModel):
    """A stream to simulate. Times in days; ``history`` before and ``follow`` after the stream's nights."""

    model_config = _STRICT
    name: str
    description: str = ""
    survey: SurveyName = "atlas"
    start: dt.date
    nights: int = Field(ge=1, le=3660)
    alerts: int = Field(ge=1, le=MAX_ALERTS)
    history: int = Field(default=150, ge=0, le=3660)
    follow: int = Field(default=0, ge=0, le=365)
    units: tuple[UnitPlan, ...] = Field(min_length=1)
    mixture: dict[Label, Share]
    #: Factors on the shares of kinds within their label.
    weights: dict[str, Annotated[float, Field(ge=0)]] = {}
    #: Nights (from the first, inclusive) in which a label's alerts lie; all by default.
    seasons: dict[Label, tuple[int, int]] = {}
    bad_nights: tuple[BadNight, ...] = ()
    guests: tuple[Guest, ...] = ()
    scanner: Scanner = Scanner()
    forced: Literal["none", "promising", "all"] = "promising"
    #: Whether the list knows when an alert entered it to the second, or only the date, as old records do.
    flags: Literal["time", "date"] = "time"

    @property
    def first_mjd(self) -> int:
        """MJD of the first night of the stream."""
        return self.start.toordinal() - _MJD_OF_ORDINAL

    @property
    def own_guests(self) -> tuple[Guest, ...]:
        """The guests that this survey sees."""
        return tuple(guest for guest in self.guests if self.survey in guest.surveys)

    @property
    def batches(self) -> int:
        """Number of batches in which the alerts are made."""
        return -(-self.alerts // BATCH)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        total = sum(self.mixture.values())
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"mixture: the shares add up to {total:g}, not 1")
        kinds, known = shipped_kinds(), {unit.code for unit in Instrument.shipped(self.survey).units}
        codes = [unit.code for unit in self.units]
        if len(set(codes)) < len(codes):
            raise ValueError("units: a code appears twice")
        for unit in self.units:
            if unit.code not in known:
                raise ValueError(f"units: no unit {unit.code}; there are {', '.join(sorted(known))}")
            if unit.joins >= self.nights:
                raise ValueError(
                    f"units: {unit.code} joins after the last night ({unit.joins} of {self.nights})"
                )
        if all(unit.joins > 0 for unit in self.units):
            raise ValueError("units: nobody observes the first night; one unit needs joins = 0")
        for where, named in (
            ("weights", list(self.weights)),
            ("scanner.by_kind", list(self.scanner.by_kind)),
        ):
            for kind in named:
                if kind not in kinds:
                    raise ValueError(f"{where}: no kind {kind}; there are {', '.join(kinds)}")
        self._check_events(kinds, set(codes))
        for label, (low, high) in self.seasons.items():
            if not 0 <= low <= high < self.nights:
                raise ValueError(f"seasons.{label}: {low} to {high} is not within 0 to {self.nights - 1}")
        return self

    def _check_events(self, kinds: dict[str, Kind], codes: set[str]) -> None:
        for index, bad in enumerate(self.bad_nights):
            if bad.night >= self.nights:
                raise ValueError(f"bad_nights.{index}.night: {bad.night} is not before {self.nights}")
            if bad.unit not in codes:
                raise ValueError(f"bad_nights.{index}.unit: {bad.unit} does not take part")
            if bad.kind not in kinds or kinds[bad.kind].family != "residual":
                raise ValueError(f"bad_nights.{index}.kind: {bad.kind} is not a kind of residual")
        for index, guest in enumerate(self.guests):
            if guest.kind not in kinds or kinds[guest.kind].family != "explosion":
                raise ValueError(f"guests.{index}.kind: {guest.kind} is not a kind of explosion")
            if guest.night >= self.nights:
                raise ValueError(f"guests.{index}.night: {guest.night} is not before {self.nights}")
        promised = len(self.own_guests) + sum(bad.alerts or 0 for bad in self.bad_nights)
        if promised > self.alerts:
            raise ValueError(
                f"alerts: {self.alerts} are fewer than bad_nights and guests promise ({promised})"
            )

    def by(self, survey: SurveyName) -> "Scenario":
        """This scenario as another survey sees it: all of its units take part, bad nights are left out."""
        if survey == self.survey:
            return self
        units = [{"code": unit.code} for unit in Instrument.shipped(survey).units]
        return self.changed(survey=survey, units=units, bad_nights=[])

    def changed(self, **values: object) -> "Scenario":
        """This scenario with other values, checked again. Raises ScenarioError naming the field."""
        given = {name: value for name, value in values.items() if value is not None}
        return _checked({**self.model_dump(exclude_unset=True), **given}, self.name)


def names() -> list[str]:
    """Names of the scenarios that come with the package."""
    folder = resources.files(__package__).joinpath("scenarios")
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


def load(source: str) -> Scenario:
    """A scenario by its shipped name, or from a TOML file. Raises ScenarioError, which says what is wrong."""
    if source in names():
        text = resources.files(__package__).joinpath(f"scenarios/{source}.toml").read_text(encoding="utf-8")
    else:
        path = Path(source)
        if not path.is_file():
            raise ScenarioError(
                f"{source}: no such file, and no such scenario; there are {', '.join(names())}"
            )
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ScenarioError(f"{source}: cannot be read as text ({error})") from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{source}: not TOML: {error}") from error
    return _checked(content, source)


def _checked(content: dict[str, object], source: str) -> Scenario:
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"])
            message = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{where}: {message}" if where else message)
        raise ScenarioError(f"scenario {source}: " + "; ".join(lines)) from error
