"""Rubin's LSST: packets of its stream, as they are and as Fink and Lasair send them on."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from vra_tui.domain.alert import Alert
from vra_tui.domain.site import Site
from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.domain.tns_numbers import TnsNumbers
from vra_tui.surveys.base import Link, Packet, Survey


class Lsst(Survey):
    """The Legacy Survey of Space and Time of the Vera C. Rubin Observatory."""

    name = "lsst"
    title = "Rubin LSST"
    bands = ("u", "g", "r", "i", "z", "y")
    sites = (Site("LSSTCam", "Cerro Pachon", -30.24463, -70.74942, 2647.0, "X05"),)
    id_pattern = re.compile(r"[1-9]\d{7,18}")
    score_name = "reliability"
    stamp_frame = StampFrame(arcsec=0.2)
    #: Objects of the alert stream (AP) are told from those of data releases by the name's beginning.
    tns = TnsNumbers(
        filters={"u": 160, "g": 161, "r": 162, "i": 163, "z": 164, "y": 165},
        instruments={"LSSTCam": 287},
        data_source=165,
        default_instrument=287,
        exposure_s=30.0,
        internal_name="LSST-AP-DO-{object_id}",
        name_pattern=re.compile(r"LSST-AP-DO-[1-9]\d{7,18}"),
        name_words="LSST-AP-DO- and the diaObjectId",
        position_arcsec=0.05,
    )

    def recognises(self, packet: Packet) -> bool:
        """Packets of schemas 7 to 11, Fink's rows, Lasair's objects and messages."""
        from vra_tui.surveys.lsst import shapes

        return shapes.shape_of(packet.value) is not None

    def alert(self, packet: Packet) -> Alert:
        """See `Survey.alert`."""
        from vra_tui.surveys.lsst import shapes

        return shapes.alert_of(packet)

    def links(self, object_id: str, names: Mapping[str, str | None]) -> Sequence[Link]:
        """Pages of the object at the brokers."""
        name = quote(object_id, safe="")
        found = [
            Link("L", "Lasair", f"https://lasair.lsst.ac.uk/objects/{name}/"),
            Link("F", "Fink", f"https://lsst.fink-portal.org/{name}"),
            Link("A", "ALeRCE", f"https://lsst.alerce.online/object/{name}"),
        ]
        if other := names.get("other_name"):
            designation = quote(re.sub(r"^(AT|SN)\s*", "", other), safe="")
            found.append(Link("T", "TNS", f"https://www.wis-tns.org/object/{designation}"))
        return found
