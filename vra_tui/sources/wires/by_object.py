"""What servers have in common that are asked object by object: which ones, and in which order."""

import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal, shown
from vra_tui.sources.json_text import decode
from vra_tui.sources.wires.base import (
    Delivery,
    ServerOptions,
    SourceError,
    SourceSettings,
    Tools,
    Wire,
    WireFault,
)
from vra_tui.sources.wires.http import Body, Http
from vra_tui.surveys.base import Packet


def _ids(value: Any) -> Any:
    """Ids as they are typed: a list, or one text with commas; whole numbers are read as texts."""
    parts = value.split(",") if isinstance(value, str) else [value] if isinstance(value, int) else value
    if not isinstance(parts, list | tuple):
        return value
    return tuple(str(one).strip() if isinstance(one, int | str) else one for one in parts)


#: Kinds of stamps as brokers name them.
STAMPS = ("Science", "Template", "Difference")
#: A stamp measures some 20 kB; more than this is none.
MOST_STAMP_BYTES = 8 << 20
#: What servers answer about objects that they do not know.
UNKNOWN = (400, 404)
Ids = Annotated[tuple[str, ...], BeforeValidator(_ids)]


class Cone(BaseModel):
    """A circle on the sky: degrees, and arcsec."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ra: Annotated[float, Field(ge=0, lt=360)]
    dec: Annotated[float, Field(ge=-90, le=90)]
    radius: Annotated[float, Field(gt=0, le=18_000)]


class ObjectOptions(ServerOptions):
    """What all servers are asked for that give object by object; each serves one survey or another."""

    survey: str
    objects: Ids = ()
    cone: Cone | None = None
    #: Objects fetched at most each time, the latest first: each costs a call or more.
    most: Annotated[int, Field(ge=1, le=10_000)] = 50


@dataclass(frozen=True)
class Selected:
    """An object that the source is configured to fetch, and when it was seen last (days, any time scale)."""

    object_id: str
    seen_last: float | None = None


class ObjectWire(Wire):
    """A server that is asked for each object by itself; those seen again come, the latest first."""

    adds: ClassVar[frozenset[str]] = frozenset({"object", "stamps"})
    #: What circles the server takes.
    _circle: ClassVar[type[Cone]] = Cone

    def __init__(self, settings: SourceSettings, tools: Tools, options: ObjectOptions, http: Http) -> None:
        super().__init__(settings, tools)
        self._survey, self._most, self._http = options.survey, options.most, http
        self._is_lsst = options.survey == "lsst"

    @abstractmethod
    def _selected(self) -> Iterable[Selected | Refusal]:
        """The objects that are configured; of one that is named twice the latest counts."""

    @abstractmethod
    def _near(self, cone: Cone) -> Iterable[Selected | Refusal]:
        """The objects within a circle."""

    @abstractmethod
    def _answers(self, object_id: str) -> dict[str, Body]:
        """All that the server says of an object, by name. Raises WireFault."""

    @abstractmethod
    def _value(self, object_id: str, bodies: Mapping[str, Body]) -> Any:
        """The answers as one value, which the survey knows. Raises Refused."""

    def object(self, object_id: str) -> Iterator[Packet | Refusal]:
        """One object: its light curve, and all else that the server says of it."""
        position = f"object {object_id}"
        try:
            bodies = self._answers(object_id)
            digest, known = self._is_known(bodies.values(), position)
            value = None if known else self._value(object_id, bodies)
        except Refused as refused:
            yield Refusal(self.name, position, str(refused), object_id)
        except WireFault as fault:
            # It does not know this object; the others may still be there.
            if fault.status not in UNKNOWN:
                raise
            yield Refusal(self.name, position, str(fault), object_id)
        else:
            yield known or Packet(self.name, position, value, size=size_of(bodies.values()), digest=digest)

    def cone(self, ra: float, dec: float, radius_arcsec: float) -> Iterator[Packet | Refusal]:
        """The objects within a circle, as the server orders them."""
        for one in self._near(self._circle(ra=ra, dec=dec, radius=radius_arcsec)):
            if isinstance(one, Refusal):
                yield one
            else:
                yield from self.object(one.object_id)

    def adds_to_survey(self, survey: str) -> bool:
        """Only objects of the survey that is configured are there."""
        return survey == self._survey

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def query(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """The objects that are configured and were seen again since ``positions``, the latest first.

        A position for each object, when it was seen last: a run that was cut off goes on where it stopped.
        Objects of which no time is told come each time; what did not change is known by its bytes.
        """
        last: dict[str, float | None] = {}
        for one in self._selected():
            if isinstance(one, Refusal):
                yield Delivery([one])
            elif one.object_id not in last or (one.seen_last or 0.0) > (last[one.object_id] or 0.0):
                last[one.object_id] = one.seen_last
        changed = [
            one
            for one, seen in last.items()
            if seen is None or one not in positions or seen > _number(positions[one])
        ]
        for object_id in sorted(changed, key=lambda one: -(last[one] or 0.0))[: self._most]:
            seen = last[object_id]
            pieces = list(self.object(object_id))
            position = {} if seen is None else {object_id: repr(seen)}
            yield Delivery(pieces, position, contents=WrittenWhenAsked(pieces))

    def _says_nothing(self, *options: str) -> SourceError:
        names = ", ".join(f"`{one}`" for one in options[:-1])
        return SourceError(
            f"[source.{self.name}] says nothing to ask for: give it {names} or `{options[-1]}`."
        )

    def _is_known(self, bodies: Iterable[Body], position: str) -> tuple[bytes, Packet | None]:
        """The digest of answers, and the packet that says so where they were taken in before."""
        digest = self.tools.reading.digest(b"\0".join(body.content for body in bodies))
        if self.tools.reading.is_known(digest):
            return digest, Packet(self.name, position, None, digest=digest, is_repeat=True)
        return digest, None

    def _rows(self, body: Body, what: str) -> list[Mapping[str, Any]]:
        """The rows of an answer that is a list. Raises WireFault."""
        try:
            rows = decode(body.content)
        except Refused as refused:
            raise WireFault(f"`{self.name}` answered {what} with no list: {refused}.") from None
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            said = shown(rows.get("detail") or rows) if isinstance(rows, Mapping) else shown(rows)
            raise WireFault(f"`{self.name}` answered {what} with no list of rows, but {said}.")
        return rows

    def _seen(
        self, rows: Iterable[Mapping[str, Any]], id_key: str, time_key: str, place: str = ""
    ) -> list[Selected | Refusal]:
        """The objects that rows name, each with when it was seen last; ``place``: where the rows stand."""
        found: list[Selected | Refusal] = []
        for number, row in enumerate(rows, start=1):
            one = self._id_of(row, id_key, f"{place}row {number}")
            found.append(one if isinstance(one, Refusal) else Selected(one, _time(row.get(time_key))))
        return found

    def _id_of(self, row: Mapping[str, Any], key: str, position: str) -> str | Refusal:
        """The id in a row; one that went through a floating-point number is none any more."""
        value = row.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, float):
            reason = f"`{key}` came as a floating-point number, which cannot hold an id exactly"
            return Refusal(self.name, position, f"{reason}: {shown(value)}")
        return Refusal(self.name, position, f"`{key}` names no object: {shown(value)}")


class WrittenWhenAsked(Mapping[str, bytes]):
    """The contents of packets by position as JSON, written when one is asked for: few are refused."""

    def __init__(self, pieces: Iterable[Packet | Refusal]) -> None:
        self._values = {
            piece.position: piece.value for piece in pieces if isinstance(piece, Packet) and piece.value
        }

    def __getitem__(self, position: str) -> bytes:
        # Stamps are no JSON; what was refused lies in what else there is.
        return json.dumps(self._values[position], default=lambda value: None).encode("utf-8", "replace")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def is_fits(content: bytes) -> bool:
    """Whether bytes begin as a FITS file does, packed or not."""
    return content.startswith((b"SIMPLE  =", b"\x1f\x8b"))


def size_of(bodies: Iterable[Body]) -> int:
    """Bytes of answers."""
    return sum(len(body.content) for body in bodies)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


def _time(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and value == value
    return float(value) if is_number else None
