"""A pane draws itself as Textual would: it only leaves out what Textual does for what a pane has not."""

import pytest
from textual.geometry import Region

from tests.tui.conftest import scanning
from vra_tui.tui.pane import Bare
from vra_tui.tui.rows import RowCache


def looks(strips):
    """Each cell's character, colours and weight."""
    return [
        [
            (character, style.color, style.bgcolor, style.bold, style.reverse, style.link)
            for text, style, _ in strip
            for character in text
        ]
        for strip in strips
    ]


@pytest.mark.parametrize("no_color", [False, True])
@pytest.mark.parametrize("size", [(120, 40), (80, 24), (44, 12)])
async def test_every_pane_is_drawn_as_textual_draws_it(store_path, monkeypatch, size, no_color):
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    async with scanning(store_path, size=size) as (app, _):
        panes = [pane for pane in app.screen.query(Bare) if pane.is_on_screen and pane.size.area]
        assert len(panes) > 3
        for pane in panes:
            width, height = pane.scrollable_content_region.size  # the scrollbar draws itself
            for crop in (Region(0, 0, width, height), Region(width // 3, height // 2, width // 2, 1)):
                assert looks(pane.render_lines(crop)) == looks(super(Bare, pane).render_lines(crop))


async def test_what_is_decided_leaves_the_drawn_light_curves(store_path):
    async with scanning(store_path, size=(160, 40)) as (app, _):
        rows: RowCache = app.session.rows
        alert_id = app.session.order.current
        before = rows.spark(alert_id)
        assert before
        kept = dict(rows._sparks)
        rows.forget([alert_id])
        assert rows._sparks == kept
        assert rows.spark(alert_id) == before
