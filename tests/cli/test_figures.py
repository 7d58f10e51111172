import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.cli.figures import Paper, lines_of, paper, show
from vra_tui.export.panels import Bars, Panel, Series, round_ticks

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def panel(*series: Series) -> Panel:
    series = series or (
        Series("mine", [0, 1, 2], [0, 0.8, 1]),
        Series("theirs", [0, 1, 2], [0, 0.5, 1]),
        Series("perfect", [0, 2], [1, 1], style="dashed"),
    )
    return Panel("Recall", "looks (share)", "found", series, up_range=(0, 1))


BARS = Bars("Change", "PSI", {"rank": 0.25, "P(real)": 0.05, "rb_pix": 0.5}, limit=0.1)
FIGURES = [panel(), BARS]


@pytest.mark.parametrize("figure", FIGURES, ids=["curves", "bars"])
@pytest.mark.parametrize(("width", "height"), [(40, 12), (80, 20), (140, 32)])
@pytest.mark.parametrize("colour", [False, True])
def test_a_figure_is_no_larger_than_its_paper(figure, width, height, colour):
    lines = lines_of(figure, Paper(width, height, has_colour=colour))
    plain = [ESCAPE.sub("", line) for line in lines]
    assert max(map(len, plain)) <= width
    assert len(lines) <= height


@pytest.mark.parametrize("figure", FIGURES, ids=["curves", "bars"])
def test_a_figure_says_what_it_is_and_what_its_axes_are(figure):
    text = "\n".join(lines_of(figure, Paper()))
    words = ("Recall", "looks (share)", "found") if isinstance(figure, Panel) else ("Change", "PSI")
    assert all(word in text for word in words)


@pytest.mark.parametrize("figure", FIGURES, ids=["curves", "bars"])
def test_colours_are_there_on_wish_only_and_change_no_sign(figure):
    plain, coloured = (lines_of(figure, Paper(has_colour=wanted)) for wanted in (False, True))
    assert "\x1b" not in "".join(plain)
    assert "\x1b[38;5;" in "".join(coloured)
    assert [ESCAPE.sub("", line).rstrip() for line in coloured] == plain


@pytest.mark.parametrize("figure", FIGURES, ids=["curves", "bars"])
def test_plain_letters_do_where_there_are_no_others(figure):
    assert "".join(lines_of(figure, Paper(is_ascii=True))).isascii()


def test_every_curve_has_a_sign_that_the_legend_explains():
    lines = lines_of(panel(), Paper())
    assert lines[-1].strip() == "⠤ mine   o theirs   - perfect"
    assert all(sign in "".join(lines[2:-1]) for sign in "o-")


def test_a_curve_stands_where_its_values_are():
    rising = panel(Series("mine", np.linspace(0, 1, 200), np.linspace(0, 1, 200)))
    rows = lines_of(rising, Paper(60, 24))[3:]
    rows = [row for row in rows if "│" in row[4:] and "└" not in row]
    first = [next(i for i, char in enumerate(row) if "⠀" < char <= "⣿") for row in rows]
    assert first == sorted(first, reverse=True)
    assert np.corrcoef(first, -np.arange(len(first)))[0, 1] > 0.99


def test_what_is_dashed_lies_below_the_rest_wherever_it_stands_in_the_legend():
    same = [0, 0.5, 1], [0, 0.5, 1]
    found = panel(Series("should be", *same, style="dashed"), Series("is", *same))
    lines = lines_of(found, Paper())
    assert lines[-1].strip() == "- should be   ⠤ is"
    rows = [line[5:-1] for line in lines[3:-4]]
    assert any("⠀" < char <= "⣿" for row in rows for char in row)
    assert not any("-" in row for row in rows)


def test_a_longer_bar_is_a_greater_value_in_the_order_given():
    rows = [line for line in lines_of(BARS, Paper()) if "█" in line]
    assert [row.split()[0] for row in rows] == ["rank", "P(real)", "rb_pix"]
    lengths = [row.count("█") for row in rows]
    assert lengths[2] == pytest.approx(2 * lengths[0], abs=2)
    assert lengths[0] == pytest.approx(5 * lengths[1], abs=5)


def test_two_bars_whose_names_look_alike_are_two_bars():
    long = "long " * 20
    rows = lines_of(Bars("t", "x", {"a\x07b": 1.0, "ab": 2.0, long + "1": 3.0, long + "2": 4.0}), Paper())
    assert sum("█" in row for row in rows) == 4


@pytest.mark.parametrize("colour", [False, True])
def test_names_from_outside_draw_nothing_themselves(colour):
    evil = "a\x1b[2Jb\x07\nc\u202e"
    for figure in (
        Panel(evil, evil, evil, [Series(evil, [0, 1], [0, 1])]),
        Bars(evil, evil, {evil: 1.0}),
    ):
        text = "\n".join(ESCAPE.sub("", line) for line in lines_of(figure, Paper(has_colour=colour)))
        assert not set(text) & set("\x1b\x07\u202e")


def test_what_has_no_value_is_left_out_and_nothing_at_all_is_said():
    gaps = panel(Series("mine", [0, 1, np.nan, 3], [0, np.nan, 1, np.inf]))
    assert lines_of(gaps, Paper())[-1].strip() == "⠤ mine"
    for figure in (panel(Series("mine", [], [])), Bars("Change", "PSI", {"rank": float("nan")})):
        assert "nothing to draw" in "\n".join(lines_of(figure, Paper()))


def test_one_figure_leaves_nothing_behind_for_the_next():
    alone = lines_of(panel(), Paper())
    lines_of(BARS, Paper(has_colour=True))
    assert lines_of(panel(), Paper()) == alone


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=1, max_size=20),
    st.sampled_from(["line", "dashed", "points"]),
)
def test_any_values_can_be_drawn(points, style):
    one = Series("mine", [x for x, _ in points], [y for _, y in points], style=style)
    lines = lines_of(Panel("t", "x", "y", [one]), Paper())
    assert max(map(len, lines)) <= 80
    bars = {str(number): y for number, (_, y) in enumerate(points)}
    assert max(map(len, lines_of(Bars("t", "x", bars), Paper()))) <= 80


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(3, 12))
def test_ticks_are_round_and_few_and_inside(low, span, most):
    ticks = round_ticks(low, low + span, most)
    assert 1 <= len(ticks) <= most
    near = 1e-6 * span + 1e-9 * abs(low)
    assert all(low - near <= tick <= low + span + near for tick in ticks)


def test_a_pipe_gets_80_columns_and_no_colours(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "33")
    show(panel())
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) == 80


class Terminal:
    """A terminal as far as `paper` asks."""

    def __init__(self, encoding="utf-8"):
        self.encoding = encoding

    def isatty(self):
        return True


def test_a_terminal_says_how_wide_it_is_and_what_it_shows(monkeypatch):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert paper() == Paper(100, 20, has_colour=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not paper().has_colour
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert paper() == Paper(100, 20, is_ascii=True)
    monkeypatch.delenv("TERM")
    monkeypatch.setattr(sys, "stdout", Terminal("iso8859-1"))
    assert paper().is_ascii
