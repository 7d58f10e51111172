"""Bars and columns as text and as SVG: in proportion, within their paper, whatever the numbers."""

import xml.etree.ElementTree as ET

import pytest

from vra_tui.export.panels import Bars, Columns
from vra_tui.export.svg_figures import svg
from vra_tui.export.text_figures import text_lines

COLUMNS = Columns("By day", "alerts", ["Mon", "Tue"], {"arrived": [8.0, 4.0], "decided": [0.0, 1.0]})


def boxes(figure):
    root = ET.fromstring(svg(figure))
    return [{key: float(one.get(key)) for key in ("x", "y", "width", "height")} for one in root.iter("rect")]


def test_bars_are_as_long_as_their_numbers():
    lines = text_lines(Bars("t", "alerts", {"a": 40.0, "bc": 20.0, "d": 0.0}))
    assert lines == ["a  40 " + "█" * 40, "bc 20 " + "█" * 20, "d   0"]
    long, short, none = boxes(Bars("t", "alerts", {"a": 40.0, "bc": 20.0, "d": 0.0}))
    assert long["width"] == pytest.approx(2 * short["width"], abs=0.2)
    assert none["width"] == 0


def test_the_smallest_number_is_seen():
    assert text_lines(Bars("t", "alerts", {"a": 10_000.0, "b": 1.0}))[1].endswith(" ▏")


def test_columns_stand_on_one_line_and_beside_each_other():
    legend, columns = boxes(COLUMNS)[:2], boxes(COLUMNS)[2:]
    assert len(legend) == 2
    assert len({round(one["y"] + one["height"], 1) for one in columns}) == 1
    monday, tuesday, decided = columns
    assert monday["height"] == pytest.approx(2 * tuesday["height"], abs=0.2)
    assert decided["x"] >= tuesday["x"] + tuesday["width"]


def test_columns_as_text_have_a_line_a_place_under_the_names_of_their_series():
    head, monday, tuesday = text_lines(COLUMNS)
    assert head.split() == ["arrived", "decided"]
    assert monday == "Mon  8 ████████████  ·"
    assert tuesday.startswith("Tue  4 ██████")


@pytest.mark.parametrize("figure", [Bars("t", "alerts", {}), Columns("t", "alerts", [], {})])
def test_nothing_is_drawn_of_nothing(figure):
    assert boxes(figure) == []
    assert [line for line in text_lines(figure) if line] == []


def test_all_stays_on_the_paper_however_long_the_names_and_many_the_places():
    many = Columns("t", "alerts", [f"2026-11-{day:02d}" for day in range(40)], {"a" * 90: [7.0] * 40})
    for figure in (Bars("t", "alerts", {"n" * 200: 3.0, "m": 10.0**9}), many):
        assert all(one["x"] >= 0 and one["x"] + one["width"] <= 720 for one in boxes(figure))
        assert max(map(len, text_lines(figure))) <= 80
