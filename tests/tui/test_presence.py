"""Several people on one store: who looks at what, and what they decide."""

import sqlite3
import time
from datetime import UTC, datetime

import pytest

from tests.tui.conftest import look, press, scanning, shown
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.viewing import stop_viewing, tell_viewing, viewers

pytestmark = pytest.mark.usefixtures("only_when_told")

BEN = Author("ben", "valley")


def now():
    return datetime.now(UTC)


async def test_a_screen_says_which_alert_its_cursor_rests_on_and_takes_it_back(store_path, ids, others):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "j")
        for _ in range(2):
            await look(pilot)
        assert [(one.alert_id, one.scanner) for one in viewers(others, now())] == [(ids[1], "amy")]
    assert viewers(others, now()) == []


async def test_passing_by_is_not_told(store_path, ids, others):
    async with scanning(store_path) as (_, pilot):
        for _ in range(4):
            await press(pilot, "j")
            await look(pilot)
        assert ids[2] not in [one.alert_id for one in viewers(others, now())]


async def test_an_alert_that_someone_else_looks_at_is_marked_until_he_leaves(store_path, ids, others):
    async with scanning(store_path, size=(160, 40)) as (app, pilot):
        await press(pilot, "j")
        tell_viewing(others, "another", BEN, ids[0], now())
        await look(pilot)
        lines = shown(app)
        assert lines[3].startswith("@ ")
        await press(pilot, "k")
        lines = shown(app)
        assert lines[3].startswith("@▸")
        assert "@ ben (valley) is looking at it" in "\n".join(lines)
        stop_viewing(others, "another", now())
        await look(pilot)
        assert not any("@" in line for line in shown(app))


async def test_a_heartbeat_alone_counts_nothing_anew(store_path, ids, others, monkeypatch):
    async with scanning(store_path) as (app, pilot):
        await look(pilot)
        monkeypatch.setattr("vra_tui.tui.watcher.counts", lambda _: pytest.fail("counted"))
        tell_viewing(others, "another", BEN, ids[0], now())
        await look(pilot)
        assert list(app.session.viewers) == [ids[0]]


async def test_a_store_that_cannot_be_written_is_told_nothing_and_read_all_the_same(store_path, ids):
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*_):
            error = sqlite3.OperationalError("attempt to write a readonly database")
            error.sqlite_errorname = "SQLITE_READONLY"
            raise error

        patch.setattr("vra_tui.tui.presence.tell_viewing", refuse)
        async with scanning(store_path) as (app, pilot):
            for _ in range(3):
                await look(pilot)
            await press(pilot, "j")
            assert app.session.order.current == ids[1]


async def test_a_locked_store_is_told_with_a_later_look(store_path, ids, others):
    async with scanning(store_path) as (_, pilot):
        with transaction(others):
            for _ in range(2):
                await look(pilot)
        await look(pilot)
        assert [one.alert_id for one in viewers(others, now())] == [ids[0]]


async def test_the_seconds_that_an_alert_was_looked_at_are_kept(store_path, ids, others):
    begin = time.monotonic()
    async with scanning(store_path) as (app, pilot):
        app.session.looks._since -= 12.0
        await press(pilot, "g", "g")
    took = time.monotonic() - begin
    first, second = [row[0] for row in others.execute("SELECT seconds FROM decisions ORDER BY sequence")]
    assert 12.0 <= first <= 12.0 + took
    assert 0.0 <= second <= took


async def test_what_someone_else_decides_about_the_alert_under_the_cursor_is_told(store_path, ids, others):
    async with scanning(store_path, size=(160, 40)) as (app, pilot):
        with transaction(others):
            decide(others, ids[0], "attic", BEN, now())
        await look(pilot)
        assert "ben has decided this one: attic" in "\n".join(shown(app))
        assert app.session.order.current == ids[0]


async def test_a_decision_that_another_one_overtook_says_so(store_path, ids, others):
    async with scanning(store_path, size=(160, 40)) as (_, pilot):
        with transaction(others):
            decide(others, ids[0], "attic", BEN, now())
        await press(pilot, "g")
        assert "ben had decided attic meanwhile" in "\n".join(shown(pilot.app))
    assert [row[0] for row in others.execute("SELECT list FROM decisions ORDER BY sequence")] == [
        "attic",
        "good",
    ]


async def test_an_alert_that_someone_else_gives_back_is_undecided_again(store_path, ids, others):
    async with scanning(store_path) as (app, pilot):
        for list_name in ("attic", "eyeball"):
            with transaction(others):
                decide(others, ids[1], list_name, BEN, now())
            await look(pilot)
        await press(pilot, "tab")
        assert app.session.order.current == ids[1]
