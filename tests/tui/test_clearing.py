"""Escape takes back one thing at a time and says which; the help and the palette are searched by words."""

import pytest

from tests.tui.conftest import press, scanning, shown, until_shown
from vra_tui.tui.action_commands import how_well
from vra_tui.tui.actions import ACTIONS
from vra_tui.tui.help import HelpScreen, help_lines
from vra_tui.tui.keymap import default_keys
from vra_tui.tui.spans import text_of


async def test_escape_takes_back_the_nearest_first_and_says_what(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/", *"-tns", "enter", "space", "space", "enter", "O")
        await press(pilot, "escape")
        assert "No second opinion is asked for" in "\n".join(shown(app))
        await press(pilot, "escape")
        assert "Back to the list. Esc again: the marks." in "\n".join(shown(app))
        assert len(app.session.marked) == 2
        app.screen.say("Not saved: the disk is full", "failure")
        await press(pilot, "escape")
        assert "The message is taken off. Esc again: the marks." in "\n".join(shown(app))
        await press(pilot, "escape")
        assert not app.session.marked
        assert "2 marks taken off" in "\n".join(shown(app))
        assert app.session.query.words == "-tns"
        await press(pilot, "escape")
        assert app.session.query.words == ""
        assert "The filter is taken off: -tns" in "\n".join(shown(app))
        await press(pilot, "escape")
        assert "nothing to take back" in "\n".join(shown(app))


async def test_escape_touches_no_decision(store_path, ids, decided):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "g", "/", *"-tns", "enter", "escape", "escape", "escape")
    assert decided() == [(ids[0], "good")]


async def test_the_filter_taken_off_comes_back_by_an_arrow(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/", *"-tns", "enter", "escape", "/", "up", "enter")
        assert app.session.query.words == "-tns"


def test_the_help_is_narrowed_to_lines_that_hold_all_words():
    keys = default_keys()
    everything = [text_of(line) for line in help_lines(keys)]
    found = [text_of(line) for line in help_lines(keys, "NOTE why")]
    assert 1 < len(found) < len(everything)
    assert set(found) <= set(everything)
    assert help_lines(keys, "xyzzy") != []
    assert [text_of(line) for line in help_lines(keys, "")] == everything


async def test_the_help_is_searched_and_closed_in_steps(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "?", "/", *"web pages")
        await until_shown(app, "web pages of the alert")
        assert "decide as last time" not in "\n".join(shown(app))
        await press(pilot, "escape")
        assert isinstance(app.screen, HelpScreen)
        await until_shown(app, "On the left the ranked list")
        await press(pilot, "escape")
        assert not isinstance(app.screen, HelpScreen)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("undo", "undo"),
        ("t", "garbage"),
        ("W", "pages"),
        ("web", "pages"),
        ("filter", "filter"),
        ("named views", "view"),
        ("lists next", "next_list"),
    ],
)
def test_the_palette_finds_an_action_by_key_name_group_and_what_it_does(query, first):
    keys = default_keys()
    ranked = sorted(ACTIONS.values(), key=lambda one: -how_well(query, one, keys[one.name]))
    assert ranked[0].name == first
    assert how_well("xyzzy", ranked[0], keys[ranked[0].name]) == 0.0


async def test_the_palette_shows_keys_and_groups_and_does_what_is_chosen(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "ctrl+p")
        await until_shown(app, "Decide")
        await press(pilot, *"newest", "escape")
        await press(pilot, "escape", "ctrl+p", *"next list")
        await until_shown(app, "next list")
        await until_shown(app, "Lists")


@pytest.mark.parametrize("size", [(60, 20), (44, 12), (20, 6)])
@pytest.mark.parametrize(
    "keys", ["/ m tab tab enter", "i x enter", "V s a enter", "W /", "? / x", "ctrl+p x"]
)
async def test_whatever_is_opened_fits_the_smallest_terminals(store_path, size, keys):
    async with scanning(store_path, size=size) as (app, pilot):
        await press(pilot, *keys.split())
        assert len(app.screen_stack) >= 2
        assert all(len(line) <= size[0] for line in shown(app))
        await pilot.resize_terminal(120, 40)
        await press(pilot, "escape", "escape", "escape")
        assert len(app.screen_stack) == 2
