"""Send what was approved: each item once, the oldest first, whoever else sends, whatever targets answer."""

import os
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from vra_tui.errors import VraError
from vra_tui.sources.wires.base import Edges, SourceError, Stopped
from vra_tui.sources.wires.budget import backoff
from vra_tui.sources.wires.credentials import CredentialError
from vra_tui.sources.wires.sending import Outcome, Remembering, Sender, Sent
from vra_tui.store import Store
from vra_tui.store.outbox import Item, State, item
from vra_tui.store.outbox_sending import Claim, begin, due, renew, settle

#: Gives the sender of a kind to a target. Raises VraError where they are not configured as it takes.
Opener = Callable[[str, str], Sender]

#: Seconds before it is asked whether something arrived: a server may work on what nobody waits for any more.
_SOON = 120.0
#: Longest rest between two attempts, seconds.
_LONGEST = 6 * 3600.0
#: Longest rest that a target can ask for, seconds.
_MOST_ASKED_FOR = 24 * 3600.0
#: What an outcome makes of an item that was being sent.
_STATES = {
    Outcome.ACCEPTED: State.ACCEPTED,
    Outcome.REFUSED: State.REFUSED,
    Outcome.UNKNOWN: State.SENDING,
    Outcome.LATER: State.APPROVED,
}


@dataclass
class SentItems:
    """What came of sending, by the number of items; ``faults``: by target why nothing more is sent there now.

    ``waiting``: those that are to be sent, or asked about, later.
    """

    accepted: int = 0
    refused: int = 0
    waiting: int = 0
    withdrawn: int = 0
    faults: dict[str, str] = field(default_factory=dict)


def new_owner() -> str:
    """A name that no other run of a program has."""
    return f"run {os.urandom(8).hex()}"


def send_due(
    store: Store,
    opener: Opener,
    *,
    edges: Edges,
    clock: Callable[[], datetime],
    owner: str | None = None,
    kinds: Collection[str] | None = None,
    targets: Collection[str] | None = None,
    item_ids: Collection[str] | None = None,
    limit: int = -1,
    is_over: Callable[[], bool] = lambda: False,
) -> SentItems:
    """Send what is approved and due, once through. What is only a draft never leaves.

    Before an item is sent that somebody sent before, its target is asked whether it arrived. A target that
    refuses everything (too many calls, no token) is left alone for the rest of this run.
    """
    run = _Run(store, opener, edges, clock, owner or new_owner())
    with run.opened:
        for item_id in due(store, clock(), kinds=kinds, targets=targets, item_ids=item_ids, limit=limit):
            if is_over():
                break
            run.send(item_id)
    return run.came


class _Run:
    def __init__(
        self, store: Store, opener: Opener, edges: Edges, clock: Callable[[], datetime], owner: str
    ) -> None:
        self.came, self.opened = SentItems(), ExitStack()
        self._store, self._opener, self._edges, self._clock = store, opener, edges, clock
        self._owner = owner
        self._senders: dict[tuple[str, str], Sender] = {}
        self._called_at: dict[str, float] = {}

    def send(self, item_id: str) -> None:
        """Send one item, or ask about it; keep what came of it."""
        found = item(self._store, item_id)
        if found.target in self.came.faults:
            self.came.waiting += 1
            return
        sender = self._sender_of(found)
        if sender is None:
            self.came.waiting += 1
            return
        self._keep_pace(found.target, sender)
        claim = begin(self._store, item_id, owner=self._owner, now=self._clock())
        if claim is None:
            return
        came = self._came_of(claim, sender)
        if came is not None:
            self._settle(claim, came)

    def _came_of(self, claim: Claim, sender: Sender) -> Sent | None:
        """What the target says; None where the item is somebody else's by now, or is withdrawn."""
        content = claim.item.content
        if claim.must_ask:
            if isinstance(sender, Remembering):
                sender.recall(content, [one.answer for one in claim.item.history if one.answer])
            found = self._called(claim, lambda: sender.ask(content))
            if found is not None:
                # That it cannot be asked now says nothing about whether it arrived.
                is_known = found.outcome in (Outcome.ACCEPTED, Outcome.REFUSED)
                return (
                    found
                    if is_known
                    else Sent(Outcome.UNKNOWN, found.answer, found.retry_after, found.is_for_all)
                )
            if claim.item.is_reverted:
                why = "it did not arrive, and the decision was taken back"
                settle(
                    self._store, claim.item.item_id, State.WITHDRAWN, why, owner=self._owner,
                    now=self._clock(),
                )  # fmt: skip
                self.came.withdrawn += 1
                return None
            if not renew(self._store, claim, self._clock()):
                return None
        return self._called(claim, lambda: sender.send(content))

    def _called(self, claim: Claim, call: Callable[[], Sent | None]) -> Sent | None:
        """What a call says; one that breaks in a way that it should not says nothing."""
        try:
            return call()
        except (SourceError, CredentialError) as error:  # found out before anything was sent
            return Sent(Outcome.LATER, str(error), is_for_all=True)
        except Stopped:
            raise
        except Exception as error:
            return Sent(Outcome.UNKNOWN, f"an error that should not be: {type(error).__name__}: {error}")
        finally:
            self._called_at[claim.item.target] = self._edges.now()

    def _settle(self, claim: Claim, came: Sent) -> None:
        now, state = self._clock(), _STATES[came.outcome]
        rest = None
        if state in (State.SENDING, State.APPROVED):
            rest = now.timestamp() + self._rest(claim.item, came)
            self.came.waiting += 1
        settle(self._store, claim.item.item_id, state, came.answer, owner=self._owner, now=now, due_at=rest)
        self.came.accepted += state is State.ACCEPTED
        self.came.refused += state is State.REFUSED
        if came.is_for_all:
            self.came.faults[claim.item.target] = came.answer

    def _rest(self, item: Item, came: Sent) -> float:
        if came.retry_after is not None:
            return min(came.retry_after, _MOST_ASKED_FOR) + self._edges.chance()
        return max(_SOON, backoff(item.attempts, self._edges.chance(), first=_SOON, longest=_LONGEST))

    def _sender_of(self, item: Item) -> Sender | None:
        key = (item.kind, item.target)
        if key not in self._senders:
            try:
                sender = self._opener(*key)
            except VraError as error:
                self.came.faults[item.target] = str(error)
                return None
            self.opened.callback(sender.close)
            self._senders[key] = sender
        return self._senders[key]

    def _keep_pace(self, target: str, sender: Sender) -> None:
        wait = self._called_at.get(target, 0.0) + sender.pace - self._edges.now()
        if 0.0 < wait <= sender.pace:
            self._edges.wait(wait)
