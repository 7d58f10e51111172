"""Panes are drawn to the places that they have, however views follow each other."""

import pytest

from tests.tui.conftest import press, scanning
from tests.tui.stamps.test_pane import stamps_store  # noqa: F401
from vra_tui.tui.context.pane import in_view, pane_lines
from vra_tui.tui.room.layout import View
from vra_tui.tui.spans import text_of


def texts(lines):
    return [text_of(line).rstrip() for line in lines]


@pytest.mark.parametrize("view", [View.STAMPS, View.AROUND, View.CURVE, View.CONTEXT])
async def test_panes_fit_their_places_though_somebody_asked_where_they_are_before_the_layout(
    stamps_store,  # noqa: F811
    view,
):
    async with scanning(stamps_store, size=(120, 40)) as (app, pilot):
        room = app.screen
        before = texts(room.curve.lines)
        room.show_view(view)
        await pilot.pause()
        await press(pilot, "j")  # panes out of sight take up another alert
        await press(pilot, "k")
        room._compositor.update_widgets({room.curve, room.table})  # as a pane that is out of sight does
        room.show_view(View.SCAN)
        assert room.headline.region.width  # asked between the change and its layout
        await pilot.pause(0.2)
        pane = room.context
        made = list(pane_lines(pane._facts, *pane.size))
        assert texts(pane.lines) == texts(in_view(made, 0, *pane.size, pane.more_key))
        assert texts(room.curve.lines) == before
        assert "18.40" in text_of(room.headline.lines[0])
