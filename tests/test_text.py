"""Nothing from outside reaches the terminal as anything but text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from vra_tui.text import harmless, plain, printable, well_formed

#: Sequences that clear screens, set titles, write the clipboard, move cursors, reorder lines.
HOSTILE = {
    "clear": ("a\x1b[2Jb", "ab"),
    "colour": ("\x1b[31mred\x1b[0m", "red"),
    "title": ("a\x1b]0;owned\x07b", "ab"),
    "clipboard": ("a\x1b]52;c;ZXZpbA==\x1b\\b", "ab"),
    "device control": ("a\x1bP+q544e\x1b\\b", "ab"),
    "8-bit controls": ("a\x9b31mb\x9d0;t\x9cc\x85d", "abc d"),
    "right to left": ("abc\u202edef\u2066ghi", "abcdefghi"),
    "zero width": ("a\u200b\u200d\ufeffb", "ab"),
    "lines": ("a\nb\r\nc\td", "a b c d"),
    "separators": ("a\u2028b\u2029c", "a b c"),
    "bell and backspace": ("a\x07\x08b", "ab"),
    "lone surrogate": ("a\ud800b", "ab"),
    "unfinished sequence": ("a\x1b[", "a"),
    "private use": ("a\ue000b", "ab"),
}


@pytest.mark.parametrize(("raw", "clean"), HOSTILE.values(), ids=HOSTILE.keys())
def test_escape_sequences_and_controls_are_taken_out(raw, clean):
    assert printable(raw) == clean


@given(st.text() | st.text(alphabet="\x1b[]P\\0;mHJ\x07\x9b\u202e<>&amp; ab"))
def test_no_control_or_format_character_ever_passes(raw):
    for text in (printable(raw), plain(raw)):
        assert not {unicodedata.category(char) for char in text} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        text.encode()


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(raw):
    assert printable(printable(raw)) == printable(raw)


def test_html_of_annotations_becomes_plain_text():
    raw = 'with <em><a href="http://x.org/?a=1&b=2">SDSS J0</a></em>; 14.04&quot; S &amp; E'
    assert plain(raw) == 'with SDSS J0; 14.04" S & E'


def test_entities_do_not_smuggle_controls_in():
    assert plain("a&#27;[2Jb&#x202e;c") == "a[2Jbc"


def test_long_text_is_cut_and_says_so():
    assert printable("x" * 50, limit=10) == "x" * 9 + "…"
    assert len(printable("é\n" * 10_000_000, limit=100)) == 100


def test_accents_stay_and_towers_of_marks_do_not():
    assert printable("Mauna Kéa β Öpik") == "Mauna Kéa β Öpik"
    assert len(printable("z" + "\u0301" * 50)) <= 3


def test_nothing_is_nothing():
    assert printable(None) == plain(None) == ""


@given(st.text())
def test_what_is_laid_out_keeps_its_lines_and_blanks_and_nothing_that_acts(raw):
    clean = harmless(raw)
    assert clean.replace("\n", "").isprintable()
    assert clean.count("\n") == raw.count("\n")
    assert harmless(clean) == clean


def test_an_unfinished_sequence_does_not_swallow_the_lines_after_it():
    assert harmless("a  \x1b]0;title\nb\tc\x1b[31\n") == "a  \nb c\n"


@given(st.text())
def test_a_clean_text_is_as_wide_as_its_characters(raw):
    text = printable(raw)
    assert cell_len(text) == sum(map(cell_len, text))


@pytest.mark.parametrize(
    "raw", ["\U0001f1e9\U0001f1ea", "\U0001f44d\U0001f3fd", "\u263a\ufe0f", "\u3164", "1\ufe0f\u20e3"]
)
def test_what_changes_the_width_of_its_neighbours_is_taken_apart(raw):
    text = printable(f"a{raw}b")
    assert cell_len(text) == sum(map(cell_len, text))


@given(st.text() | st.text(alphabet="a\ud800\udfff\U0001f600"))
def test_halves_of_characters_become_question_marks_and_all_else_stays(raw):
    sound = well_formed(raw)
    sound.encode()
    assert len(sound) == len(raw)
    assert all(new in (old, "?") for new, old in zip(sound, raw, strict=True))
