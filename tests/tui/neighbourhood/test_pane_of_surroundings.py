"""The map stands beside the stamps where there is room, and over the whole screen by its key."""

import pytest

from tests.tui.conftest import press, scanning, shown
from vra_tui.tui.palette import THEMES


def captions(app):
    return [line for line in shown(app) if "around" in line and "┤" in line]


async def test_the_map_stands_beside_the_stamps_on_a_wide_screen_alone(store_path):
    for size, count in (((200, 60), 1), ((120, 40), 0)):
        async with scanning(store_path, size) as (app, _):
            assert len(captions(app)) == count


@pytest.mark.parametrize("size", [(200, 60), (120, 40), (80, 24), (60, 20), (20, 6)])
async def test_the_key_shows_map_and_table_and_either_key_goes_back(store_path, size):
    async with scanning(store_path, size) as (app, pilot):
        before = shown(app)
        for back in ("N", "escape"):
            await press(pilot, "N")
            await pilot.pause()
            if size[0] >= 80:
                assert len(captions(app)) == 1
                assert any("no other alert" in line or "alert " in line for line in shown(app))
            await press(pilot, back)
            await pilot.pause()
            assert [line for line in shown(app) if line.strip()] == [line for line in before if line.strip()]


async def test_the_map_follows_the_cursor_and_a_letter_decides_what_is_seen(store_path, ids, decided):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "N", "j", "j")
        named = app.screen.session.rows.one(ids[2])
        assert any(named.name in line for line in shown(app)[:3])
        await press(pilot, "g")
        assert decided() == [(ids[2], "good")]


@pytest.mark.parametrize("theme", THEMES)
async def test_every_theme_has_the_roles_of_the_map(store_path, theme):
    async with scanning(store_path, theme=theme) as (app, pilot):
        await press(pilot, "N")
        assert captions(app)


async def test_nothing_is_told_by_colour_alone(store_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "N")
        assert any("+" in line for line in shown(app))
        assert captions(app)


async def test_a_pane_out_of_sight_draws_nothing(store_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "vra_tui.tui.neighbourhood.pane.around_table", lambda *args, **more: drawn.append(args) or []
    )
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "j", "j")
        assert not drawn
        await press(pilot, "N")
        await pilot.pause()
        assert drawn
