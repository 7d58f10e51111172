"""Lines of spans: widths in cells, cuts, and what has to be painted again."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from vra_tui.tui.palette import ROLES, THEMES, styles_of
from vra_tui.tui.spans import cells_of, changed_runs, cut, fit, fit_line, text_of, to_strip, width_of, wrap

words = st.text(st.sampled_from("ab é漢字–●"), max_size=30)
lines = st.lists(st.tuples(words, st.sampled_from(["text", "dim", "cursor"])), max_size=5)


@given(words, st.integers(1, 40))
def test_fitted_text_has_exactly_the_width(text, width):
    assert cell_len(fit(text, width)) == width
    assert cell_len(cut(text, width)) <= width


@given(lines, st.integers(1, 60))
def test_a_strip_has_exactly_the_width_and_the_text(line, width):
    styles = styles_of("dark")
    strip = to_strip(line, width, styles)
    assert sum(segment.cell_length for segment in strip) == width
    assert strip.text == text_of(fit_line(line, width))
    assert all(segment.style is not None for segment in strip)  # None crashes Textual under NO_COLOR


@given(lines, lines, st.integers(1, 40))
def test_painting_the_changed_cells_makes_the_old_line_the_new_one(old, new, width):
    styles = styles_of("dark")
    before, after = to_strip(old, width, styles), to_strip(new, width, styles)
    runs = changed_runs(cells_of(old, width), cells_of(new, width))
    painted, here = "", 0
    for first, last in runs:
        painted += before.crop(here, first).text + after.crop(first, last).text
        here = last
    assert painted + before.crop(here, width).text == after.text
    if old == new:
        assert not runs


@given(words, st.integers(4, 30), st.integers(1, 4))
def test_wrapped_text_fits(text, width, limit):
    pieces = wrap(text, width, limit)
    assert len(pieces) <= limit
    assert all(width_of([(piece, "text")]) <= width for piece in pieces)


def test_every_theme_has_a_style_for_every_role():
    for theme in THEMES:
        assert set(styles_of(theme)) == set(ROLES)


def test_the_terminals_own_theme_sets_no_colour_of_its_own():
    colours = {style.color.number for style in styles_of("terminal").values() if style.color}
    assert all(number is None or number < 16 for number in colours)


def test_a_link_leads_where_it_says_and_carries_no_sequence_of_its_own():
    from vra_tui.tui.spans import link

    role = link("strong", "https://www.wis-tns.org/object/2024\x1b]8;;evil\x07")
    strip = to_strip([("2024abc", role)], 10, styles_of("dark"))
    url = next(iter(strip)).style.link
    assert url == "https://www.wis-tns.org/object/2024%1B%5D8%3B%3Bevil%07"
    old, new = (cells_of([(text, role)], 10) for text in ("2024abc", "2024abd"))
    assert changed_runs(old, new) == [(6, 7)]
