"""Clicks: a key on the screen is clicked like a button, and one click alone decides nothing."""

import pytest
from textual import events

from tests.tui.conftest import press, scanning, shown, until
from vra_tui.tui.actions import ACTIONS
from vra_tui.tui.app import ScanApp
from vra_tui.tui.clicks import PATIENCE, Click, is_grave, with_keys
from vra_tui.tui.keymap import default_keys, written
from vra_tui.tui.spans import text_of

pytestmark = pytest.mark.usefixtures("only_when_told")


@pytest.fixture
def each_click_alone(monkeypatch):
    """Clicks that follow at once are single clicks, as those of a scanner who reads between them."""
    monkeypatch.setattr(ScanApp, "CLICK_CHAIN_TIME_THRESHOLD", -1.0)


def place(app, pane, text):
    """The cell at which a text stands in a pane."""
    lines = [text_of(line) for line in app.screen.panes[pane].lines]
    y = next(number for number, line in enumerate(lines) if text in line)
    return lines[y].index(text), y


async def click(pilot, pane, text, **more):
    await pilot.click(f"#{pane}", offset=place(pilot.app, pane, text), **more)
    await until(pilot.app, lambda: pilot.app.screen._running and pilot.app.is_running, "the screen went")
    await pilot.pause()


async def test_a_click_on_a_tab_opens_its_list(store_path):
    async with scanning(store_path) as (app, pilot):
        await click(pilot, "tabs", "purg")
        await until(app, lambda: app.session.query.list_name == "purgatory", "the list did not open")
        await click(pilot, "tabs", "more")
        await until(app, lambda: app.session.query.list_name == "good", "the next list did not open")


@pytest.mark.parametrize("at", ["g good", "good"])
async def test_a_decision_takes_two_clicks_on_its_key(store_path, decided, each_click_alone, at):
    async with scanning(store_path) as (app, pilot):
        current = app.session.order.current
        await click(pilot, "keys", at)
        assert decided() == []
        assert "Click once more, or press g." in "\n".join(shown(app))
        await click(pilot, "keys", at)
        await until(app, lambda: decided() == [(current, "good")], "the second click decided nothing")


async def test_a_double_click_is_one_click(store_path, decided):
    async with scanning(store_path) as (app, pilot):
        await pilot.click("#keys", offset=place(app, "keys", "good"), times=2)
        await pilot.pause()
        await press(pilot, "j")
    assert decided() == []


async def test_a_second_click_decides_nothing_once_another_alert_is_under_the_cursor(
    store_path, decided, each_click_alone
):
    async with scanning(store_path) as (_, pilot):
        await click(pilot, "keys", "garbage")
        await press(pilot, "j")
        await click(pilot, "keys", "garbage")
        await press(pilot, "j")
    assert decided() == []


async def test_clicks_on_two_keys_decide_nothing(store_path, decided, each_click_alone):
    async with scanning(store_path) as (_, pilot):
        await click(pilot, "keys", "garbage")
        await click(pilot, "keys", "good")
        await press(pilot, "j")
    assert decided() == []


@pytest.mark.parametrize("held", ["shift", "control", "meta"])
async def test_with_a_key_held_the_mouse_is_the_terminals(store_path, decided, each_click_alone, held):
    async with scanning(store_path) as (app, pilot):
        for _ in range(2):
            await click(pilot, "keys", "good", **{held: True})
        await click(pilot, "tabs", "purg", **{held: True})
        await press(pilot, "j")
        assert app.session.query.list_name == "eyeball"
    assert decided() == []


async def test_who_drags_over_words_to_select_them_has_clicked_nothing(store_path):
    async with scanning(store_path) as (app, pilot):
        x, y = place(app, "tabs", "purg")
        await pilot._post_mouse_events([events.MouseDown], "#tabs", offset=(x, y), button=1)
        await pilot._post_mouse_events([events.MouseUp, events.Click], "#tabs", offset=(x + 3, y), button=1)
        await press(pilot, "j")
        assert app.session.query.list_name == "eyeball"


async def test_taking_back_and_leaving_take_two_clicks_and_help_takes_one(
    store_path, decided, each_click_alone
):
    async with scanning(store_path, size=(200, 40)) as (app, pilot):
        await press(pilot, "g")
        await click(pilot, "keys", "undo")
        await click(pilot, "keys", "quit")
        assert len(decided()) == 1
        assert app.is_running
        await click(pilot, "keys", "undo")
        await click(pilot, "keys", "undo")
        await until(app, lambda: len(decided()) == 2, "nothing was taken back")
        room = app.screen
        await click(pilot, "keys", "help")
        await until(app, lambda: app.screen is not room, "no help came")


async def test_marked_alerts_are_named_before_a_click_decides_them(store_path, decided, each_click_alone):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "space", "space", "space")
        await click(pilot, "keys", "garbage")
        assert "garbage 3 alerts? Click once more" in "\n".join(shown(app))
        await click(pilot, "keys", "garbage")
        await until(app, lambda: len(decided()) == 3, "the second click decided nothing")


async def test_a_click_on_one_of_the_last_decisions_goes_to_its_alert(store_path, each_click_alone):
    async with scanning(store_path) as (app, pilot):
        ids = app.session.order.ids.tolist()
        await press(pilot, "g", "t", "a")
        await press(pilot, "6")
        x, y = place(app, "recent", "t 23t")
        await pilot.click("#recent", offset=(x + 3, y))
        await until(app, lambda: app.session.order.current == ids[1], "the cursor did not go there")
        assert "is garbage: a letter decides it anew" in "\n".join(shown(app))
        await press(pilot, "g")
        assert app.session.recent[0].alert_id == ids[1]


def test_keys_that_were_moved_are_clicked_where_they_are_shown():
    keys = {"good": ("f5",), "garbage": ("f6",)}
    line = [
        (f" {written('f5')}", "key"),
        (" good ", "dim"),
        (f" {written('f6')}", "key"),
        (" garbage    ", "dim"),
    ]
    bar = with_keys(line, keys)
    assert [bar.action_at(x) for x in (0, 1, 4, 8, 9, 10, 18, 22)] == [
        None, "good", "good", None, None, "garbage", "garbage", None,
    ]  # fmt: skip


def test_commands_for_the_shell_are_no_keys():
    assert not with_keys([("vra score", "key"), (" scores", "text")], default_keys()).hits


def test_what_writes_or_leaves_is_grave():
    grave = {name for name in ACTIONS if is_grave(name)}
    assert {"good", "garbage", "eyeball", "undo", "repeat", "quit"} <= grave
    assert not grave & {"help", "note", "find", "list_1", "next_list", "filter", "curve"}


@pytest.mark.parametrize(
    ("second", "confirms"),
    [
        (Click("good", [1], 2.0), True),
        (Click("good", [1], 1.0 + PATIENCE + 0.1), False),
        (Click("good", [1], 0.5), False),
        (Click("good", [1, 2], 2.0), False),
        (Click("attic", [1], 2.0), False),
    ],
)
def test_a_second_click_confirms_the_same_key_for_the_same_alerts_and_soon(second, confirms):
    assert second.confirms(Click("good", [1], 1.0)) is confirms
    assert not second.confirms(None)
