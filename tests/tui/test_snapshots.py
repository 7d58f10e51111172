"""Whole screens, compared with pictures taken before: wide, narrow, light, and without colour.

After a change that is meant: `pytest tests/tui/test_snapshots.py --snapshot-update`, and look at them.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories import Clock
from tests.tui.conftest import press, shown, until
from vra_tui.tui.app import ScanApp


@pytest.fixture
def screen(store_path) -> Iterator[Callable[..., ScanApp]]:
    """Makes a screen on the small store, at a time that stands still but for a second a look."""
    apps: list[ScanApp] = []

    def make(**options: Any) -> ScanApp:
        apps.append(
            ScanApp(store_path, scanner="amy", clock=Clock(datetime(2026, 1, 2, tzinfo=UTC)), **options)
        )
        return apps[-1]

    yield make
    for app in apps:
        app.close_store()


def keys(*names: str) -> Callable[[Any], Any]:
    async def before(pilot: Any) -> None:
        await press(pilot, *names)
        # The first look at the store, beside the keys, brings the counts of the lists.
        await until(pilot.app, lambda: has_counts(pilot.app), "the lists were not counted")
        await pilot.pause()

    return before


def has_counts(app: ScanApp) -> bool:
    """Whether the tabs show numbers, where there are tabs."""
    tabs = shown(app)[0]
    return " eye " not in tabs or re.search(r" eye \d", tabs) is not None


def test_wide(snap_compare, screen):
    assert snap_compare(
        screen(theme="dark"), terminal_size=(120, 40), run_before=keys("g", "t", "j", "p", "k")
    )


def test_narrow(snap_compare, screen):
    assert snap_compare(screen(theme="dark"), terminal_size=(80, 24), run_before=keys("g", "t", "space"))


def test_light_with_the_light_curve_over_the_whole_screen(snap_compare, screen):
    app = screen(theme="light")
    assert snap_compare(app, terminal_size=(120, 40), run_before=keys("g", "enter", "l", "h"))


def test_without_colour(snap_compare, screen, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = screen()
    assert app.settings.theme == "terminal"
    assert snap_compare(app, terminal_size=(100, 30), run_before=keys("g", "j"))
