"""What the status line warns of."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.tui.conftest import look, scanning, shown
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.following import note_state
from vra_tui.store.insight_table import put_survey_table
from vra_tui.tui.warnings import survey_warnings

NOW = datetime(2026, 11, 28, 3, 10, tzinfo=UTC)


@pytest.fixture
def others(store_path):
    """A connection of another program."""
    with closing(open_store(store_path)) as store:
        yield store


async def test_warnings_of_the_survey_stand_in_the_status_line(store_path, others):
    night = {"night": 61000, "unit": "02a", "alerts": 40_000, "usual": 300.0, "shown": 600, "held": 39_400}
    with transaction(others):
        put_survey_table(others, "inflow", json.dumps({"counts": [], "unusual": [night]}))
    for size in ((80, 24), (200, 60)):
        async with scanning(store_path, size=size) as (app, pilot):
            await look(pilot)
            status = "\n".join(shown(app)[-3:])
            assert ("bad night (02a): 39,400 held back" if size[0] > 80 else "bad night (02a)") in status


@pytest.mark.parametrize("left", ["not json", "[]", "3", '{"unusual": [{"moon": "full"}]}', '{"status": 1}'])
def test_what_another_version_left_is_no_warning_and_no_crash(others, left):
    for name in ("inflow", "drift"):
        with transaction(others):
            put_survey_table(others, name, left)
    assert survey_warnings(others, NOW) == []


def note(others, source, is_up, at):
    with transaction(others):
        note_state(others, source, "kafka", is_up, "no connection", at.isoformat(timespec="seconds"))


def test_a_source_that_is_down_is_named_with_the_time_since_when(others):
    note(others, "lasair", True, NOW - timedelta(hours=3))
    assert survey_warnings(others, NOW) == []
    note(others, "lasair", False, NOW - timedelta(minutes=20, seconds=-1))
    note(others, "lasair", False, NOW)
    assert survey_warnings(others, NOW) == ["lasair down since 02:50"]
    for name in ("fink", "alerce"):
        note(others, name, False, NOW)
    assert survey_warnings(others, NOW) == ["alerce down since 03:10, fink down since 03:10 and 1 more"]
    note(others, "lasair", True, NOW)
    assert "lasair" not in survey_warnings(others, NOW)[0]


def test_one_that_has_been_down_for_days_is_named_with_the_day(others):
    note(others, "lasair", False, NOW - timedelta(days=2))
    note(others, "lasair", False, NOW)
    assert survey_warnings(others, NOW) == ["lasair down since 26 Nov 03:10"]


def test_one_that_nobody_watches_any_more_is_no_warning(others):
    note(others, "lasair", False, NOW - timedelta(minutes=21))
    assert survey_warnings(others, NOW) == []


async def test_a_source_that_goes_down_is_said_on_an_open_screen(store_path, others):
    async with scanning(store_path, size=(120, 40)) as (app, pilot):
        await look(pilot)
        note(others, "lasair", False, datetime.now(UTC))
        await look(pilot)
        assert "lasair down since" in shown(app)[-2]
