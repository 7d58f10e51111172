"""Recognise the formats in which LSST objects arrive, and read the alert of each.

`packet`: a packet of the stream (schemas 7.4 to 11), raw or with what Fink adds. `lasair`: Lasair's alert, an
object with its lists, alone or within a message of its stream. `row`: a row of Lasair's object table, as its
stream sends it without the alert and as its API's object shows it. `fink`: a row of Fink's REST answers.
`alerce`: what ALeRCE answers about one object.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vra_tui.domain.alert import (
    Alert,
    Fact,
    NotAnAlert,
    Refused,
    Stamp,
    StampKind,
    detail_key,
)
from vra_tui.domain.building import build_light_curve
from vra_tui.surveys.base import Packet
from vra_tui.surveys.lsst import alerce, broker, epochs
from vra_tui.surveys.lsst.latest_source import history_facts, source_facts
from vra_tui.surveys.values import identity, mapping, number, plain, rows, text

_STAMPS = {
    "cutoutScience": StampKind.SCIENCE,
    "cutoutTemplate": StampKind.TEMPLATE,
    "cutoutDifference": StampKind.DIFFERENCE,
}


def shape_of(value: Any) -> str | None:
    """Tell which of the shapes a decoded value has; None where it has none."""
    if not isinstance(value, Mapping):
        return None
    if "diaSource" in value:
        return "packet"
    if "diaSourcesList" in value or (
        isinstance(value.get("alert"), Mapping) and "diaSourcesList" in value["alert"]
    ):
        return "lasair"
    if alerce.knows(value):
        return "alerce"
    if "diaObjectId" in value:
        return "row"
    if "r:diaObjectId" in value or "r:diaSourceId" in value:
        return "fink"
    return None


def alert_of(packet: Packet) -> Alert:
    """The alert of a recognised packet. Raises NotAnAlert, Refused."""
    shapes: Mapping[str, Callable[[Packet], Alert]] = {
        "packet": _from_packet,
        "lasair": broker.from_lasair,
        "row": broker.from_row,
        "fink": _from_fink,
        "alerce": alerce.alert,
    }
    return shapes[shape_of(packet.value) or "packet"](packet)


def _from_packet(packet: Packet) -> Alert:
    value = packet.value
    source = mapping(value.get("diaSource"), "diaSource")
    if not source:
        raise Refused("its diaSource is empty")
    object_id = object_id_of(value, source)
    try:
        history = rows(value.get("prvDiaSources"), "prvDiaSources")
        sources = [source, *history]
        curve, instruments, bands = build_light_curve(
            epochs.detections(sources, "diaSource"),
            epochs.limits(rows(value.get("prvDiaNondetectionLimits"), "prvDiaNondetectionLimits")),
            epochs.forced(rows(value.get("prvDiaForcedSources"), "prvDiaForcedSources")),
        )
        as_of = float(epochs.times([source], "diaSource")[0])
        source_id = identity(source.get("diaSourceId"), "diaSource.diaSourceId") or 0
        return Alert(
            survey="lsst",
            object_id=object_id,
            as_of=as_of,
            facts=_facts(value, source),
            light_curve=curve,
            instruments=instruments,
            bands=bands,
            annotations=tuple(broker.fink_annotations(value, as_of)),
            matches=broker.fink_matches(value),
            tns=broker.fink_tns(value),
            stamps=tuple(_stamps(value, as_of, source_id)),
            details={detail_key(source_id, 0): plain(source)} if source_id else {},
            extra=_extra(value),
        )
    except Refused as refused:
        raise Refused(str(refused), object_id) from None


def object_id_of(value: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    """The object's id as text. Raises NotAnAlert for a source of the solar system, Refused without an id."""
    found = identity(source.get("diaObjectId"), "diaSource.diaObjectId")
    if not found:
        found = identity(
            mapping(value.get("diaObject"), "diaObject").get("diaObjectId"), "diaObject.diaObjectId"
        )
    if found:
        return str(found)
    # Some brokers write 0 for the null that Rubin sends.
    body = identity(source.get("ssObjectId"), "diaSource.ssObjectId")
    designation = text(mapping(value.get("ssSource"), "ssSource").get("designation"))
    if body or designation:
        raise NotAnAlert(
            f"a source of the solar system ({designation or f'ssObjectId {body}'}) has no object"
        )
    raise Refused("it has no diaObjectId, and nothing says that it is of the solar system")


def _facts(value: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Fact]:
    body = mapping(value.get("diaObject"), "diaObject")
    facts: dict[str, Fact] = {**(broker.place_of(body) or broker.place_of(source)), **source_facts(source)}
    if "reliability" in source:
        facts["real_bogus"] = number(source["reliability"])
    facts |= history_facts(body.get("nDiaSources"), body.get("firstDiaSourceMjdTai"))
    near = mapping(value.get("ssSource"), "ssSource")
    if text(near.get("designation")):
        facts["solar_name"] = text(near.get("designation"))
        facts["solar_arcsec"] = number(near.get("ephOffset"))
    return facts


def _stamps(value: Mapping[str, Any], mjd: float, source_id: int) -> Sequence[Stamp]:
    return [
        Stamp(kind, bytes(value[key]), mjd, source_id)
        for key, kind in _STAMPS.items()
        if isinstance(value.get(key), bytes) and value[key]
    ]


_KNOWN = frozenset(
    "diaSourceId diaSource prvDiaSources prvDiaForcedSources prvDiaNondetectionLimits diaObject ssObject "
    "ssSource mpc_orbits MPCORB cutoutDifference cutoutScience cutoutTemplate alertId clf xm pred "
    "misc".split()
)


def _extra(value: Mapping[str, Any]) -> dict[str, Any]:
    extra: dict[str, Any] = plain({key: inner for key, inner in value.items() if key not in _KNOWN})
    if body := plain(mapping(value.get("diaObject"), "diaObject")):
        extra["diaObject"] = body
    return extra


def _from_fink(packet: Packet) -> Alert:
    raw = {key[2:]: inner for key, inner in packet.value.items() if key.startswith("r:")}
    added = {key[2:]: inner for key, inner in packet.value.items() if key.startswith("f:")}
    return _from_packet(
        Packet(packet.source, packet.position, {"diaSource": raw, **broker.fink_nested(added)})
    )
