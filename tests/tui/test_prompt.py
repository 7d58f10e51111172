"""The line at the bottom: it completes words, tells errors in full, and knows what was typed before."""

import asyncio
import json
import sqlite3
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from tests.tui.conftest import press, scanning, shown, until, until_shown
from tests.tui.made import an_alert, put
from vra_tui.domain.alert import Annotation
from vra_tui.store.filter_vocabulary import FilterVocabulary, filter_vocabulary
from vra_tui.store.filter_words import FilterError
from vra_tui.tui.completion import complete
from vra_tui.tui.prompt import LONGEST, Prompt, fault_lines, title_line, word_lines
from vra_tui.tui.prompt_history import AT_MOST, PromptHistory
from vra_tui.tui.settings import Settings
from vra_tui.tui.spans import text_of, width_of

WORDS = FilterVocabulary(
    numbers=("rank", "mag", "needle.SLSN-I"),
    values={"note": ("NEEDLE", "fink"), "survey": ("atlas", "ztf"), "by": ("ann", "a b")},
)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ra", "rank>"),
        ("rank > 7 ma", "mag>"),
        ("-und", "undecided"),
        ("- und", "undecided"),
        ("rank>7,sur", "survey:"),
        ("note:", "NEEDLE"),
        ("note : ne", "NEEDLE"),
        ("-note:NEE", "NEEDLE"),
        ("survey:z", "ztf"),
        ('by:"a', "ann"),
        ("by:b", '"a b"'),
        ("need", "needle.SLSN-I>"),
        ("slsn", "needle.SLSN-I>"),
    ],
)
def test_a_word_is_completed_from_what_there_is(text, first):
    found = complete(text, len(text), WORDS)
    assert found.words[0] == first
    assert text[found.start :] == found.begun


@pytest.mark.parametrize("text", ["rank>", "rank > 7", "xyzzy", "host:", "note:zzz"])
def test_what_nothing_goes_on_from_is_left_alone(text):
    assert not complete(text, len(text), WORDS).words


@given(st.text(max_size=40), st.integers(0, 40))
def test_no_text_breaks_completing(text, cursor):
    found = complete(text, min(cursor, len(text)), WORDS)
    assert found.start + len(found.begun) == min(cursor, len(text))


async def test_tab_completes_and_goes_through_what_fits(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/", *"rank>1 fad", "tab")
        assert app.screen.query_one("#prompt").value == "rank>1 fading"
        await press(pilot, *" ma", "tab")
        assert app.screen.query_one("#prompt").value == "rank>1 fading mag>"
        await press(pilot, "ctrl+u", *"m", "tab")
        first = app.screen.query_one("#prompt").value
        await until_shown(app, "mag>")
        await press(pilot, "tab")
        assert app.screen.query_one("#prompt").value != first
        await press(pilot, "shift+tab")
        assert app.screen.query_one("#prompt").value == first


async def test_tab_on_nothing_shows_all_words_and_types_none(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/", "tab")
        assert app.screen.query_one("#prompt").value == ""
        await until_shown(app, "undecided")


async def test_the_stores_own_surveys_and_scanners_are_completed(store_path, others):
    others.execute("PRAGMA user_version")
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "g", "/")
        await pilot.app.workers.wait_for_complete()
        await press(pilot, *"survey:at", "tab", *" by:", "tab")
        assert app.screen.query_one("#prompt").value == "survey:atlas by:amy"
        await press(pilot, "enter")
        assert app.session.query.words == "survey:atlas by:amy"


def test_the_vocabulary_holds_nothing_that_cannot_be_typed(store):
    put(
        store,
        an_alert("ztf", "ZTF1", annotations=(Annotation("a\x1b]52;c;x\x07", "b"), Annotation('q"', "b"))),
    )
    found = filter_vocabulary(store)
    assert "ztf" in found.values["survey"]
    assert "note" not in found.values


async def test_an_error_stands_below_in_full_with_its_place_and_the_text_stays(store_path):
    async with scanning(store_path, size=(80, 24)) as (app, pilot):
        before = app.session.query
        await press(pilot, "/", *"rank > 7  magg < 18 -tns", "enter")
        assert isinstance(app.screen, Prompt)
        lines = shown(app)
        row = next(number for number, line in enumerate(lines) if "rank > 7  magg < 18 -tns" in line)
        assert lines[row + 1].index("^") == lines[row].index("magg")
        assert lines[row + 1].count("^") == len("magg < 18")
        text = " ".join(line.strip() for line in lines[row + 2 :])
        assert "did you mean `mag`?" in text
        assert "points, t0." in text  # the last of the names: nothing is cut
        assert app.session.query == before
        await press(pilot, *["backspace"] * 6, "1", "8", "enter")
        assert isinstance(app.screen, Prompt)  # still magg
        await press(pilot, "escape")
        assert app.session.query == before


async def test_a_number_that_no_classifier_gave_is_pointed_at_too(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/", *"rank>0 needle.x > 0.5", "enter")
        text = "\n".join(shown(app))
        assert "no classifier gave such a number" in text
        assert text.count("^") == len("needle.x > 0.5")


async def test_blanks_in_a_filter_are_taken(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/", *"name : t007", "enter")
        assert len(app.session.order) == 1
        await press(pilot, "/", "ctrl+u", *"rank > 0 - tns", "enter")
        assert len(app.session.order) == len(ids) - 1


async def test_what_was_typed_comes_back_by_the_arrows_in_this_session_and_the_next(store_path, tmp_path):
    file = tmp_path / "own" / "typed.json"
    settings = Settings(history_file=file)
    async with scanning(store_path, settings=settings) as (app, pilot):
        await press(pilot, "/", *"rank > 1", "enter", "/", "ctrl+u", *"-tns", "enter", "escape")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with scanning(store_path, settings=settings) as (app, pilot):
        await press(pilot, "/", *"ma", "up")
        line = app.screen.query_one("#prompt")
        assert line.value == "-tns"
        await press(pilot, "up", "up")
        assert line.value == "rank > 1"
        await press(pilot, "down", "down")
        assert line.value == "ma"


async def test_a_reason_that_was_given_before_comes_back_for_the_next_alert(store_path, others):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "G", *"nuclear", "enter", "n", "up")
        assert app.screen.query_one("#prompt").value == "nuclear"
        await press(pilot, *", old", "enter", "P", "up", "up", "enter")
        await press(pilot, "exclamation_mark", *"moon", "enter", "j", "exclamation_mark", "up")
        assert app.screen.query_one("#prompt").value == "moon"
    notes = others.execute("SELECT note FROM decisions WHERE note IS NOT NULL ORDER BY sequence").fetchall()
    assert [row[0] for row in notes] == ["nuclear", "nuclear"]


def test_the_history_is_bounded_and_each_line_stands_once(tmp_path):
    history = PromptHistory(tmp_path / "typed.json")
    for number in range(AT_MOST + 20):
        history.add("filter", f"rank>{number}")
    history.add("filter", "rank>50")
    history.add("filter", "x" * 10_000)
    history.add("filter", "\x1b]52;c;x\x07 \n")
    lines = history.lines("filter")
    assert len(lines) == AT_MOST
    assert lines.count("rank>50") == 1
    assert lines[-2:][0] == "rank>50"
    assert all(line.isprintable() and len(line) <= 500 for line in lines)
    assert history.lines("find") == []


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff", b'{"filter": 3}', b"[" * 100_000, b'{"filter": ["a\\u001b[31m", 3]}']
)
def test_a_broken_history_is_no_history_and_is_written_anew(tmp_path, content):
    file = tmp_path / "typed.json"
    file.write_bytes(content)
    history = PromptHistory(file)
    assert all(line.isprintable() for line in history.lines("filter"))
    history.add("filter", "rank>7")
    assert PromptHistory(file).lines("filter")[-1] == "rank>7"
    assert json.loads(file.read_text())


def test_a_line_that_is_too_long_to_keep_whole_is_not_kept(tmp_path):
    history = PromptHistory(tmp_path / "typed.json")
    history.add("filter", "tns " * 400)
    assert history.lines("filter") == []


def test_two_sessions_keep_each_others_lines(tmp_path):
    first, second = (PromptHistory(tmp_path / "typed.json") for _ in range(2))
    first.add("find", "a")
    second.add("find", "b")
    first.add("find", "c")
    assert second.lines("find") == ["a", "b", "c"]


def test_a_folder_that_cannot_be_written_loses_nothing_of_the_session(tmp_path):
    (tmp_path / "file").write_text("")
    history = PromptHistory(tmp_path / "file" / "typed.json")
    history.add("find", "a")
    assert history.lines("find") == ["a"]


@given(
    st.text(max_size=300),
    st.text(max_size=600),
    st.none() | st.tuples(st.integers(0, 300), st.integers(0, 40)),
    st.integers(10, 200),
)
def test_whatever_is_wrong_fits_the_width_and_acts_on_no_terminal(text, message, at, width):
    place = None if at is None else (min(at[0], len(text)), min(at[0] + at[1], len(text)))
    for line in fault_lines(text, message, place, width):
        assert text_of(line).isprintable()
        assert width_of(line) <= width + 2 or at is not None


def test_the_marks_stand_below_the_word_in_a_text_that_is_longer_than_the_line():
    text = "tns " * 60 + "magg<18 " + "fast " * 20
    at = text.index("magg")
    shown_text, marks, *_ = (text_of(line) for line in fault_lines(text, "no", (at, at + 7), 60))
    assert shown_text[marks.index("^") :][: marks.count("^")] == "magg<18"
    assert len(shown_text) <= 60


@given(st.lists(st.text("abc:>", min_size=1, max_size=30), min_size=1, max_size=300), st.integers(8, 200))
def test_words_to_choose_from_fit_and_the_chosen_one_is_among_them(words, width):
    for chosen in (-1, 0, len(words) - 1):
        lines = word_lines(words, chosen, width)
        assert len(lines) <= 7
        assert all(width_of(line) <= width for line in lines)
        assert (chosen < 0) or any(role == "keys_key" for line in lines for _, role in line)


@given(st.text("ab c", max_size=100), st.integers(20, 200))
def test_a_title_and_its_keys_fit_on_a_line(title, width):
    assert width_of(title_line(title, ("Enter keeps, Esc leaves it",), width)) <= width


async def test_a_paste_of_a_megabyte_is_cut(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "/")
        line = app.screen.query_one("#prompt")
        line.insert_text_at_cursor("rank>7 " * 150_000)
        assert len(line.value) == LONGEST
        await press(pilot, "enter")
        await until_shown(app, "at most 2,000 characters")


@pytest.mark.parametrize("fault", [None, FilterError("no word", (0, 1))])
async def test_escape_while_a_line_is_checked_leaves_the_screen_below(store_path, fault):
    async with scanning(store_path) as (app, pilot):
        below = app.screen
        await press(pilot, "/")
        prompt = app.screen
        is_checked = asyncio.Event()

        async def check(text):
            await is_checked.wait()
            if fault is not None:
                raise fault

        prompt._check = check
        app.post_message(events.Key("enter", None))
        await until(app, lambda: not prompt.is_steady, "no line is checked")
        app.post_message(events.Key("escape", None))
        await until(app, lambda: app.screen is below, "the prompt stays")
        is_checked.set()
        await until(app, lambda: not prompt.is_attached, "the prompt is not taken away")
        await pilot.pause()
        assert app.screen is below


async def test_what_was_found_and_cannot_be_read_is_told_in_the_prompt(store_path, monkeypatch):
    def broken(*_):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("vra_tui.tui.room.finding.list_rows", broken)
    async with scanning(store_path) as (app, pilot):
        row = app.screen.row_meant()
        app.screen.run_worker(app.screen.action_find())
        await until(app, lambda: isinstance(app.screen, Prompt), "nothing is asked")
        app.screen.query_one("#prompt").value = f"{row.ra} {row.dec} 9d"
        await press(pilot, "enter")
        await until_shown(app, "The store cannot be read")
