"""The interface of all wires: what can be asked of a server, a broker or a watched folder."""

import difflib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from vra_tui.domain.refusal import Refusal
from vra_tui.domain.tns_objects import TnsObjects
from vra_tui.errors import VraError
from vra_tui.sources.reading import Reading
from vra_tui.sources.wires.budget import Budget
from vra_tui.surveys.base import Packet

if TYPE_CHECKING:
    from vra_tui.sources.sky_maps import MapNotice


class WireFault(VraError):
    """A wire that does not answer as it should; the message says which one, what happened and what to do.

    ``retry_after``: seconds after which it may answer again, where that is known. ``status``: the HTTP status
    with which a server refused, None where no answer came.
    """

    def __init__(self, message: str, retry_after: float | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


class CutOff(WireFault):
    """A question that was sent, and whose answer did not come, broke off or was too long to take."""


class SourceError(VraError):
    """A source whose configuration cannot be used; the message names it and what is wrong."""


class NotOffered(VraError):
    """A question that wires of this kind do not answer."""


class Stopped(Exception):
    """Raised inside a wire that waits, when the program is to end."""


@dataclass(frozen=True)
class SourceSettings:
    """One ``[source.NAME]`` of the configuration: its name, its kind, and what else stands there."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """What a wire says when it is tested: who one is there, and how many calls of an hour are left."""

    message: str
    who: str | None = None
    calls_left: int | None = None
    calls_an_hour: int | None = None


@dataclass(frozen=True)
class Filing:
    """In which list a survey's server holds an object now, and who filed it there.

    ``list``: by our name; `eyeball` for what waits for a decision there. ``server``: its host name.
    ``position``: where it was told. ``nobody``: who is said to have filed it where that is not told.
    ``scanner``: the account that did, where it is; ``at``: when, with a time zone. ``seen_mjd``: the last
    exposure before that.
    """

    survey: str
    object_id: str
    list: str
    server: str
    position: str
    nobody: str
    scanner: str | None = None
    at: datetime | None = None
    seen_mjd: float | None = None


@dataclass(frozen=True)
class Exposure:
    """A detection by its exposure: its time, MJD as the store has it, and its id within the exposure."""

    mjd: float
    source_id: int


@dataclass(frozen=True)
class Wanted:
    """What an alert lacks and a source is asked for, and what the source needs to know of the alert.

    ``what``: one of `Wire.completes`. Degrees, MJD; ``last_mjd``: of the last detection. ``asked_at``:
    seconds since 1970. ``task``: under which name the source works on it, None before it was told.
    ``exposures``: its detections, by the survey's name of the exposure; ``times``: of all exposures known.
    """

    request_id: int
    what: str
    object_id: str
    ra: float
    dec: float
    t0_mjd: float
    last_mjd: float
    asked_at: float
    task: str | None = None
    exposures: Mapping[str, Exposure] = field(default_factory=dict)
    times: Sequence[float] = ()


@dataclass(frozen=True)
class Progress:
    """How it stands with what was wanted. ``came``: in a few words what came of it, None while it lasts;
    ``is_good``: it is what was wanted; ``task`` as in `Wanted`.
    """

    request_id: int
    task: str | None = None
    came: str | None = None
    is_good: bool = False


@dataclass(frozen=True)
class Delivery:
    """What came over a wire at once, and where the wire stands behind it.

    ``positions``: by part of the source (a partition, a list, a folder) the place up to which everything
    was delivered. They are kept once the pieces are in the store, never before. ``contents``: by the
    position of a piece the bytes it was made of, which are put aside where it is refused. ``behind``: so
    many messages wait in the source, where that is known. ``notices``: what was told of events on the
    sky, in the order in which it was told; `pipeline.sky_maps.add_notice` takes each in. ``filings``:
    where a server holds the objects, if it is one on which people decide. ``progress``: of what was
    wanted of it. ``catalogue``: objects of the TNS to be kept, and looked for at the places of all
    alerts.
    """

    pieces: Sequence[Packet | Refusal]
    positions: Mapping[str, str] = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    behind: int | None = None
    notices: Sequence["MapNotice"] = ()
    filings: Sequence[Filing] = ()
    progress: Sequence[Progress] = ()
    catalogue: TnsObjects | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether it says that all is taken in, and nothing came for a while."""
        came = (self.pieces, self.notices, self.positions, self.filings, self.progress)
        return not any(came) and self.catalogue is None


@dataclass(frozen=True)
class Edges:
    """What a wire may not reach for by itself: time, waiting, chance.

    ``now``: seconds since 1970. ``wait`` waits so many seconds, and raises `Stopped` when the program is to
    end. ``chance``: a number in [0, 1).
    """

    now: Callable[[], float]
    wait: Callable[[float], None]
    chance: Callable[[], float]


@dataclass(frozen=True)
class Tools:
    """What a wire is given to work with, made for it by whoever runs it.

    ``secret`` gives a secret of this source by its word (`token`), None where there is none. ``budget`` keeps
    so many calls an hour over restarts (None: no limit is known). ``is_patient``: a used-up budget is waited
    for, as a stream does, not told, as a command does. ``reading`` knows which packets were taken in before.
    """

    edges: Edges
    secret: Callable[[str], SecretStr | None]
    budget: Callable[[int | None], Budget]
    reading: Reading = field(default_factory=Reading)
    is_patient: bool = False


@dataclass(frozen=True)
class Target:
    """An alert that lacks something: which it is, where (degrees), and when it was seen last (MJD).

    ``other_name`` and ``designations``: what it is called already, by others and by the TNS.
    """

    survey: str
    object_id: str
    ra: float
    dec: float
    seen_mjd: float
    other_name: str | None = None
    designations: tuple[str, ...] = ()


class Keep(BaseModel):
    """What of a stream is wanted, by what each packet says of its object; what it does not say is no reason.

    ``score``: the survey's own (real/bogus, reliability) at the latest detection is at least so much.
    ``detections``: there are at least so many.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    score: Annotated[float, Field(ge=0)] | None = None
    detections: Annotated[int, Field(ge=1)] | None = None


class WireOptions(BaseModel):
    """What stands in the configuration of a source besides its kind; kinds add what they need."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Seconds between two times that a server is asked, by `vra watch`.
    every: Annotated[float, Field(ge=1, le=7 * 86_400)] = 900.0
    #: Certificates to trust besides the system's, a PEM file.
    ca_file: str | None = None
    #: What is taken in of what comes, besides what the store holds already; None: everything.
    keep: Keep | None = None


class ServerOptions(WireOptions):
    """What sources have in common that ask a server by HTTP."""

    #: The server's address, where it is another one than the kind's own.
    url: str | None = None
    #: Calls an hour, where there is a limit to keep to.
    calls_an_hour: Annotated[int, Field(ge=1)] | None = None


_O = TypeVar("_O", bound=WireOptions)


def options_of(settings: SourceSettings, kind: type[_O]) -> _O:
    """The options of a source, checked. Raises `SourceError`, which names each that is wrong."""
    try:
        return kind.model_validate(dict(settings.options))
    except ValidationError as error:
        told = "; ".join(_told(fault, kind) for fault in error.errors())
        raise SourceError(f"[source.{settings.name}]: {told}.") from None


def _told(fault: Any, kind: type[WireOptions]) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place, kind.model_fields, 1)
        return f"there is no option `{place}`" + (f", is it `{near[0]}`?" if near else "")
    if fault["type"] == "missing":
        return f"`{place}` is missing"
    return f"`{place}`: {str(fault['msg']).removeprefix('Value error, ')}"


class Wire(ABC):
    """A server, a broker or a folder, as one ``[source.NAME]`` configures it.

    Every method that asks something raises `WireFault`. What a kind does not offer raises `NotOffered`.
    """

    #: The word for it in the configuration.
    kind: ClassVar[str]
    #: What it can be asked for that alerts lack: `photometry`, `cutouts`.
    completes: ClassVar[Sequence[str]] = ()
    #: The survey whose alerts it completes; None for those of any.
    survey: ClassVar[str | None] = None
    #: The secrets that it works with (`token`, `password`), which `vra sources add` asks for.
    secrets: Sequence[str] = ()
    #: What it can add to an alert that lacks it: `object` (its survey's whole record, with forced
    #: photometry and host), `stamps`, `tns`, `picture` (of the field), `solar` (known solar-system objects).
    adds: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        self.settings = settings
        self.tools = tools

    @property
    def name(self) -> str:
        """The name that the user gave it."""
        return self.settings.name

    @property
    def is_followed(self) -> bool:
        """Whether it tells by itself what is new, as streams do; others are asked every so often."""
        return type(self).follow is not Wire.follow

    @property
    def only_completes(self) -> bool:
        """Whether it brings no alerts of its own: it is asked for what alerts lack, and for nothing else."""
        return type(self).query is Wire.query and not self.is_followed

    @property
    def every(self) -> float:
        """Seconds between two times that it is asked."""
        return float(self.settings.options.get("every", WireOptions().every))

    @property
    def keep(self) -> Keep | None:
        """What of it is taken in, besides what the store holds already; None: everything."""
        told = self.settings.options.get("keep")
        return None if told is None else Keep.model_validate(told)

    @abstractmethod
    def check(self) -> Answered:
        """Ask as little as possible, to see whether it answers and who one is there."""

    def query(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """What is configured, once: what is new since ``positions``, those that were kept the last time."""
        raise self._not_offered("be asked for what is new")

    def object(self, object_id: str) -> Iterator[Packet | Refusal]:
        """All that it holds of one object: header, light curve, context, annotations."""
        raise self._not_offered("be asked for an object")

    def cutouts(self, object_id: str) -> Iterator[Packet | Refusal]:
        """The stamps of one object, as packets of its survey."""
        raise self._not_offered("be asked for stamps")

    def cone(self, ra: float, dec: float, radius_arcsec: float) -> Iterator[Packet | Refusal]:
        """The objects within a circle; positions in degrees."""
        raise self._not_offered("be asked for what is near a position")

    def follow(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """What comes, for ever, beginning behind ``positions``.

        A delivery without pieces: all that there was is taken in, and nothing came for a while. `Edges.wait`
        raising `Stopped` ends it. The next delivery is asked for only when the one before is in the store
        and its positions are kept. ``positions`` may change meanwhile: they are read when they are needed.
        """
        raise self._not_offered("be followed")

    def complete(self, wanted: Sequence[Wanted]) -> Iterator[Delivery]:
        """Look once at everything that is wanted of it, in the order given, and deliver what came.

        Nothing is waited for. Each delivery is kept, with its `Progress`, before the next one is asked for,
        so that a program which is killed goes on where it stopped.
        """
        raise self._not_offered("be asked for what alerts lack")

    def adds_to_survey(self, survey: str) -> bool:
        """Whether it can add to alerts of this survey what it `adds`."""
        return True

    def add_to(self, what: str, target: Target) -> Iterator[Packet | Refusal]:
        """What an alert lacks, one of `adds`, as packets of its survey or such that hold an alert."""
        if what == "stamps":
            return self.cutouts(target.object_id)
        return self.object(target.object_id)

    def close(self) -> None:  # noqa: B027 - many kinds hold nothing open
        """Let go of connections. Called once, whatever happened before."""

    def _not_offered(self, what: str) -> NotOffered:
        return NotOffered(f"`{self.name}` is of the kind `{self.kind}`, which cannot {what}.")
