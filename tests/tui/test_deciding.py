"""Deciding, undoing and noting by key: what the store holds afterwards, and what the screen says."""

import re
import socket
import sqlite3
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from textual import events

from tests.tui.conftest import look, press, scanning, shown, until_shown
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.connection import open_store
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decisions import history
from vra_tui.store.label_names import OwnLabel, enter_own
from vra_tui.store.merge import merge
from vra_tui.surveys.base import Packet
from vra_tui.tui import writer as writer_module
from vra_tui.tui.scan_screen import ScanScreen


async def test_a_key_decides_the_alert_under_the_cursor_and_goes_to_the_next(store_path, ids, decided):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g")
        assert app.session.order.current == ids[1]
        await press(pilot, "j", "t")
        assert app.session.order.current == ids[3]
    assert decided() == [(ids[0], "good"), (ids[2], "garbage")]


@pytest.mark.parametrize("decision", DECISIONS.values(), ids=lambda decision: decision.list)
async def test_every_decision_has_its_key(store_path, ids, decided, decision):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, decision.key)
    assert decided() == [(ids[0], decision.list.value)]


async def test_what_was_on_the_screen_is_kept_with_the_decision(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        row = app.session.current_row()
        await press(pilot, "g")
    store = open_store(store_path)
    kept = store.execute("SELECT visit, preal, pgal, pfast, rank, model FROM decisions").fetchone()
    store.close()
    assert tuple(kept) == (row.visit, row.preal, row.pgal, row.pfast, row.rank, row.model)


async def test_a_decided_alert_stays_in_view_with_its_letter_and_among_the_last(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g", "t")
        lines = shown(app)
    assert lines[3].startswith("g  ")
    assert lines[4].startswith("t  ")
    assert "last  t 23t002  g 23t001" in "\n".join(lines)


async def test_undo_goes_back_to_the_alert_without_limit(store_path, ids, decided):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g", "t", "a", "u", "u", "u")
        assert app.session.order.current == app.session.order.ids[0]
        await press(pilot, "u")
        await until_shown(app, "nothing left to undo")
        assert app.session.counts["eyeball"] == 30
    assert [name for _, name in decided()] == ["good", "garbage", "attic", None, None, None]


@pytest.mark.parametrize("keys", [("g",), ("space", "space", "g")])
async def test_what_the_scanner_took_back_is_not_told_as_anothers(store_path, keys):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, *keys, "u")
        said = shown(app)[-3]
        assert "taken back: " in said
        await look(pilot)
        assert shown(app)[-3] == said


async def test_undo_reaches_back_before_a_restart(store_path, ids):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "g", "t")
    async with scanning(store_path) as (app, pilot):
        assert len(app.session.order) == 28
        await press(pilot, "u")
        row = app.session.current_row()
        assert row.is_undecided
        assert row.decided_list is None
    store = open_store(store_path)
    assert history(store, row.alert_id)[-1].reverts
    store.close()


async def test_an_undone_decision_can_be_taken_otherwise_at_once(store_path, ids, decided):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g", "u", "t")
        first = app.session.recent[0]
    assert (first.list, first.alert_id) == ("garbage", decided()[0][0])


async def test_the_way_on_leads_past_what_is_decided(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "j", "g", "k", "k", "t")
        assert app.session.order.current == ids[2]


async def test_after_the_last_alert_the_screen_says_so(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        app.session.order.settled.update(ids[1:])
        await press(pilot, "g")
        assert "the last one here" in "\n".join(shown(app))
        assert app.session.order.current == ids[0]


async def test_over_the_full_light_curve_each_key_decides_the_alert_that_it_names(store_path, ids, decided):
    """The list, of which the cursor's line says what was seen, is not drawn there."""
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "enter")
        for number, key in enumerate("gta", start=1):
            await until_shown(app, f"ATLAS23t{number:03d}  ")
            await press(pilot, key)
        await press(pilot, "escape", "s")
    assert decided() == list(zip(ids, ["good", "garbage", "attic", "pm"], strict=False))


async def test_a_note_is_kept_and_shown(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "n", *"odd", "enter")
        await pilot.pause()
        text = "\n".join(shown(app))
    assert re.search("amy .*odd", text)


async def test_letters_typed_into_a_note_decide_nothing(store_path, decided):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "n", *"good catch", "escape")
    assert decided() == []


async def test_a_decision_that_cannot_be_saved_is_said_and_does_not_count(store_path, ids, decided):
    def full(*_):
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g")
        with patch.object(writer_module, "decide", full):
            await press(pilot, "t")
        text = "\n".join(shown(app))
        assert "Not saved" in text
        assert "the disk is full" in text
        assert app.session.order.current == ids[1]
        assert app.session.current_row().is_undecided
        await press(pilot, "a")
    assert decided() == [(ids[0], "good"), (ids[1], "attic")]


async def test_a_locked_store_is_waited_for_and_keys_wait_their_turn(store_path, ids, decided):
    other = open_store(store_path)
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g")
        other.execute("BEGIN IMMEDIATE")
        for key in ("t", "j"):
            app.post_message(events.Key(key, key))
        await until_shown(app, "Waiting to save ATLAS23t002 as garbage")
        assert app.session.order.current == ids[1]  # nothing moved on yet, not even by the later key
        other.execute("COMMIT")
        await press(pilot, "escape")
        assert app.session.order.current == ids[3]
    other.close()
    assert decided() == [(ids[0], "good"), (ids[1], "garbage")]


async def test_a_store_that_stays_locked_is_named_and_nothing_counts(store_path, ids, decided, monkeypatch):
    monkeypatch.setattr("vra_tui.store.sqlite_file.BUSY_TIMEOUT", 0.05)
    other = open_store(store_path)
    async with scanning(store_path) as (app, pilot):
        other.execute("BEGIN IMMEDIATE")
        await press(pilot, "g")
        text = "\n".join(shown(app))
        other.execute("ROLLBACK")
        assert "Not saved: ATLAS23t001 as good (all before is): another program" in text
        assert app.session.current_row().is_undecided
    other.close()
    assert decided() == []


async def test_a_store_that_cannot_be_read_ends_nothing(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        app._connection.close()
        await press(pilot, "r", "j", "pagedown", "enter", "2", "g")
        assert "did not work" in "\n".join(shown(app)) or "cannot be read" in "\n".join(shown(app))


async def test_a_store_that_became_read_only_is_named_as_the_reason(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g")
        app._writer._pool.submit(lambda: app._writer._connection.execute("PRAGMA query_only = ON")).result()
        await press(pilot, "t")
        assert "the store cannot be written" in "\n".join(shown(app))


async def test_a_key_pressed_before_the_next_alert_was_drawn_means_the_one_on_the_screen(
    store_path, ids, decided
):
    async with scanning(store_path) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, ScanScreen)
        await screen.action_decide("good")
        await screen.action_decide("garbage")  # by the clock, still from before the first was done
        await screen.action_decide("garbage")
        assert app.session.order.current == ids[1]
        await press(pilot, "p")
    assert decided() == [(ids[0], "good"), (ids[0], "garbage"), (ids[1], "possible")]


async def test_undo_takes_back_no_imported_label_though_it_is_the_scanners_own(store_path, ids, others):
    """As many labels of one time as a table has, and one key."""
    moment = datetime.now(UTC)
    rows = [
        {
            "decision_id": new_id(moment), "survey": "atlas", "object_id": str(alert_id), "list": "good",
            "scanner": "amy", "timestamp": timestamp(moment), "host": socket.gethostname(),
        }
        for alert_id in ids[5:]
    ]  # fmt: skip
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "p")
        merged = merge(others, [Packet("table", "row", row) for row in rows], now=moment)
        assert merged.decisions == 25
        await press(pilot, "u")
        assert "taken back: ATLAS23t001, no longer possible" in "\n".join(shown(app))
        await press(pilot, "u")
        assert "nothing left to undo" in "\n".join(shown(app))
    undone = others.execute("SELECT alert_id FROM decisions WHERE reverts IS NOT NULL").fetchall()
    assert [row[0] for row in undone] == [ids[0]]


@pytest.fixture
def with_own_labels(store_path):
    store = open_store(store_path)
    enter_own(store, [OwnLabel(name, "atlas", 1.0, 1.0, None) for name in ("agn", "agn-flare", "variable")])
    store.close()


@pytest.mark.usefixtures("with_own_labels")
async def test_a_surveys_own_label_is_decided_by_its_name_or_how_it_begins_repeated_and_undone(
    store_path, ids, decided
):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "K", *"agn", "enter", "K", *"var", "enter", "full_stop")
        assert "variable" in "\n".join(shown(app))
        await press(pilot, "u")
    assert decided()[:3] == [(ids[0], "agn"), (ids[1], "variable"), (ids[2], "variable")]
    assert len(decided()) == 4


@pytest.mark.usefixtures("with_own_labels")
@pytest.mark.parametrize("typed", ["ag", "supernova", "", "good"])
async def test_a_word_that_is_no_own_label_decides_nothing(store_path, decided, typed):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "K", *typed, "enter")
        assert "Not decided" in "\n".join(shown(app))
    assert decided() == []
