"""The pane shows the stamps of the alert that it was told last, writes what differs, and never waits."""

import asyncio
import threading
from dataclasses import replace

import numpy as np
import pytest
from textual.app import App

from tests.tui.made import T0, an_alert, put
from tests.tui.stamps.made import triplets
from tests.tui.stamps.test_kitty import KittyTerminal
from vra_tui.domain.alert import Stamp, StampKind
from vra_tui.store.connection import open_store
from vra_tui.store.detail import alert_detail
from vra_tui.store.finding import find_alerts
from vra_tui.surveys import installed_surveys
from vra_tui.tui.stamps import shelf as shelf_module
from vra_tui.tui.stamps.pane import StampPane

NAMES = ("ZTF26aaaaaaa", "ZTF26bbbbbbb", "ZTF26ccccccc")


@pytest.fixture
def stamps_store(tmp_path):
    """Three alerts: with two exposures of stamps, with one that is no FITS, with none."""
    path = tmp_path / "stamps.db"
    store = open_store(path)
    first, second = (
        [Stamp(StampKind(kind), data, T0 + day) for kind, data in triplet.items()]
        for day, triplet in enumerate(triplets("ztf", 2))
    )
    broken = [Stamp(StampKind.SCIENCE, b"\x1b]0;owned\x07", T0)]
    for at, (name, stamps) in enumerate(zip(NAMES, ([*first, *second], broken, []), strict=True)):
        put(store, replace(an_alert("ztf", name, arcsec=100.0 * at), stamps=tuple(stamps)))
    store.close()
    return path


class Shown(App):
    """A screen of one pane."""

    CSS = "StampPane { width: 65; height: 12; } Shown.-full StampPane { width: 100%; height: 100%; }"

    def __init__(self, path, **more) -> None:
        super().__init__(ansi_color=True)
        self.pane = StampPane(path, installed_surveys(), lambda: T0 + 3.0, **more)
        store = open_store(path, create=False)
        self.details = [alert_detail(store, find_alerts(store, name)[0]) for name in NAMES]
        store.close()

    def compose(self):
        yield self.pane

    def on_mount(self):
        self.pane.set_styles_of("dark")

    async def arrived(self, alert) -> None:
        """Wait until the pane shows an alert; a test that waits in vain fails."""
        async with asyncio.timeout(60):
            while self.pane.alert_id != alert.row.alert_id:
                await asyncio.sleep(0.01)

    def greys(self) -> list[list[tuple[int, int, str]]]:
        """Colours above and below of each cell of the pictures, by whichever half block."""
        rows = []
        for y in range(self.pane.size.height - 1):
            row: list[tuple[int, int, str]] = []
            for text, style, _ in self.pane.render_line(y):
                front, back = style.color.number, style.bgcolor.number
                halves = {"▀": (front, back, ""), "▄": (back, front, ""), " ": (back, back, "")}
                row += [halves.get(sign, (back, back, sign)) for sign in text]
            rows.append(row)
        return rows

    def text(self) -> list[str]:
        return ["".join(one.text for one in self.pane.render_line(y)) for y in range(self.pane.size.height)]


async def test_the_latest_exposure_is_shown_and_keys_step_through_time(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        await pilot.pause()
        latest = app.greys()
        assert "2/2" in app.text()[11]
        assert not app.pane.step_time(1)
        assert app.pane.step_time(-1)
        async with asyncio.timeout(60):
            while "1/2" not in app.text()[11]:
                await asyncio.sleep(0.01)
        assert app.greys() != latest
        assert not app.pane.step_time(-1)
        assert app.pane.step_time(1)
        await pilot.pause()
        assert app.greys() == latest
        assert "2/2" in app.text()[11]


async def test_another_alert_replaces_all_of_the_one_before(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        fresh = []
        for detail in (*app.details, *app.details):
            app.pane.show_alert(detail)
            await app.arrived(detail)
            await pilot.pause()
            fresh.append(app.text())
        assert fresh[:3] == fresh[3:]
        assert "no FITS" in "".join(fresh[1])
        assert "no stamps" in "".join(fresh[2])
        assert "owned" not in "".join(fresh[1])


async def test_of_alerts_told_in_haste_the_last_one_is_shown(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(20):
            app.pane.show_alert(app.details[1])
            app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        await asyncio.sleep(0.1)
        await pilot.pause()
        assert app.pane.alert_id == app.details[0].row.alert_id
        assert "2/2" in app.text()[11]


async def test_prepared_stamps_are_there_at_once(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)):
        row = app.details[0].row
        app.pane.prepare([(row.alert_id, row.survey)])
        async with asyncio.timeout(60):
            while app.pane._shelf.held(row.alert_id) is None:
                await asyncio.sleep(0.01)
        app.pane.show_alert(app.details[0])
        assert app.pane.alert_id == row.alert_id


async def test_the_same_alert_again_writes_nothing(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        await pilot.pause()
        regions: list = []
        app.pane.refresh = lambda *more, **kind: regions.extend(more)  # type: ignore[method-assign]
        app.pane.show_alert(app.details[0])
        app.pane._draw()
        assert not regions


async def test_new_stamps_of_the_same_alert_are_shown(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_alert(app.details[2])
        await pilot.pause()
        store = open_store(stamps_store)
        more = [Stamp(StampKind(kind), data, T0) for kind, data in triplets("ztf")[0].items()]
        put(store, replace(an_alert("ztf", NAMES[2], arcsec=200.0), stamps=tuple(more)))
        detail = alert_detail(store, app.details[2].row.alert_id)
        store.close()
        app.pane.show_alert(detail)
        async with asyncio.timeout(60):
            while "science" not in app.text()[11] and "sci" not in app.text()[11]:
                await asyncio.sleep(0.01)


async def test_contrast_and_order_stay_from_alert_to_alert(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)):
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        assert [app.pane.contrast(1) for _ in range(5)] == [True, True, True, False, False]
        app.pane.other_picture()
        app.pane.show_alert(app.details[1])
        assert (app.pane.look.contrast, app.pane.look.turn) == (3, 1)


@pytest.mark.parametrize(("theme", "ascii"), [("terminal", False), ("terminal", True), ("dark", True)])
async def test_without_greys_pictures_are_shades(stamps_store, theme, ascii):
    app = Shown(stamps_store, ascii=ascii)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.set_styles_of(theme)
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        await pilot.pause()
        text = "".join(app.text())
        assert "▀" not in text
        assert not ascii or text.isascii()
        assert set(text) & set("@#%*" if ascii else "▓█")


async def test_under_no_color_pictures_are_shades_in_every_theme(stamps_store, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        for theme in ("dark", "light", "contrast", "terminal"):
            app.pane.set_styles_of(theme)
            app.pane.show_alert(app.details[0])
            await app.arrived(app.details[0])
            await pilot.pause()
            text = "".join(app.text())
            assert "▀" not in text
            assert set(text) & set("▓█")


async def test_a_light_theme_shows_the_negative_of_the_dark_one(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        greys = {}
        for theme in ("dark", "light"):
            app.pane.set_styles_of(theme)
            await pilot.pause()
            strip = app.pane.render_line(5).crop(0, 65)
            greys[theme] = [one.style.bgcolor.number for one in strip for _ in one.text]
        dark, light = np.array(greys["dark"]), np.array(greys["light"])
        assert dark.max() <= 255
        assert (light[dark == 236] == 251).all()


async def test_on_the_full_screen_a_terminal_with_graphics_gets_pixels_and_they_go_with_it(stamps_store):
    app = Shown(stamps_store, kitty=True)
    async with app.run_test(size=(80, 24)) as pilot:
        terminal, written = KittyTerminal(), []
        app._driver.write = written.append  # type: ignore[method-assign, union-attr]

        async def settled() -> None:
            await pilot.pause(0.3)
            terminal.feed("".join(text for text in written if "\x1b_G" in text))
            written.clear()

        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        await settled()
        assert not terminal.pictures  # beside the list they are blocks
        app.pane.set_full(True)
        await settled()
        assert len(terminal.pictures) == 3
        app.pane.show_alert(app.details[2])
        await settled()
        assert not terminal.pictures  # an alert without stamps
        app.pane.show_alert(app.details[0])
        await settled()
        assert len(terminal.pictures) == 3
        app.pane.set_full(False)
        await settled()
        assert not terminal.pictures


async def test_pictures_are_taken_away_below_another_screen(stamps_store):
    from textual.screen import Screen

    app = Shown(stamps_store, kitty=True)
    async with app.run_test(size=(80, 24)) as pilot:
        terminal, written = KittyTerminal(), []
        app._driver.write = written.append  # type: ignore[method-assign, union-attr]
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        app.pane.set_full(True)
        for screens, pictures in ((0, 3), (1, 0), (0, 3)):
            if screens:
                await app.push_screen(Screen())
            elif len(app.screen_stack) > 1:
                app.pop_screen()
            await pilot.pause(0.5)
            terminal.feed("".join(text for text in written if "\x1b_G" in text))
            written.clear()
            assert len(terminal.pictures) == pictures


async def test_pictures_can_be_off(stamps_store):
    app = Shown(stamps_store, images=False)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        await pilot.pause()
        assert "pictures are off" in "".join(app.text())


async def test_stamps_of_another_alert_do_not_stay_while_the_store_is_slow(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        waiting = threading.Event()
        app.pane._shelf._pool.submit(waiting.wait, 60)  # a store that takes its time
        app.pane.show_alert(app.details[1])
        async with asyncio.timeout(60):
            while "reading" not in "".join(app.text()):
                await asyncio.sleep(0.02)
        assert "▀" not in "".join(app.text())
        waiting.set()
        await app.arrived(app.details[1])
        await pilot.pause()
        assert "no FITS" in "".join(app.text())


async def test_an_alert_that_goes_takes_its_stamps_with_it(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        app.pane.show_alert(None)
        await pilot.pause()
        assert not "".join(app.text()).strip()
        app.pane.show_alert(app.details[0])
        await pilot.pause()
        assert "2/2" in app.text()[11]


async def test_an_alert_without_stamps_has_those_of_another_survey_at_its_place(stamps_store):
    store = open_store(stamps_store)
    put(store, an_alert("atlas", "1000000000000000001", arcsec=0.5), an_alert("lsst", "77", arcsec=100.4))
    details = [alert_detail(store, find_alerts(store, name)[0]) for name in ("1000000000000000001", "77")]
    store.close()
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_alert(details[0])
        await app.arrived(details[0])
        await pilot.pause()
        assert app.text()[11].startswith("ZTF sci")
        borrowed = app.greys()
        assert app.pane.step_time(-1)
        async with asyncio.timeout(60):
            while app.greys() == borrowed:
                await asyncio.sleep(0.01)
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        await pilot.pause()
        assert app.greys() == borrowed
        assert not app.text()[11].startswith("ZTF")
        app.pane.show_alert(details[1])
        await app.arrived(details[1])
        await pilot.pause()
        assert "no FITS" in "".join(app.text())


async def test_what_a_sheet_shows_is_read_once_however_little_is_kept(stamps_store, monkeypatch):
    monkeypatch.setattr(shelf_module, "_MOST_AT_ONCE", 1)
    monkeypatch.setattr(shelf_module, "_MOST_KEPT", 60_000)
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.set_full(True)
        app.pane.contact_sheet()
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        async with asyncio.timeout(60):
            while sorted(app.pane._stamps.pictures) != [0, 1]:
                await asyncio.sleep(0.01)
        await pilot.pause()
        asked: list = []
        monkeypatch.setattr(app.pane, "_fetch", asked.append)
        app.pane._draw()
        await pilot.pause(0.2)
        assert not asked
        assert sorted(app.pane._stamps.pictures) == [0, 1]


async def test_stamps_that_are_deleted_while_they_are_shown_do_not_end_the_screen(stamps_store):
    app = Shown(stamps_store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_alert(app.details[0])
        await app.arrived(app.details[0])
        store = open_store(stamps_store)
        store.execute("DELETE FROM stamps WHERE mjd > ?", (T0 + 0.5,))
        store.commit()
        store.close()
        app.pane.set_full(True)
        app.pane.contact_sheet()  # asks for the other exposure
        async with asyncio.timeout(60):
            while len(app.pane._stamps.epochs) != 1:
                await asyncio.sleep(0.01)
        await pilot.pause()
        assert "1 of 1, the latest" in "\n".join(app.text())
