"""What is to leave is kept with its history; one effect is one item, and nothing leaves without approval."""

import dataclasses
from collections.abc import Callable

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects
from vra_tui.store import Store, outbox
from vra_tui.store.outbox import Draft, Item, OutboxError, State
from vra_tui.store.outbox_sending import begin, due, settle

ME, OTHER = "ana", "bo"


@pytest.fixture
def alert(store: Store, clock: Clock) -> int:
    ingest_objects(store, [api_object(0)], clock)
    return FIRST_ID


def move(to: str, alert_id: int = FIRST_ID, **other: object) -> Draft:
    draft = Draft(
        "atlas.list", "atlas", f"move 1 to {to}", {"object_id": "1", "list": to}, "1", alert_ids=(alert_id,)
    )
    return dataclasses.replace(draft, **other)


@pytest.fixture
def put(store: Store, clock: Clock) -> Callable[..., str]:
    def one(draft: Draft, **other: bool) -> str:
        return outbox.put(store, [draft], by=ME, now=clock(), **other)[0]

    return one


def states(store: Store) -> list[State]:
    return [one.state for one in outbox.items(store)]


def sent(store: Store, clock: Clock, item_id: str, state: State, answer: str | None = None) -> Item:
    outbox.approve(store, [item_id], by=ME, now=clock())
    assert begin(store, item_id, owner="run", now=clock())
    assert settle(store, item_id, state, answer, owner="run", now=clock())
    return outbox.item(store, item_id)


def test_a_draft_is_kept_as_it_was_put_with_who_did_what(store: Store, clock: Clock, alert: int, put):
    item_id = put(move("good"))
    outbox.approve(store, [item_id], by=OTHER, now=clock())
    kept = outbox.item(store, item_id)
    assert (kept.kind, kept.target, kept.content, kept.alert_ids) == (
        "atlas.list", "atlas", {"object_id": "1", "list": "good"}, (alert,)
    )  # fmt: skip
    assert [(one.state, one.by) for one in kept.history] == [(State.DRAFT, ME), (State.APPROVED, OTHER)]
    assert kept.state is State.APPROVED
    assert outbox.counts(store)[State.APPROVED] == 1


def test_a_draft_does_not_leave_before_it_was_approved(store: Store, clock: Clock, put):
    item_id = put(move("good"))
    assert due(store, clock()) == []
    assert begin(store, item_id, owner="run", now=clock()) is None
    outbox.approve(store, [item_id], by=ME, now=clock())
    assert due(store, clock()) == [item_id]


def test_good_and_then_attic_is_one_move_that_needs_approval_anew(store: Store, clock: Clock, put):
    outbox.approve(store, [put(move("good"))], by=ME, now=clock())
    latest = put(move("attic"))
    assert states(store) == [State.WITHDRAWN, State.DRAFT]
    assert outbox.item(store, latest).content["list"] == "attic"


def test_three_comments_are_three(store: Store, put):
    for number in range(3):
        put(Draft("atlas.comment", "atlas", "comment", {"text": "so"}, f"1 {number}"))
    assert states(store) == [State.DRAFT] * 3


def test_the_same_again_is_no_second_item_not_even_after_it_was_accepted(store: Store, clock: Clock, put):
    first = put(move("good"))
    assert put(move("good")) == first
    sent(store, clock, first, State.ACCEPTED)
    assert put(move("good")) == first
    assert states(store) == [State.ACCEPTED]
    assert put(move("good"), is_anew=True) != first


def test_back_to_what_had_left_before_leaves_again(store: Store, clock: Clock, put):
    sent(store, clock, put(move("good")), State.ACCEPTED)
    sent(store, clock, put(move("attic")), State.ACCEPTED)
    put(move("good"))
    assert states(store) == [State.ACCEPTED, State.ACCEPTED, State.DRAFT]


def test_what_somebody_withdrew_is_not_made_again_by_the_same_rule_but_by_a_key(
    store: Store, clock: Clock, put
):
    scores = move("good", rule="scores")
    outbox.withdraw(store, [put(scores)], by=ME, now=clock())
    put(scores)
    assert states(store) == [State.WITHDRAWN]
    put(move("good"))
    assert states(store) == [State.WITHDRAWN, State.DRAFT]


def test_a_refused_item_is_tried_again_by_a_person_alone(store: Store, clock: Clock, put):
    kept = sent(store, clock, put(move("good")), State.REFUSED, "there is no such object")
    assert kept.answer == "there is no such object"
    assert put(move("good")) == kept.item_id
    assert due(store, clock()) == []
    outbox.retry(store, [kept.item_id], by=ME, now=clock())
    assert due(store, clock()) == [kept.item_id]


def test_what_was_refused_is_not_tried_again_once_something_later_holds(store: Store, clock: Clock, put):
    refused = sent(store, clock, put(move("good")), State.REFUSED)
    put(move("attic"))
    with pytest.raises(OutboxError, match="came later"):
        outbox.retry(store, [refused.item_id], by=ME, now=clock())


@pytest.mark.parametrize("what", [outbox.approve, outbox.withdraw, outbox.retry])
def test_what_was_accepted_stays_so(store: Store, clock: Clock, put, what: Callable[..., int]):
    kept = sent(store, clock, put(move("good")), State.ACCEPTED)
    with pytest.raises(OutboxError, match="is accepted"):
        what(store, [kept.item_id], by=ME, now=clock())
    assert outbox.item(store, kept.item_id) == kept


def test_several_are_approved_or_none(store: Store, clock: Clock, put):
    first, second = put(move("good")), put(move("good", identity="2"))
    outbox.withdraw(store, [second], by=ME, now=clock())
    with pytest.raises(OutboxError):
        outbox.approve(store, [first, second], by=ME, now=clock())
    assert states(store) == [State.DRAFT, State.WITHDRAWN]


def test_what_may_have_arrived_is_withdrawn_only_by_those_who_say_so(store: Store, clock: Clock, put):
    kept = sent(store, clock, put(move("good")), State.SENDING, "no answer")
    with pytest.raises(OutboxError):
        outbox.withdraw(store, [kept.item_id], by=ME, now=clock())
    assert outbox.withdraw(store, [kept.item_id], by=ME, now=clock(), even_sent=True) == 1


def test_an_edit_replaces_what_it_was_made_of_though_its_identity_is_another(store: Store, put):
    first = put(move("good"))
    second = put(move("good", identity="other", follows=first))
    assert states(store) == [State.WITHDRAWN, State.DRAFT]
    assert outbox.item(store, second).follows == first


def test_content_that_is_no_json_is_refused_and_nothing_is_kept(store: Store, put):
    for content in ({"rank": float("nan")}, {"at": object()}, {"text": "x" * (1 << 20)}, {"text": "\ud800"}):
        with pytest.raises(OutboxError, match="Nothing was kept"):
            put(move("good", content=content))
    assert outbox.items(store) == []


def test_items_are_found_by_state_kind_alert_and_the_end_of_their_ids(store: Store, clock: Clock, alert, put):
    first = put(move("good"))
    second = put(move("good", kind="atlas.scores", alert_ids=()))
    outbox.approve(store, [second], by=ME, now=clock())
    assert [one.item_id for one in outbox.items(store, states=[State.APPROVED])] == [second]
    assert [one.item_id for one in outbox.items(store, kinds=["atlas.list"])] == [first]
    assert [one.item_id for one in outbox.items(store, alert_id=alert)] == [first]
    assert [one.item_id for one in outbox.items(store, limit=1, is_latest_first=True)] == [second]
    assert outbox.find_item(store, first[-12:]) == first
    for text in ("", "nothing"):
        with pytest.raises(OutboxError, match="no item"):
            outbox.find_item(store, text)
