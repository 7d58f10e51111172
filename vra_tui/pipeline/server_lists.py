"""Decisions taken at a survey's server: seen here as those of the people who took them there."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from vra_tui.domain.refusal import InputPiece, Refusal
from vra_tui.ranking.lists import ListName
from vra_tui.sources.wires.base import Filing
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.decision_ids import id_at, taken_at, timestamp
from vra_tui.store.decisions import DecisionRow, history
from vra_tui.store.merge import Merged, merge
from vra_tui.store.objects import known_numbers
from vra_tui.store.refusals import put_refusals
from vra_tui.store.scanners import fault_of

#: Programs move objects to these lists there too, and leave the name of whoever decided before them.
_BY_PROGRAMS = frozenset({ListName.EYEBALL, ListName.POSSIBLE})


def take_filings(
    store: Store,
    filings: Iterable[Filing],
    *,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
) -> Merged:
    """Record what a server filed, where that is news: one decision for each time that it filed otherwise.

    A decision gets the server's time, the name of who decided there, and the server as its host. It is taken
    in knowledge of what that server held before, and of what the same person had decided here; of nothing
    else. Where it differs from what others decided here the alert is in conflict, until a scanner decides who
    has seen both. The same state, told again to this store or to another one, gives the same decision.

    Decisions on objects that the store does not hold yet wait for them, so this is called before the objects
    are taken in: a program that is killed between the two loses neither.
    """
    now = clock().astimezone(UTC)
    told = list(filings)
    numbers = known_numbers(store, [(one.survey, one.object_id) for one in told])
    pieces = []
    for filing in told:
        number = numbers.get((filing.survey, filing.object_id))
        past = [] if number is None else history(store, number)
        if row := _row(filing, [row for row in past if row.list is not None], now):
            pieces.append(InputPiece(filing.server, filing.position, row))
    if not pieces:
        return Merged()
    refused: list[Refusal] = []
    merged = merge(store, pieces, refused.append, now=now)
    if refused:
        with transaction(store):
            put_refusals(store, refused, now.isoformat(timespec="seconds"))
        for refusal in refused:
            on_refusal(refusal)
    return merged


def _row(filing: Filing, past: Sequence[DecisionRow], now: datetime) -> dict[str, object] | None:
    """The decision as a row of a history; None where the server holds what it held before.

    ``past``: what is known to have been decided about the object, oldest first.

    A change of the object that leaves its list as it was (a comment, a new name) is no decision, but for a
    snooze, which begins anew.
    """
    before = next((row for row in reversed(past) if row.host == filing.server), None)
    at = now if filing.at is None else filing.at.astimezone(UTC)
    if filing.list == ListName.EYEBALL and (before is None or before.list == ListName.EYEBALL):
        return None  # it waits there, as everything does that nobody decided
    if before is not None and before.list == filing.list:
        is_snoozed_anew = filing.list == ListName.POSSIBLE and filing.at is not None
        if not is_snoozed_anew or timestamp(at) <= before.timestamp:
            return None
    scanner = _scanner(filing, before)
    known = [] if before is None else [before.decision_id]
    if scanner != filing.nobody:
        own = (row.decision_id for row in past if row.scanner == scanner and row.timestamp <= timestamp(at))
        known += list(own)[-1:]
    follows = sorted(set(known))
    row: dict[str, object] = {
        "survey": filing.survey,
        "object_id": filing.object_id,
        "list": filing.list,
        "scanner": scanner,
        "host": filing.server,
        "timestamp": timestamp(at),
        "follows": " ".join(follows) or None,
        "seen_mjd": filing.seen_mjd,
    }
    return {"decision_id": _id_of(row, at, follows), **row}


def _scanner(filing: Filing, before: DecisionRow | None) -> str:
    name = filing.scanner or ""
    if fault_of(name):
        return filing.nobody
    is_stale = filing.list in _BY_PROGRAMS and before is not None and before.scanner == name
    return filing.nobody if is_stale else name


def _id_of(row: dict[str, object], at: datetime, follows: Sequence[str]) -> str:
    """A UUID of version 7 that follows from the decision itself, and sorts behind those that it follows."""
    earlier = taken_at(follows[-1]) if follows else None
    if earlier is not None and id_at(at) <= id_at(earlier):
        at = earlier + timedelta(milliseconds=1)
    told = repr(sorted(row.items())).encode()
    digest = hashlib.blake2b(told, digest_size=10).hexdigest()
    variant = "89ab"[int(digest[3], 16) & 3]
    return f"{id_at(at)}-7{digest[:3]}-{variant}{digest[4:7]}-{digest[7:19]}"
