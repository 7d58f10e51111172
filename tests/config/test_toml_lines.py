"""The line in which a key stands is found, however the file is written."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.config.toml_lines import TomlLines

NAMES = st.sampled_from(["a", "b", "theme", "a b", "a=b", "a.b", "#", "ü", "[a]", ""])
PATHS = st.lists(st.lists(NAMES, min_size=2, max_size=3).map(tuple), min_size=1, max_size=8, unique=True)
NOISE = ["", "   ", "# a = 1", "# [a]", "#", '  # "x" = [1]']


def quoted(name):
    return f'"{name}"'


@given(PATHS, st.data())
def test_every_key_is_found_in_its_line_among_comments_and_empty_lines(paths, data):
    """Each key in a table of its own or by dots, its value a text that looks like a key itself."""
    tables: dict[tuple, list[str]] = {}
    for *table, name in paths:
        tables.setdefault(tuple(table), []).append(name)
    lines, places = [], {}

    def put(line):
        lines.extend(data.draw(st.lists(st.sampled_from(NOISE), max_size=2)))
        lines.append(line)

    for table, names in tables.items():
        put(f"{data.draw(st.sampled_from(['', '  ']))}[ {' . '.join(map(quoted, table))} ] # mine = [1]")
        for name in names:
            put(f'{quoted(name)}{data.draw(st.sampled_from([" = ", "="]))}"theme = 3 # [b]"  # = ')
            places[(*table, name)] = len(lines)
    text = "\n".join(lines)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # a key and a table of one name
    found = TomlLines(text)
    assert {path: found.line_of(path) for path in places} == places


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("\nscreen.theme = 1\n", ("screen", "theme"), 2),
        ("\nscreen = {theme = 1}\n", ("screen", "theme"), 2),
        ("[a]\nx = 1\n[b]\ny = 1\n", ("b", "x"), 3),
        ("[a]\nx = 1\n[b.c]\ny = 1\n", ("b",), 3),
        ("[a]\n", ("b", "x"), 1),
        ("", ("b",), 1),
        ("[[a.b]]\nx = 1\n[[a.b]]\ny = 2\n", ("a", "b", "y"), 4),
    ],
)
def test_where_no_line_sets_a_key_by_itself_the_nearest_around_it_is_named(text, path, line):
    assert TomlLines(text).line_of(path) == line
