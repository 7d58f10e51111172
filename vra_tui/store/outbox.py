"""Keep what is to leave: drafts, who approved them, and what their targets answered. Nothing leaves twice."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.outbox_items import (
    BY_HAND,
    LEASE,
    NOT_LEFT,
    OPEN,
    Event,
    Item,
    OutboxError,
    State,
    counts,
    find_item,
    item,
    items,
)
from vra_tui.store.transaction import transaction

__all__ = [
    "BY_HAND", "NOT_LEFT", "OPEN", "Draft", "Event", "Item", "OutboxError", "State", "approve", "counts",
    "find_item", "handed_in", "item", "items", "put", "retry", "withdraw",
]  # fmt: skip

#: An item's content is at most so many bytes of JSON.
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Draft:
    """Something that is to leave.

    ``kind``: what it is (`atlas.list`); ``target``: where it goes, by the name of the configuration;
    ``subject``: one line for people; ``content``: JSON, from which alone follows what is sent. ``identity``:
    two drafts of one kind and target with the same identity have the same effect, so that the later one
    replaces the earlier. ``rule``: the rule that made it; None: somebody's key. ``follows``: the item that it
    replaces by an edit, or corrects.
    """

    kind: str
    target: str
    subject: str
    content: Mapping[str, Any]
    identity: str
    alert_ids: Sequence[int] = ()
    decision_id: str | None = None
    rule: str | None = None
    follows: str | None = None


def put(
    store: sqlite3.Connection,
    drafts: Iterable[Draft],
    *,
    by: str,
    now: datetime,
    is_approved: bool = False,
    is_anew: bool = False,
) -> list[str]:
    """Keep drafts; returns by draft the id of the item that now stands for it.

    A draft whose kind, target and identity an item has that has not left replaces it: the old item is
    withdrawn, so that good and then attic is one move. Where the latest such item says the same and was not
    withdrawn, it stands for the draft, and nothing is kept; so it does where somebody withdrew what the same
    rule makes again, not of a decision. ``is_anew``: a draft that says the same as one that has left is kept
    too, as for a message that is to be repeated. ``is_approved``: it may leave, as ``by`` says.

    Raises OutboxError for content that is no JSON, or too long.
    """
    made: list[str] = []
    with _writing(store):
        for draft in drafts:
            content = _as_json(draft)
            latest = _latest(store, draft)
            if latest is not None and _stands_for(latest, draft, content, is_anew):
                item_id = str(latest["item_id"])
                if is_approved and latest["state"] == State.DRAFT:
                    note_event(store, item_id, State.APPROVED, by, now)
                made.append(item_id)
                continue
            _replace(store, draft, by, now)
            made.append(_insert(store, draft, content, by, now, is_approved))
    return made


def _stands_for(latest: sqlite3.Row, draft: Draft, content: str, is_anew: bool) -> bool:
    if latest["content"] != content:
        return False
    if latest["state"] == State.WITHDRAWN:
        return draft.rule is not None and draft.rule == latest["rule"] and draft.decision_id is None
    return not is_anew or latest["state"] in NOT_LEFT


def _as_json(draft: Draft) -> str:
    try:
        content = json.dumps(draft.content, ensure_ascii=False, allow_nan=False, sort_keys=True)
        size = len(content.encode())
    except (TypeError, ValueError) as error:
        raise OutboxError(
            f"The draft `{draft.subject[:80]}` is no JSON ({error}). Nothing was kept."
        ) from None
    if size > MOST_BYTES:
        raise OutboxError(f"The draft `{draft.subject[:80]}` is {size:,} bytes long. Nothing was kept.")
    return content


def _latest(store: sqlite3.Connection, draft: Draft) -> sqlite3.Row | None:
    found: sqlite3.Row | None = store.execute(
        """SELECT o.item_id, o.content, o.rule, s.state FROM outbox o JOIN outbox_states s USING (item_id)
        WHERE o.kind = ? AND o.target = ? AND o.identity = ? ORDER BY o.item_id DESC LIMIT 1""",
        (draft.kind, draft.target, draft.identity),
    ).fetchone()
    return found


def _replace(store: sqlite3.Connection, draft: Draft, by: str, now: datetime) -> None:
    """Withdraw what has not left and is replaced by a draft, or edited into it."""
    rows = store.execute(
        """SELECT item_id, s.state FROM outbox o JOIN outbox_states s USING (item_id)
        WHERE o.kind = ? AND o.target = ? AND o.identity = ? OR o.item_id = ?""",
        (draft.kind, draft.target, draft.identity, draft.follows),
    ).fetchall()
    for row in rows:
        if row["state"] in NOT_LEFT:
            note_event(store, row["item_id"], State.WITHDRAWN, by, now, "replaced by a later one")


def _insert(
    store: sqlite3.Connection, draft: Draft, content: str, by: str, now: datetime, is_approved: bool
) -> str:
    item_id = new_id(now, store.execute("SELECT max(item_id) FROM outbox").fetchone()[0])
    store.execute(
        """INSERT INTO outbox (item_id, kind, target, subject, content, identity, decision_id, rule, made_by,
        made_at, follows) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            item_id, draft.kind, draft.target, draft.subject, content, draft.identity, draft.decision_id,
            draft.rule, by, timestamp(now), draft.follows,
        ),
    )  # fmt: skip
    store.executemany(
        "INSERT INTO outbox_alerts (item_id, alert_id) VALUES (?, ?)",
        [(item_id, alert_id) for alert_id in dict.fromkeys(draft.alert_ids)],
    )
    note_event(store, item_id, State.DRAFT, by, now)
    if is_approved:
        note_event(store, item_id, State.APPROVED, by, now, draft.rule and f"rule {draft.rule}")
    return item_id


def approve(store: sqlite3.Connection, item_ids: Iterable[str], *, by: str, now: datetime) -> int:
    """Let drafts leave, all or none; returns how many were drafts still. Raises OutboxError."""
    return _step(store, item_ids, State.APPROVED, (State.DRAFT,), (State.APPROVED,), by, now, "approved")


def withdraw(
    store: sqlite3.Connection,
    item_ids: Iterable[str],
    *,
    by: str,
    now: datetime,
    why: str | None = None,
    even_sent: bool = False,
) -> int:
    """Let items not leave, all or none; returns how many.

    Raises OutboxError for what was accepted, and for what may have arrived, unless ``even_sent``: then
    nobody asks any more whether it did. What a program is sending just now is never withdrawn.
    """
    states = (*NOT_LEFT, State.REFUSED, *((State.SENDING,) if even_sent else ()))
    return _step(store, item_ids, State.WITHDRAWN, states, (State.WITHDRAWN,), by, now, "withdrawn", why)


def handed_in(store: sqlite3.Connection, item_id: str, *, by: str, now: datetime) -> None:
    """Note that a person handed in what no program sends. Raises OutboxError for anything else."""
    with _writing(store):
        found = item(store, item_id)
        if found.kind not in BY_HAND or found.state is not State.APPROVED:
            raise _not_so(found, "handed in by a person")
        note_event(store, item_id, State.ACCEPTED, by, now, "handed in by hand")


def retry(store: sqlite3.Connection, item_ids: Iterable[str], *, by: str, now: datetime) -> int:
    """Let what was refused leave once more, and what rests be tried now, all or none; returns how many.

    Raises OutboxError for what is no such thing, and where a later item says something else.
    """
    ids = list(dict.fromkeys(item_ids))
    with _writing(store):
        for item_id in ids:
            found = item(store, item_id)
            if found.state is State.REFUSED and (later := _later(store, found)) is not None:
                raise OutboxError(
                    f"Item {item_id} cannot be sent any more: {later} came later and says what holds. "
                    "Nothing was changed."
                )
            if found.state is State.REFUSED:
                note_event(store, item_id, State.APPROVED, by, now, "to be tried again")
            elif found.state not in (State.APPROVED, State.SENDING):
                raise _not_so(found, "tried again")
            if not _is_held(found, now):
                store.execute(
                    "UPDATE outbox_states SET due_at = NULL, attempts = 0 WHERE item_id = ?", (item_id,)
                )
    return len(ids)


def _later(store: sqlite3.Connection, found: Item) -> str | None:
    row = store.execute(
        """SELECT max(o.item_id) FROM outbox o JOIN outbox_states s USING (item_id) WHERE o.kind = ?
        AND o.target = ? AND o.identity = ? AND o.item_id > ? AND s.state != ?""",
        (found.kind, found.target, found.identity, found.item_id, State.WITHDRAWN),
    ).fetchone()
    return None if row[0] is None else str(row[0])


def _step(
    store: sqlite3.Connection,
    item_ids: Iterable[str],
    to: State,
    states: Collection[State],
    done: Collection[State],
    by: str,
    now: datetime,
    word: str,
    why: str | None = None,
) -> int:
    changed = 0
    with _writing(store):
        for item_id in dict.fromkeys(item_ids):
            found = item(store, item_id)
            if found.state in done:
                continue
            if found.state not in states or _is_held(found, now):
                raise _not_so(found, word)
            note_event(store, item_id, to, by, now, why)
            changed += 1
    return changed


def _is_held(found: Item, now: datetime) -> bool:
    """Whether a program is sending an item just now: its lease, which is not cut short, lasts.

    A lease that ends later than one that begins now is of a clock that was ahead: it holds nothing.
    """
    if found.owner is None or found.due_at is None:
        return False
    return 0.0 < found.due_at - now.timestamp() <= LEASE.total_seconds()


def _not_so(found: Item, word: str) -> OutboxError:
    return OutboxError(
        f"Item {found.item_id} ({found.subject}) is {found.state} and cannot be {word}. Nothing was changed."
    )


def note_event(
    store: sqlite3.Connection,
    item_id: str,
    state: State,
    by: str,
    now: datetime,
    answer: str | None = None,
    *,
    due_at: float | None = None,
    owner: str | None = None,
    is_attempt: bool = False,
) -> None:
    """Append an event, and derive the state from it."""
    store.execute(
        "INSERT INTO outbox_events (item_id, state, at, by, answer) VALUES (?, ?, ?, ?, ?)",
        (item_id, state, timestamp(now), by, answer),
    )
    store.execute(
        """INSERT INTO outbox_states (item_id, state, attempts, due_at, owner) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (item_id) DO UPDATE
        SET state = ?2, attempts = attempts + ?3, due_at = ?4, owner = ?5""",
        (item_id, state, int(is_attempt), due_at, owner),
    )


@contextmanager
def _writing(store: sqlite3.Connection) -> Iterator[None]:
    """A transaction, or the one that is open."""
    if store.in_transaction:
        yield
        return
    with transaction(store):
        yield
