"""Ranges of offsets: what is done and what is missing partition the whole, in whatever order they came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.sources.wires.offsets import Done, plan

RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


def offsets(done: Done) -> set[int]:
    return {one for low, high in done.ranges for one in range(low, high)}


@given(RANGES, st.randoms())
def test_ranges_join_to_the_same_in_any_order(ranges, random):
    shuffled = list(ranges)
    random.shuffle(shuffled)
    one, other = Done(), Done().with_ranges(shuffled)
    for low, high in ranges:
        one = one.with_range(low, max(low, high))
        other = other.with_range(low, max(low, high))
    assert one == Done().with_ranges(ranges) == other
    assert offsets(one) == {n for low, high in ranges for n in range(low, high)}
    assert Done.parse(str(one)) == one or one.before == 0


@given(RANGES, st.integers(0, 70), st.integers(0, 70))
def test_what_is_done_and_what_is_missing_make_the_whole(ranges, low, high):
    done = Done().with_ranges(ranges)
    missing = [n for begin, end in done.gaps(low, high) for n in range(begin, end)]
    assert missing == sorted(set(range(low, high)) - offsets(done))


@given(RANGES)
def test_a_text_says_the_same_as_the_ranges(ranges):
    done = Done().with_ranges(ranges)
    again = Done.parse(str(done))
    assert offsets(again) == offsets(done)
    assert str(again) == str(done)


@pytest.mark.parametrize("text", ["", "-1", "x", "3,", "3-4", "1,2", "1,2-x"])
def test_a_text_of_somebody_else_is_no_position(text: str):
    with pytest.raises(ValueError, match="no position"):
        Done.parse(text)


def test_a_short_wait_is_read_in_order_and_a_long_one_from_its_end():
    assert plan(Done.parse("10"), 0, 30, 20).at == 10
    assert plan(Done.parse("10"), 0, 31, 20).at == 11
    assert plan(None, 5, 20, 100).at == 5
    fresh = plan(None, 5, 20, 100, from_latest=True)
    assert (fresh.at, fresh.done.gaps(5, 20)) == (20, [])


def test_what_the_broker_deleted_unread_is_counted():
    planned = plan(Done.parse("10,15-20"), 30, 40, 100)
    assert (planned.expired, planned.at, planned.done.gaps(0, 40)) == (15, 30, [(30, 40)])


def test_a_topic_that_ends_before_what_was_read_is_read_from_its_beginning():
    planned = plan(Done.parse("10,50-60"), 0, 40, 100)
    assert (planned.is_anew, planned.at, planned.expired) == (True, 0, 0)
