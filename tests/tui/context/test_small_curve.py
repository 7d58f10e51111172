"""A history of probabilities is a curve of a few cells."""

import pytest

from vra_tui.tui.context.small_curve import small_curve


def test_one_value_is_no_curve():
    assert small_curve([], 8) == small_curve([0.5], 8) == ""


def test_a_rise_rises_and_its_reverse_falls():
    dots = [bin(ord(cell) - 0x2800).count("1") for cell in small_curve([0.0, 0.1, 0.4, 0.6, 0.9, 1.0], 8)]
    assert dots == sorted(dots)
    assert dots[0] < dots[-1] == 8
    falling = [bin(ord(cell) - 0x2800).count("1") for cell in small_curve([1.0, 0.9, 0.6, 0.4, 0.1, 0.0], 8)]
    assert falling == dots[::-1]


def test_nothing_is_told_from_a_probability_of_0():
    assert small_curve([0.0, 0.0, 0.0], 8) == "⢀⣀"


@pytest.mark.parametrize("count", [2, 16, 17, 100])
def test_any_number_of_values_fits(count):
    assert len(small_curve([0.5] * count, 8)) == min(8, -(-count // 2))
