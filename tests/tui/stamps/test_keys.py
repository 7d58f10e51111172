"""The keys of stamps, pressed in the room."""

import asyncio

import pytest

from tests.tui.stamps.test_pane import NAMES, stamps_store  # noqa: F401
from vra_tui.tui.app import ScanApp
from vra_tui.tui.room.layout import View
from vra_tui.tui.settings import Settings


@pytest.fixture
async def room(stamps_store):  # noqa: F811
    app = ScanApp(stamps_store, scanner="amy", list_name="eyeball", settings=Settings(theme="dark"))
    async with app.run_test(size=(120, 40)) as pilot:
        first = app.session.order.current
        async with asyncio.timeout(60):
            while app.screen.stamps.alert_id != first:
                await asyncio.sleep(0.01)
        while app.session.current_name()[1] != NAMES[0]:
            await pilot.press("j")
        async with asyncio.timeout(60):
            while app.screen.stamps.alert_id != app.session.order.current:
                await asyncio.sleep(0.01)
        yield app, pilot
    app.close_store()


def last_line(pane) -> str:
    lines = ["".join(one.text for one in pane.render_line(y)) for y in range(pane.size.height)]
    return next(line for line in lines if "sci" in line or "difference" in line)


async def test_a_key_gives_stamps_the_whole_screen_and_takes_it_back(room):
    app, pilot = room
    beside = app.screen.stamps.size
    await pilot.press("Z")
    await pilot.pause()
    assert (app.screen.view, app.screen.stamps.size.width) == (View.STAMPS, 120)
    await pilot.press("Z")
    await pilot.pause()
    assert app.screen.view is View.SCAN
    assert app.screen.stamps.size == beside


async def test_keys_step_through_time(room):
    app, pilot = room
    assert "2/2" in last_line(app.screen.stamps)
    await pilot.press("less_than_sign")
    async with asyncio.timeout(60):
        while "1/2" not in last_line(app.screen.stamps):
            await asyncio.sleep(0.01)
    await pilot.press("greater_than_sign", "greater_than_sign")
    await pilot.pause()
    assert "2/2" in last_line(app.screen.stamps)


async def test_a_key_opens_the_sheet_over_the_whole_screen_and_closes_it(room):
    app, pilot = room
    await pilot.press("H")
    await pilot.pause()
    assert app.screen.view is View.STAMPS
    assert app.screen.stamps.look.sheet
    await pilot.press("H")
    await pilot.pause()
    assert not app.screen.stamps.look.sheet


async def test_contrast_and_order_have_keys(room):
    app, pilot = room
    await pilot.press("plus", "plus", "minus", "B")
    assert (app.screen.stamps.look.contrast, app.screen.stamps.look.turn) == (1, 1)


async def test_a_decision_under_the_whole_screen_means_the_alert_that_is_shown(room):
    app, pilot = room
    await pilot.press("Z")
    await pilot.pause(0.3)
    shown = app.screen.stamps.alert_id
    await pilot.press("g")
    async with asyncio.timeout(60):
        while not app.session.recent:
            await asyncio.sleep(0.01)
    assert app.session.recent[0].alert_id == shown
    async with asyncio.timeout(60):
        while app.screen.stamps.alert_id == shown:
            await asyncio.sleep(0.01)
