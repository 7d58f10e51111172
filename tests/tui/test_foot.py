"""The lines at the foot: what happened, how far the scanner is, what was decided; at any size."""

import asyncio
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.conftest import look, press, scanning, shown, until
from vra_tui.store.outbox import State
from vra_tui.text import counted
from vra_tui.tui.bars import foot_lines, key_line
from vra_tui.tui.palette import ROLES, THEMES, styles_of
from vra_tui.tui.session import DecidedObject
from vra_tui.tui.spans import text_of, width_of

MESSAGE = [("possible: ", "strong"), ("ATLAS26bwtd, snoozed until seen again", "status")]


def decisions(*pairs):
    return [SimpleNamespace(list=list_name, name=name) for list_name, name in pairs]


@dataclass
class Night:
    """As much of a session as the foot tells of."""

    counts: dict[str, int] = field(default_factory=lambda: {"eyeball": 2_431})
    decided_tonight: set[int] = field(default_factory=lambda: set(range(14)))
    left_over: int = 31
    over_rank: float = 7.0
    warnings: list[str] = field(default_factory=list)
    outbox: dict[State, int] = field(default_factory=dict)
    recent: list[Any] = field(
        default_factory=lambda: decisions(
            ("possible", "ATLAS26bwtd"), ("good", "ATLAS26bwsa"), ("garbage", "ATLAS26bvzz"), ("attic", "x")
        )
    )

    def named(self, decision):
        return DecidedObject("atlas", "1", decision.name)


def texts(night, message=MESSAGE, width=120, lines=3, progress=None):
    return [text_of(bar.line) for bar in foot_lines(night, message, width, lines, progress)]


def test_a_high_foot_has_the_message_the_tallies_and_the_last_decisions():
    first, second = texts(Night())
    assert first.startswith(" possible: ATLAS26bwtd, snoozed until seen again  ")
    assert first.endswith("2,431 undecided   14 decided tonight   31 left over rank 7 ")
    assert second.startswith(" last  p 26bwtd  g 26bwsa  t 26bvzz  a x ")


def test_numbers_stand_out_and_words_do_not():
    first, _ = foot_lines(Night(), MESSAGE, 120, 3)
    bold = [text for text, role in first.line if role == "foot_strong"]
    assert bold == ["possible: ", "2,431", "14", "31"]


def test_a_low_foot_has_the_last_decisions_until_a_message_takes_their_line():
    (line,) = texts(Night(), [], width=80, lines=2)
    assert line.startswith(" last  p 26bwtd  g 26bwsa")
    assert "14 decided" in line
    (line,) = texts(Night(), width=80, lines=2)
    assert line.startswith(" possible: ATLAS26bwtd, snoozed until seen again")
    assert "last" not in line


def test_where_there_is_one_line_the_keys_have_it_but_for_a_message():
    assert texts(Night(), [], width=20, lines=1) == []
    (line,) = texts(Night(), width=20, lines=1)
    assert line.startswith(" possible: ATLAS26")


@pytest.mark.parametrize(("width", "lines"), [(80, 2), (60, 3)])
def test_a_message_that_is_too_long_goes_on_in_the_next_line_until_it_is_told(width, lines):
    words = "The next decision asks for a second opinion. O: without your own vote. Esc: it does not."
    message = [("Asked. ", "strong"), (words, "news")]
    first, second = texts(Night(), message, width=width, lines=lines)
    assert f"{first.strip()} {second.strip()}" == f"Asked. {words}"
    bars = foot_lines(Night(), message, width, lines, is_told=True)
    assert len(bars) == lines - 1
    assert "does not" not in text_of(bars[-1].line)


def test_a_warning_stands_beside_the_last_decisions_or_in_place_of_the_tallies():
    night = Night(warnings=["lasair down since 02:50"])
    first, second = texts(night)
    assert "31 left over rank 7" in first
    assert second.rstrip().endswith("lasair down since 02:50")
    (low,) = texts(night, width=80, lines=2)
    assert "lasair" in low


def test_what_waits_in_the_outbox_stands_there_and_takes_no_place_from_the_tallies():
    night = Night(outbox={State.DRAFT: 3, State.REFUSED: 1, State.ACCEPTED: 90})
    first, second = texts(night)
    assert "31 left over rank 7" in first
    assert second.rstrip().endswith("outbox 3 to approve, 1 refused")
    (low,) = texts(night, [], width=100, lines=2)
    assert "outbox 3 to approve" in low
    assert "over" in low
    (low,) = texts(night, [], width=64, lines=2)
    assert "outbox" not in low
    assert "over" in low


def test_work_beside_the_screen_tells_how_it_goes():
    assert "score: 120 of 400" in texts(Night(), progress=[("score: 120 of 400", "news")])[1]


def test_before_anything_is_counted_no_number_is_told():
    first, _ = texts(Night(counts={}))
    assert "0" not in first.replace("ATLAS26bwtd", "")


def test_a_click_on_a_decision_means_that_one():
    _, second = foot_lines(Night(), MESSAGE, 120, 3)
    text = text_of(second.line)
    for number, name in enumerate(("26bwtd", "26bwsa", "26bvzz")):
        assert second.action_at(text.index(name)) == f"go_to_decided({number})"
    assert second.action_at(text.index("last")) is None


@given(
    st.integers(4, 250),
    st.integers(1, 3),
    st.text(max_size=120),
    st.lists(st.text(max_size=60), max_size=3),
    st.integers(0, 3_000_000),
)
def test_every_line_fills_the_width_in_roles_that_exist(width, lines, message, warnings, waiting):
    night = Night(counts={"eyeball": waiting}, warnings=warnings)
    bars = foot_lines(night, [(message, "news")] if message else [], width, lines, [("job: …", "news")])
    assert len(bars) == lines - 1 or (lines < 3 and len(bars) == lines)
    for bar in bars:
        assert width_of(bar.line) == width
        assert {role for _, role in bar.line} <= set(ROLES)
        assert all(hit.end <= width for hit in bar.hits)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 alerts"), (1, "1 alert"), (2, "2 alerts"), (2_431, "2,431 alerts")]
)
def test_one_alert_two_alerts(count, text):
    assert counted(count, "alert") == text
    assert counted(count, "galaxy", "galaxies").endswith("galaxy" if count == 1 else "galaxies")


@pytest.mark.usefixtures("only_when_told")
async def test_messages_of_the_room_count_right(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "space")
        assert "1 alert marked. The next decision takes it." in "\n".join(shown(app))
        await press(pilot, "space")
        assert "2 alerts marked. The next decision takes them all." in "\n".join(shown(app))
        await press(pilot, "p")
        assert "possible: 2 alerts, snoozed until seen again" in "\n".join(shown(app))
        await press(pilot, "g")
        await press(pilot, "u")
        assert re_found(app, r"taken back: ATLAS23t\d+, no longer good")
        await press(pilot, "u")
        assert re_found(app, r"taken back: 2 alerts, no longer possible: ATLAS23t\d+, ATLAS23t\d+")
        await press(pilot, "4")
        assert "possible: 0 alerts." in "\n".join(shown(app))


def re_found(app, pattern):
    return re.search(pattern, "\n".join(shown(app)))


@pytest.mark.usefixtures("only_when_told")
async def test_tonight_counts_alerts_over_restarts_and_nothing_taken_back(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g", "t", "backspace", "a")  # the second one decided anew
        assert len(app.session.decided_tonight) == 2
        await press(pilot, "u")
        assert len(app.session.decided_tonight) == 2  # it is garbage again
        await press(pilot, "u")
        assert len(app.session.decided_tonight) == 1
        await press(pilot, "e")
        assert len(app.session.decided_tonight) == 1
    async with scanning(store_path) as (app, pilot):
        await look(pilot)
        assert "1 decided tonight" in "\n".join(shown(app))


@pytest.mark.usefixtures("only_when_told")
async def test_on_a_low_screen_the_last_decisions_come_back_after_a_message(store_path, monkeypatch):
    monkeypatch.setattr("vra_tui.tui.room.telling._TOLD_FOR", 0.05)
    async with scanning(store_path, size=(80, 24)) as (app, pilot):
        await press(pilot, "g")
        await until(app, lambda: " last  g 23t" in shown(app)[-2], "the last decisions did not come back")


@pytest.mark.usefixtures("only_when_told")
@pytest.mark.parametrize(("size", "line"), [((80, 24), " last  nothing decided"), ((44, 12), " t garb")])
async def test_on_a_low_screen_the_greeting_gives_way_too(store_path, monkeypatch, size, line):
    monkeypatch.setattr("vra_tui.tui.room.telling._TOLD_FOR", 0.05)
    async with scanning(store_path, size=size) as (app, _):
        foot = -2 if size[1] > 20 else -1
        await until(app, lambda: shown(app)[foot].startswith(line), "what the greeting hides did not come")


@pytest.mark.usefixtures("only_when_told")
async def test_on_one_line_a_message_hides_the_keys_for_a_while_and_a_failure_until_it_is_taken_off(
    store_path, monkeypatch
):
    monkeypatch.setattr("vra_tui.tui.room.telling._TOLD_FOR", 0.05)
    async with scanning(store_path, size=(44, 12)) as (app, pilot):
        await press(pilot, "g")
        await until(app, lambda: shown(app)[-1].startswith(" t garb"), "the keys did not come back")
        app.screen.say("The disk is full.", "failure")
        await asyncio.sleep(0.2)
        await pilot.pause()
        assert shown(app)[-1].startswith(" The disk is full.")
        await press(pilot, "escape")
        await until(app, lambda: shown(app)[-1].startswith(" t garb"), "the keys did not come back")


@pytest.mark.usefixtures("only_when_told")
async def test_a_failure_in_two_lines_gives_the_keys_their_line_back_and_stays(store_path, monkeypatch):
    monkeypatch.setattr("vra_tui.tui.room.telling._TOLD_FOR", 0.3)
    async with scanning(store_path, size=(80, 24)) as (app, pilot):
        app.screen.say("The disk is full. " * 6, "failure")
        await pilot.pause()
        assert "disk" in shown(app)[-1]
        await until(app, lambda: shown(app)[-1].startswith(" t garb"), "the keys did not come back")
        assert shown(app)[-2].startswith(" The disk is full.")
        await press(pilot, "escape")
        await until(app, lambda: "disk" not in shown(app)[-2], "the failure was not taken off")


def test_keys_stand_on_the_ground_of_their_own_line():
    line = key_line([("t", "garbage", "garb"), ("g", "good", "good")], 80)
    grounds = {name: {styles_of(name)[role].bgcolor for _, role in line} for name in THEMES}
    assert all(ground == {styles_of(name)["keys"].bgcolor} for name, ground in grounds.items())
