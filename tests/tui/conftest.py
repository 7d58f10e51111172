"""A small scored store for the screen, and a screen on it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual import events
from textual.keys import _character_to_key

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects, score_all, tns_report
from vra_tui.store.connection import open_store
from vra_tui.store.query import query_ids
from vra_tui.tui.app import ScanApp
from vra_tui.tui.palette import styles_of
from vra_tui.tui.prompt import Prompt
from vra_tui.tui.room.layout import regions
from vra_tui.tui.settings import Settings

#: So long is waited for what must come, seconds: no test waits so long unless it fails.
PATIENCE = 60.0


def make_store(path: Path, alerts: int, first: int = 0) -> None:
    """``alerts`` undecided alerts, best rank first in the order of their numbers."""
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    store = open_store(path)
    objects = [
        api_object(number, tns_crossmatches=[tns_report()] if number == 0 else [])
        for number in range(first, first + alerts)
    ]
    ingest_objects(store, objects, clock)

    def preal(table: Any) -> Any:
        return 0.99 - 0.002 * (np.asarray(table.alert_id) - FIRST_ID)

    score_all(store, clock, preal=preal, pgal=0.05)
    store.close()


@pytest.fixture(scope="session")
def template_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; tests work on copies."""
    path = tmp_path_factory.mktemp("screen") / "template.db"
    make_store(path, 30)
    return path


@pytest.fixture
def store_path(template_store: Path, tmp_path: Path) -> Path:
    """A store of thirty scored alerts."""
    path = tmp_path / "screen.db"
    path.write_bytes(template_store.read_bytes())
    return path


@pytest.fixture
def only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen looks when the test says so."""
    monkeypatch.setattr("vra_tui.tui.room.base._POLL", 3_600.0)


@pytest.fixture
def others(store_path: Path) -> Iterator[Any]:
    """A connection of another program."""
    store = open_store(store_path)
    yield store
    store.close()


@pytest.fixture
def ids(store_path: Path) -> list[int]:
    """The alerts in the order in which the screen opens."""
    store = open_store(store_path)
    try:
        return query_ids(store, Settings().query).tolist()
    finally:
        store.close()


@pytest.fixture
def decided(store_path: Path) -> Iterator[Callable[[], list[tuple[int, str | None]]]]:
    """Gives all decisions in the store, in order: (alert_id, list), the list None for an undo."""
    store = open_store(store_path)

    def read() -> list[tuple[int, str | None]]:
        return [tuple(row) for row in store.execute("SELECT alert_id, list FROM decisions ORDER BY sequence")]

    yield read
    store.close()


@asynccontextmanager
async def scanning(path: Path, size: tuple[int, int] = (120, 40), **options: Any) -> Any:
    """A running screen: ``async with scanning(path) as (app, pilot)``."""
    app = ScanApp(path, scanner="amy", **{"theme": "dark", **options})
    try:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield app, pilot
    finally:
        app.close_store()


async def press(pilot: Any, *keys: str) -> None:
    """Press keys as a scanner does who waits to see what a key did before pressing the next.

    `Pilot.press` sleeps for 40 ms a key; this waits for the screen and for nothing else.
    """
    app = pilot.app
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        character = key if len(key) == 1 else None
        app.post_message(events.Key(name, character))
        for _ in range(2):  # the second time for what the first brought up
            await pilot._wait_for_screen()
        if name == "enter":
            await pilot.pause()
        await until(app, lambda: is_settled(app), f"the screen did not come to rest after {key!r}")


def shown(app: ScanApp) -> list[str]:
    """The lines of text on the screen."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def until_placed(app: ScanApp) -> None:
    """Wait until all panes stand where the open view has them, at the size that the terminal has."""

    def is_placed() -> bool:
        screen = app.screen
        places = regions(screen.size, screen._places.wanted)  # type: ignore[attr-defined]
        return all(screen.query_one(f"#{pane}").region == place for pane, place in places.items())

    await until(app, is_placed, "the panes did not come to where they belong")


def name_on_screen(app: ScanApp) -> str | None:
    """Read the name of the alert that a letter would decide, without ``ATLAS``: as a scanner does."""
    pointed = styles_of("dark")["cursor_strong"].bgcolor
    for strip in app.screen._compositor.render_strips():
        for text, style, _ in strip:
            if style is not None and style.bgcolor == pointed and len(text.split()) > 1:
                return text.split()[-1].removeprefix("A")
    place = app.screen.query_one("#headline").region
    named = shown(app)[place.y][place.x : place.right].split() if place.area else []
    return next((word.removeprefix("ATLAS") for word in named if word.startswith("ATLAS")), None)


def is_settled(app: ScanApp) -> bool:
    """Whether what the last key did is on the screen, and the next one finds who takes it."""
    screen = app.screen
    takes_keys = not isinstance(screen, Prompt) or screen.focused is not None
    return takes_keys and getattr(screen, "is_steady", True)


async def until(
    app: ScanApp,
    reached: Callable[[], bool],
    why: str,
    meanwhile: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0.002),
) -> None:
    """Wait as long as a busy machine may take. Raises AssertionError with ``why`` and what is shown."""
    end = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > end:
            raise AssertionError(f"{why} ({type(app.screen).__name__}):\n" + "\n".join(shown(app)))
        await meanwhile()


async def until_shown(app: ScanApp, text: str) -> None:
    """Wait until a text stands on the screen. Raises AssertionError, see `until`."""
    await until(app, lambda: text in "\n".join(shown(app)), f"{text!r} did not come")


async def look(pilot: Any) -> None:
    """Let the screen look for what other programs wrote, once, and show it."""
    screen = pilot.app.screen
    # The clock's own look may be under way, and know less.
    await until(pilot.app, lambda: not screen._looking, "a look did not end")
    await screen._poll()
    await pilot.pause()
