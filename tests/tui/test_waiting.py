"""The tests' own hands: a screen that does not come to rest fails the test that waits for it."""

import pytest

from tests.tui import conftest
from tests.tui.conftest import press, scanning, until_shown


async def test_a_screen_that_does_not_come_to_rest_is_said_with_what_stands_on_it(store_path, monkeypatch):
    async with scanning(store_path) as (app, pilot):
        monkeypatch.setattr(conftest, "PATIENCE", 0.05)
        monkeypatch.setattr(type(app.screen), "is_steady", False)
        with pytest.raises(AssertionError, match=r"(?s)not come to rest after 'j'.*ATLAS23t00\d.*last "):
            await press(pilot, "j")


async def test_a_text_that_does_not_come_is_said_with_what_stands_on_the_screen(store_path, monkeypatch):
    async with scanning(store_path) as (app, _):
        monkeypatch.setattr(conftest, "PATIENCE", 0.05)
        with pytest.raises(AssertionError, match=r"(?s)'no such words' did not come.*last "):
            await until_shown(app, "no such words")
