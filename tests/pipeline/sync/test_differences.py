"""What two sets do not share is found, whatever they hold, in few and short answers."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.pipeline.sync.differences import WIDTH, KeySet, Span, Told, compare


def keys(random_bytes, count):
    return [random_bytes.randbytes(WIDTH) for _ in range(count)]


def found(ours, theirs):
    other = KeySet(theirs)
    asked = []

    def ask(spans):
        asked.append(len(spans))
        return [other.tell(span) for span in spans]

    return compare(KeySet(ours), ask), asked


@given(st.integers(0, 3_000), st.integers(0, 400), st.integers(0, 400), st.integers(0, 99))
def test_exactly_what_only_one_side_has_is_named(shared, only_ours, only_theirs, seed):
    chance = random.Random(seed)
    both, ours, theirs = (keys(chance, count) for count in (shared, only_ours, only_theirs))
    (theirs_found, ours_found), _ = found(both + ours, theirs + both)
    assert theirs_found == sorted(theirs)
    assert ours_found == sorted(ours)


@given(st.sets(st.binary(min_size=WIDTH, max_size=WIDTH)), st.sets(st.binary(min_size=WIDTH, max_size=WIDTH)))
def test_keys_may_be_anything(ours, theirs):
    (theirs_found, ours_found), _ = found(ours, theirs)
    assert (set(theirs_found), set(ours_found)) == (theirs - ours, ours - theirs)


def test_two_alike_need_one_question_however_many_they_hold():
    both = keys(random.Random(1), 20_000)
    (theirs_found, ours_found), asked = found(both, reversed(both))
    assert (theirs_found, ours_found, asked) == ([], [], [1])


def test_one_row_among_many_is_found_in_few_questions():
    chance = random.Random(2)
    both, new = keys(chance, 20_000), keys(chance, 1)
    (theirs_found, _), asked = found(both, both + new)
    assert theirs_found == new
    assert sum(asked) <= 1 + 2 + 2


@pytest.mark.parametrize(
    "part",
    [
        Span(b"\x00", b"\xff" * 20, 300, 1),
        Span(b"", b"", 300, 1),
        Span(b"\x80", b"\x10", 300, 1),
        Span(b"", b"\xff" * 17, 300, 1),
    ],
)
def test_answers_that_lead_nowhere_are_refused(part):
    ours = KeySet(keys(random.Random(3), 500))
    with pytest.raises(ValueError, match="no sense"):
        compare(ours, lambda spans: [Told(parts=[part]) for _ in spans])
