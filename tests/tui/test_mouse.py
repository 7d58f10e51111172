"""The mouse: a click moves the cursor or opens a list, the wheel moves the view; none of it is needed."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual.scrollbar import ScrollTo

from tests.tui.conftest import look, name_on_screen, press, scanning, shown, until_placed
from tests.tui.test_interleaving import KEYS, SIZES, Others
from vra_tui.tui.alert_list import AlertList


async def wheel(pilot, times, down=True):
    """Turn the wheel over the list; a notch is three lines or so."""
    kind = events.MouseScrollDown if down else events.MouseScrollUp
    for _ in range(times):
        await pilot._post_mouse_events([kind], AlertList, offset=(5, 1), button=0)
    await pilot.pause()


def cursor_is_in_view(app):
    first, last = app.screen.alerts.in_view
    return first <= app.session.order.cursor <= last


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


async def test_the_wheel_moves_the_view_and_a_cursor_in_view_stays(store_path, ids):
    async with scanning(store_path, size=(100, 20)) as (app, pilot):
        await press(pilot, *"jjjjjj")
        await wheel(pilot, 1)
        assert app.screen.alerts.in_view[0] > 0
        assert app.session.order.current == ids[6]


async def test_the_wheel_takes_the_cursor_along_and_a_letter_decides_what_is_seen(store_path, ids, decided):
    async with scanning(store_path, size=(100, 20)) as (app, pilot):
        await wheel(pilot, 4)
        assert cursor_is_in_view(app)
        read, row = name_on_screen(app), app.session.order.current
        assert read is not None
        assert row != ids[0]
        await press(pilot, "g")
        assert f"ATLAS{read}" in "\n".join(shown(app))
        await press(pilot, "end")
        await wheel(pilot, 20, down=False)
        assert app.screen.alerts.in_view[0] == 0
        assert cursor_is_in_view(app)
    assert decided() == [(row, "good")]


async def test_a_dragged_scrollbar_takes_the_cursor_along(store_path, ids, decided):
    async with scanning(store_path, size=(100, 20)) as (app, pilot):
        app.screen.alerts.post_message(ScrollTo(y=12, animate=False))
        await pilot.pause()
        first, _ = app.screen.alerts.in_view
        assert app.session.order.current == ids[first] != ids[0]
        await press(pilot, "g")
    assert decided() == [(ids[first], "good")]


async def test_what_is_beside_the_list_is_of_the_alert_that_the_wheel_led_to(store_path):
    async with scanning(store_path, size=(120, 20)) as (app, pilot):
        await wheel(pilot, 5)
        await press(pilot, "escape")
        assert app.screen.curve.light_curve is not None
        assert name_on_screen(app) in "\n".join(line[40:] for line in shown(app)[1:])


steps = st.one_of(
    st.tuples(st.just("wheel"), st.integers(-6, 6)),
    st.tuples(st.just("drag"), st.integers(0, 40)),
    st.tuples(st.just("decide"), st.sampled_from(sorted(KEYS))),
    st.tuples(
        st.just("key"), st.sampled_from("j,k,tab,end,home,pagedown,pageup,u,r,o,Z,N,M,enter".split(","))
    ),
    st.tuples(st.just("arrive"), st.floats(0.2, 0.999)),
    st.tuples(st.just("resize"), st.tuples(st.integers(60, 130), st.integers(12, 40))),
    st.tuples(st.just("resize"), st.sampled_from(SIZES)),
)


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=6, max_size=16))
async def test_wheel_keys_and_arrivals_in_any_order_decide_the_line_that_was_read(
    template_store, tmp_path_factory, steps
):
    path = tmp_path_factory.mktemp("wheel") / "screen.db"
    shutil.copy(template_store, path)
    others = Others(path)
    expected: list[tuple[str, str]] = []
    async with scanning(path, size=(100, 20)) as (app, pilot):
        for kind, value in steps:
            await until_placed(app)
            if kind in ("wheel", "drag") and not app.screen.shows_list:
                continue
            if kind == "wheel":
                await wheel(pilot, abs(value), down=value > 0)
            elif kind == "drag":
                app.screen.alerts.post_message(ScrollTo(y=value, animate=False))
                await pilot.pause()
            elif kind == "arrive":
                others.arrive(value)
                await look(pilot)
            elif kind == "resize":
                await pilot.resize_terminal(*value)
                await pilot.pause()
            elif kind == "decide":
                expected.append((name_on_screen(app), KEYS[value]))
                await press(pilot, value)
            else:
                await press(pilot, value)
            if len(app.session.order):
                await until_placed(app)
                assert cursor_is_in_view(app), (kind, value)
                assert name_on_screen(app) is not None, (kind, value)
    kept = others.store.execute(
        """SELECT substr(name, 6), list FROM decisions JOIN alerts USING (alert_id)
        WHERE list IS NOT NULL AND scanner = 'amy' ORDER BY sequence"""
    ).fetchall()
    others.store.close()
    assert [tuple(row) for row in kept] == expected
