"""What a program that looks again and again is told of what others wrote."""

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects, score_all
from vra_tui.store.changes import changes_since, horizon
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide, undo

BEN = Author("ben", "summit")


@pytest.fixture
def start(store, clock):
    ingest_objects(store, [api_object(number) for number in range(3)], clock)
    score_all(store, clock, preal=0.9, pgal=0.1)
    return horizon(store)


def decided_now(store, clock: Clock, number: int, list_name: str) -> str:
    with transaction(store):
        return decide(store, FIRST_ID + number, list_name, BEN, clock())


def test_nothing_is_news_twice(store, clock, start):
    decided_now(store, clock, 1, "good")
    first = changes_since(store, start)
    assert first
    assert not changes_since(store, first.horizon)


def test_scored_alerts_are_told_once_each_in_the_order_of_their_ids(store, clock, start):
    ingest_objects(store, [api_object(number) for number in (5, 4)], clock)
    score_all(store, clock, preal=0.9, pgal=0.1)
    assert changes_since(store, start).scored.tolist() == [FIRST_ID + 4, FIRST_ID + 5]


def test_a_limit_leaves_the_rest_for_the_next_look(store, clock, start):
    ingest_objects(store, [api_object(number) for number in range(4, 9)], clock)
    score_all(store, clock, preal=0.9, pgal=0.1)
    first = changes_since(store, start, limit=2)
    rest = changes_since(store, first.horizon)
    assert len(first.scored) == 2
    assert len(rest.scored) == 3


def test_what_is_decided_is_settled_until_it_is_taken_back(store, clock, start):
    decision = decided_now(store, clock, 1, "good")
    between = changes_since(store, start)
    with transaction(store):
        undo(store, decision, BEN, clock())
    assert between.decided == {FIRST_ID + 1: True}
    assert changes_since(store, between.horizon).decided == {FIRST_ID + 1: False}


def test_what_is_put_back_in_front_of_the_scanners_is_not_settled(store, clock, start):
    decided_now(store, clock, 1, "eyeball")
    assert changes_since(store, start).decided == {FIRST_ID + 1: False}


def test_own_decisions_are_no_news(store, clock, start):
    own = decided_now(store, clock, 1, "good")
    decided_now(store, clock, 2, "attic")
    assert changes_since(store, start, known={own}).decided == {FIRST_ID + 2: True}
