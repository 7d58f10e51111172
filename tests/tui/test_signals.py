"""A rule rings where somebody sits: once an alert, together where many come, and nothing breaks out of it."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects, score_all
from tests.tui.conftest import look, scanning, until_shown
from vra_tui.config.message_rules import MessageRule, QuietHours
from vra_tui.store.connection import open_store
from vra_tui.tui.settings import Settings
from vra_tui.tui.signals import Signal, SignalWatch, sequences

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def rule(when="rank>7", to=("bell", "osc9"), **more):
    return MessageRule("high", when, to, **more)


def add(store, number):
    clock = Clock(NOON)
    number += 100  # behind those that the store has
    ingest_objects(store, [api_object(number)], clock)
    score_all(store, clock, preal=0.99, pgal=0.02)
    return FIRST_ID + number


def test_each_kind_is_said_in_its_own_sequence():
    said = sequences(Signal("high: 1 new", ("bell", "osc9", "osc777")), inside_tmux=False, passthrough=False)
    assert said == "\x1b]9;vra: high: 1 new\a\x1b]777;notify;vra;high: 1 new\a"
    assert sequences(Signal("x", ("bell",)), inside_tmux=False, passthrough=True) == ""


def test_inside_tmux_it_is_wrapped_where_that_was_asked_for_and_nothing_is_sent_elsewhere():
    signal = Signal("x", ("osc9",))
    assert sequences(signal, inside_tmux=True, passthrough=False) == ""
    assert sequences(signal, inside_tmux=True, passthrough=True) == "\x1bPtmux;\x1b\x1b]9;vra: x\a\x1b\\"


def test_nothing_that_strangers_wrote_ends_a_sequence():
    evil = "a\x07\x1b]0;t\x07\x1b\\\x9c\nb"
    said = sequences(Signal(evil, ("osc9", "osc777")), inside_tmux=False, passthrough=False)
    assert said.count("\x1b") == said.count("\a") == 2
    assert "\x9c" not in said


def test_what_fulfils_the_rule_at_the_start_is_no_news_and_what_comes_is_once(store):
    first = add(store, 0)
    watch = SignalWatch([rule()])
    assert watch.look(store, [first], NOON) == []
    second = add(store, 1)
    (signal,) = watch.look(store, [first, second], NOON)
    assert signal.text.startswith("rank>7: 1 new (")
    assert signal.kinds == ("bell", "osc9")
    assert watch.look(store, [first, second], NOON + timedelta(hours=9)) == []


def test_what_comes_soon_after_is_told_later_together(store):
    watch = SignalWatch([rule(every=600.0)])
    watch.look(store, [], NOON)
    assert len(watch.look(store, [add(store, 0)], NOON)) == 1
    for number in range(1, 6):
        assert watch.look(store, [add(store, number)], NOON + timedelta(minutes=1)) == []
    assert not watch.is_due(NOON + timedelta(minutes=2))
    assert watch.is_due(NOON + timedelta(minutes=11))
    (signal,) = watch.look(store, [], NOON + timedelta(minutes=11))
    assert "5 new" in signal.text
    assert "and 2 more" in signal.text
    assert not watch.is_due(NOON + timedelta(hours=9))


def test_in_quiet_hours_nobody_is_told(store):
    watch = SignalWatch([rule(quiet=QuietHours(time(11), time(13), "UTC"))])
    watch.look(store, [], NOON)
    assert watch.look(store, [add(store, 0)], NOON) == []
    assert len(watch.look(store, [], NOON + timedelta(hours=2))) == 1


def test_a_rule_for_webhooks_alone_rings_nowhere(store):
    watch = SignalWatch([rule(to=("team",))])
    watch.look(store, [], NOON)
    assert watch.look(store, [add(store, 0)], NOON) == []


@pytest.mark.usefixtures("only_when_told")
async def test_the_screen_rings_and_says_why(store_path, monkeypatch):
    rung, written = [], []
    settings = Settings(rules=[rule(title="above 7")], bell=False)
    async with scanning(store_path, settings=settings) as (app, pilot):
        await look(pilot)
        monkeypatch.setattr(app, "bell", lambda: rung.append(1))
        monkeypatch.setattr(app._driver, "write", written.append)
        monkeypatch.delenv("TMUX", raising=False)
        store = open_store(store_path)
        add(store, 40)
        store.close()
        await look(pilot)
        await until_shown(app, "above 7: 1 new")
    assert rung == [1]
    assert any(text.startswith("\x1b]9;vra: above 7: 1 new") for text in written)
