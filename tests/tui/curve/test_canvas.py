"""The canvas: a cell shows its highest layer alone, signs stand above dots."""

import numpy as np

from vra_tui.tui.curve.canvas import Canvas
from vra_tui.tui.spans import text_of


def at(*values: float) -> np.ndarray:
    return np.array(values, float)


def one(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_a_dot_is_in_the_bit_of_its_row_and_column():
    for row, column, char in ((0, 0, "⠁"), (0, 1, "⠈"), (3, 0, "⡀"), (3, 1, "⢀"), (1, 1, "⠐")):
        canvas = Canvas(1, 1)
        canvas.dots(one(column), at(row), at(row), "text", "x")
        assert text_of(canvas.lines()[0]) == char
        assert text_of(canvas.lines(ascii=True)[0]) == "x"


def test_of_two_layers_in_a_cell_the_higher_one_is_seen_alone():
    canvas = Canvas(2, 1)
    canvas.dots(one(0, 2), at(0, 0), at(3, 3), "t0", ":")
    canvas.dots(one(1), at(1), at(1), "bar", "|")
    assert canvas.lines() == [[("⠐", "bar"), ("⡇", "t0")]]


def test_what_is_outside_is_cut_off_and_nan_draws_nothing():
    canvas = Canvas(1, 2)
    canvas.dots(one(0, 1, 0), at(-9, 9, np.nan), at(99, 12, 3), "bar", "|")
    assert [text_of(line) for line in canvas.lines()] == ["⡇", "⡇"]


def test_a_sign_hides_dots_and_bars_hide_limits():
    canvas = Canvas(3, 1)
    canvas.sign(one(0, 1), one(0, 0), "↓", "axis")
    canvas.dots(one(2), at(0), at(3), "bar", "|", over=True)
    canvas.sign(2, 0, "●", "band_g")
    canvas.dots(one(0, 4), at(0, 0), at(3, 3), "t0", ":")
    assert canvas.lines() == [[("↓", "axis"), ("⡇", "bar"), ("●", "band_g")]]


def test_words_give_way_to_signs():
    canvas = Canvas(6, 1)
    canvas.sign(3, 0, "●", "band_g")
    canvas.text(2, 0, "t0", "axis")
    canvas.text(0, 0, "t0", "axis")
    canvas.text(5, 0, "t0", "axis")
    assert text_of(canvas.lines()[0]) == "t0 ●  "


def test_blanks_go_with_what_is_before_them():
    canvas = Canvas(6, 1)
    canvas.sign(1, 0, "●", "band_g")
    canvas.sign(4, 0, "■", "band_r")
    assert canvas.lines() == [[(" ", "text"), ("●  ", "band_g"), ("■ ", "band_r")]]
