"""Light curves in a few cells: two nights a cell, detections as columns of dots, limits as single ones."""

import pytest

from tests.lightcurve.test_sparkline import laid
from tests.tui.curve.made import curve
from vra_tui.domain.light_curve import LightCurves, no_epochs
from vra_tui.tui.spans import cells_of
from vra_tui.tui.sparkline import sparklines

RISE = curve(
    [(day, mag, 0.1, "o") for day, mag in enumerate((20.0, 19.9, 19.4, 18.8))], [(-3, 19.0), (-1, 19.2)]
)


def test_a_rise_climbs_two_nights_a_cell_and_limits_are_single_dots():
    assert sparklines(laid(RISE), 5) == {1: " ⢀⢀⣤⣾"}


def test_block_characters_stand_in_where_there_is_no_braille():
    assert sparklines(laid(RISE), 5, blocks=True) == {1: " ..▁█"}


def test_a_detection_is_never_taken_for_a_limit():
    faintest, limit = curve([(0, 21.0, 0.1, "o"), (1, 15.0, 0.1, "o")]), curve([], [(0, 19.0), (1, 19.0)])
    for blocks in (False, True):
        lines = sparklines(laid(faintest, limit), 1, blocks)
        assert lines[1] != lines[2]
    assert sparklines(laid(limit), 1) == {1: "⣀"}


@pytest.mark.parametrize("blocks", [False, True])
@pytest.mark.parametrize("width", [1, 6, 12])
def test_every_alert_has_its_line_of_the_width_asked_for(width, blocks):
    found = sparklines(laid(RISE, no_epochs(), curve([], [(0, 19.0)])), width, blocks)
    assert list(found) == [1, 2, 3]
    assert all(len(line) == len(cells_of([(line, "text")], width)) == width for line in found.values())
    assert not found[2].strip()
    assert found[3].strip()
    assert sparklines(LightCurves.from_bytes([], [], []), width, blocks) == {}
