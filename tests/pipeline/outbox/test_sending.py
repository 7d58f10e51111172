"""What was approved is sent once and in order, whatever the target answers and whoever dies meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects
from tests.store.test_outbox import move
from vra_tui.pipeline.outbox.sending import SentItems, send_due
from vra_tui.sources.wires.base import Edges, SourceError, Stopped
from vra_tui.sources.wires.sending import Outcome, Sent
from vra_tui.store import Store, decisions, outbox
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author
from vra_tui.store.outbox import State
from vra_tui.store.outbox_sending import begin

YES = Sent(Outcome.ACCEPTED, "yes")


@dataclass
class Target:
    """A target in a test's hand: what it answers next, and what it was sent and asked."""

    answers: list[Any] = field(default_factory=list)
    found: list[Any] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    pace: float = 0.5
    is_closed: bool = False

    def send(self, content: Mapping[str, Any]) -> Sent:
        self.sent.append(content["list"])
        return self._next(self.answers, YES)

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        self.asked.append(content["list"])
        return self._next(self.found, None)

    def close(self) -> None:
        self.is_closed = True

    @staticmethod
    def _next(answers: list[Any], default: Any) -> Any:
        answer = answers.pop(0) if answers else default
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Time:
    """The clock of a run: waiting moves it."""

    now: float = datetime(2026, 11, 28, 3, tzinfo=UTC).timestamp()
    waited: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds

    @property
    def edges(self) -> Edges:
        return Edges(lambda: self.now, self.wait, lambda: 0.5)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def target() -> Target:
    return Target()


@pytest.fixture
def send(store: Store, time: Time, target: Target) -> Callable[..., SentItems]:
    def once(opener: Any = lambda kind, name: target, **how: Any) -> SentItems:
        return send_due(store, opener, edges=time.edges, clock=time, **how)

    return once


@pytest.fixture
def put(store: Store, time: Time) -> Callable[..., list[str]]:
    def approved(*lists: str, **other: Any) -> list[str]:
        drafts = [move(to, identity=f"{to} {number}", **other) for number, to in enumerate(lists)]
        return outbox.put(store, drafts, by="ana", now=time(), is_approved=True)

    return approved


def states(store: Store) -> list[str]:
    return [str(one.state) for one in outbox.items(store)]


def test_what_is_approved_is_sent_in_order_and_drafts_stay(
    store: Store, time: Time, target: Target, send, put
):
    put("good", "attic", "pm")
    outbox.put(store, [move("garbage")], by="ana", now=time())
    assert send() == SentItems(accepted=3)
    assert target.sent == ["good", "attic", "pm"]
    assert states(store) == ["accepted"] * 3 + ["draft"]
    assert target.asked == []
    assert target.is_closed
    assert send() == SentItems()


def test_a_pace_is_kept_between_two_calls(target: Target, time: Time, send, put):
    put("good", "attic", "pm")
    send()
    assert time.waited == [0.5, 0.5]


def test_what_is_refused_stands_there_with_its_reason(store: Store, target: Target, send, put):
    put("good")
    target.answers = [Sent(Outcome.REFUSED, "there is no such object")]
    assert send().refused == 1
    (item,) = outbox.items(store)
    assert (item.state, item.answer) == (State.REFUSED, "there is no such object")
    send()
    assert target.sent == ["good"]


def test_whatever_has_no_answer_is_asked_about_and_not_sent_again_where_it_arrived(
    store: Store, time: Time, target: Target, send, put
):
    put("good")
    target.answers, target.found = [Sent(Outcome.UNKNOWN, "504")], [YES]
    assert send().waiting == 1
    assert send() == SentItems()  # it rests first
    time.now += 3_600
    assert send().accepted == 1
    assert (target.sent, target.asked) == (["good"], ["good"])
    (item,) = outbox.items(store)
    told = [(str(one.state), one.answer) for one in outbox.item(store, item.item_id).history]
    assert told == [
        ("draft", None), ("approved", None), ("sending", None), ("sending", "504"),
        ("sending", "asking whether it arrived"), ("accepted", "yes"),
    ]  # fmt: skip


def test_what_did_not_arrive_is_sent_again(time: Time, target: Target, send, put):
    put("good")
    target.answers, target.found = [Sent(Outcome.UNKNOWN, "504"), YES], [None]
    send()
    time.now += 3_600
    assert send().accepted == 1
    assert (target.sent, target.asked) == (["good", "good"], ["good"])


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.LATER])
def test_a_target_that_cannot_be_asked_is_asked_later_and_nothing_sent(
    store: Store, time: Time, target: Target, send, put, outcome: Outcome
):
    put("good")
    target.answers = [Sent(Outcome.UNKNOWN, "504")]
    target.found = [Sent(outcome, "502")] * 3
    for _ in range(4):
        send()
        time.now += 7 * 3_600
    assert len(target.sent) == 1
    assert states(store) == ["sending"]
    assert send().accepted == 1  # now it says that it did not arrive
    assert len(target.sent) == 2


def test_too_many_calls_leave_the_target_alone_and_the_others_not(
    store: Store, time: Time, target: Target, send, put
):
    put("good", "attic")
    put("pm", target="elsewhere")
    other = Target()
    target.answers = [Sent(Outcome.LATER, "too many calls", 1_800.0, is_for_all=True)]
    came = send(lambda kind, name: target if name == "atlas" else other)
    assert (came.accepted, came.waiting, came.faults) == (1, 2, {"atlas": "too many calls"})
    assert (target.sent, other.sent) == (["good"], ["pm"])
    assert states(store) == ["approved", "approved", "accepted"]
    time.now += 1_700
    send()  # the second is due, and goes; the first rests as long as it was told to
    assert target.sent == ["good", "attic"]
    time.now += 200
    assert send().accepted == 1
    assert target.asked == []  # what surely did not arrive is not asked about


def test_a_target_that_is_not_configured_keeps_its_items(store: Store, send, put):
    put("good", "attic")

    def opener(kind: str, name: str) -> Target:
        raise SourceError("there is no [source.atlas]")

    came = send(opener)
    assert (came.waiting, came.faults) == (2, {"atlas": "there is no [source.atlas]"})
    assert states(store) == ["approved", "approved"]


def test_a_secret_that_is_missing_keeps_its_items(store: Store, target: Target, send, put):
    put("good")
    target.answers = [SourceError("wants a token")]
    assert send().faults == {"atlas": "wants a token"}
    assert states(store) == ["approved"]


def test_an_error_that_should_not_be_leaves_it_unknown(store: Store, target: Target, send, put):
    put("good", "attic")
    target.answers = [ZeroDivisionError("oh")]
    came = send()
    assert (came.accepted, came.waiting) == (1, 1)
    assert states(store) == ["sending", "accepted"]


def test_a_program_that_ends_within_a_call_leaves_it_to_be_asked_about(
    store: Store, time: Time, target: Target, send, put
):
    put("good")
    target.answers, target.found = [Stopped()], [YES]
    with pytest.raises(Stopped):
        send()
    assert states(store) == ["sending"]
    assert send() == SentItems()  # its lease lasts
    time.now += 700
    assert send().accepted == 1
    assert target.sent == ["good"]


def test_an_undo_while_nobody_knows_withdraws_what_did_not_arrive(
    store: Store, time: Time, target: Target, send, clock: Clock
):
    ingest_objects(store, [api_object(0)], clock)
    with transaction(store):
        decision = decisions.decide(store, FIRST_ID, "good", Author("ana", "here"), clock())
    drafts = [move("good", identity=str(number), decision_id=decision) for number in range(2)]
    outbox.put(store, drafts, by="ana", now=time(), is_approved=True)
    target.answers = [Sent(Outcome.UNKNOWN, "504")] * 2
    target.found = [None, YES]
    send()
    with transaction(store):
        decisions.undo(store, decision, Author("ana", "here"), clock())
    time.now += 3_600
    came = send()
    assert (came.withdrawn, came.accepted) == (1, 1)
    assert states(store) == ["withdrawn", "accepted"]
    assert len(target.sent) == 2


def test_an_item_that_another_claimed_meanwhile_is_passed_over(
    store: Store, time: Time, target: Target, send, put
):
    ids = put("good", "attic")
    seen = target.send

    def claiming(content: Mapping[str, Any]) -> Sent:
        begin(store, ids[1], owner="other", now=time())
        return seen(content)

    target.send = claiming  # type: ignore[method-assign]
    assert send().accepted == 1
    assert target.sent == ["good"]
    assert states(store) == ["accepted", "sending"]


def test_only_what_was_named_leaves(target: Target, send, put):
    ids = put("good", "attic", "pm")
    send(item_ids=ids[1:2])
    assert target.sent == ["attic"]
    send(limit=1)
    assert target.sent == ["attic", "good"]
    send(kinds=["other"])
    send(targets=["other"])
    assert target.sent == ["attic", "good"]


def test_a_sender_that_remembers_learns_what_was_answered_before_it_is_asked(store: Store, time: Time, put):
    @dataclass
    class Remembers(Target):
        recalled: list[str] = field(default_factory=list)

        def recall(self, content: Mapping[str, Any], answers: Sequence[str]) -> None:
            self.recalled += answers

    put("good")
    target = Remembers([Sent(Outcome.UNKNOWN, "number 7 was taken")], [YES])
    for _ in range(2):
        send_due(store, lambda kind, name: target, edges=time.edges, clock=time)
        time.now += 3600
    assert "number 7 was taken" in target.recalled
    assert target.sent == ["good"]


def test_a_target_cannot_ask_for_a_rest_of_years(store: Store, time: Time, target: Target, send, put):
    put("good")
    target.answers = [Sent(Outcome.LATER, "wait", retry_after=999_999_999.0)]
    send()
    time.now += 25 * 3600
    assert send() == SentItems(accepted=1)


def test_rests_grow_with_the_attempts(store: Store, time: Time, target: Target, send, put):
    put("good")
    target.answers = [Sent(Outcome.LATER, "no connection")] * 12
    rests = []
    for _ in range(12):
        send()
        due_at = outbox.items(store)[0].due_at
        assert due_at is not None
        rests.append(due_at - time.now)
        time.now = due_at
    assert rests[0] >= 120
    assert rests == sorted(rests)
    assert timedelta(hours=1).total_seconds() < rests[-1] <= timedelta(hours=6).total_seconds()
