"""ATLAS: objects of its server's API, alert packets with stamps, and text of its forced-photometry server."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from vra_tui.domain.alert import Alert
from vra_tui.domain.site import Site
from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.domain.tns_numbers import TnsNumbers
from vra_tui.surveys.atlas.cutouts import alert_of_cutouts, is_cutouts
from vra_tui.surveys.base import EpochTable, Link, Packet, Survey


class Atlas(Survey):
    """The Asteroid Terrestrial-impact Last Alert System: five units in two bands."""

    name = "atlas"
    title = "ATLAS"
    bands = ("c", "o")
    #: Geodetic places on WGS84, worked out from the Minor Planet Center's list of observatory codes
    #: (longitude, rho cos phi', rho sin phi'; list of October 2026, six decimals, which is 6 m).
    sites = (
        Site("01a", "Haleakala", 20.70755, -156.25701, 3047.0, "T05"),
        Site("02a", "Mauna Loa", 19.53615, -155.57605, 3427.0, "T08"),
        Site("03a", "Sutherland", -32.38044, 20.81033, 1800.0, "M22"),
        Site("04a", "El Sauce", -30.47101, -70.76498, 1601.0, "W68"),
        Site("05r", "Teide", 28.29878, -16.51031, 2415.0, "R17"),
    )
    id_pattern = re.compile(r"[1-9]\d{18}")
    score_name = "rb_pix"
    stamp_frame = StampFrame(arcsec=1.862, masked=-31_415.0)
    #: Objects are reported by the designation that the server gives them, never by their 19 digits.
    tns = TnsNumbers(
        filters={"c": 71, "o": 72},
        instruments={"01a": 159, "02a": 160, "03a": 255, "04a": 256, "05r": 290},
        data_source=18,
        exposure_s=30.0,
        internal_name="{name}",
        name_pattern=re.compile(r"ATLAS\d{2}[a-z]{3,5}"),
        name_words="the designation that the ATLAS server gives, like ATLAS26abc",
        position_arcsec=0.2,
    )

    def recognises(self, packet: Packet) -> bool:
        """Objects of the API, alert packets with stamps, and what the forced-photometry server makes."""
        value = packet.value
        if isinstance(value, EpochTable):
            return value.kind == "forced"
        if not isinstance(value, Mapping):
            return False
        return is_api_object(value) or is_alert_packet(value) or is_cutouts(value)

    def alert(self, packet: Packet) -> Alert:
        """See `Survey.alert`."""
        if isinstance(packet.value, EpochTable):
            from vra_tui.surveys.atlas.forced import alert_of_table

            return alert_of_table(packet)
        if is_cutouts(packet.value):
            return alert_of_cutouts(packet)
        if is_alert_packet(packet.value):
            from vra_tui.surveys.atlas.packet import alert_of_packet

            return alert_of_packet(packet)
        from vra_tui.surveys.atlas.api import alert_of_object

        return alert_of_object(packet.value)

    def links(self, object_id: str, names: Mapping[str, str | None]) -> Sequence[Link]:
        """The object's page on the ATLAS server, and on the TNS where it has a name there."""
        page = "https://psweb.mp.qub.ac.uk/sne/atlas4/candidate/"
        found = [Link("A", "ATLAS", f"{page}{quote(object_id, safe='')}/")]
        if other := names.get("other_name"):
            designation = quote(re.sub(r"^(AT|SN)\s*", "", other), safe="")
            found.append(Link("T", "TNS", f"https://www.wis-tns.org/object/{designation}"))
        return found


#: Others send an `object` too (AMPEL): these are ATLAS's sections, and keys of its header.
_SECTIONS = frozenset(
    "lc lcnondets fp sherlock_crossmatches sherlock_classifications tns_crossmatches".split()
)
_HEADER = frozenset(
    "followup_flag_date atlas_designation detection_list_id rb_pix realbogus_factor date_modified".split()
)


def is_api_object(value: Mapping[str, object]) -> bool:
    """Tell whether it has the shape of the API's object: a section `object`, and a mark of ATLAS."""
    header = value.get("object")
    if not isinstance(header, Mapping):
        return False
    return bool(_SECTIONS & value.keys() or _HEADER & header.keys()) or ("id" in header and len(value) == 1)


def is_alert_packet(value: Mapping[str, object]) -> bool:
    """Tell whether it has the shape of an alert packet: a candidate with the detection's flags of ATLAS."""
    candidate = value.get("candidate")
    return isinstance(candidate, Mapping) and "Mag" in candidate and "objectId" in value
