"""Fink's servers for ZTF and LSST: objects by id, tag or class, or within a circle; nobody has to log in."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import Answered, SourceSettings, Tools, options_of
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
from vra_tui.surveys.base import Packet
from vra_tui.surveys.lsst.broker import fink_nested
from vra_tui.surveys.ztf.fink import nested as ztf_packet

#: Where the servers answer, and what they call an object, its time, a detection.
_SERVERS = {
    "lsst": ("https://api.lsst.fink-portal.org/api/v1/", "r:diaObjectId", "r:midpointMjdTai"),
    "ztf": ("https://api.ztf.fink-portal.org/api/v1/", "i:objectId", "i:jd"),
}


class FinkOptions(ObjectOptions):
    """What is asked of Fink: a tag (LSST) or a class (ZTF), objects by their ids, a cone."""

    survey: Literal["lsst", "ztf"] = "lsst"
    #: LSST: a filter of Fink's that tags alerts, such as `extragalactic_new_candidate`.
    tag: str | None = None
    #: ZTF: a class of Fink's, such as `Early SN Ia candidate`.
    in_class: str | None = None
    #: Days that are looked back for alerts of the tag or class.
    days: Annotated[float, Field(gt=0, le=3650)] = 2.0


class Fink(ObjectWire):
    """A Fink server. What is selected comes as one packet an object: detections and forced photometry."""

    kind: ClassVar[str] = "fink"

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        self._options = options_of(settings, FinkOptions)
        address, self._id, self._time = _SERVERS[self._options.survey]
        super().__init__(settings, tools, self._options, Http.of(self._options, tools, address))

    def check(self) -> Answered:
        """Ask for the list of tags or classes, which is short and always there."""
        self._http.get("tags" if self._is_lsst else "classes")
        return self._http.answered()

    def cutouts(self, object_id: str) -> Iterator[Packet | Refusal]:
        """The three stamps of the latest detection, with that detection."""
        position = f"stamps of {object_id}"
        try:
            found = self._value(object_id, self._answers(object_id, with_forced=False))
        except Refused as refused:
            yield Refusal(self.name, position, str(refused), object_id)
            return
        source = found["diaSource"] if self._is_lsst else found["candidate"]
        named = (
            {"diaSourceId": source.get("diaSourceId")}
            if self._is_lsst
            else {"objectId": object_id, "candid": source.get("candid")}
        )
        value: dict[str, Any] = {
            key: found[key] for key in ("diaSource", "objectId", "candidate") if key in found
        }
        bodies = []
        for kind in STAMPS:
            asked = {**named, "kind": kind, "output-format": "FITS"}
            body = self._http.get("cutouts", asked, most_bytes=MOST_STAMP_BYTES)
            if not is_fits(body.content):
                yield Refusal(self.name, position, f"the stamp `{kind}` is no FITS", object_id)
                continue
            bodies.append(body)
            value[f"cutout{kind}"] = body.content if self._is_lsst else {"stampData": body.content}
        if bodies:
            digest, known = self._is_known(bodies, position)
            yield known or Packet(self.name, position, value, size=size_of(bodies), digest=digest)

    def _selected(self) -> Iterable[Selected | Refusal]:
        options = self._options
        is_lsst = self._is_lsst
        wanted = options.tag if is_lsst else options.in_class
        if not (wanted or options.objects or options.cone):
            raise self._says_nothing("tag" if is_lsst else "in_class", "objects", "cone")
        found: list[Selected | Refusal] = [Selected(one) for one in options.objects]
        if wanted:
            since = datetime.fromtimestamp(self.tools.edges.now(), UTC) - timedelta(days=options.days)
            rows = self._ask(
                "tags" if is_lsst else "latests",
                {
                    "tag" if is_lsst else "class": wanted,
                    # Several alerts of one object are common; more than these are of no use.
                    "n": options.most * 20,
                    "startdate": since.strftime("%Y-%m-%d %H:%M:%S"),
                    "columns": f"{self._id},{self._time}",
                },
            )
            found += self._seen(rows, self._id, self._time)
        if options.cone is not None:
            found += self._near(options.cone)
        return found

    def _near(self, cone: Cone) -> list[Selected | Refusal]:
        place = {"ra": cone.ra, "dec": cone.dec, "radius": cone.radius, "n": self._most * 20}
        columns = {"columns": f"{self._id},{self._time}"} if self._is_lsst else {}
        return self._seen(self._ask("conesearch", {**place, **columns}), self._id, self._time)

    def _answers(self, object_id: str, with_forced: bool = True) -> dict[str, Body]:
        form = "json"
        if not self._is_lsst:
            asked = {"objectId": object_id, "withupperlim": "True", "output-format": form}
            return {"objects": self._http.get("objects", asked)}
        asked = {"diaObjectId": object_id, "output-format": form}
        parts = ("sources", "fp", "objects") if with_forced else ("sources",)
        return {part: self._http.get(part, asked) for part in parts}

    def _value(self, object_id: str, bodies: Mapping[str, Body]) -> dict[str, Any]:
        """The packet of the survey that the rows tell of."""
        seen, *others = (self._rows(body, f"about {object_id}") for body in bodies.values())
        dated = [row for row in seen if isinstance(row.get(self._time), int | float)]
        if not dated:
            raise Refused("Fink has no detection of it")
        if strange := {str(row[self._id]) for row in seen if row.get(self._id) is not None} - {object_id}:
            raise Refused(f"the answer holds rows of another object, {min(strange)[:40]}")
        dated.sort(key=lambda row: float(row[self._time]))
        return _lsst(dated, *others) if self._is_lsst else _ztf(dated)

    def _ask(self, what: str, asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return self._rows(self._http.get(what, {**asked, "output-format": "json"}), f"about its {what}")


def _lsst(
    sources: list[Mapping[str, Any]],
    forced: list[Mapping[str, Any]] | None = None,
    objects: list[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """A packet of LSST from rows in the order of time, as Fink's stream would have sent it last."""
    *earlier, latest = sources
    packet: dict[str, Any] = {"diaSource": _of(latest, "r:"), **fink_nested(_of(latest, "f:"))}
    if earlier:
        packet["prvDiaSources"] = [_of(row, "r:") for row in earlier]
    if forced:
        packet["prvDiaForcedSources"] = [_of(row, "r:") for row in forced]
    if objects:
        packet["diaObject"] = _of(objects[0], "r:")
    return packet


def _ztf(rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    """A packet of ZTF from rows in the order of time; the latest detection is the packet's own."""
    seen = [row for row in rows if row.get("i:magpsf") is not None and row.get("d:tag", "valid") == "valid"]
    latest = seen[-1] if seen else rows[-1]
    packet = ztf_packet({key: value for key, value in latest.items() if key != "d:tag"})
    others = [row for row in rows if row is not latest and row.get("d:tag") != "badquality"]
    packet["prv_candidates"] = [ztf_packet(row)["candidate"] for row in others]
    return packet


def _of(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {key[2:]: value for key, value in row.items() if key.startswith(prefix)}
