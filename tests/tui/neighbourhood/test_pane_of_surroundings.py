"""Map and table fill the screen by their key, follow the cursor, and say which alert a letter decides."""

import pytest

from tests.tui.conftest import press, scanning, shown, until
from vra_tui.tui.palette import THEMES


def captions(app):
    return [line for line in shown(app) if "around" in line and "┤" in line]


@pytest.mark.parametrize("size", [(200, 60), (120, 40), (80, 24), (60, 20), (20, 6)])
async def test_the_key_shows_map_and_table_and_either_key_goes_back(store_path, size):
    async with scanning(store_path, size) as (app, pilot):
        for back in ("N", "escape"):
            await press(pilot, "N")
            await until(app, lambda: not app.screen.alerts.is_on_screen, "the list is still there")
            if size[0] >= 80:
                await until(app, lambda: len(captions(app)) == 1, "there is no map")
                assert any("no other alert" in line or "alert " in line for line in shown(app))
            await press(pilot, back)
            await until(app, lambda: app.screen.alerts.is_on_screen, "the list is not back")


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
        await until(app, lambda: bool(captions(app)), "there is no map")


async def test_nothing_is_told_by_colour_alone(store_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "N")
        await until(app, lambda: bool(captions(app)), "there is no map")
        assert any("+" in line for line in shown(app))


async def test_a_pane_out_of_sight_draws_nothing(store_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "vra_tui.tui.neighbourhood.pane.around_table", lambda *args, **more: drawn.append(args) or []
    )
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "j", "j")
        assert not drawn
        await press(pilot, "N")
        await until(app, lambda: bool(drawn), "the table was not drawn")
