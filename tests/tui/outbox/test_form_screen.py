"""Forms: a report and a note are written field by field, checked as they are, and become drafts alone."""

import os
import stat
from contextlib import nullcontext

import pytest

from tests.tui.conftest import press, scanning, shown, until, until_shown
from vra_tui.config.reading import load_config
from vra_tui.store import outbox
from vra_tui.store.connection import open_store
from vra_tui.store.outbox import State
from vra_tui.tui.keymap import resolve
from vra_tui.tui.outbox.form_screen import FormScreen
from vra_tui.tui.scan_screen import ScanScreen
from vra_tui.tui.settings import Settings


@pytest.fixture
def settings(tmp_path):
    """A configuration with a reporter, and a bot for the sandbox."""
    file = tmp_path / "config.toml"
    file.write_text(
        '[tns]\nreporter = "A. Scanner (QUB)"\nreporting_group = 18\n'
        '[source.tns-sandbox]\nkind = "tns"\nbot_id = 1\nbot_name = "bot"\nsandbox = true\n'
    )
    return Settings(configured=lambda: load_config(file, environment={}))


def kept(store_path):
    store = open_store(store_path)
    found = outbox.items(store)
    store.close()
    return found


async def type_over(pilot, text):
    """Replace what stands in a prompt, and press Enter."""
    pilot.app.screen._input.value = text
    await press(pilot, "enter")


async def open_form(app, pilot, key="@"):
    await press(pilot, key)
    await until(app, lambda: isinstance(app.screen, FormScreen) and app.screen.is_steady, "no form came")


async def answer_all(app, pilot):
    """Press a, and give a reason for whatever is asked."""
    await press(pilot, "a")
    for _ in range(20):
        if isinstance(app.screen, ScanScreen):
            return
        if isinstance(app.screen, FormScreen):
            break
        await type_over(pilot, "looked at it by eye")
    await until(app, lambda: isinstance(app.screen, ScanScreen), "the form did not end")


async def test_a_report_has_its_fields_their_faults_and_what_the_rules_find(store_path):
    async with scanning(store_path) as (app, pilot):
        await open_form(app, pilot)
        text = "\n".join(shown(app))
        for said in (
            "AT report of",
            "sandbox",
            "right ascension",
            "discovery",
            "last non-detection",
            "photometry",
        ):
            assert said in text
        assert "is empty, and is needed" in text
        assert "to mend" in text
    assert kept(store_path) == []


async def test_what_blocks_keeps_it_from_the_outbox_and_leads_to_the_field(store_path):
    async with scanning(store_path) as (app, pilot):
        await open_form(app, pilot)
        await press(pilot, "a")
        assert "It cannot leave" in "\n".join(shown(app))
        pointed = next(line for line in shown(app) if line.startswith("▸"))
        assert "reporting group" in pointed
    assert kept(store_path) == []


async def test_a_field_is_edited_in_place_and_checked_at_once(store_path, settings):
    async with scanning(store_path, settings=settings) as (app, pilot):
        await open_form(app, pilot)
        await press(pilot, "enter")
        await type_over(pilot, "99:99:99")
        assert "is no such angle" in "\n".join(shown(app))
        await press(pilot, "enter")
        await type_over(pilot, "10:00:00.000")
        assert "is no such angle" not in "\n".join(shown(app))


async def test_warnings_are_answered_one_by_one_and_the_reasons_kept(store_path, settings, ids):
    async with scanning(store_path, settings=settings) as (app, pilot):
        await open_form(app, pilot)
        await answer_all(app, pilot)
        await until_shown(app, "In the outbox as a draft")
    (item,) = kept(store_path)
    assert (item.kind, item.target, item.state, item.made_by) == (
        "tns.report",
        "tns-sandbox",
        State.DRAFT,
        "amy",
    )
    assert item.content["server"] == "sandbox"
    assert set(item.content["overrides"].values()) == {"looked at it by eye"}
    assert item.alert_ids == (ids[0],)


async def test_a_warning_without_an_answer_keeps_it_from_the_outbox(store_path, settings):
    async with scanning(store_path, settings=settings) as (app, pilot):
        await open_form(app, pilot)
        await press(pilot, "a", "escape")
        assert "Not answered" in "\n".join(shown(app))
    assert kept(store_path) == []


async def test_a_report_to_the_tns_itself_takes_a_key_twice_and_a_bot_for_it(store_path, settings):
    async with scanning(store_path, settings=settings) as (app, pilot):
        await open_form(app, pilot)
        await press(pilot, "R", "j", "R")
        assert "for the TNS's sandbox" in shown(app)[0]
        await press(pilot, "R")
        assert "for the TNS itself" in shown(app)[0]
        await press(pilot, "a")
        for _ in range(20):
            if isinstance(app.screen, FormScreen):
                break
            await type_over(pilot, "because")
        await until_shown(app, "names no bot for the TNS")
    assert kept(store_path) == []


async def test_what_was_changed_is_not_left_by_one_key(store_path, settings):
    async with scanning(store_path, settings=settings) as (app, pilot):
        await open_form(app, pilot)
        await press(pilot, "enter")
        await type_over(pilot, "10:00:00.000")
        await press(pilot, "escape")
        assert isinstance(app.screen, FormScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, ScanScreen)


@pytest.fixture
def editing(tmp_path, monkeypatch):
    """An editor that replaces a text in the file."""
    monkeypatch.setattr("vra_tui.tui.app.ScanApp.suspend", lambda self: nullcontext())
    monkeypatch.delenv("VISUAL", raising=False)

    def use(before, after):
        script = tmp_path / "editor"
        script.write_text(f"#!/bin/sh\nsed -i 's/{before}/{after}/' \"$1\"\n")
        script.chmod(stat.S_IRWXU)
        monkeypatch.setitem(os.environ, "EDITOR", str(script))

    return use


async def test_all_of_it_is_edited_in_the_editor_and_a_broken_text_is_kept(store_path, settings, editing):
    async with scanning(store_path, settings=settings) as (app, pilot):
        await open_form(app, pilot)
        editing("^remarks:.*", "remraks: seen twice")
        await press(pilot, "e")
        assert "Not taken: line" in "\n".join(shown(app))
        editing("^remraks", "remarks")
        await press(pilot, "e")
        assert "seen twice" in "\n".join(shown(app))


async def test_a_note_is_about_the_marked_alerts_and_is_kept_as_a_draft(store_path, settings, ids):
    async with scanning(store_path, settings=settings) as (app, pilot):
        await press(pilot, "space", "space")
        await open_form(app, pilot, "*")
        text = "\n".join(shown(app))
        assert "AstroNote" in text
        assert "A. Scanner (QUB)" in text
        await press(pilot, "a")
        if isinstance(app.screen, FormScreen):  # a blank that its template left is to be filled first
            assert "It cannot leave" in "\n".join(shown(app))
        else:
            (item,) = kept(store_path)
            assert (item.kind, item.alert_ids) == ("astronote", tuple(sorted(ids[:2])))


async def test_a_draft_is_edited_as_a_form_and_the_new_one_takes_its_place(store_path, settings):
    async with scanning(store_path, settings=settings) as (app, pilot):
        await open_form(app, pilot)
        await answer_all(app, pilot)
        await press(pilot, "Q", "e")
        await until(app, lambda: isinstance(app.screen, FormScreen), "no form came")
        await press(pilot, *["j"] * 13, "enter")
        await type_over(pilot, "fades")
        await press(pilot, "a")
        await until(app, lambda: not isinstance(app.screen, FormScreen), "the form did not end")
    old, new = kept(store_path)
    assert (old.state, new.state, new.follows) == (State.WITHDRAWN, State.DRAFT, old.item_id)
    assert new.content["form"]["remarks"] == "fades"


@pytest.mark.parametrize("size", [(20, 3), (44, 12), (80, 24), (200, 60)])
async def test_a_form_fits_every_terminal(store_path, size):
    async with scanning(store_path, size=size) as (app, pilot):
        await open_form(app, pilot)
        await press(pilot, "end", "home", "pagedown", "right_curly_bracket", "left_curly_bracket")
        assert isinstance(app.screen, FormScreen)


async def test_at_80_columns_the_way_out_is_named_and_where_the_cursor_stands(store_path):
    async with scanning(store_path, size=(80, 24)) as (app, pilot):
        await open_form(app, pilot)
        await press(pilot, "j")
        assert "Esc leave" in shown(app)[-1]
        assert f" 2 of {len(app.screen._rows)} " in shown(app)[-2]


async def test_at_80_columns_what_is_told_of_a_row_is_not_cut(store_path):
    async with scanning(store_path, size=(80, 24)) as (app, pilot):
        await open_form(app, pilot, "*")
        await press(pilot, "j")
        assert "  tns.reporter of the configuration 2 of " in shown(app)[-2]


async def test_a_form_has_the_keys_of_the_key_map(store_path):
    async with scanning(store_path, keys=resolve({"form_leave": "f9", "form_put": "P"})) as (app, pilot):
        await open_form(app, pilot)
        await press(pilot, "escape", "a")
        assert "P into the outbox" in shown(app)[-1]
        await press(pilot, "P")
        assert "It cannot leave" in "\n".join(shown(app))
        await press(pilot, "?", "escape", "f9")
        assert isinstance(app.screen, ScanScreen)


async def test_what_was_typed_before_the_line_was_cut_is_there_again(store_path, settings):
    for _ in range(2):
        async with scanning(store_path, settings=settings) as (app, pilot):
            await open_form(app, pilot)
            if "10:00:00.000" not in "\n".join(shown(app)):
                await press(pilot, "enter")
                await type_over(pilot, "10:00:00.000")
            # The program ends here, whatever is open.
    async with scanning(store_path, settings=settings) as (app, pilot):
        await open_form(app, pilot)
        text = "\n".join(shown(app))
        assert "10:00:00.000" in text
        assert "What you changed before is here again; Esc twice leaves it." in text
        await press(pilot, "escape", "escape")
        await open_form(app, pilot)
        assert "10:00:00.000" not in "\n".join(shown(app))


async def test_a_broken_text_is_not_written_over_by_what_is_typed_beside_it(store_path, settings, editing):
    async with scanning(store_path, settings=settings) as (app, pilot):
        await open_form(app, pilot)
        editing("^remarks:.*", "remraks: seen twice")
        await press(pilot, "e", "enter")
        await type_over(pilot, "10:00:00.000")
        editing("^remraks", "remarks")
        await press(pilot, "e")
        assert "seen twice" in "\n".join(shown(app))
