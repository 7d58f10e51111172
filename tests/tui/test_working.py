"""Work beside the screen: what it says, and how it may end."""

import os

import pytest

from tests.tui.conftest import press, scanning, shown, until
from vra_tui.tui import jobs
from vra_tui.tui.spans import text_of


async def status_after(pilot, key, wanted):
    """The foot once it says what is wanted."""
    await press(pilot, key)
    await until(pilot.app, lambda: wanted in foot(pilot.app), f"{wanted!r} did not come")
    return foot(pilot.app)


def foot(app):
    """The lines below list and alert."""
    return "\n".join(shown(app)[-3:])


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("print('Scored 3 alerts.')", "score is done: Scored 3 alerts."),
        ("import sys; print('The disk is full.'); sys.exit(2)", "score failed: The disk is full."),
        (
            "import os; os.kill(os.getpid(), 9)",
            "score was ended from outside (SIGKILL); what it had finished",
        ),
    ],
)
async def test_how_work_ended_is_said_in_a_line(store_path, monkeypatch, program, said):
    monkeypatch.setattr(jobs, "_START", program)
    async with scanning(store_path) as (app, pilot):
        assert said in await status_after(pilot, "R", said)
        assert app.screen.job is None


async def test_work_can_be_stopped(store_path, monkeypatch):
    monkeypatch.setattr(jobs, "_START", "import time; print('begun', flush=True); time.sleep(60)")
    async with scanning(store_path) as (_, pilot):
        await status_after(pilot, "R", "begun")
        assert "score was stopped" in await status_after(pilot, "X", "score was stopped")


async def test_a_store_that_may_not_be_written_is_said_at_the_start(store_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not (mode & os.W_OK))
    async with scanning(store_path) as (app, _):
        assert "nothing can be decided" in foot(app)


async def test_sources_are_followed_by_a_key_and_a_lack_of_them_is_said(store_path):
    async with scanning(store_path, size=(200, 60)) as (_, pilot):
        assert "names no source" in await status_after(pilot, "f6", "watch failed")


@pytest.mark.parametrize(
    ("key", "does", "said"),
    [("I", "Enter takes them in", "Nothing was taken in"), ("f7", "Enter begins", "Nothing was trained")],
)
async def test_what_is_left_empty_says_that_nothing_was_begun(store_path, key, does, said):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, key)
        assert does in "\n".join(text_of(line) for line in app.screen.query_one("#prompt-title").lines)
        await press(pilot, "enter")
        assert said in "\n".join(shown(app))
