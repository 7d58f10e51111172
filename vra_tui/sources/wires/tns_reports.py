"""Reports of the Transient Name Server as packets that add them to alerts, in the words of their surveys."""

import hashlib
import re

from vra_tui.domain.alert import Alert, Fact, TnsReport
from vra_tui.domain.tns_objects import NamedAlert, TnsObject
from vra_tui.surveys.base import Packet
from vra_tui.surveys.values import mjd_of_text

_ADDRESS = "https://www.wis-tns.org/object/"


def report_packet(alert: NamedAlert, found: TnsObject, separation_arcsec: float, source: str) -> Packet:
    """The report of an object as a packet that adds it to an alert."""
    known = {_bare(name): name for name in alert.designations}
    report = TnsReport(
        # As the alert's survey writes it, where that told of it before: one report stays one.
        designation=known.get(_bare(found.name), found.name),
        type=found.type,
        mag=found.mag,
        discoverer=found.discoverer,
        internal_name=found.internal_names,
        separation_arcsec=round(separation_arcsec, 3),
        discovered_mjd=found.discovered_mjd,
        object_z=found.z,
        url=f"{_ADDRESS}{found.name}",
        extra={
            key: value
            for key, value in (
                ("told_by", source), ("date_added", found.received), ("modified", found.modified),
                ("filter", found.mag_band),
            )
            if value is not None
        },
    )  # fmt: skip
    facts: dict[str, Fact] = {}
    if alert.other_name is None:
        facts["other_name"] = f"{found.prefix}{found.name}"
    as_of = mjd_of_text(found.modified) or mjd_of_text(found.received) or 0.0
    value = Alert(alert.survey, alert.object_id, as_of=as_of, facts=facts, tns=(report,))
    told = repr((alert.survey, alert.object_id, report)).encode("utf-8", "replace")
    digest = hashlib.blake2b(told, digest_size=16, person=b"tns").digest()
    place = f"{found.name} at {alert.survey}:{alert.object_id}"
    return Packet(source, place, value, form="alert", digest=digest)


def _bare(name: str) -> str:
    """A designation without its prefix: AT, SN, TDE and the like, with or without a blank."""
    return re.sub(r"^[A-Za-z]{2,4}\s*(?=(?:19|20)\d\d)", "", name.strip()).lower()
