"""Cutouts of an ATLAS alert that the forced-photometry server made: stamps alone, without epochs."""

from collections.abc import Mapping, Sequence
from typing import Any

from vra_tui.domain.alert import Alert, Refused, Stamp, StampKind
from vra_tui.surveys.base import Packet

#: The key of such a packet. No server sends it: it is made of a zip of images.
CUTOUTS = "atlas_cutouts"


def cutouts_value(object_id: str, ra: float, dec: float, stamps: Sequence[Stamp]) -> dict[str, Any]:
    """The value of a packet that holds stamps of one object; degrees."""
    return {CUTOUTS: tuple(stamps), "object_id": object_id, "ra": ra, "dec": dec}


def is_cutouts(value: Mapping[str, Any]) -> bool:
    """Whether a packet's value was made by `cutouts_value`."""
    return isinstance(value.get(CUTOUTS), tuple)


def alert_of_cutouts(packet: Packet) -> Alert:
    """The alert whose stamps these are; it says nothing else of it that is newer than what is known."""
    value = packet.value
    stamps = value[CUTOUTS]
    if not all(isinstance(one, Stamp) and one.kind in StampKind for one in stamps):
        raise Refused("its cutouts are no stamps", str(value.get("object_id")))
    return Alert(
        survey="atlas",
        object_id=str(value["object_id"]),
        facts={"ra": float(value["ra"]), "dec": float(value["dec"])},
        stamps=stamps,
    )
