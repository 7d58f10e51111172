"""Matching alerts with the kept list of the Transient Name Server, by position, without asking anybody."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from vra_tui.domain.tns_objects import RADIUS_ARCSEC, pairs_within
from vra_tui.pipeline.ingest import ingest
from vra_tui.sources.wires.tns_reports import report_packet
from vra_tui.store import Store
from vra_tui.store.intake import Intake, is_seen
from vra_tui.store.tns_objects import (
    alert_places,
    count_tns_objects,
    named_alerts,
    tns_objects_of,
    tns_places,
)
from vra_tui.surveys.base import Packet

#: For so few alerts the list is looked through by declination; for more all of it is read.
_FEW = 300


def match_tns(
    store: Store,
    *,
    clock: Callable[[], datetime],
    alert_ids: Sequence[int] | None = None,
    radius_arcsec: float = RADIUS_ARCSEC,
    source: str = "tns",
) -> Intake:
    """Add to alerts, all or these, the reports of the TNS at their places, as their surveys would say them.

    What was added before is known, and costs a look. 100,000 alerts against 200,000 objects take seconds.
    """
    if not count_tns_objects(store):
        return Intake()
    alerts = alert_places(store, alert_ids)
    few = alerts if len(alerts.number) <= _FEW else None
    there = tns_places(store, few, radius_arcsec)
    mine, theirs, apart = pairs_within(alerts.ra, alerts.dec, there.ra, there.dec, radius_arcsec)
    objects = tns_objects_of(store, there.number[theirs].tolist())
    named = named_alerts(store, alerts.number[mine].tolist())
    pairs = zip(alerts.number[mine].tolist(), there.number[theirs].tolist(), apart.tolist(), strict=True)
    added = (report_packet(named[alert], objects[objid], arcsec, source) for alert, objid, arcsec in pairs)
    return ingest(store, _new(store, added), clock=clock)


def _new(store: Store, packets: Iterator[Packet]) -> Iterator[Packet]:
    return (packet for packet in packets if not is_seen(store, packet.digest))
