"""What the status line warns of."""

import json
from contextlib import closing

import pytest

from tests.tui.conftest import look, scanning, shown
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.insight_table import put_survey_table
from vra_tui.tui.warnings import survey_warnings


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
            status = shown(app)[-2]
            assert ("bad night (02a): 39,400 held back" if size[0] > 80 else "bad night (02a)") in status


@pytest.mark.parametrize("left", ["not json", "[]", "3", '{"unusual": [{"moon": "full"}]}', '{"status": 1}'])
def test_what_another_version_left_is_no_warning_and_no_crash(others, left):
    for name in ("inflow", "drift"):
        with transaction(others):
            put_survey_table(others, name, left)
    assert survey_warnings(others) == []
