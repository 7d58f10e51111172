"""Send items of the outbox once, whoever sends, and whenever a program dies: claims, leases, answers."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from vra_tui.store.outbox import note_event
from vra_tui.store.outbox_items import BY_HAND, LEASE, NOT_LEFT, Item, OutboxError, State, as_list, item
from vra_tui.store.transaction import transaction

_FULL = 2
#: What may be sent now: approved, or sent by somebody who is gone or got no answer. An item waits for what
#: has the same effect and was sent before it, until it is known whether that arrived. What a person hands in
#: (`BY_HAND`) no program sends.
_DUE = f"""SELECT o.item_id FROM outbox o JOIN outbox_states s USING (item_id)
    WHERE s.state IN ('approved', 'sending') AND (s.due_at IS NULL OR s.due_at <= :now)
    AND o.kind NOT IN ({", ".join(map(repr, BY_HAND))})
    AND NOT EXISTS (SELECT 1 FROM outbox p JOIN outbox_states q USING (item_id) WHERE q.state = 'sending'
        AND p.kind = o.kind AND p.target = o.target AND p.identity = o.identity AND p.item_id < o.item_id)"""

#: Items of decisions that were taken back. Undos are few beside what has left: they are walked through, which
#: the CROSS keeps SQLite to.
_REVERTED = """decisions undoing CROSS JOIN outbox o ON o.decision_id = undoing.reverts
    CROSS JOIN decisions d ON d.decision_id = undoing.reverts AND d.alert_id = undoing.alert_id
    CROSS JOIN outbox_states s ON s.item_id = o.item_id AND undoing.reverts IS NOT NULL"""

_LATER = """later.kind = o.kind AND later.target = o.target AND later.identity = o.identity
    AND later.item_id > o.item_id"""


@dataclass(frozen=True)
class Claim:
    """An item that one program is sending, until ``until`` (seconds since 1970).

    ``must_ask``: it was sent before, and nobody knows whether it arrived.
    """

    item: Item
    owner: str
    must_ask: bool
    until: float


def due(
    store: sqlite3.Connection,
    now: datetime,
    *,
    kinds: Collection[str] | None = None,
    targets: Collection[str] | None = None,
    item_ids: Collection[str] | None = None,
    limit: int = -1,
) -> list[str]:
    """Ids of the items that may be sent now, the oldest first, at most ``limit`` (-1: all)."""
    rows = store.execute(
        f"""{_DUE} AND (:kinds IS NULL OR o.kind IN (SELECT value FROM json_each(:kinds)))
        AND (:targets IS NULL OR o.target IN (SELECT value FROM json_each(:targets)))
        AND (:ids IS NULL OR o.item_id IN (SELECT value FROM json_each(:ids)))
        ORDER BY o.item_id LIMIT :limit""",
        {
            "now": now.timestamp(), "kinds": as_list(kinds), "targets": as_list(targets),
            "ids": as_list(item_ids), "limit": limit,
        },
    )  # fmt: skip
    return [str(row[0]) for row in rows]


def begin(
    store: sqlite3.Connection, item_id: str, *, owner: str, now: datetime, lease: timedelta = LEASE
) -> Claim | None:
    """Claim an item before it is sent; None where it is not due any more, or is somebody else's.

    That it may have left is on the disk (fsync) when this returns, also where the store was opened without
    `durable`. ``owner``: a name that no other run of a program has. An item whose decision was taken back
    before it left is withdrawn instead.
    """
    until = (now + lease).timestamp()
    with _durable(store), transaction(store):
        found = store.execute(
            f"{_DUE} AND o.item_id = :id", {"now": now.timestamp(), "id": item_id}
        ).fetchone()
        if found is None:
            return None
        kept = item(store, item_id)
        if kept.is_reverted and kept.state in NOT_LEFT:
            note_event(store, item_id, State.WITHDRAWN, owner, now, "the decision was taken back")
            return None
        was_sent = kept.state is State.SENDING
        why = "asking whether it arrived" if was_sent else None
        note_event(store, item_id, State.SENDING, owner, now, why, due_at=until, owner=owner, is_attempt=True)
        return Claim(item(store, item_id), owner, was_sent, until)


def renew(store: sqlite3.Connection, claim: Claim, now: datetime, lease: timedelta = LEASE) -> bool:
    """Keep a claim for longer, before something is sent; False where it is somebody else's by now."""
    with _durable(store), transaction(store):
        written = store.execute(
            "UPDATE outbox_states SET due_at = ? WHERE item_id = ? AND owner = ? AND state = 'sending'",
            ((now + lease).timestamp(), claim.item.item_id, claim.owner),
        )
        return written.rowcount == 1


def settle(
    store: sqlite3.Connection,
    item_id: str,
    state: State,
    answer: str | None,
    *,
    owner: str,
    now: datetime,
    due_at: float | None = None,
) -> bool:
    """Keep what came of sending an item; False where it was somebody else's by then.

    ``state``: accepted, refused; approved, where it surely did not arrive and is to be sent again; sending,
    where nobody knows, so that it is asked; withdrawn, where it did not arrive and shall not any more.
    ``due_at``: not before that. That it was accepted is kept whoever learnt it.
    """
    if state is State.DRAFT:
        raise OutboxError("What was sent is no draft any more.")
    with _durable(store), transaction(store):
        kept = item(store, item_id)
        is_mine = kept.owner == owner and kept.state is State.SENDING
        if not is_mine and not (state is State.ACCEPTED and kept.state is State.SENDING):
            return False
        note_event(store, item_id, state, owner, now, answer, due_at=due_at)
        return True


def withdraw_reverted(store: sqlite3.Connection, *, by: str, now: datetime) -> int:
    """Withdraw what has not left and whose decision was taken back; returns how many.

    In the transaction that is open, or one of its own; where there is nothing to do, nothing is locked.
    """
    if not _not_left_and_reverted(store):
        return 0
    with nullcontext() if store.in_transaction else transaction(store):
        item_ids = _not_left_and_reverted(store)
        for item_id in item_ids:
            note_event(store, item_id, State.WITHDRAWN, by, now, "the decision was taken back")
    return len(item_ids)


def _not_left_and_reverted(store: sqlite3.Connection) -> list[str]:
    rows = store.execute(f"SELECT DISTINCT o.item_id FROM {_REVERTED} WHERE s.state IN ('draft', 'approved')")
    return [str(row[0]) for row in rows]


def to_correct(store: sqlite3.Connection) -> list[Item]:
    """What was accepted, is the latest of its identity, and whose decision was taken back since.

    A correction that somebody dropped is not asked for again; one that was withdrawn since its own decision
    was taken back too is.
    """
    rows = store.execute(
        f"""SELECT DISTINCT o.item_id FROM {_REVERTED} WHERE s.state = 'accepted'
        AND NOT EXISTS (SELECT 1 FROM outbox later JOIN outbox_states t USING (item_id)
            WHERE later.follows = o.item_id AND t.state != 'withdrawn')
        AND NOT EXISTS (SELECT 1 FROM outbox later JOIN outbox_states t USING (item_id)
            WHERE {_LATER} AND t.state != 'withdrawn')
        AND coalesce((SELECT EXISTS (SELECT 1 FROM decisions u WHERE u.reverts = later.decision_id)
            FROM outbox later WHERE {_LATER} ORDER BY later.item_id DESC LIMIT 1), 1)
        ORDER BY o.item_id"""
    ).fetchall()
    return [item(store, row[0]) for row in rows]


@contextmanager
def _durable(store: sqlite3.Connection) -> Iterator[None]:
    """Commits inside are on the disk when they return, however the store was opened."""
    before = int(store.execute("PRAGMA synchronous").fetchone()[0])
    if before >= _FULL:
        yield
        return
    store.execute(f"PRAGMA synchronous = {_FULL}")
    try:
        yield
    finally:
        store.execute(f"PRAGMA synchronous = {before}")
