"""Sections are laid out so that labels line up, nothing is wider than its pane, and nothing is lost."""

import pytest

from vra_tui.tui.context.section import LABEL, TWO_COLUMNS, OneLine, Section, arranged, flowed
from vra_tui.tui.spans import text_of, width_of

WORDS = [[(f"word{n} of a part", "value")] for n in range(9)]
FIRST = [
    Section("why", glance=[WORDS[:2]], rest=[[WORDS[7]]]),
    Section("empty"),
    Section("host", glance=[WORDS[2:5]], rest=[[WORDS[8]]], is_right=True),
]
LATER = [Section("position", rest=[WORDS[5:7]])]


def laid(width, height):
    return [*arranged(FIRST, LATER, width, height)]


@pytest.mark.parametrize("width", [12, 30, 48, 65, 110, TWO_COLUMNS, 160])
@pytest.mark.parametrize("height", [3, 8, 20, 60])
def test_everything_is_said_once_and_nothing_is_wider_than_the_pane(width, height):
    lines = laid(width, height)
    assert all(width_of(line) <= width for line in lines)
    if width >= 30:
        text = "\n".join(map(text_of, lines))
        assert all(text.count(f"word{n} of a part") == 1 for n in range(9))
        assert "empty" not in text


def test_where_there_is_little_room_the_first_glance_of_all_comes_before_the_rest_of_any():
    text = "\n".join(map(text_of, laid(65, 2)))
    assert text.index("word4") < text.index("word7")
    assert text.index("word7") < text.index("word8") < text.index("word5")


def test_where_there_is_room_a_section_stands_whole_with_a_blank_line_before_the_next():
    lines = [text_of(line) for line in laid(65, 30)]
    assert [line[:LABEL].strip() for line in lines] == ["why", "", "", "host", "", "", "position"]
    assert lines[2] == lines[5] == ""


def test_a_label_stands_before_its_first_line_alone_and_facts_begin_in_one_column():
    lines = [text_of(line) for line in laid(40, 30) if line]
    assert sum(line.startswith("host") for line in lines) == 1
    assert {len(line) - len(line[8:].lstrip()) for line in lines} == {8}


def test_two_columns_keep_their_sides():
    lines = [text_of(line) for line in laid(TWO_COLUMNS, 13)]
    assert lines[0].index("host") > TWO_COLUMNS // 2
    assert lines[0].startswith("why")


def test_a_long_part_is_broken_at_blanks_and_a_line_that_must_be_one_is_cut():
    part = [("short words ", "dim"), ("and a longer text that needs more than a line", "value")]
    lines = flowed([part], 20)
    assert len(lines) > 2
    assert all(width_of(line) <= 20 for line in lines)
    assert " ".join(text_of(line) for line in lines).split() == text_of(part).split()
    (line,) = flowed(OneLine([part]), 20)
    assert text_of(line).endswith("…")


def test_a_word_wider_than_the_pane_does_not_break_it():
    assert all(width_of(line) <= 10 for line in flowed([[("x" * 50 + " tail", "value")]], 10))


def test_lines_that_are_not_looked_at_are_not_made():
    def never():
        raise AssertionError("a section out of sight was made")
        yield

    lines = arranged(FIRST, never(), 65, 8)
    for _ in range(4):
        next(lines)


@pytest.mark.parametrize("height", range(2, 18))
def test_no_label_stands_twice_in_view_where_all_first_glances_fit(height):
    lines = [text_of(line) for line in laid(40, height)]
    labels = [line[:8].strip() for line in lines[:height] if line[:8].strip()]
    if height >= 5:  # of `why` two lines, of `host` three
        assert len(set(labels)) == len(labels)
    words = "\n".join(lines)
    assert all(words.count(f"word{n} of a part") == 1 for n in range(9))


def test_no_label_is_cut():
    for label in ("because", "context", "quality", "scores"):
        lines = arranged([Section(label, glance=[WORDS[:1]])], [], 30, 5)
        assert text_of(next(lines)).startswith(f"{label} ")
