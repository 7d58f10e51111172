"""The scales of a light curve: linear stretches of time, round values on whole rows."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.tui.curve.scales import DOWN, TimeScale, label, signed, time_scale, value_scale


@given(low=st.floats(-1e5, 1e5), span=st.floats(1e-3, 1e5), height=st.integers(2, 40), down=st.booleans())
def test_both_values_are_in_sight_and_labels_are_round_on_whole_rows(low, span, height, down):
    top, bottom = (low, low + span) if down else (low + span, low)
    scale = value_scale(top, bottom, height)
    ends = scale.dots(np.array([top, bottom]))
    assert -1e-6 * height <= ends[0] < ends[1] <= height * DOWN * (1 + 1e-6)
    labels = scale.labels()
    if height >= 3:
        assert len(labels) >= min(3, height // 3 + 2)
    assert all(len(text) <= 5 for text in labels.values())
    step = abs(scale.row) * scale.every
    mantissa = step / 10 ** np.floor(np.log10(step) + 1e-9)
    assert min(abs(mantissa - nice) for nice in (1, 2, 4, 5, 10)) < 1e-6
    assert len(set(np.diff(sorted(labels)))) <= 1


@given(
    phases=st.lists(st.floats(-15, 30), min_size=1, max_size=60),
    width=st.integers(10, 150),
)
def test_later_is_never_further_left_and_nothing_falls_off(phases, width):
    ordered = np.sort(phases)
    scale = time_scale(ordered, -15.5, 30.5, width)
    dots = scale.dots(ordered)
    assert (np.diff(dots) >= 0).all()
    assert dots.min() >= 0
    assert dots.max() < 2 * width
    back = scale.dots(scale.phases())
    assert (np.abs(back - np.arange(2 * width)) <= 1).all()


def test_the_axis_is_stretched_where_four_fifths_of_it_are_empty():
    for phases, late in (([0.0, 0.3, 0.6, 0.9], True), ([-14.0, -13.6, -13.3], False)):
        scale = time_scale(np.array(phases), -15.0, 1.0, 60)
        assert len(scale.edges) == 3
        dots = scale.dots(phases)
        linear = TimeScale((-15.0, 1.0), (0, 60)).dots(phases)
        assert dots[-1] - dots[0] > 2 * (linear[-1] - linear[0])
        assert (scale.edges[1] > -2) == late


def test_one_late_point_alone_is_not_worth_a_stretch():
    assert time_scale(np.array([0.0, 14.0]), -1.0, 15.0, 60).edges == (-1.0, 15.0)


def test_two_outbursts_are_both_stretched_to_the_edges_of_their_halves():
    phases = np.array([0.0, 1.0, 2.0, 300.0, 301.0, 302.0])
    scale = time_scale(phases, -1.0, 303.0, 60)
    dots = scale.dots(phases)
    assert dots[5] - dots[3] > 20
    assert dots[0] < 10


@given(low=st.floats(-1000, 60_000), span=st.floats(0.01, 5000), width=st.integers(10, 150))
def test_labels_of_the_days_never_run_into_each_other(low, span, width):
    text = TimeScale((low, low + span), (0, width)).labels(0.0, label, "now")
    assert len(text) == width
    numbers = [float(word) for word in text.split() if word != "now"]
    assert numbers == sorted(set(numbers))
    assert all(low - 1e-6 * span <= one <= low + span + 1e-6 * span for one in numbers)


def test_where_two_stretches_meet_is_a_break():
    text = TimeScale((-15.0, -0.5, 1.0), (0, 15, 60)).labels(0.0, signed)
    assert text.index("╱╱") in (13, 14, 15)
    assert re.findall(r"[-+\d.]+", text) == sorted(re.findall(r"[-+\d.]+", text), key=float)


@pytest.mark.parametrize(
    ("value", "step", "text"), [(0.0, 1, "0"), (-1e-12, 0.1, "0"), (2, 1, "+2"), (-2, 0.5, "-2.0")]
)
def test_labels_have_their_sign_and_as_many_decimals_as_their_step(value, step, text):
    assert signed(value, step) == text
