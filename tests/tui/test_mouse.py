"""The mouse: a click moves the cursor or opens a list, the wheel moves the view; none of it is needed."""

from textual import events

from tests.tui.conftest import press, scanning
from vra_tui.tui.alert_list import AlertList


async def test_a_click_on_a_line_moves_the_cursor_there(store_path, ids, decided):
    async with scanning(store_path) as (app, pilot):
        await pilot.click(AlertList, offset=(8, 4))
        assert app.session.order.current == ids[4]
        await press(pilot, "g")
    assert decided() == [(ids[4], "good")]


async def test_a_click_on_a_lists_name_opens_it(store_path):
    async with scanning(store_path) as (app, pilot):
        await pilot.click("#tabs", offset=(20, 0))
        await pilot.pause()
        await press(pilot, "k")
        assert app.session.query.list_name in ("fasttrack", "extragalactic")


async def test_the_wheel_moves_the_view_and_the_cursor_stays(store_path, ids):
    async with scanning(store_path, size=(100, 20)) as (app, pilot):
        await pilot._post_mouse_events([events.MouseScrollDown], AlertList, offset=(5, 5), button=0)
        await pilot.pause()
        assert app.screen.alerts.in_view[0] > 0
        assert app.session.order.current == ids[0]
