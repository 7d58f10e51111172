"""What counts as decided tonight: alerts, not keys, and nothing that was taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import FIRST_ID
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide, undo
from vra_tui.store.tonight import LONGEST, REST, decided_tonight

ZOE, ADA = Author("zoe", "summit"), Author("ada", "home")
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def take(scored):
    """Decides alert ``number`` so many hours before now."""

    def take(number, hours, name="good", author=ZOE):
        with transaction(scored):
            return decide(scored, FIRST_ID + number, name, author, NOW - timedelta(hours=hours))

    return take


def numbers(store, now=NOW, scanner="zoe"):
    return {alert_id - FIRST_ID for alert_id in decided_tonight(store, scanner, now)}


def test_an_alert_decided_twice_counts_once(scored, take):
    take(0, 2)
    take(0, 1, "garbage")
    take(1, 0.5)
    assert numbers(scored) == {0, 1}


def test_what_is_taken_back_does_not_count_and_what_stood_before_does(scored, take):
    take(0, 3)
    again = take(0, 2, "garbage")
    only = take(1, 1)
    for decision in (again, only):
        with transaction(scored):
            undo(scored, decision, ZOE, NOW)
    assert numbers(scored) == {0}


def test_what_was_put_back_in_front_of_the_scanners_does_not_count(scored, take):
    take(0, 2)
    take(0, 1, "eyeball")
    assert numbers(scored) == set()


def test_others_decisions_are_theirs(scored, take):
    take(0, 1)
    take(1, 1, author=ADA)
    assert numbers(scored) == {0}
    assert numbers(scored, scanner="ada") == {1}


def test_a_night_ends_with_a_long_rest_and_not_with_a_date(scored, take):
    rest = REST / timedelta(hours=1)
    take(0, 2 * rest)
    take(1, rest - 1)  # across midnight UTC
    take(2, 1)
    assert numbers(scored) == {1, 2}
    assert numbers(scored, NOW + REST) == set()


def test_no_night_is_longer_than_a_day(scored, take):
    for hours in (28, 23, 18, 13, 8, 3):
        take(hours % 3, hours, ("good", "attic")[hours % 2])
    before = decided_tonight(scored, "zoe", NOW)
    assert before
    assert decided_tonight(scored, "zoe", NOW + LONGEST) == set()


def test_no_decision_no_number(scored):
    assert numbers(scored) == set()
