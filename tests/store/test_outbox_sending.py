"""An item is sent by one program at a time; what a dead one may have sent is asked about first."""

from datetime import timedelta

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects
from tests.store.test_outbox import ME, move
from vra_tui.store import Store, decisions, outbox
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decision_ids import new_id
from vra_tui.store.decisions import Author
from vra_tui.store.outbox import OutboxError, State
from vra_tui.store.outbox_sending import (
    LEASE,
    begin,
    due,
    renew,
    settle,
    to_correct,
    withdraw_reverted,
)

LATER = LEASE + timedelta(seconds=1)


@pytest.fixture
def approved(store: Store, clock: Clock) -> str:
    return outbox.put(store, [move("good")], by=ME, now=clock(), is_approved=True)[0]


def test_of_two_programs_one_gets_the_item(store: Store, store_path, clock: Clock, approved: str):
    other = open_store(store_path)
    claim = begin(store, approved, owner="one", now=clock())
    assert claim is not None
    assert not claim.must_ask
    assert begin(other, approved, owner="two", now=clock()) is None
    assert due(other, clock()) == []
    assert not settle(other, approved, State.REFUSED, "no", owner="two", now=clock())
    assert settle(store, approved, State.ACCEPTED, "so it is", owner="one", now=clock())
    assert outbox.item(other, approved).state is State.ACCEPTED
    other.close()


def test_what_a_program_claimed_whose_clock_was_ahead_is_freed_by_a_retry(
    store: Store, clock: Clock, approved: str
):
    assert begin(store, approved, owner="ahead", now=clock() + timedelta(days=365))
    assert begin(store, approved, owner="next", now=clock()) is None
    outbox.retry(store, [approved], by=ME, now=clock())
    claim = begin(store, approved, owner="next", now=clock())
    assert claim is not None
    assert claim.must_ask


def test_what_a_dead_program_was_sending_is_asked_about_by_the_next(
    store: Store, clock: Clock, approved: str
):
    dead = begin(store, approved, owner="dead", now=clock())
    assert dead is not None
    assert begin(store, approved, owner="next", now=clock()) is None
    claim = begin(store, approved, owner="next", now=clock() + LATER)
    assert claim is not None
    assert claim.must_ask
    assert outbox.item(store, approved).attempts == 2
    assert not renew(store, dead, clock() + LATER)
    assert renew(store, claim, clock() + LATER)


def test_what_is_being_sent_cannot_be_dropped_but_what_a_dead_program_left_can(
    store: Store, clock: Clock, approved: str
):
    begin(store, approved, owner="dead", now=clock())
    with pytest.raises(OutboxError, match="is sending"):
        outbox.withdraw(store, [approved], by=ME, now=clock(), even_sent=True)
    outbox.retry(store, [approved], by=ME, now=clock())
    assert due(store, clock()) == []
    later = clock() + LATER
    assert outbox.withdraw(store, [approved], by=ME, now=later, even_sent=True) == 1
    assert due(store, later) == []


def test_that_it_was_accepted_is_kept_though_the_lease_was_lost(store: Store, clock: Clock, approved: str):
    begin(store, approved, owner="slow", now=clock())
    claim = begin(store, approved, owner="next", now=clock() + LATER)
    assert settle(store, approved, State.ACCEPTED, "taken", owner="slow", now=clock() + LATER)
    assert claim is not None
    assert not renew(store, claim, clock() + LATER)
    assert not settle(store, approved, State.REFUSED, "?", owner="next", now=clock() + LATER)
    assert outbox.item(store, approved).state is State.ACCEPTED


def test_an_answer_that_nobody_knows_rests_and_is_asked_about(store: Store, clock: Clock, approved: str):
    begin(store, approved, owner="one", now=clock())
    rest = (clock() + timedelta(minutes=1)).timestamp()
    settle(store, approved, State.SENDING, "no answer", owner="one", now=clock(), due_at=rest)
    assert due(store, clock()) == []
    claim = begin(store, approved, owner="one", now=clock() + timedelta(minutes=2))
    assert claim is not None
    assert claim.must_ask


def test_what_did_not_arrive_is_sent_again_without_asking(store: Store, clock: Clock, approved: str):
    begin(store, approved, owner="one", now=clock())
    settle(store, approved, State.APPROVED, "too many calls", owner="one", now=clock(), due_at=1.0)
    claim = begin(store, approved, owner="two", now=clock())
    assert claim is not None
    assert not claim.must_ask


def test_a_later_move_waits_until_it_is_known_whether_the_earlier_arrived(
    store: Store, clock: Clock, approved: str
):
    begin(store, approved, owner="one", now=clock())
    later = outbox.put(store, [move("attic")], by=ME, now=clock(), is_approved=True)[0]
    assert outbox.item(store, approved).state is State.SENDING
    assert due(store, clock()) == []
    settle(store, approved, State.ACCEPTED, None, owner="one", now=clock())
    assert due(store, clock()) == [later]


def test_the_oldest_leaves_first(store: Store, clock: Clock):
    moves = [move("good", identity=str(number)) for number in range(4)]
    ids = outbox.put(store, moves, by=ME, now=clock(), is_approved=True)
    assert due(store, clock()) == ids
    assert due(store, clock(), targets=["elsewhere"]) == []
    assert due(store, clock(), item_ids=ids[2:], limit=1) == ids[2:3]


@pytest.fixture
def decided(store: Store, clock: Clock) -> tuple[str, str]:
    """A decision, and the approved move that it made."""
    ingest_objects(store, [api_object(0)], clock)
    with transaction(store):
        decision = decisions.decide(store, FIRST_ID, "good", Author(ME, "here"), clock())
    draft = move("good", decision_id=decision)
    return decision, outbox.put(store, [draft], by=ME, now=clock(), is_approved=True)[0]


def take_back(store: Store, clock: Clock, decision: str) -> None:
    with transaction(store):
        decisions.undo(store, decision, Author(ME, "here"), clock())


def test_an_undo_withdraws_what_has_not_left(store: Store, clock: Clock, decided: tuple[str, str]):
    decision, item_id = decided
    take_back(store, clock, decision)
    assert outbox.item(store, item_id).state is State.WITHDRAWN
    assert begin(store, item_id, owner="one", now=clock()) is None
    assert outbox.item(store, item_id).answer == "the decision was taken back"


def test_an_undo_withdraws_drafts_at_once(store: Store, clock: Clock, decided: tuple[str, str]):
    take_back(store, clock, decided[0])
    assert [one.state for one in outbox.items(store)] == [State.WITHDRAWN]
    assert withdraw_reverted(store, by=ME, now=clock()) == 0
    assert to_correct(store) == []


def test_an_item_whose_decision_was_taken_back_elsewhere_does_not_leave(
    store: Store, clock: Clock, decided: tuple[str, str]
):
    decision, item_id = decided
    with transaction(store):  # as when the undo comes from another store
        undo = (new_id(clock()), FIRST_ID, decision)
        store.execute(
            """INSERT INTO decisions (decision_id, alert_id, reverts, scanner, host, timestamp)
            VALUES (?, ?, ?, 'bo', 'there', '2026-11-28')""",
            undo,
        )
    assert begin(store, item_id, owner="one", now=clock()) is None
    assert outbox.item(store, item_id).answer == "the decision was taken back"


def test_what_has_left_is_to_be_corrected_once(store: Store, clock: Clock, decided: tuple[str, str]):
    decision, item_id = decided
    begin(store, item_id, owner="one", now=clock())
    settle(store, item_id, State.ACCEPTED, None, owner="one", now=clock())
    assert to_correct(store) == []
    take_back(store, clock, decision)
    assert [one.item_id for one in to_correct(store)] == [item_id]
    outbox.put(store, [move("eyeball", follows=item_id)], by=ME, now=clock())
    assert to_correct(store) == []


def test_a_claim_is_on_the_disk_however_the_store_was_opened(store: Store, clock: Clock, approved: str):
    said: list[str] = []
    store.set_trace_callback(said.append)
    begin(store, approved, owner="one", now=clock())
    store.set_trace_callback(None)
    statements = [one for one in said if one.startswith(("PRAGMA synchronous =", "BEGIN", "COMMIT"))]
    assert statements == [
        "PRAGMA synchronous = 2", "BEGIN IMMEDIATE", "COMMIT", "PRAGMA synchronous = 1"
    ]  # fmt: skip


def test_what_a_person_hands_in_no_program_sends(store: Store, clock: Clock):
    note = outbox.Draft("astronote", "copy", "AstroNote: x", {"title": "x"}, "x")
    (item_id,) = outbox.put(store, [note], by=ME, now=clock(), is_approved=True)
    assert due(store, clock()) == []
    assert begin(store, item_id, owner="one", now=clock()) is None
    outbox.handed_in(store, item_id, by=ME, now=clock())
    assert outbox.item(store, item_id).state is State.ACCEPTED


def test_only_what_no_program_sends_is_handed_in(store: Store, clock: Clock, approved: str):
    with pytest.raises(outbox.OutboxError, match="handed in"):
        outbox.handed_in(store, approved, by=ME, now=clock())
    assert outbox.item(store, approved).state is State.APPROVED
