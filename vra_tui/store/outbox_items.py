"""Read the items of the outbox: what each is, how far it is, and its history."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from vra_tui.errors import VraError
from vra_tui.store.decision_rows import IS_REVERTED


class State(StrEnum):
    """How far an item is. `sending`: it may have arrived; that is asked before it is sent again."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


#: Kinds that no program sends: a person copies them, and says so.
BY_HAND = ("astronote",)
#: Kinds that stand in public for good once they have left: nobody lets them leave but by name.
PUBLIC = ("tns.report", *BY_HAND)
#: For so long an item belongs to the program that is sending it. One call takes no longer.
LEASE = timedelta(minutes=10)
#: States in which an item has surely not left, so that it can still be replaced.
NOT_LEFT = (State.DRAFT, State.APPROVED)
#: States in which something is still to happen.
OPEN = (State.DRAFT, State.APPROVED, State.SENDING)


class OutboxError(VraError):
    """What cannot be done with an item of the outbox; nothing was changed."""


@dataclass(frozen=True)
class Event:
    """One step of an item's history; ``answer``: what the target said, or why."""

    state: State
    at: str
    by: str
    answer: str | None


@dataclass(frozen=True)
class Item:
    """A draft as it is kept; times are ISO 8601 in UTC, ``due_at`` seconds since 1970.

    ``answer``: of its latest event. ``is_reverted``: the decision from which it came was taken back.
    ``history``: filled by `item` alone.
    """

    item_id: str
    kind: str
    target: str
    subject: str
    content: Mapping[str, Any]
    identity: str
    alert_ids: tuple[int, ...]
    decision_id: str | None
    rule: str | None
    follows: str | None
    made_by: str
    made_at: str
    state: State
    attempts: int
    due_at: float | None
    owner: str | None
    answer: str | None
    is_reverted: bool
    history: tuple[Event, ...] = field(default=(), compare=False)

    @property
    def is_public(self) -> bool:
        """Whether it stands in public for good once it has left; what goes to the TNS's sandbox does not."""
        return self.kind in PUBLIC and self.content.get("server") != "sandbox"


_ITEMS = f"""SELECT o.item_id, o.kind, o.target, o.subject, o.content, o.identity, o.decision_id, o.rule,
    o.follows, o.made_by, o.made_at, s.state, s.attempts, s.due_at, s.owner,
    (SELECT group_concat(alert_id) FROM outbox_alerts a WHERE a.item_id = o.item_id) AS alert_ids,
    (SELECT answer FROM outbox_events e WHERE e.item_id = o.item_id ORDER BY event_id DESC LIMIT 1) AS answer,
    EXISTS (SELECT 1 FROM decisions d WHERE d.decision_id = o.decision_id AND {IS_REVERTED}) AS is_reverted
    FROM outbox o JOIN outbox_states s USING (item_id)"""


# The plus keeps SQLite to the order of the items, where nearly all are asked for.
_OF_STATES = "+s.state IN (SELECT value FROM json_each(?))"
_OF_FEW_STATES = f"o.item_id IN (SELECT s.item_id FROM outbox_states s WHERE {_OF_STATES.lstrip('+')})"


def items(
    store: sqlite3.Connection,
    *,
    states: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    targets: Collection[str] | None = None,
    alert_id: int | None = None,
    limit: int = -1,
    is_latest_first: bool = False,
) -> list[Item]:
    """Items in the order in which they were made, at most ``limit`` (-1: all), without their histories."""
    conditions, values = ["1"], list[object]()

    def narrow(condition: str, value: object) -> None:
        conditions.append(condition)
        values.append(value)

    if states is not None:
        # Most items have left: of the others the index knows where they are.
        are_few = not {State.ACCEPTED, State.WITHDRAWN}.intersection(states)
        narrow(_OF_FEW_STATES if are_few else _OF_STATES, as_list(states))
    if kinds is not None:
        narrow("o.kind IN (SELECT value FROM json_each(?))", as_list(kinds))
    if targets is not None:
        narrow("o.target IN (SELECT value FROM json_each(?))", as_list(targets))
    if alert_id is not None:
        narrow("o.item_id IN (SELECT item_id FROM outbox_alerts WHERE alert_id = ?)", alert_id)
    order = "DESC" if is_latest_first else "ASC"
    rows = store.execute(
        f"{_ITEMS} WHERE {' AND '.join(conditions)} ORDER BY o.item_id {order} LIMIT ?", (*values, limit)
    )
    return [_item(row) for row in rows]


def item(store: sqlite3.Connection, item_id: str) -> Item:
    """One item with its history. Raises OutboxError where there is none of this id."""
    row = store.execute(f"{_ITEMS} WHERE o.item_id = ?", (item_id,)).fetchone()
    if row is None:
        raise OutboxError(f"There is no item {item_id} in the outbox.")
    events = store.execute(
        "SELECT state, at, by, answer FROM outbox_events WHERE item_id = ? ORDER BY event_id", (item_id,)
    )
    history = tuple(Event(State(one["state"]), one["at"], one["by"], one["answer"]) for one in events)
    return _item(row, history)


def find_item(store: sqlite3.Connection, text: str) -> str:
    """The id of an item by its whole or its end. Raises OutboxError where that fits none, or several."""
    rows = store.execute(
        "SELECT item_id FROM outbox WHERE substr(item_id, -length(?1)) = ?1 LIMIT 2", (text.strip(),)
    ).fetchall()
    if not text.strip() or not rows:
        raise OutboxError(f"There is no item {text} in the outbox.")
    if len(rows) > 1:
        raise OutboxError(f"Several items end in {text}: give more of the id.")
    return str(rows[0][0])


def held_kinds(store: sqlite3.Connection) -> list[str]:
    """The kinds of all items that are kept."""
    return [str(row[0]) for row in store.execute("SELECT DISTINCT kind FROM outbox ORDER BY kind")]


def latest_item(
    store: sqlite3.Connection, kind: str, target: str, identity: str, states: Collection[str] | None = None
) -> Item | None:
    """The latest item of an identity that was not withdrawn, of these ``states`` alone; None without one."""
    among = [one for one in State if one is not State.WITHDRAWN] if states is None else states
    row = store.execute(
        f"""{_ITEMS} WHERE o.kind = ? AND o.target = ? AND o.identity = ?
        AND s.state IN (SELECT value FROM json_each(?)) ORDER BY o.item_id DESC LIMIT 1""",
        (kind, target, identity, as_list(among)),
    ).fetchone()
    return None if row is None else _item(row)


def may_be_there(store: sqlite3.Connection, kind: str, target: str, identity: str) -> list[Item]:
    """The latest item of an identity that its target accepted, and those sent of which nobody knows yet."""
    taken = latest_item(store, kind, target, identity, [State.ACCEPTED])
    rows = store.execute(
        f"""{_ITEMS} WHERE o.kind = ? AND o.target = ? AND o.identity = ? AND s.state = 'sending'
        ORDER BY o.item_id""",
        (kind, target, identity),
    )
    return [*([] if taken is None else [taken]), *map(_item, rows)]


def counts(store: sqlite3.Connection, states: Collection[State] = tuple(State)) -> dict[State, int]:
    """How many items are in each of the states.

    Nearly all items have left in the end: to count the accepted and the withdrawn ones takes a third of a
    microsecond each, the others no time.
    """
    query = "SELECT count(*) FROM outbox_states WHERE state = ?"
    return {State(state): int(store.execute(query, (state,)).fetchone()[0]) for state in states}


def _item(row: sqlite3.Row, history: tuple[Event, ...] = ()) -> Item:
    alert_ids = tuple(sorted(int(one) for one in (row["alert_ids"] or "").split(",") if one))
    return Item(
        row["item_id"], row["kind"], row["target"], row["subject"], json.loads(row["content"]),
        row["identity"], alert_ids, row["decision_id"], row["rule"], row["follows"], row["made_by"],
        row["made_at"], State(row["state"]), row["attempts"], row["due_at"], row["owner"], row["answer"],
        bool(row["is_reverted"]), history,
    )  # fmt: skip


def as_list(values: Collection[str] | None) -> str | None:
    """Values as SQL's json_each takes them; None stays NULL, which means any."""
    return None if values is None else json.dumps([str(one) for one in values])
