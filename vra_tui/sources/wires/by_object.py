"""What servers have in common that are asked object by object: which ones, and in which order."""

import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal, shown
from vra_tui.sources.json_text import decode
from vra_tui.sources.wires.base import Delivery, SourceError, Wire, WireFault, WireOptions
from vra_tui.sources.wires.http import Body
from vra_tui.surveys.base import Packet


def _ids(value: Any) -> Any:
    """Ids as they are typed: a list, or one text with commas; whole numbers are read as texts."""
    parts = value.split(",") if isinstance(value, str) else [value] if isinstance(value, int) else value
    if not isinstance(parts, list | tuple):
        return value
    return tuple(str(one).strip() if isinstance(one, int | str) else one for one in parts)


Ids = Annotated[tuple[str, ...], BeforeValidator(_ids)]


class Cone(BaseModel):
    """A circle on the sky: degrees, and arcsec."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ra: Annotated[float, Field(ge=0, lt=360)]
    dec: Annotated[float, Field(ge=-90, le=90)]
    radius: Annotated[float, Field(gt=0, le=18_000)]


class ObjectOptions(WireOptions):
    """What all servers are asked for that give object by object."""

    url: str | None = None
    objects: Ids = ()
    cone: Cone | None = None
    #: Objects fetched at most each time, the latest first: each costs a call or more.
    most: Annotated[int, Field(ge=1, le=10_000)] = 50
    #: Calls an hour, where there is a limit to keep to.
    calls_an_hour: Annotated[int, Field(ge=1)] | None = None


@dataclass(frozen=True)
class Selected:
    """An object that the source is configured to fetch, and when it was seen last (days, any time scale)."""

    object_id: str
    seen_last: float | None = None


class ObjectWire(Wire):
    """A server that is asked for each object by itself; those seen again come, the latest first."""

    #: How many objects are fetched at most each time.
    _most: int = 50

    @abstractmethod
    def _selected(self) -> Iterable[Selected | Refusal]:
        """The objects that are configured; of one that is named twice the latest counts."""

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

    def _is_known(self, bodies: Sequence[Body], position: str) -> tuple[bytes, Packet | None]:
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


def size_of(bodies: Sequence[Body]) -> int:
    """Bytes of answers."""
    return sum(len(body.content) for body in bodies)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0
