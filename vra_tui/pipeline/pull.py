"""Pull once from a configured source: take in what the store lacks, piece by piece."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline.ingest import Intake, ingest
from vra_tui.pipeline.server_lists import take_filings
from vra_tui.sources.wires.base import Delivery, Wire, WireFault
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.following import keep_positions, note_state, positions_of
from vra_tui.store.requests import keep_progress


@dataclass
class Pulled:
    """The result of a pull, and the reason where it ended early."""

    intake: Intake
    fault: str | None = None


def pull(
    store: Store,
    wire: Wire,
    *,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    on_progress: Callable[[Intake], None] = lambda intake: None,
) -> Pulled:
    """Ask a wire once for what is new, and take it in; what came before it failed stays."""
    pulled = Pulled(Intake())
    try:
        for delivery in wire.query(positions_of(store, wire.name)):
            pulled.intake += take_in(store, wire, delivery, clock=clock, on_refusal=on_refusal)
            on_progress(pulled.intake)
    except WireFault as fault:
        pulled.fault = str(fault)
        _note(store, wire, False, pulled.fault, clock)
    else:
        _note(store, wire, True, "answers", clock)
    return pulled


def take_in(
    store: Store,
    wire: Wire,
    delivery: Delivery,
    *,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
) -> Intake:
    """Take in what a wire delivered, and only then keep where it stands.

    A program that is killed between the two is told the same again, and knows it by its bytes. What was
    decided at a server is taken in first: it waits for its alerts, where these do not come any more.
    """
    if delivery.filings:
        take_filings(store, delivery.filings, clock=clock, on_refusal=on_refusal)
    intake = ingest(store, delivery.pieces, clock=clock, on_refusal=on_refusal)
    now = _iso(clock())
    with transaction(store):
        keep_positions(store, wire.name, delivery.positions, now)
        for one in delivery.progress:
            keep_progress(store, one.request_id, one.task, one.came, now)
        note_state(
            store, wire.name, wire.kind, True, "answers", now,
            packets=len(delivery.pieces), refused=intake.refused,
        )  # fmt: skip
    return intake


def _note(store: Store, wire: Wire, is_up: bool, message: str, clock: Callable[[], datetime]) -> None:
    with transaction(store):
        note_state(store, wire.name, wire.kind, is_up, message, _iso(clock()))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
