"""What a screen opens with: a list that has something in it, or words on what to do."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.test_gw import some_map
from tests.factories import FIRST_ID, Clock, api_object, ingest_objects
from tests.tui.conftest import look, press, scanning, shown
from tests.tui.made import an_alert, put
from vra_tui.pipeline.sky_maps import add_notice
from vra_tui.sources.sky_maps import MapNotice
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.query import ListQuery
from vra_tui.tui.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def empty_store(tmp_path) -> Path:
    path = tmp_path / "new.db"
    open_store(path).close()
    return path


def decide_all(store, but=()):
    with transaction(store):
        for number in range(30):
            if number not in but:
                decide(store, FIRST_ID + number, "garbage", Author("ben", "elsewhere"), NOW)


async def first_screen(path, **options):
    """The words of a first screen, and the list that it opened, once it has counted."""
    async with scanning(path, **options) as (app, pilot):
        await look(pilot)
        return "\n".join(shown(app)), app.session.query.list_name, len(app.session.order)


async def test_a_store_with_nothing_in_it_says_the_two_commands(empty_store):
    text, _, alerts = await first_screen(empty_store)
    assert "This store is empty." in text
    assert "vra ingest FILE-OR-FOLDER" in text
    assert "vra score" in text
    assert alerts == 0


async def test_alerts_of_surveys_without_a_model_are_there_and_it_is_said_that_none_has_a_score(empty_store):
    store = open_store(empty_store)
    put(store, an_alert("ztf", "ZTF26aaaaaaa"), an_alert("lsst", "313053", arcsec=100.0))
    store.close()
    text, opened, alerts = await first_screen(empty_store)
    assert (opened, alerts) == ("eyeball", 2)
    assert "No alert has a score yet; R scores those of surveys that have a model." in text


@pytest.mark.parametrize("asked", ["fasttrack", "extragalactic"])
async def test_a_list_that_only_scores_fill_is_not_opened_while_nothing_is_scored(empty_store, asked):
    store = open_store(empty_store)
    ingest_objects(store, [api_object(number) for number in range(3)], Clock(NOW))
    store.close()
    settings = Settings(query=ListQuery(asked))
    text, opened, alerts = await first_screen(empty_store, settings=settings)
    assert (opened, alerts) == ("eyeball", 3)
    assert "Nothing is left in" in text
    text, opened, alerts = await first_screen(empty_store, list_name=asked)
    assert (opened, alerts) == (asked, 0)  # who asks for a list by name gets it
    assert "No alert has a score yet." in text
    assert "0 eyeball" in text


async def test_a_night_with_nothing_over_the_threshold_opens_on_what_waits(store_path, others):
    decide_all(others, but=(28, 29))
    with transaction(others):
        others.execute("UPDATE standing SET list = 'purgatory', filed = 'purgatory', rank = 0.4")
        others.execute("UPDATE standing SET list = 'garbage' WHERE NOT is_undecided")
    text, opened, alerts = await first_screen(store_path)
    assert (opened, alerts) == ("eyeball", 2)
    assert "0 left over rank 7" in text


async def test_a_list_that_was_emptied_since_gives_way_to_one_that_has_something(
    store_path, others, tmp_path
):
    remembering = {"settings": Settings(place_file=tmp_path / "places.json")}
    async with scanning(store_path, list_name="extragalactic", **remembering) as (app, _):
        assert len(app.session.order)
    with transaction(others):
        others.execute("UPDATE standing SET list = 'purgatory', filed = 'purgatory'")
    text, opened, _ = await first_screen(store_path, **remembering)
    assert opened == "eyeball"
    assert "Nothing is left in extragalactic; this is eyeball." in text


async def test_when_everything_is_decided_the_screen_says_so_and_where_it_went(store_path, others):
    decide_all(others)
    text, _, alerts = await first_screen(store_path)
    assert alerts == 0
    assert "Everything is decided." in text
    assert re.search(r"Decided is\s+garbage +30\b", text)
    assert "I takes files in" in text


async def test_a_filter_that_nothing_fits_names_itself_and_how_it_goes(store_path):
    async with scanning(store_path) as (app, pilot):
        await look(pilot)
        await press(pilot, "/", *"mag<2", "enter")
        text = "\n".join(shown(app))
        assert "Nothing of the 30 alerts in eyeball fits the filter mag<2." in text
        assert "Esc takes it off, / changes it." in text


async def test_a_filter_that_fitted_yesterday_is_kept_and_explained(store_path, others, tmp_path):
    remembering = {"settings": Settings(place_file=tmp_path / "places.json")}
    async with scanning(store_path, **remembering) as (app, pilot):
        await press(pilot, "/", *"tns", "enter")
        assert len(app.session.order) == 1
    with transaction(others):
        decide(others, FIRST_ID, "good", Author("ben", "elsewhere"), NOW)
    text, opened, alerts = await first_screen(store_path, **remembering)
    assert (opened, alerts) == ("eyeball", 0)
    assert "fits the filter tns." in text


async def test_a_store_that_may_not_be_written_opens_and_says_so(store_path, monkeypatch):
    monkeypatch.setattr("vra_tui.tui.session.os.access", lambda path, mode: False)
    text, _, alerts = await first_screen(store_path)
    assert alerts == 30
    assert "This store is read-only for you" in text


async def test_the_list_of_events_says_how_a_sky_map_comes_in(store_path):
    text, _, _ = await first_screen(store_path, list_name="gw")
    assert "vra gw add FILE|SUPEREVENT takes in the sky map of an event." in text


async def test_the_list_of_events_says_when_nothing_lies_on_a_map(store_path, others):
    add_notice(others, MapNotice("S230224ab", 59_999.5, some_map()), lambda: NOW)
    decide_all(others)
    text, _, _ = await first_screen(store_path, list_name="gw")
    assert "No alert that waits or was kept lies on a sky map." in text


async def test_keys_named_on_an_empty_screen_can_be_clicked(store_path):
    async with scanning(store_path, list_name="gw") as (app, pilot):
        await look(pilot)
        lines = ["".join(text for text, _ in line) for line in app.screen.panes["empty"].lines]
        y = next(number for number, line in enumerate(lines) if "eyeball" in line)
        await pilot.click("#empty", offset=(lines[y].index("eyeball"), y))
        await pilot.pause()
        await press(pilot, "j")
        assert app.session.query.list_name == "eyeball"


@pytest.mark.slow
async def test_real_alerts_of_three_surveys_open_on_something(tmp_path, real_data):
    from vra_tui.pipeline.ingest import ingest, read_paths

    path = tmp_path / "real.db"
    store = open_store(path)
    ingest(store, read_paths([real_data / "ztf_alerts", real_data / "lsst_alerts"]), clock=Clock(NOW))
    store.close()
    text, _, alerts = await first_screen(path)
    assert alerts > 100
    assert "No alert has a score yet" in text
