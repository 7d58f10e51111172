"""The context scrolls by keys and wheel at any size, and begins anew with another alert."""

import re

import pytest
from textual import events

from tests.tui.conftest import press, scanning
from vra_tui.tui.context.pane import in_view
from vra_tui.tui.spans import text_of


def lines_of(app):
    return [text_of(line) for line in app.screen.context.lines]


async def wheel(app, pilot, event):
    pane = app.screen.context
    pane.post_message(event(pane, 1, 1, 0, 1, 0, False, False, False))
    await pilot.pause()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (200, 60), (60, 20)])
async def test_all_of_it_can_be_scrolled_to_and_back(store_path, size):
    async with scanning(store_path, size=size) as (app, _):
        pane = app.screen.context
        first = lines_of(app)
        seen = set()
        while lines_of(app)[-1].endswith("more"):
            seen |= set(lines_of(app)[:-1])
            before = lines_of(app)
            pane.scroll_lines(1)
            assert lines_of(app) != before
        text = "\n".join([*seen, *lines_of(app)])
        for label in ("why", "place", "quality", "context"):
            assert label in text
        pane.scroll_lines(-1_000)
        assert lines_of(app) == first


async def test_the_wheel_scrolls_and_the_cursor_stays(store_path):
    async with scanning(store_path) as (app, pilot):
        before, alert = lines_of(app), app.session.order.current
        await wheel(app, pilot, events.MouseScrollDown)
        assert lines_of(app) != before
        assert app.session.order.current == alert
        await wheel(app, pilot, events.MouseScrollUp)
        assert lines_of(app) == before


async def test_another_alert_begins_with_its_first_line(store_path):
    async with scanning(store_path, size=(80, 24)) as (app, pilot):
        app.screen.context.scroll_lines(4)
        assert not lines_of(app)[0].startswith("why")
        await press(pilot, "j")
        assert lines_of(app)[0].startswith("why")


@pytest.mark.parametrize("width", range(30, 60))
def test_beside_the_sign_that_there_is_more_a_number_stands_whole_or_not_at_all(width):
    line = [("rise ", "label"), ("0.19 ± 0.02", "value"), (" a day", "text"), ("  ", "text"),
            ("not there ", "text"), ("2.5 d", "value"), (" ago", "text")]  # fmt: skip
    (shown,) = in_view([line, []], 0, width, 1, "M")
    text = text_of(shown)
    assert len(text) == width
    told = text.removesuffix(" M more").removesuffix(" M").rstrip()
    one = in_view(
        [[("others ", "label"), ("Sherlock SN, a supernova in a galaxy", "text")], []], 0, width, 1, "M"
    )
    assert re.search(r"(Sherlock|SN,|a|supernova|in|galaxy)…? +M( more)?$", text_of(one[0]))
    assert told in ("rise 0.19 ± 0.02 a day", "rise 0.19 ± 0.02 a day  not there 2.5 d ago")
