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
from vra_tui.sources.wires.by_object import (
    MOST_STAMP_BYTES,
    STAMPS,
    Cone,
    ObjectOptions,
    ObjectWire,
    Selected,
    is_fits,
    size_of,
)
from vra_tui.sources.wires.http import Body, Http
from vra_tui.sources.wires.lasair_pictures import latest_pictures, with_pictures
from vra_tui.surveys.base import Packet

#: Where the servers answer, what they call an object's id, and when it was seen last.
SERVERS = {
    "lsst": ("https://api.lasair.lsst.ac.uk/api/", "diaObjectId", "objects.lastDiaSourceMjdTai"),
    "ztf": ("https://lasair-ztf.lsst.ac.uk/api/", "objectId", "objects.jdmax"),
}
#: The server gives no more rows at once.
_PAGE = 1_000
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
    _circle: ClassVar[type[Cone]] = LasairCone

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        self._options = options_of(settings, LasairOptions)
        address, self._id, self._last = SERVERS[self._options.survey]
        self._token = token = tools.secret("token")
        signed = {} if token is None else {"Authorization": f"Token {token.get_secret_value()}"}
        http = Http.of(
            self._options,
            tools,
            address,
            headers=signed,
            hosts=self._options.picture_hosts,
            secrets=[] if token is None else [token],
        )
        super().__init__(settings, tools, self._options, http)

    def check(self) -> Answered:
        """Ask for one row of the table of objects: the cheapest question that needs the token."""
        self._needs_token()
        self._table(f"objects.{self._id}", "objects", "", 1, 0)
        return self._http.answered()

    def cutouts(self, object_id: str) -> Iterator[Packet | Refusal]:
        """The stamps of the latest detection, from the addresses that the object's answer gives.

        They expire. Only hosts that `picture_hosts` names are asked: an answer says where to look, no more.
        """
        position = f"stamps of {object_id}"
        try:
            value = self._value(object_id, self._answers(object_id))
        except Refused as refused:
            yield Refusal(self.name, position, str(refused), object_id)
            return
        found = latest_pictures(value, self._options.survey)
        if found is None:
            yield Refusal(self.name, position, "the answer names no pictures", object_id)
            return
        row, addresses = found
        pictures, bodies = {}, []
        for kind in STAMPS:
            address = addresses.get(kind)
            if not isinstance(address, str):
                continue
            try:
                body = self._http.get(address, most_bytes=MOST_STAMP_BYTES)
            except WireFault as fault:
                yield Refusal(self.name, position, f"the stamp `{kind}`: {fault}", object_id)
                continue
            if is_fits(body.content):
                pictures[f"cutout{kind}"] = body.content
                bodies.append(body)
            else:
                yield Refusal(self.name, position, f"the stamp `{kind}` is no FITS", object_id)
        if bodies:
            digest, known = self._is_known(bodies, position)
            packet = with_pictures(object_id, row, pictures, self._options.survey)
            yield known or Packet(self.name, position, packet, size=size_of(bodies), digest=digest)

    def _answers(self, object_id: str) -> dict[str, Body]:
        self._needs_token()
        asked = {"objectId": object_id, "lite": "false", "lasair_added": "true"}
        return {"object": self._http.post("object/", asked)}

    def _value(self, object_id: str, bodies: Mapping[str, Body]) -> Mapping[str, Any]:
        """The object with its light curve, Sherlock's context, TNS names and annotations."""
        value = decode(bodies["object"].content)
        if not isinstance(value, Mapping):
            raise Refused("the answer is no object")
        if "error" in value:
            raise Refused(f"the server says: {str(value['error'])[:200]}")
        return value

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
        found: list[Selected | Refusal] = [Selected(one) for one in options.objects]
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
            found += self._near(options.cone)
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

    def _near(self, cone: Cone) -> list[Selected]:
        self._needs_token()
        form = {"ra": cone.ra, "dec": cone.dec, "radius": cone.radius, "requestType": "all"}
        told = self._http.post("cone/", form).json(f"The answer of `{self.name}` to a cone")
        # One server answers with a list, the other with a mapping that holds one.
        rows = told.get("objects") or [] if isinstance(told, Mapping) else told
        if not isinstance(rows, list) or not all(
            isinstance(row, Mapping) and "object" in row for row in rows
        ):
            raise WireFault(f"`{self.name}` answered a cone with something that is no list of objects.")
        near = sorted(rows, key=lambda row: _number(row.get("separation")) or 0.0)
        return [Selected(str(row["object"])) for row in near]


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
