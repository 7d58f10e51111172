"""The ATLAS transient server: what changed on its lists, object by object, and what was decided there."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.atlas_answers import (
    Listed,
    Told,
    filing_of,
    left_list,
    listed,
    number,
    objects_of,
    refused,
    rows_of,
)
from vra_tui.sources.wires.base import (
    Answered,
    Delivery,
    ServerOptions,
    SourceSettings,
    Tools,
    Wire,
    WireFault,
    options_of,
)
from vra_tui.sources.wires.http import Body, Http, Limits, is_too_much
from vra_tui.sources.wires.token_login import TokenLogin
from vra_tui.surveys.atlas.lists import DECIDED, LIST_IDS
from vra_tui.surveys.base import Packet

_ADDRESS = "https://psweb.mp.qub.ac.uk/sne/atlas4/api/"
#: The server takes more, and may need minutes for them: its people ask for no more than that.
_CHUNK = 100
#: Objects of one delivery: decoded, each takes some 10 MB.
_DELIVERED = 10
_GREATEST_RADIUS = 300.0
#: So many objects in a row that it fails on, each asked for alone: then it is the server, not the objects.
_GIVEN_UP_AFTER = 3
#: A hundred objects with all their history are 80 MB, which the server gathers before it sends any.
_LIMITS = Limits(read=180.0, whole=900.0)

ListId = Annotated[int, Field(ge=0, le=2**31)]


class Cone(BaseModel):
    """A circle on the sky; degrees and arcsec."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ra: Annotated[float, Field(ge=0, lt=360)]
    dec: Annotated[float, Field(ge=-90, le=90)]
    radius: Annotated[float, Field(gt=0, le=_GREATEST_RADIUS)]


class AtlasServerOptions(ServerOptions):
    """What is asked of the ATLAS server: its lists, and objects by their ids or in a circle."""

    url: str = _ADDRESS
    #: The server's lists, by name or number, of which everything is taken that changed.
    lists: tuple[ListId, ...] = (LIST_IDS["eyeball"], LIST_IDS["fasttrack"], LIST_IDS["galactic"])
    #: Lists of its users' own, by number.
    custom_lists: tuple[ListId, ...] = ()
    #: Lists that decisions file into: of what came before from here it is seen what was decided there.
    decided: tuple[ListId, ...] = tuple(sorted(DECIDED))
    #: How far back: days before now, or a date. By the time at which an object entered the eyeball list.
    since: Annotated[float, Field(ge=0)] | date = 30.0
    #: The same for the lists of decisions, which are long: nearly all are taken within two days.
    decided_since: Annotated[float, Field(ge=0)] | date = 15.0
    objects: tuple[Annotated[str, Field(pattern=r"^[1-9][0-9]{18}$")], ...] = ()
    cone: Cone | None = None
    #: Objects fetched at most each time, the latest changed first; a hundred cost a call.
    most: Annotated[int, Field(ge=1, le=100_000)] = 500
    #: Objects asked for at once.
    chunk: Annotated[int, Field(ge=1, le=_CHUNK)] = _CHUNK
    calls_an_hour: Annotated[int, Field(ge=1)] = 100
    #: Accounts there that are programs: what they file is no decision of a person.
    robots: tuple[str, ...] = ("vra",)

    @field_validator("lists", "decided", mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        return tuple(_list_id(one) if isinstance(one, str) else one for one in value)


def _list_id(name: str) -> int:
    if name not in LIST_IDS:
        raise ValueError(f"there is no list {name!r}; there are {', '.join(LIST_IDS)}")
    return LIST_IDS[name]


class AtlasServer(Wire):
    """The ATLAS transient server, by its API. A call gives a list, or all that is known of 100 objects."""

    kind: ClassVar[str] = "atlas"
    secrets: Sequence[str] = ("token",)

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self.options = options_of(settings, AtlasServerOptions)
        http = Http.of(self.options, tools, limits=_LIMITS)
        self._login = TokenLogin(http, tools, self.name, "The ATLAS server", "auth-token/")
        # Objects that the server failed on when they were asked for together with others.
        self._asked_alone: set[str] = set()

    @property
    def server(self) -> str:
        """The server's name: the host of decisions that were taken there."""
        return urlsplit(self.options.url).hostname or self.name

    def check(self) -> Answered:
        """Count the objects in an empty circle: the cheapest question that needs the token."""
        self._login.post("cone/", {"ra": 0.0, "dec": 90.0, "radius": 0.1, "requestType": "count"})
        return self._login.http.answered(self._login.user)

    def query(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """The objects that are configured and changed since ``positions``, the latest changed first.

        A position for each object: what its list said of it, so that a run that was cut off goes on where it
        stopped, and what arrives late at the server (an exposure, an old decision) is seen as well. What
        waited on a list and does no more comes first: somebody decided on it.
        """
        changed = [
            one
            for one in self._selected(positions)
            if one.state is None or positions.get(one.object_id) != one.state
        ]
        changed.sort(key=lambda one: -one.changed)
        states = {one.object_id: one.state for one in changed[: self.options.most]}
        told = self._objects(list(states))
        while gathered := list(islice(told, _DELIVERED)):
            done = {one.object_id: states.get(one.object_id) for one in gathered if one.is_done}
            yield Delivery(
                [one.piece for one in gathered],
                {object_id: state for object_id, state in done.items() if state is not None},
                filings=[one.filing for one in gathered if one.filing is not None],
            )

    def object(self, object_id: str) -> Iterator[Packet | Refusal]:
        """One object with its whole light curve and its context."""
        return (one.piece for one in self._objects([object_id]))

    def cone(self, ra: float, dec: float, radius_arcsec: float) -> Iterator[Packet | Refusal]:
        """The objects within a circle, the nearest first."""
        near = self._near(Cone(ra=ra, dec=dec, radius=min(radius_arcsec, _GREATEST_RADIUS)))
        return (one.piece for one in self._objects(near))

    def close(self) -> None:
        """Let go of the connection."""
        self._login.http.close()

    def _selected(self, positions: Mapping[str, str]) -> list[Listed]:
        options = self.options
        found: dict[str, Listed] = {}
        for list_id in options.lists:
            found |= self._listed(list_id, False, options.since)
        for list_id in options.custom_lists:
            found |= self._listed(list_id, True, options.since)
        if positions:  # else nothing came from here on which a decision could be seen
            for list_id in set(options.decided) - set(options.lists):
                decided = self._listed(list_id, False, options.decided_since)
                found |= {one: row for one, row in decided.items() if one in positions}
        near = [] if options.cone is None else self._near(options.cone)
        for object_id in (*options.objects, *near):
            found.setdefault(object_id, Listed(object_id, 0.0, None))
        for object_id, state in positions.items():
            if object_id not in found and (left := left_list(state)) in options.lists:
                # It waits there no more: somebody decided, whatever list it went to and however old it is.
                found[object_id] = Listed(object_id, math.inf, f"no more on list {left}")
        return list(found.values())

    def _listed(self, list_id: int, is_custom: bool, since: float | date) -> dict[str, Listed]:
        form = {
            "objectlistid": list_id,
            "getcustomlist": str(is_custom),
            "datethreshold": self._moment(since).strftime("%Y-%m-%dT%H:%M:%S"),
        }
        name = f"{'custom ' if is_custom else ''}list {list_id} of `{self.name}`"
        rows = rows_of(self._login.post("objectlist/", form).content, "id", name)
        return {str(row["id"]): listed(row) for row in rows}

    def _moment(self, since: float | date) -> datetime:
        if isinstance(since, date):
            return datetime(since.year, since.month, since.day, tzinfo=UTC)
        return datetime.fromtimestamp(self.tools.edges.now(), UTC) - timedelta(days=since)

    def _near(self, cone: Cone) -> list[str]:
        form = {"ra": cone.ra, "dec": cone.dec, "radius": cone.radius, "requestType": "all"}
        name = f"a cone of `{self.name}`"
        rows = rows_of(self._login.post("cone/", form).content, "object", name)
        return [str(row["object"]) for row in sorted(rows, key=lambda row: number(row.get("separation")))]

    def _objects(self, ids: Sequence[str]) -> Iterator[Told]:
        """Each object as a packet, or why there is none.

        A chunk that is too much for the server is halved, down to the one object that it fails on, which is
        asked for alone from then on.
        """
        apart = [one for one in ids if one in self._asked_alone]
        together = [one for one in ids if one not in self._asked_alone]
        size, failed = self.options.chunk, list[tuple[str, WireFault]]()
        while together:
            chunk = together[:size]
            try:
                body = self._ask_for(chunk, is_large=size > 1)
            except WireFault as fault:
                if not is_too_much(fault):
                    raise
                if size > 1:
                    size = max(1, len(chunk) // 2)
                    continue
                failed.append((chunk[0], fault))
                if len(failed) >= _GIVEN_UP_AFTER:
                    raise
                together = together[1:]
                continue
            if failed:  # what it fails on is found: the others are asked for together again
                size = self.options.chunk
                yield from self._set_apart(failed)
                failed = []
            together = together[len(chunk) :]
            yield from self._answered(chunk, body)
        yield from self._set_apart(failed)
        for object_id in apart:
            yield from self._alone(object_id)

    def _set_apart(self, failed: Sequence[tuple[str, WireFault]]) -> Iterator[Told]:
        for object_id, fault in failed:
            self._asked_alone.add(object_id)
            yield refused(self.name, object_id, str(fault))

    def _alone(self, object_id: str) -> Iterator[Told]:
        try:
            body = self._ask_for([object_id])
        except WireFault as fault:
            if not is_too_much(fault):
                raise
            yield refused(self.name, object_id, str(fault))
            return
        self._asked_alone.discard(object_id)
        yield from self._answered([object_id], body)

    def _answered(self, asked: Sequence[str], body: Body, is_again: bool = False) -> Iterator[Told]:
        """What an answer holds. Objects that it leaves out are asked for once more."""
        missing = []
        for one in objects_of(body.content, asked, self.name, self._told):
            if isinstance(one, str):
                missing.append(one)
            else:
                yield one
        if missing and not is_again and len(missing) < len(asked):
            try:
                yield from self._answered(missing, self._ask_for(missing), is_again=True)
            except WireFault as fault:
                yield from (refused(self.name, object_id, str(fault)) for object_id in missing)
        else:
            for object_id in missing:
                said = "the server's answer leaves it out, or breaks off within it"
                yield refused(self.name, object_id, said)

    def _told(self, object_id: str, text: bytes, value: Mapping[str, Any]) -> Told:
        digest, position = self.tools.reading.digest(text), f"objects/ {object_id}"
        if self.tools.reading.is_known(digest):
            packet = Packet(self.name, position, None, digest=digest, is_repeat=True)
        else:
            packet = Packet(self.name, position, value, size=len(text), digest=digest)
        return Told(object_id, packet, True, filing_of(value, self.server, self.options.robots))

    def _ask_for(self, ids: Sequence[str], is_large: bool = True) -> Body:
        # Without a bound on the times the server gives the last hundred days.
        return self._login.post("objects/", {"objects": ",".join(ids), "mjd": 0}, is_large=is_large)
