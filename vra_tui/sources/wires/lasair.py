"""Lasair's server, for ZTF and LSST: what a query, a list of objects or a cone selects, object by object."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.json_text import decode
from vra_tui.sources.wires.base import (
    Answered,
    SourceError,
    SourceSettings,
    Tools,
    WireFault,
    options_of,
)
from vra_tui.sources.wires.by_object import Cone, ObjectOptions, ObjectWire, Selected, size_of
from vra_tui.sources.wires.http import Http
from vra_tui.sources.wires.lasair_pictures import latest_pictures, with_pictures
from vra_tui.surveys.base import Packet

#: Where the servers answer, what they call an object's id, and when it was seen last.
_SERVERS = {
    "lsst": ("https://api.lasair.lsst.ac.uk/api/", "diaObjectId", "objects.lastDiaSourceMjdTai"),
    "ztf": ("https://lasair-ztf.lsst.ac.uk/api/", "objectId", "objects.jdmax"),
}
#: The server gives no more rows at once.
_PAGE = 1_000
_MOST_PICTURE_BYTES = 8 << 20
_GREATEST_RADIUS = 1_000.0


class Query(BaseModel):
    """A query in the server's own words: tables beside `objects`, and conditions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    conditions: str
    tables: str = "objects"


class LasairCone(Cone):
    """A circle on the sky, of which the server takes smaller ones than others do."""

    radius: Annotated[float, Field(gt=0, le=_GREATEST_RADIUS)]


class LasairOptions(ObjectOptions):
    """What is asked of Lasair: one or more of a query, objects by their ids, a cone."""

    survey: Literal["lsst", "ztf"] = "lsst"
    query: Query | None = None
    cone: LasairCone | None = None
    calls_an_hour: Annotated[int, Field(ge=1)] = 100
    #: Hosts from which stamps are fetched (`imageUrls` of the answers), besides the server's own.
    picture_hosts: tuple[str, ...] = ("lasair.lsst.ac.uk", "lasair-ztf.lsst.ac.uk")


class Lasair(ObjectWire):
    """A Lasair server. Each object costs one call of the hour's budget, so the latest seen come first."""

    kind: ClassVar[str] = "lasair"
    secrets: Sequence[str] = ("token",)
    adds: ClassVar[frozenset[str]] = frozenset({"object", "stamps"})

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._options = options_of(settings, LasairOptions)
        self._most = self._options.most
        address, self._id, self._last = _SERVERS[self._options.survey]
        self._token = tools.secret("token")
        token = self._token
        self._http = Http(
            self._options.url or address,
            tools.edges,
            headers={} if token is None else {"Authorization": f"Token {token.get_secret_value()}"},
            hosts=self._options.picture_hosts,
            secrets=[] if token is None else [token],
            budget=tools.budget(self._options.calls_an_hour),
            ca_file=self._options.ca_file,
            is_patient=tools.is_patient,
        )

    def check(self) -> Answered:
        """Ask for one row of the table of objects: the cheapest question that needs the token."""
        self._needs_token()
        self._table(f"objects.{self._id}", "objects", "", 1, 0)
        return self._http.answered()

    def object(self, object_id: str, is_wanted: bool = False) -> Iterator[Packet | Refusal]:
        """One object with its light curve, Sherlock's context, TNS names and annotations.

        ``is_wanted``: it is looked at even where the same answer was taken in before.
        """
        self._needs_token()
        body = self._http.post("object/", {"objectId": object_id, "lite": "false", "lasair_added": "true"})
        digest = self.tools.reading.digest(body.content)
        position = f"object {object_id}"
        if not is_wanted and self.tools.reading.is_known(digest):
            yield Packet(self.name, position, None, digest=digest, is_repeat=True)
            return
        try:
            value = decode(body.content)
        except Refused as refused:
            yield Refusal(self.name, position, str(refused), object_id)
            return
        if not isinstance(value, Mapping):
            yield Refusal(self.name, position, "the answer is no object", object_id)
        elif "error" in value:
            yield Refusal(self.name, position, f"the server says: {str(value['error'])[:200]}", object_id)
        else:
            yield Packet(self.name, position, value, size=len(body.content), digest=digest)

    def cone(self, ra: float, dec: float, radius_arcsec: float) -> Iterator[Packet | Refusal]:
        """The objects within a circle, the nearest first; each costs a call."""
        self._needs_token()
        for object_id in self._near(LasairCone(ra=ra, dec=dec, radius=radius_arcsec)):
            yield from self.object(object_id)

    def cutouts(self, object_id: str) -> Iterator[Packet | Refusal]:
        """The stamps of the latest detection, from the addresses that the object's answer gives.

        They expire. Only hosts that `picture_hosts` names are asked: an answer says where to look, no more.
        """
        position = f"stamps of {object_id}"
        for piece in self.object(object_id, is_wanted=True):
            if isinstance(piece, Refusal):
                yield piece
                continue
            found = latest_pictures(piece.value, self._options.survey)
            if found is None:
                yield Refusal(self.name, position, "the answer names no pictures", object_id)
                continue
            row, addresses = found
            pictures, bodies = {}, []
            for kind in ("Science", "Template", "Difference"):
                address = addresses.get(kind)
                if not isinstance(address, str):
                    continue
                try:
                    body = self._http.get(address, most_bytes=_MOST_PICTURE_BYTES)
                except WireFault as fault:
                    yield Refusal(self.name, position, f"the stamp `{kind}`: {fault}", object_id)
                    continue
                if body.content.startswith(b"SIMPLE  =") or body.content[:2] == b"\x1f\x8b":
                    pictures[f"cutout{kind}"] = body.content
                    bodies.append(body)
                else:
                    yield Refusal(self.name, position, f"the stamp `{kind}` is no FITS", object_id)
            if bodies:
                digest, known = self._is_known(bodies, position)
                packet = with_pictures(object_id, row, pictures, self._options.survey)
                yield known or Packet(self.name, position, packet, size=size_of(bodies), digest=digest)

    def adds_to_survey(self, survey: str) -> bool:
        """Only objects of the survey that is configured are there."""
        return survey == self._options.survey

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _needs_token(self) -> None:
        if self._token is None:
            from vra_tui.sources.wires.credentials import variable

            raise SourceError(
                f"Lasair wants a token: put yours into {variable(self.name, 'token')}, or as `token` under "
                f"[{self.name}] into credentials.toml (mode 0600) beside the configuration."
            )

    def _selected(self) -> Iterable[Selected | Refusal]:
        self._needs_token()
        options = self._options
        if not (options.query or options.objects or options.cone):
            raise self._says_nothing("query", "objects", "cone")
        found = [Selected(one) for one in options.objects]
        if options.query is not None:
            selected = f"objects.{self._id}, {self._last} AS seen_last"
            conditions = f"{options.query.conditions} ORDER BY {self._last} DESC"
            offset = 0
            while offset < options.most * 20:
                rows = self._table(selected, options.query.tables, conditions, _PAGE, offset)
                found += [Selected(str(row[self._id]), _number(row.get("seen_last"))) for row in rows]
                offset += len(rows)
                if len(rows) < _PAGE:
                    break
        if options.cone is not None:
            found += [Selected(one) for one in self._near(options.cone)]
        return found

    def _table(self, selected: str, tables: str, conditions: str, limit: int, offset: int) -> list[Any]:
        form = {
            "selected": selected, "tables": tables, "conditions": conditions,
            "limit": limit, "offset": offset,
        }  # fmt: skip
        rows = self._http.post("query/", form).json(f"The answer of `{self.name}` to its query")
        if isinstance(rows, Mapping) and "error" in rows:
            raise WireFault(f"`{self.name}` does not accept the query: {str(rows['error'])[:300]}")
        if not isinstance(rows, list) or not all(
            isinstance(row, Mapping) and self._id in row for row in rows
        ):
            raise WireFault(f"`{self.name}` answered its query with something that is no list of objects.")
        return rows

    def _near(self, cone: Cone) -> list[str]:
        form = {"ra": cone.ra, "dec": cone.dec, "radius": cone.radius, "requestType": "all"}
        told = self._http.post("cone/", form).json(f"The answer of `{self.name}` to a cone")
        # One server answers with a list, the other with a mapping that holds one.
        rows = told.get("objects") or [] if isinstance(told, Mapping) else told
        if not isinstance(rows, list) or not all(
            isinstance(row, Mapping) and "object" in row for row in rows
        ):
            raise WireFault(f"`{self.name}` answered a cone with something that is no list of objects.")
        near = sorted(rows, key=lambda row: _number(row.get("separation")) or 0.0)
        return [str(row["object"]) for row in near]


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
