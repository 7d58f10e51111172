"""Light curves in a few cells: two nights a cell, four heights, limits as a faint dot."""

from tests.lightcurve.test_sparkline import laid
from tests.tui.curve.made import curve
from vra_tui.domain.light_curve import no_epochs
from vra_tui.tui.palette import ROLES
from vra_tui.tui.spans import text_of, width_of
from vra_tui.tui.sparkline import sparklines

RISE = curve([(day, 20.0 - 0.25 * day, 0.1, "o") for day in range(4)], [(-3, 19.0), (-1, 19.2)])


def test_a_rise_climbs_two_nights_a_cell_and_limits_are_faint_dots():
    (line,) = sparklines(laid(RISE), 5).values()
    assert line == [(" ", "text"), ("⢀⢀", "dim"), ("⣠⣾", "text")]


def test_with_one_role_a_line_is_one_span():
    (line,) = sparklines(laid(RISE), 5, faint="text").values()
    assert line == [(" ⢀⢀⣠⣾", "text")]


def test_block_characters_stand_in_where_there_is_no_braille():
    (line,) = sparklines(laid(RISE), 5, blocks=True).values()
    assert text_of(line) == " ..▃█"


def test_every_alert_has_its_line_of_the_width_asked_for():
    several = laid(RISE, no_epochs(), curve([], [(0, 19.0)]))
    for width in (1, 6, 12):
        for blocks in (False, True):
            found = sparklines(several, width, blocks)
            assert list(found) == [1, 2, 3]
            assert all(width_of(line) == width for line in found.values())
            assert {role for line in found.values() for _, role in line} <= set(ROLES)
            assert not text_of(found[2]).strip()
