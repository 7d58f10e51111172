"""What alerts lack: asked of sources that can complete them, waited for over restarts, taken in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from vra_tui.domain.alert import detail_key
from vra_tui.domain.refusal import Refusal
from vra_tui.domain.times import utc_text
from vra_tui.pipeline.pull import take_in
from vra_tui.sources.wires.base import Exposure, NotOffered, Wanted, Wire, WireFault
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.curves import whole_curve
from vra_tui.store.detail import detection_extra
from vra_tui.store.following import note_state
from vra_tui.store.listing import list_rows
from vra_tui.store.objects import of_survey
from vra_tui.store.requests import end_request, open_requests, put_requests

#: Requests that are looked at at once: as many as wait at a source, and those that come next.
_AT_ONCE = 500


@dataclass
class Worked:
    """What came of looking at all that was asked of a source.

    ``waiting``: requests that are not over; ``fault``: why the source could not be asked to the end.
    """

    asked: int = 0
    came: int = 0
    failed: int = 0
    waiting: int = 0
    fault: str | None = None


def ask(
    store: Store,
    wire: Wire,
    alert_ids: Iterable[int],
    what: str,
    *,
    clock: Callable[[], datetime],
    again_after: timedelta | None = None,
) -> int:
    """Remember that alerts lack something which a source may have; returns how many requests are new.

    What was asked for before is asked for anew only where it ended longer than ``again_after`` ago. Alerts of
    other surveys than those that the source completes are passed over. Raises NotOffered where it has nothing
    of the kind.
    """
    if what not in wire.completes:
        offered = ", ".join(wire.completes) or "nothing"
        raise NotOffered(f"`{wire.name}` cannot be asked for {what}: of what alerts lack it has {offered}.")
    now = clock()
    before = "" if again_after is None else utc_text(now - again_after)
    ids = alert_ids if wire.survey is None else of_survey(store, alert_ids, wire.survey)
    with transaction(store):
        return put_requests(store, ids, what, wire.name, utc_text(now), before)


def wanted_of(store: Store, wire: Wire, *, clock: Callable[[], datetime]) -> list[Wanted]:
    """What is wanted of a source: first what it works on, then the rest, the best rank first.

    A request for an alert without a detection, which has no night to ask about, is ended.
    """
    requests = open_requests(store, wire.name, _AT_ONCE)
    rows = {row.alert_id: row for row in list_rows(store, [request.alert_id for request in requests])}
    found = []
    for request in requests:
        row = rows.get(request.alert_id)
        curve = None if row is None else whole_curve(store, request.alert_id)
        if row is None or curve is None or not len(seen := curve.detections):
            with transaction(store):
                end_request(store, request.request_id, "the alert has no detection", utc_text(clock()))
            continue
        extra = detection_extra(store, request.alert_id)
        exposures: dict[str, Exposure] = {}
        for source_id, moment, mjd in zip(
            seen.source_id.tolist(), seen.moment.tolist(), seen.mjd.tolist(), strict=True
        ):
            for told in extra.get(detail_key(source_id, moment), ()):
                if isinstance(name := told.get("expname"), str):
                    exposures.setdefault(name, Exposure(mjd, source_id))
        asked_at = datetime.fromisoformat(request.asked_at).timestamp()
        found.append(
            Wanted(
                request.request_id, request.what, row.object_id, row.ra, row.dec, row.t0_mjd,
                float(seen.mjd[-1]), asked_at, request.task, exposures,
                [mjd for section in curve.sections for mjd in section.mjd.tolist()],
            )
        )  # fmt: skip
    return found


def work_off(
    store: Store,
    wire: Wire,
    *,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
) -> Worked:
    """Look once at what was asked of a source, and take in what came. Call it again after a while."""
    worked = Worked()
    wanted = wanted_of(store, wire, clock=clock)
    try:
        for delivery in wire.complete(wanted) if wanted else ():
            take_in(store, wire, delivery, clock=clock, on_refusal=on_refusal)
            worked.asked += sum(one.came is None for one in delivery.progress)
            worked.came += sum(one.came is not None and one.is_good for one in delivery.progress)
            worked.failed += sum(one.came is not None and not one.is_good for one in delivery.progress)
    except WireFault as fault:
        worked.fault = str(fault)
        with transaction(store):
            note_state(store, wire.name, wire.kind, False, worked.fault, utc_text(clock()))
    worked.waiting = len(open_requests(store, wire.name))
    return worked
