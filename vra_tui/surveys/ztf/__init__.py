"""The Zwicky Transient Facility: its packets and what brokers make of them, its bands, site and links."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from vra_tui.domain.alert import Alert, NotAnAlert, Refused
from vra_tui.domain.site import Site
from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.domain.tns_numbers import TnsNumbers
from vra_tui.surveys.base import Link, Packet, Survey
from vra_tui.surveys.ztf import alerce, antares, boom, fink, lasair, packet, plain_rows
from vra_tui.surveys.ztf.history import INSTRUMENT

_SCHEMAS = frozenset({"ztf.alert", "alert.ztf", "BabamulZtfAlert"})
_ID_KEYS = ("objectId", "object", "i:objectId", "oid")
_TNS_PREFIX = re.compile(r"^(?:SN|AT|TDE|FRB)\s*(?=\d{4})")


class Ztf(Survey):
    """ZTF's alerts, raw and as Fink, Lasair, ALeRCE, ANTARES, BOOM and Pitt-Google pass them on."""

    name = "ztf"
    title = "ZTF"
    bands = ("g", "r", "i")
    #: Observatory code I41, its place from the code's parallax constants (Minor Planet Center).
    sites = (Site(INSTRUMENT, "Palomar", 33.35734, -116.85978, 1687.0, "I41"),)
    id_pattern = re.compile(r"ZTF\d{2}[a-z]{7}")
    score_name = "drb"
    stamp_frame = StampFrame(arcsec=1.012, rows_to_north=False, negative_shines=True)
    tns = TnsNumbers(
        filters={"g": 110, "r": 111, "i": 112},
        instruments={INSTRUMENT: 196},
        data_source=48,
        default_instrument=196,
        exposure_s=30.0,
        name_pattern=id_pattern,
        name_words="its id, like ZTF26abcdefg",
    )

    def recognises(self, packet: Packet) -> bool:
        """Tell whether the packet names a ZTF object, or has the form of a ZTF alert without naming one."""
        value = _whole(packet.value)
        if value is None:
            return False
        if self._named(value) is not None or packet.schema in _SCHEMAS:
            return True
        own = value.get("candidate")
        is_candidate = isinstance(own, Mapping) and "fid" in own and "jd" in own
        is_rows = value is not packet.value and all("fid" in row for row in packet.value)
        return (
            is_rows
            or is_candidate
            or fink.is_flat(value)
            or _is_alerce_row(value)
            or boom.answered(value) is not None
        )

    def alert(self, packet: Packet) -> Alert:
        """The alert of a packet, whichever broker it came by. Raises Refused, NotAnAlert."""
        value = _whole(packet.value)
        if value is None:
            raise Refused("neither a JSON object, nor an Avro record or row of ZTF's")
        value = _unwrapped(value)
        if fink.is_flat(value):
            value = fink.nested(value)
        object_id = _object_id(value, packet.options)
        try:
            return _alert(value, object_id)
        except NotAnAlert as refused:
            raise NotAnAlert(str(refused), object_id) from None
        except Refused as refused:
            raise Refused(str(refused), object_id) from None

    def links(self, object_id: str, names: Mapping[str, str | None]) -> Sequence[Link]:
        """The object's pages at Lasair, Fink and ALeRCE, and at the TNS where its name there is known."""
        name = quote(object_id, safe="")
        found = [
            Link("L", "Lasair", f"https://lasair-ztf.lsst.ac.uk/objects/{name}/"),
            Link("F", "Fink", f"https://ztf.fink-portal.org/{name}"),
            Link("A", "ALeRCE", f"https://alerce.online/object/{name}"),
        ]
        other = names.get("other_name")
        if other:
            designation = quote(_TNS_PREFIX.sub("", other), safe="")
            found.append(Link("T", "TNS", f"https://www.wis-tns.org/object/{designation}"))
        return found

    def _named(self, value: Mapping[str, Any]) -> str | None:
        try:
            named = next(name for name in _names(value) if isinstance(name, str))
        except StopIteration:
            return None
        except Refused:  # it names several of ours
            return ""
        return named if self.id_pattern.fullmatch(named) else None


def _whole(value: Any) -> Mapping[str, Any] | None:
    """A packet's value as one mapping; a bare list of rows is a light curve whose object the user names."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        return {"detections" if _is_alerce_row(value[0]) else "rows": value}
    return None


def _is_alerce_row(value: Mapping[str, Any]) -> bool:
    return value.get("tid") == "ztf" and "fid" in value


def _unwrapped(value: Mapping[str, Any]) -> Mapping[str, Any]:
    rows = boom.answered(value)
    if rows is None:
        return value
    if not rows:
        raise NotAnAlert("an answer of BOOM without an alert in it")
    if len(rows) > 1 or not isinstance(rows[0], Mapping):
        raise Refused(f"an answer of BOOM with {len(rows)} alerts: give each one for itself")
    return rows[0]


def _names(value: Mapping[str, Any]) -> Iterator[Any]:
    """What the value names as its object, in the order of trust. Raises Refused when it names several."""
    yield from (value[key] for key in _ID_KEYS if value.get(key) is not None)
    yield from (name for name in (alerce.object_id(value), antares.object_id(value)) if name is not None)


def _object_id(value: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    found = next((name for name in _names(value) if not isinstance(name, Mapping)), options.get("name"))
    if found is None:
        raise Refused("no object is named (`objectId`, `oid`); `--name` names one")
    if not isinstance(found, str) or not Ztf.id_pattern.fullmatch(found):
        raise Refused(f"`objectId` is {str(found)[:40]!r}, not an id of ZTF's like ZTF21abiuvdk")
    return found


def _alert(value: Mapping[str, Any], object_id: str) -> Alert:
    for shape in (boom, packet, lasair, plain_rows):
        if shape.knows(value):
            return shape.alert(value, object_id)
    for shape in (antares, alerce):
        if shape.knows(value):
            return shape.alert(value, object_id)
    if set(value) <= {"objectId", "candid", "schemavsn", "publisher"}:
        raise Refused("`candidate` is missing: the packet names an object and tells nothing of it")
    return lasair.row_alert(value, object_id)
