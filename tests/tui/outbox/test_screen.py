"""The outbox on the screen: keys act on the item under the cursor, and nothing leaves without one."""

import os
import stat
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from textual import events

from tests.factories import FIRST_ID
from tests.tui.conftest import look, press, scanning, shown, until, until_shown
from vra_tui.config.reading import load_config
from vra_tui.store import outbox
from vra_tui.store.connection import open_store
from vra_tui.store.outbox import Draft, State
from vra_tui.store.outbox_sending import begin, settle
from vra_tui.tui.keymap import resolve
from vra_tui.tui.outbox.screen import OutboxScreen
from vra_tui.tui.scan_screen import ScanScreen
from vra_tui.tui.settings import Settings
from vra_tui.tui.spans import text_of

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


def move(number, to="good"):
    content = {"object_id": str(FIRST_ID + number), "list": to}
    return Draft(
        "atlas.list", "atlas", f"move object {number} to {to}", content, f"{number}", (FIRST_ID + number,)
    )


@pytest.fixture
def kept(store_path):
    """A store whose outbox holds three drafts; gives what became of them, in their order."""
    store = open_store(store_path)
    ids = [outbox.put(store, [move(number)], by="bob", now=NOW)[0] for number in range(3)]
    yield lambda: [outbox.item(store, one) for one in ids]
    store.close()


def states(kept):
    return [one.state.value for one in kept()]


async def test_the_key_opens_it_on_what_waits_the_latest_first(store_path, kept):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q")
        lines = shown(app)
        assert "open 3" in lines[0]
        assert "move object 2 to good" in lines[1]
        assert "object id" in "\n".join(lines)
        await press(pilot, "escape")
        assert isinstance(app.screen, ScanScreen)


async def test_an_item_is_approved_by_the_key_under_the_cursor_and_by_whom(store_path, kept):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "j", "a")
        await until_shown(app, "Approved: move object 1")
    assert states(kept) == ["draft", "approved", "draft"]
    assert kept()[1].history[-1].by == "amy"


async def test_keys_typed_ahead_act_on_the_item_stepped_to(store_path, kept):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q")
        for key in ("j", "j", "a"):
            await pilot.press(key)
        await until(app, lambda: states(kept)[0] == "approved", "the item was not approved")
    assert states(kept) == ["approved", "draft", "draft"]


async def test_to_drop_an_item_takes_the_key_twice(store_path, kept):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "x")
        assert states(kept) == ["draft"] * 3
        await press(pilot, "j", "x", "k", "x")
        assert states(kept) == ["draft"] * 3
        await press(pilot, "x")
        await until_shown(app, "Dropped")
    assert states(kept) == ["draft", "draft", "withdrawn"]


@pytest.mark.parametrize("other", ["y", "space", "?"])
async def test_any_other_key_between_keeps_it(store_path, kept, other):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "x", other)
        if other == "?":
            await press(pilot, "escape")
        await press(pilot, "x")
        assert "x again drops it" in "\n".join(shown(app))
    assert states(kept) == ["draft"] * 3


async def test_its_keys_are_those_of_the_key_map_wherever_they_are_told(store_path, kept):
    keys = resolve({"outbox_drop": "D", "outbox_leave": ["f9"], "outbox_copy": []})
    async with scanning(store_path, keys=keys) as (app, pilot):
        await press(pilot, "Q", "x", "x", "escape")
        assert states(kept) == ["draft"] * 3
        foot = shown(app)[-1]
        assert "D drop" in foot
        assert "f9 back" in foot
        assert "copy" not in foot
        await press(pilot, "D")
        assert "D again drops it" in "\n".join(shown(app))
        await press(pilot, "?")
        told = "\n".join(text_of(line) for line in app.screen.query_one("#help-lines").lines)
        assert "  D             let it not leave" in told
        assert "garbage" not in told
        await press(pilot, "escape", "D", "D")
        await until_shown(app, "Dropped")
        await press(pilot, "f9")
        assert isinstance(app.screen, ScanScreen)
    assert states(kept) == ["draft", "draft", "withdrawn"]


async def test_all_that_is_shown_is_approved_after_a_question(store_path, kept):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "A")
        assert states(kept) == ["draft"] * 3
        await press(pilot, "A")
        await until_shown(app, "3 drafts approved")
    assert states(kept) == ["approved"] * 3


async def test_what_stands_in_public_for_good_is_approved_by_itself_alone(store_path, kept):
    real = Draft("tns.report", "tns", "report on a", {"server": "real"}, "r")
    sandbox = Draft("tns.report", "tns-sandbox", "try on a", {"server": "sandbox"}, "r")
    store = open_store(store_path)
    ids = outbox.put(store, [real, sandbox], by="bob", now=NOW)
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "A")
        await until_shown(app, "A again approves 4 drafts")
        await press(pilot, "A")
        await until_shown(app, "4 drafts approved. 1 in public for good: a approves each.")
    assert [outbox.item(store, one).state for one in ids] == [State.DRAFT, State.APPROVED]
    store.close()
    assert states(kept) == ["approved"] * 3


async def test_what_was_refused_is_tried_again(store_path, kept):
    store = open_store(store_path)
    item_id = kept()[2].item_id
    outbox.approve(store, [item_id], by="bob", now=NOW)
    begin(store, item_id, owner="run", now=NOW)
    settle(store, item_id, State.REFUSED, "no", owner="run", now=NOW)
    store.close()
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q")
        assert "refused, 1 attempt" in "\n".join(shown(app))
        await press(pilot, "r")
        await until_shown(app, "To be tried again")
    assert states(kept) == ["draft", "draft", "approved"]


async def test_a_key_that_the_state_does_not_allow_says_so_and_changes_nothing(store_path, kept):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "s")
        assert "It is draft and cannot be sent. a approves it first." in "\n".join(shown(app))
        await press(pilot, "r")
        assert "cannot be tried again" in "\n".join(shown(app))
    assert states(kept) == ["draft"] * 3


async def test_it_leads_to_the_alert(store_path, kept):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "j", "enter")
        await until(app, lambda: isinstance(app.screen, ScanScreen), "the outbox did not close")
        assert app.session.order.current == FIRST_ID + 1


async def test_a_selection_shows_its_states_alone(store_path, kept):
    store = open_store(store_path)
    outbox.withdraw(store, [kept()[0].item_id], by="bob", now=NOW)
    store.close()
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q")
        await press(pilot, "shift+tab", "shift+tab")
        lines = shown(app)
        assert "move object 0" in "\n".join(lines)
        assert "move object 1" not in "\n".join(lines)


async def test_what_others_put_in_appears_by_itself(store_path, kept):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q")
        store = open_store(store_path)
        outbox.put(store, [move(7)], by="bob", now=NOW)
        store.close()
        await until_shown(app, "move object 7")
        await press(pilot, "a")
        # The cursor stays on its item, which is not the first one any more.
        await until_shown(app, "Approved: move object 2")


@pytest.fixture
def editing(tmp_path, monkeypatch):
    """An editor that replaces a text in the file, or fails where there is none to replace."""
    monkeypatch.setattr("vra_tui.tui.app.ScanApp.suspend", lambda self: nullcontext())

    def use(before, after):
        script = tmp_path / "editor"
        script.write_text(f"#!/bin/sh\nsed -i 's/{before}/{after}/' \"$1\"\n")
        script.chmod(stat.S_IRWXU)
        monkeypatch.setitem(os.environ, "EDITOR", str(script))

    monkeypatch.delenv("VISUAL", raising=False)
    return use


async def test_an_edited_item_is_a_draft_again_in_place_of_the_old_one(store_path, kept, editing):
    editing("good", "attic")
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "e")
        await until_shown(app, "a draft again")
    assert states(kept)[2] == "withdrawn"
    store = open_store(store_path)
    (new,) = [one for one in outbox.items(store) if one.follows == kept()[2].item_id]
    store.close()
    assert (new.state, new.content["list"], new.made_by) == (State.DRAFT, "attic", "amy")


async def test_a_text_that_cannot_be_understood_is_there_at_the_next_edit(store_path, kept, editing):
    editing('"list"', "list")
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "e")
        await until_shown(app, "Not taken: line")
        assert states(kept) == ["draft"] * 3
        editing("list:", '"list":')
        await press(pilot, "e")
        await until_shown(app, "Nothing was changed")
    assert states(kept) == ["draft"] * 3


async def test_the_foot_tells_what_waits_for_approval(store_path, kept, only_when_told):
    async with scanning(store_path) as (app, pilot):
        await look(pilot)
        await until_shown(app, "Q outbox 3 to approve")
        store = open_store(store_path)
        outbox.approve(store, [kept()[0].item_id], by="bob", now=NOW)
        store.close()
        await look(pilot)
        await until_shown(app, "outbox 2 to approve")


async def test_an_empty_outbox_says_where_things_come_from(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "a", "x", "e", "s", "r", "A", "enter", "j", "y")
        assert isinstance(app.screen, OutboxScreen)
        assert "Nothing waits in the outbox" in "\n".join(shown(app))


@pytest.mark.parametrize("size", [(20, 3), (44, 12), (60, 20), (80, 24), (120, 40), (200, 60)])
async def test_it_fits_every_terminal(store_path, kept, size):
    async with scanning(store_path, size=size) as (app, pilot):
        await press(pilot, "Q", "j", "right_curly_bracket", "left_curly_bracket", "pagedown", "home", "end")
        assert isinstance(app.screen, OutboxScreen)


async def test_what_was_decided_is_drafted_by_the_rules_when_it_opens(store_path, tmp_path, ids):
    config = tmp_path / "config.toml"
    config.write_text(
        '[source.atlas]\nkind = "atlas"\n'
        '[outbox.rule.moves]\nmakes = "atlas.list"\ntarget = "atlas"\nlists = ["good"]\n'
    )
    settings = Settings(configured=lambda: load_config(config, environment={}))
    async with scanning(store_path, settings=settings) as (app, pilot):
        await press(pilot, "Q")
        await until(app, lambda: not list(app.screen.workers), "the rules did not begin")
        await press(pilot, "escape", "g", "Q")
        await until_shown(app, "to good")
        await press(pilot, "escape", "u", "Q")
        await until_shown(app, "Nothing waits in the outbox")


async def test_a_note_is_handed_in_by_a_person_who_says_so_twice(store_path):
    store = open_store(store_path)
    note = Draft("astronote", "copy", "AstroNote: x", {"title": "x"}, "x")
    (item_id,) = outbox.put(store, [note], by="bob", now=NOW, is_approved=True)
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "s")
        assert outbox.item(store, item_id).state is State.APPROVED
        await press(pilot, "s")
        await until_shown(app, "Handed in: AstroNote: x")
    assert outbox.item(store, item_id).history[-1].by == "amy"
    assert outbox.item(store, item_id).state is State.ACCEPTED
    store.close()


async def test_a_key_right_behind_the_one_that_opens_it_finds_its_item(store_path, kept):
    async with scanning(store_path) as (app, _):
        for key in ("Q", "a"):
            app.post_message(events.Key(key, key))
        await until(app, lambda: states(kept)[2] == "approved", "the item was not approved")


async def test_what_came_of_sending_is_told_when_it_is_over(store_path, kept, monkeypatch):
    async def end(self):
        self.last_line = "1 accepted"
        return 0

    monkeypatch.setattr("vra_tui.tui.jobs.Job.run", end)
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q", "a", "s")
        await until_shown(app, "outbox is done: 1 accepted")


async def test_a_click_on_a_line_moves_the_cursor_there_and_does_nothing_else(store_path, kept):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "Q")
        await pilot.click("#outbox-list", offset=(10, 2))
        await until(app, lambda: shown(app)[3].startswith("▸"), "the cursor did not move")
    assert states(kept) == ["draft"] * 3
