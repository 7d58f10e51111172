"""Map and table have places of their own at every size, beside what an alert is decided by."""

import itertools

import pytest
from textual.geometry import Size

from vra_tui.tui.room.layout import View, Wanted, regions


@pytest.mark.parametrize("stamps", [True, False])
@pytest.mark.parametrize(
    "size",
    [(200, 60), (120, 40), (100, 30), (80, 24), (60, 20), (44, 12), (20, 6), (300, 20), (40, 90), (12, 4)],
)
def test_no_pane_covers_another_or_leaves_the_screen(size, stamps):
    places = regions(Size(*size), Wanted(View.AROUND, stamps))
    screen = Size(*size).region
    for place in places.values():
        assert screen.contains_region(place)
    for one, other in itertools.combinations(places.values(), 2):
        assert not one.overlaps(other)


@pytest.mark.parametrize("size", [(200, 60), (120, 40), (80, 24)])
def test_map_table_headline_and_context_are_all_in_sight(size):
    places = regions(Size(*size), Wanted(View.AROUND))
    assert {"map", "around", "headline", "context"} <= set(places)
    assert ("stamps" in places) == (size[1] >= 40)


def test_a_map_over_the_whole_screen_is_larger_than_beside_the_stamps():
    small = regions(Size(200, 60), Wanted())["map"]
    large = regions(Size(200, 60), Wanted(View.AROUND))["map"]
    assert small.width >= 24
    assert large.area > 5 * small.area
