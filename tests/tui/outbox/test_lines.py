"""The outbox's lines tell every item as people read it, in whatever width, and nothing breaks out of them."""

from datetime import UTC, datetime

import pytest

from vra_tui.store.outbox import Event, Item, State
from vra_tui.tui.keymap import default_keys
from vra_tui.tui.outbox.content import content_lines, text_of_lines
from vra_tui.tui.outbox.lines import (
    detail_lines,
    item_line,
    keys_line,
    selections_line,
    short_subject,
)
from vra_tui.tui.spans import text_of, width_of

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
EVIL = "a\x1b[2J\n<b>\u202eb"


def item(state=State.DRAFT, **said):
    known = {
        "item_id": "019ac0de-0000-7000-8000-000000000001", "kind": "atlas.list", "target": "atlas",
        "subject": "move 1103337110432100000 (ATLAS26abc) to good",
        "content": {"object_id": "1103337110432100000", "list": "good"}, "identity": "x", "alert_ids": (7,),
        "decision_id": None, "rule": None, "follows": None, "made_by": "amy",
        "made_at": "2026-11-28T18:00:00.000+00:00", "state": state, "attempts": 0, "due_at": None,
        "owner": None, "answer": None, "is_reverted": False,
    }  # fmt: skip
    return Item(**{**known, **said})


def detail(one, width=60):
    return text_of_lines(detail_lines(one, {7: ("atlas", "1103337110432100000")}, NOW, width))


@pytest.mark.parametrize("width", [20, 31, 54, 80, 120, 200])
@pytest.mark.parametrize("is_here", [True, False])
def test_every_line_is_exactly_as_wide_as_its_pane(width, is_here):
    for state in State:
        assert width_of(item_line(item(state, attempts=12), is_here, 61372.8, width)) == width
        assert width_of(keys_line(item(state), default_keys(), width)) == width
        assert width_of(selections_line("all", dict.fromkeys(State, 1_000_000), width)) == width


@pytest.mark.parametrize("width", [10, 30, 80])
def test_an_item_in_full_stays_within_its_pane(width):
    one = item(
        answer="x" * 500, content={"a": EVIL, "b": {"c": ["d"] * 40, "e": [{"f": 1}]}, "g" * 90: "h" * 300},
        history=(Event(State.DRAFT, "2026-11-28T18:00:00.000+00:00", "amy", "y" * 300),),
    )  # fmt: skip
    lines = detail_lines(one, {}, NOW, width)
    assert all(width_of(line) <= max(width, 30) for line in lines)
    assert not set("\x1b\u202e") & set(text_of_lines(lines))


def test_a_line_tells_how_far_since_when_what_and_whither():
    text = text_of(item_line(item(State.REFUSED, attempts=3), True, 61372.8333, 90))
    assert text.split() == "▸ refused 2 h move move ATLAS26abc to good atlas 3×".split()


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("move 1103337110432100000 (ATLAS26abc) to good", "move ATLAS26abc to good"),
        ("move 1103337110432100000 to good", "move …32100000 to good"),
        ("annotate ZTF26aabcd: good", "annotate ZTF26aabcd: good"),
    ],
)
def test_a_name_stands_in_place_of_a_long_number(subject, shown):
    assert short_subject(subject) == shown


def test_the_pane_says_what_it_is_how_far_why_and_since_when():
    one = item(
        State.REFUSED, attempts=2, answer="HTTP 403: no", rule="good-moves",
        history=(
            Event(State.DRAFT, "2026-11-28T18:00:00.000+00:00", "vra", None),
            Event(State.REFUSED, "2026-11-28T18:01:00.000+00:00", "run 1", "HTTP 403: no"),
        ),
    )  # fmt: skip
    text = detail(one)
    for said in (
        "move between the ATLAS server's lists · atlas", "refused, 2 attempts", "HTTP 403: no",
        "atlas:1103337110432100000", "2 h ago by amy, rule good-moves", "object id  1103337110432100000",
        "2026-11-28 18:01  refused by run 1: HTTP 403: no",
    ):  # fmt: skip
        assert said in text


def test_an_item_whose_decision_was_taken_back_says_so():
    assert "was taken back" in detail(item(is_reverted=True))
    assert "was taken back" not in detail(item())


def test_a_message_is_read_as_it_arrives_and_one_that_was_spoilt_as_a_form():
    alert = {
        "survey": "ztf", "object_id": "ZTF1", "name": None, "ra": 1.0, "dec": 2.0, "rank": 9.0, "mag": None,
        "list": None, "host": None, "sep_arcsec": None, "is_tns_match": False, "url": None,
    }  # fmt: skip
    content = {"text": "fast: 1 new", "alerts": [alert], "more": 0}
    assert text_of_lines(content_lines("message", content, 80)) == (
        "fast: 1 new\nztf:ZTF1, rank 9.0, 1.00000 +2.00000"
    )
    del alert["ra"]
    assert "fast: 1 new" in text_of_lines(content_lines("message", content, 80))


def test_values_within_values_stand_further_in():
    content = {"objectId": "1", "classdict": {"preal": 0.9}, "empty": None, "flag": True, "list": [1, 2]}
    assert text_of_lines(content_lines("lasair.annotation", content, 60)).splitlines() == [
        "objectId   1", "list       1, 2", "classdict", "  preal    0.9", "empty      –", "flag       yes",
    ]  # fmt: skip


@pytest.mark.parametrize("state", list(State))
def test_the_keys_named_are_those_that_the_state_allows(state):
    text = text_of(keys_line(item(state), default_keys(), 120))
    assert ("approve" in text) == (state is State.DRAFT)
    assert ("send now" in text) == (state is State.APPROVED)
    assert ("drop" in text) == (state not in (State.ACCEPTED, State.WITHDRAWN))
