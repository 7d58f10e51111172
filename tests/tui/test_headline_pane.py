"""The headline: it says which alert was named when it was drawn last."""

from textual.app import App
from textual.geometry import Size

from vra_tui.tui.headline_pane import HeadlinePane


class _Host(App[None]):
    CSS = "HeadlinePane { height: 1; }"

    def compose(self):
        yield HeadlinePane(id="headline")


def line_of(name):
    return lambda width: [(f"{name} in {width}", "title")]


async def test_an_alert_counts_as_named_once_it_was_drawn():
    async with _Host().run_test(size=(30, 5)) as pilot:
        pane = pilot.app.query_one(HeadlinePane)
        pane.show_name(1, line_of("first"))
        assert pane.drawn is None
        await pilot.pause()
        assert pane.drawn == 1
        pane.show_name(2, line_of("second"))
        assert pane.drawn == 1
        await pilot.pause()
        assert pane.drawn == 2


async def test_an_alert_of_the_very_same_words_is_named_already():
    async with _Host().run_test(size=(30, 5)) as pilot:
        pane = pilot.app.query_one(HeadlinePane)
        pane.show_name(1, line_of("twins"))
        await pilot.pause()
        pane.show_name(2, line_of("twins"))
        assert pane.drawn == 2


async def test_it_is_written_anew_for_another_width():
    async with _Host().run_test(size=(30, 5)) as pilot:
        pane = pilot.app.query_one(HeadlinePane)
        pane.show_name(1, line_of("first"))
        await pilot.pause()
        assert pane.render_line(0).text.rstrip() == "first in 30"
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert pane.render_line(0).text.rstrip() == "first in 20"


async def test_what_is_drawn_holds_the_name_also_before_a_new_size_was_told(monkeypatch):
    async with _Host().run_test(size=(30, 5)) as pilot:
        pane = pilot.app.query_one(HeadlinePane)
        pane.show_name(1, line_of("first"))
        await pilot.pause()
        monkeypatch.setattr(HeadlinePane, "size", Size(12, 1))
        assert pane.render_line(0).text.rstrip() == "first in 12"
