"""Panes that fill the screen: without the list, a letter decides the alert that the headline names."""

import pytest
from textual import events
from textual.keys import _character_to_key

from tests.factories import FIRST_ID
from tests.tui.conftest import look, name_on_screen, press, scanning, shown, until, until_placed
from tests.tui.test_interleaving import Others
from vra_tui.tui.room.layout import View

#: The keys of the views that show no list.
WITHOUT_LIST = ("enter", "Z", "N")


def send(app, *keys):
    """Send keys that come at once, as over a slow line: no frame goes out between them."""
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        app.post_message(events.Key(name, key if len(key) == 1 else None))


@pytest.mark.parametrize("view", WITHOUT_LIST)
async def test_a_letter_right_behind_a_step_means_the_alert_in_the_headline(store_path, ids, decided, view):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "j", view)
        send(app, "j", "g")
        await press(pilot, "f")
        assert app.session.order.current == ids[2]
    assert decided() == [(ids[1], "good")]


@pytest.mark.parametrize("view", WITHOUT_LIST)
async def test_a_mark_taken_off_leads_on_and_a_letter_behind_it_means_the_alert_that_was_named(
    store_path, ids, decided, view
):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "space", "k", view)
        send(app, "space", "g")
        await press(pilot, "f")
        assert app.session.order.current == ids[1]
    assert decided() == [(ids[0], "good")]


async def test_a_mark_taken_off_at_the_pages_end_leads_to_a_line_not_yet_seen(store_path, ids, decided):
    async with scanning(store_path, size=(100, 20)) as (app, pilot):
        _, last = app.screen.alerts.in_view
        await press(pilot, *["j"] * last, "space", "k")
        assert app.session.order.current == ids[last]
        while app.screen.alerts.in_view[1] > last:  # that line is the page's last one again
            app.screen.alerts.scroll_to(y=app.screen.alerts.scroll_y - 1, animate=False, force=True)
            await pilot.pause()
        send(app, "space", "g")
        await press(pilot, "f")
        assert app.session.order.current == ids[last + 1]
    assert decided() == [(ids[last], "good")]


@pytest.mark.parametrize("view", WITHOUT_LIST)
async def test_a_view_opened_right_after_steps_names_the_alert_stepped_to(
    store_path, ids, decided, view, monkeypatch
):
    # While a key is held, curve and headline follow now and again: here, not before this test is over.
    monkeypatch.setattr("vra_tui.tui.room.showing._HELD_PANES", 60.0)
    async with scanning(store_path) as (app, _):
        send(app, "j", "j", "j", view)
        await until(app, lambda: app.screen.view is not View.SCAN, "no view opened")
        await until_placed(app)
        assert app.session.order.current == ids[3]
        assert name_on_screen(app) == app.session.current_row().name.removeprefix("ATLAS")


async def test_the_list_stands_where_it_stood_when_it_comes_back(store_path):
    async with scanning(store_path, size=(100, 20)) as (app, pilot):
        await press(pilot, *"jjjjj")
        view, columns = app.screen.alerts.in_view, app.screen.alerts.columns
        await press(pilot, "enter", "j", "k", "k")
        assert app.screen.alerts.columns == columns
        await press(pilot, "enter")
        assert app.screen.alerts.in_view == view
        await press(pilot, "enter", "end", "enter")
        await until(app, lambda: app.screen.alerts.in_view[1] == 29, "the page was not turned to the cursor")


@pytest.mark.parametrize("view", WITHOUT_LIST)
async def test_what_another_scanner_decides_is_told_where_no_list_is_shown(store_path, view):
    second = Others(store_path)
    async with scanning(store_path, size=(100, 20)) as (app, pilot):
        await press(pilot, *"jjjjj", view, "j")
        second.decide(app.session.order.current - FIRST_ID, "attic")
        await look(pilot)
        assert "ben has decided this one: attic" in "\n".join(shown(app))
    second.store.close()


@pytest.mark.parametrize("size", [(20, 6), (24, 12), (44, 12), (60, 20)])
async def test_the_headline_names_the_alert_at_every_width(store_path, size):
    async with scanning(store_path, size=size) as (app, pilot):
        await press(pilot, "j", "enter")
        await until_placed(app)
        assert name_on_screen(app) == app.session.current_row().name.removeprefix("ATLAS")
