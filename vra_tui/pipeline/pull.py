"""Pull once from a configured source: take in what the store lacks, piece by piece."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vra_tui.domain.refusal import Refusal
from vra_tui.domain.times import utc_text
from vra_tui.features.dust_map import DustMap
from vra_tui.pipeline.ingest import Intake, ingest
from vra_tui.pipeline.match_tns import match_tns
from vra_tui.pipeline.server_lists import take_filings
from vra_tui.pipeline.sky_maps import add_notices
from vra_tui.sources.wires.base import Delivery, Keep, Wire, WireFault
from vra_tui.store import Store, StoreFault
from vra_tui.store.connection import transaction
from vra_tui.store.following import keep_positions, keep_rejected, note_state, positions_of
from vra_tui.store.requests import keep_progress
from vra_tui.store.tns_objects import put_tns_objects
from vra_tui.surveys import Surveys, installed_surveys
from vra_tui.surveys.base import Packet


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
    deliveries = wire.query(positions_of(store, wire.name))
    return _take_all(store, wire, deliveries, clock, on_refusal, on_progress, wire.keep)


def pull_objects(
    store: Store,
    wire: Wire,
    objects: Sequence[str],
    *,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
) -> Pulled:
    """Ask a wire for objects by their ids, whatever it is configured to ask for."""
    deliveries = (Delivery(list(wire.object(object_id))) for object_id in objects)
    return _take_all(store, wire, deliveries, clock, on_refusal, lambda intake: None)


def _take_all(
    store: Store,
    wire: Wire,
    deliveries: Iterable[Delivery],
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None],
    on_progress: Callable[[Intake], None],
    keep: Keep | None = None,
) -> Pulled:
    pulled = Pulled(Intake())
    surveys, dust = installed_surveys(), DustMap()
    try:
        for delivery in deliveries:
            pulled.intake += take_in(
                store, wire, delivery,
                clock=clock, surveys=surveys, dust=dust, on_refusal=on_refusal, keep=keep,
            )  # fmt: skip
            on_progress(pulled.intake)
    except WireFault as fault:
        pulled.fault = str(fault)
        _note(store, wire, False, pulled.fault, clock)
    else:
        _note(store, wire, True, answers(), clock)
    return pulled


def take_in(
    store: Store,
    wire: Wire,
    delivery: Delivery,
    *,
    clock: Callable[[], datetime],
    surveys: Surveys | None = None,
    dust: DustMap | None = None,
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    keep: Keep | None = None,
) -> Intake:
    """Take in what a wire delivered, and only then keep where it stands.

    ``surveys``, ``dust``: as of `ingest`.

    A program that is killed between the two is told the same again, and knows it by its bytes. The bytes of
    what was refused are put aside. What was decided at a server is taken in first: it waits for its alerts,
    where these do not come any more. ``keep``: as in `ingest`.
    """
    if delivery.filings:
        take_filings(store, delivery.filings, clock=clock, on_refusal=on_refusal)
    refused: dict[str, bytes] = {}

    def put_aside(refusal: Refusal) -> None:
        if (content := delivery.contents.get(refusal.position)) is not None:
            refused[refusal.position] = content
        on_refusal(refusal)

    how: dict[str, Any] = {
        "clock": clock, "surveys": surveys, "dust": dust, "on_refusal": put_aside, "keep": keep,
    }  # fmt: skip
    # Before the positions are kept, as all else; told twice, they change nothing.
    pieces = [*delivery.pieces, *add_notices(store, wire.name, delivery.notices, clock)]
    try:
        intake = ingest(store, pieces, **how)
    except StoreFault:
        raise
    except Exception:
        # One that breaks a program must not come first again at every start: it is found and refused.
        intake = sum((_by_itself(store, piece, how) for piece in pieces), Intake())
    if delivery.catalogue is not None:
        put_tns_objects(store, delivery.catalogue)
        radius = delivery.catalogue.radius_arcsec
        intake += match_tns(store, clock=clock, radius_arcsec=radius, source=wire.name)
    now = utc_text(clock())
    with transaction(store):
        if refused:
            keep_rejected(store, ((wire.name, *each) for each in refused.items()), now)
        keep_positions(store, wire.name, delivery.positions, now)
        for one in delivery.progress:
            keep_progress(store, one.request_id, one.task, one.came, now)
        note_state(
            store, wire.name, wire.kind, True, answers(delivery.behind), now,
            packets=len(delivery.pieces) + len(delivery.notices), refused=intake.refused,
        )  # fmt: skip
    return intake


def _by_itself(store: Store, piece: Packet | Refusal, how: Mapping[str, Any]) -> Intake:
    try:
        return ingest(store, [piece], **how)
    except StoreFault:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"[:200]
        reason = f"an error that should not be, please report it: {what}"
        return ingest(store, [Refusal(piece.source, piece.position, reason)], **how)


def answers(behind: int | None = None) -> str:
    """What is said of a source that answers, in which so many messages wait."""
    return f"answers; {behind:,} more wait there" if behind else "answers"


def _note(store: Store, wire: Wire, is_up: bool, message: str, clock: Callable[[], datetime]) -> None:
    with transaction(store):
        note_state(store, wire.name, wire.kind, is_up, message, utc_text(clock()))
