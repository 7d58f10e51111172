"""Opening, sorting, filtering, finding and marking; what stands on the screen while doing so."""

from datetime import UTC, datetime

import pytest

from tests.cli.test_gw import some_map
from tests.factories import FIRST_ID
from tests.tui.conftest import press, scanning, shown, until, until_shown
from vra_tui.pipeline.sky_maps import add_notice
from vra_tui.sources.sky_maps import MapNotice
from vra_tui.store.query import SORTS
from vra_tui.tui.settings import Settings
from vra_tui.tui.tabs import LISTS


async def test_number_keys_and_brackets_go_through_the_lists(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "2")
        assert app.session.query.list_name == LISTS[1]
        await press(pilot, "]", "]")
        assert app.session.query.list_name == LISTS[3]
        assert "Nothing is in possible." in "\n".join(shown(app))
        await press(pilot, "[", "0")
        assert app.session.query.list_name == "eyeball"
        assert len(app.session.order) == 30


async def test_a_long_list_opens_with_its_first_alerts_and_completes_itself(store_path, ids, monkeypatch):
    monkeypatch.setattr("vra_tui.tui.session.FIRST_IDS", 10)
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "j", "j")
        await until(app, lambda: not app.session.is_partial, "the list did not complete itself")
        assert app.session.order.ids.tolist() == ids
        assert app.session.order.current == ids[2]
        assert app.session.counts["eyeball"] == 30


async def test_coming_back_to_a_list_finds_the_cursor_where_it_was(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "j", "j", "2", "end", "0")
        assert app.session.order.current == ids[2]


async def test_a_decided_alert_leaves_when_the_list_is_sorted_anew(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g", "g", "r")
        assert app.session.order.ids.tolist() == ids[2:]
        assert app.session.order.current == ids[2]


async def test_the_possible_list_shows_what_was_snoozed(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "p", "4")
        assert app.session.order.ids.tolist() == ids[:1]


async def test_a_filter_narrows_the_list_and_an_empty_one_takes_it_off(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/", *"tns", "enter")
        assert app.session.order.ids.tolist() == ids[-1:]  # what TNS has waits last
        await press(pilot, "/", "ctrl+u", "enter")
        assert app.session.order.ids.tolist() == ids


async def test_a_filter_that_means_nothing_is_named_and_changes_nothing(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/", *"bogusword", "enter")
        assert "`bogusword` is no filter word" in " ".join("\n".join(shown(app)).split())
        assert len(app.session.order) == 30


async def test_a_number_that_no_classifier_gave_is_named_instead_of_an_empty_list(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/", *"needle.SLSN>0.5", "enter")
        assert "no classifier gave such a number" in "\n".join(shown(app))
        assert app.session.order.ids.tolist() == ids


async def test_the_list_of_events_has_a_column_of_its_own_and_others_have_not(store_path, others, ids):
    notice = MapNotice("S230224ab", 59_999.5, some_map(), about={"classification": {"BNS": 1.0}})
    add_notice(others, notice, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    async with scanning(store_path) as (app, pilot):
        heading = next(line for line in shown(app) if "rank name" in line)
        assert " gw " not in heading
        await press(pilot, "]", "]", "]")
        assert app.session.query.list_name == "gw"
        assert sorted(app.session.order.ids.tolist()) == sorted(ids)
        for words in (" gw ", "S230224ab", "BNS 100 %"):
            await until_shown(app, words)
        await press(pilot, "0")
        assert " gw " not in next(line for line in shown(app) if "rank name" in line)


async def test_a_new_order_begins_at_its_top_and_runs_the_other_way_round_by_a_key(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "j", *("o" for _ in SORTS))
        assert app.session.query.sort == "urgency"
        assert app.session.order.cursor == 0
        assert app.session.order.ids[-1] == FIRST_ID  # what TNS has is tidied up last
        await press(pilot, "j", "backslash")
        assert app.session.query.sort == "-urgency"
        assert app.session.order.cursor == 0
        assert app.session.order.ids.tolist() == ids[::-1]
        await press(pilot, "o")
        assert app.session.query.sort == "newest"


async def test_a_click_on_a_columns_title_sorts_by_it_and_a_second_one_the_other_way_round(store_path):
    async with scanning(store_path) as (app, pilot):
        column = next(line for line in shown(app) if "rank name" in line).index("mag")
        for sort in ("brightest", "-brightest", "brightest"):
            await pilot.click("#heading", offset=(column, 1))
            await pilot.pause()
            await until(app, lambda sort=sort: app.session.query.sort == sort, f"not sorted by {sort}")


@pytest.mark.parametrize("text", ["ATLAS23t007", str(FIRST_ID + 7), "atlas23T007"])
async def test_an_alert_is_found_by_name_or_id(store_path, text):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "i", *text, "enter")
        assert app.session.order.current == FIRST_ID + 7


async def test_what_is_not_found_is_said(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "i", *"SN1987A", "enter")
        assert "no alert called 'SN1987A'" in "\n".join(shown(app))


async def test_marked_alerts_are_decided_by_one_key_and_undone_by_one(store_path, ids, decided):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "space", "j", "space", "t")
        assert len(app.session.decided_tonight) == 2
        assert not app.session.marked
        await press(pilot, "u")
        assert "taken back: 2 alerts, no longer garbage: ATLAS23t001, ATLAS23t003" in "\n".join(shown(app))
        assert app.session.counts["eyeball"] == 30
    assert decided() == [(ids[0], "garbage"), (ids[2], "garbage"), (ids[2], None), (ids[0], None)]


async def test_a_range_is_marked_from_the_last_mark_on(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "space", "j", "j", "v")
        assert list(app.session.marked) == ids[:4]
        await press(pilot, "escape")
        assert not app.session.marked


async def test_the_last_decision_is_repeated_by_a_key(store_path, ids, decided):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "a", ".")
    assert decided() == [(ids[0], "attic"), (ids[1], "attic")]


async def test_one_can_go_back_to_the_last_decided_alert_and_decide_it_anew(store_path, ids, decided):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g", "t", "backspace", "backspace")
        assert app.session.order.current == ids[0]
        await press(pilot, "c")
        assert app.session.counts["followup"] == 1
        assert app.session.counts["good"] == 0
    assert decided()[-1] == (ids[0], "followup")


async def test_a_reason_is_kept_with_the_decision(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "C", *"nearby", "enter")
        assert app.session.recent[0].list == "followup"
        assert app.session.recent[0].note == "nearby"


async def test_leaving_the_reason_decides_nothing(store_path, decided):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "C", *"nearby", "escape")
    assert decided() == []


async def test_an_empty_store_says_what_to_do(tmp_path):
    from vra_tui.store.connection import open_store

    path = tmp_path / "empty.db"
    open_store(path).close()
    async with scanning(path) as (app, pilot):
        await press(pilot, "g", "j", "u", "n", "space", "end", "y", "enter", "l")
        text = "\n".join(shown(app))
    assert "vra ingest" in text
    assert "vra score" in text


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (300, 90), (60, 15)])
async def test_the_screen_works_at_any_size(store_path, size):
    async with scanning(store_path, size=size) as (app, pilot):
        await press(pilot, "g", "j")
        lines = shown(app)
        assert any("A23t001" in line for line in lines)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert "decided" in "\n".join(shown(app))


async def test_the_full_light_curve_names_its_alert_and_lists_its_points(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "enter", "l")
        await pilot.pause()
        text = "\n".join(shown(app))
        assert "ATLAS23t000" in text
        assert text.count("± 0.10") >= 4
        await press(pilot, "g", "escape")
        assert len(app.session.decided_tonight) == 1
        assert not app.screen.has_class("-curve")


async def test_text_from_outside_cannot_reach_the_terminal_as_a_sequence(tmp_path):
    from datetime import UTC, datetime

    from tests.factories import Clock, api_object, ingest_objects, score_all
    from vra_tui.store.connection import open_store

    path = tmp_path / "hostile.db"
    store = open_store(path)
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    evil = "\x1b]0;x\x07\x1b[2J[bold red]‮漢字"
    hostile = api_object(
        0,
        header={"atlas_designation": evil, "sherlockClassification": evil, "comments": evil},
        sherlock_classifications=[{"classification": "SN", "annotation": f"<b>{evil}</b>", "summary": evil}],
    )
    ingest_objects(store, [hostile], clock)
    score_all(store, clock)
    store.close()
    async with scanning(path) as (app, pilot):
        await press(pilot, "t", "u")
        text = "\n".join(shown(app))
    assert "[bold red]漢字" in text
    assert not any(ord(char) < 32 or char == "‮" for char in text.replace("\n", ""))


@pytest.mark.parametrize("order", [("o",), ("o", "backslash")])
async def test_the_order_that_was_chosen_stays_over_a_restart(store_path, tmp_path, order):
    settings = Settings(place_file=tmp_path / "places.json")
    async with scanning(store_path, settings=settings) as (app, pilot):
        await press(pilot, *order)
        sort, first = app.session.query.sort, app.session.order.current
        assert sort != settings.query.sort
    async with scanning(store_path, settings=settings) as (app, _):
        assert app.session.query.sort == sort
        assert app.session.order.current == first
