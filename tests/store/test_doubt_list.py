"""Second looks are decisions with a tag; what they came to follows from decisions alone."""

import pytest

from tests.factories import FIRST_ID
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide, undo
from vra_tui.store.doubt_list import (
    LOOK,
    RANDOM_LOOK,
    DoubtRow,
    doubted,
    look_tags,
    put_doubt,
    second_looks,
)
from vra_tui.store.listing import counts, list_ids

ZOE, ADA = Author("zoe", "summit"), Author("ada", "valley")


@pytest.fixture
def doubts(scored, clock):
    """Zoe's three labels, of which the second is doubted most and the third was drawn at random."""
    with transaction(scored):
        made = [
            decide(scored, FIRST_ID + n, name, ZOE, clock())
            for n, name in enumerate(("good", "garbage", "pm"))
        ]
        rows = [
            DoubtRow(FIRST_ID + n, made[n], worth, is_random, f"reason {n}")
            for n, worth, is_random in ((1, 3.0, False), (2, 2.0, True), (0, 1.0, False))
        ]
        put_doubt(scored, "atlas", rows)
    return scored


def look(store, clock, number, list_name, author=ADA):
    with transaction(store):
        tags = look_tags(store, [FIRST_ID + number])[FIRST_ID + number]
        return decide(store, FIRST_ID + number, list_name, author, clock(), tags=tags)


def test_the_list_has_the_most_doubtful_first_until_somebody_decides_anew(doubts, clock):
    assert list_ids(doubts, "doubt").tolist() == [FIRST_ID + n for n in (1, 2, 0)]
    assert counts(doubts)["doubt"] == 3
    made = look(doubts, clock, 1, "good")
    assert list_ids(doubts, "doubt").tolist() == [FIRST_ID + 2, FIRST_ID]
    assert [one.reason for one in doubted(doubts)] == ["reason 2", "reason 0"]
    with transaction(doubts):
        undo(doubts, made, ADA, clock())
    assert counts(doubts)["doubt"] == 3
    assert second_looks(doubts) == []


def test_a_second_look_tells_what_became_of_whose_label(doubts, clock):
    look(doubts, clock, 1, "good")
    look(doubts, clock, 2, "pm", ZOE)
    look(doubts, clock, 0, "possible")  # says nothing
    first, second = second_looks(doubts)
    assert (first.scanner, first.before, first.after, first.looked_by) == ("zoe", "garbage", "good", "ada")
    assert (first.is_random, first.is_overturned, first.survey) == (False, True, "atlas")
    assert (second.is_random, second.is_overturned) == (True, False)


def test_tags_say_whether_the_label_was_drawn(doubts):
    ids = [FIRST_ID + n for n in range(3)]
    assert look_tags(doubts, ids) == dict(zip(ids, ((LOOK,), (LOOK,), (RANDOM_LOOK,)), strict=True))


def test_only_a_surveys_own_part_is_replaced(doubts):
    with transaction(doubts):
        put_doubt(doubts, "ztf", [])
    assert len(doubted(doubts)) == 3
    with transaction(doubts):
        put_doubt(doubts, "atlas", [])
    assert doubted(doubts) == []
