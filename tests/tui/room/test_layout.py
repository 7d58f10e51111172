"""Where the panes of the room stand, at every size of a terminal."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region, Size

from vra_tui.tui.room.layout import View, Wanted, list_width, regions

SIZES = st.builds(Size, st.integers(1, 320), st.integers(1, 120))
WANTED = st.builds(Wanted, st.sampled_from(list(View)), st.booleans(), st.booleans(), st.booleans())


@given(size=SIZES, wanted=WANTED)
def test_no_pane_leaves_the_terminal_and_no_two_overlap(size: Size, wanted: Wanted):
    places = regions(size, wanted)
    assert all(place in Region(0, 0, *size) for place in places.values())
    assert not [
        (one, other) for one, other in combinations(places, 2) if places[one].intersection(places[other]).area
    ]


@given(size=SIZES, wanted=WANTED)
def test_lists_and_keys_are_always_in_sight_and_so_is_the_alert_a_key_means(size: Size, wanted: Wanted):
    places = regions(size, wanted)
    if size.height >= 4:
        assert {"tabs", "keys"} <= set(places)
        assert places.keys() & {"list", "headline", "empty"}


@pytest.mark.parametrize(
    ("size", "of_list", "of_stamps", "of_curve", "of_context"),
    [
        ((120, 40), (53, 34), (65, 12), (65, 13), (65, 8)),
        ((200, 60), (70, 54), (95, 17), (127, 22), (127, 14)),
        ((80, 24), (32, 19), (47, 9), (47, 8), (47, 3)),
    ],
)
def test_the_three_sizes_that_the_screen_was_drawn_for(size, of_list, of_stamps, of_curve, of_context):
    places = regions(Size(*size), Wanted())
    found = [tuple(places[pane].size) for pane in ("list", "stamps", "curve", "context")]
    assert found == [of_list, of_stamps, of_curve, of_context]
    assert ("map" in places) == (size == (200, 60))


@pytest.mark.parametrize("size", [(60, 20), (44, 12)])
def test_a_phones_terminal_has_the_list_a_stamp_and_five_facts(size):
    places = regions(Size(*size), Wanted())
    assert places["context"].height == 5
    assert places["stamps"].width >= 9
    assert places["stamps"].height >= 5
    assert "curve" not in places


def test_where_next_to_nothing_fits_there_is_the_list():
    places = regions(Size(20, 6), Wanted())
    assert places["list"] == Region(0, 2, 20, 3)
    assert set(places) == {"tabs", "heading", "list", "keys"}


def test_without_any_stamps_the_light_curve_has_their_room():
    with_stamps, without = (regions(Size(120, 40), Wanted(stamps=held)) for held in (True, False))
    assert "stamps" not in without
    assert without["curve"].height >= with_stamps["curve"].height + 5


@given(st.integers(10, 400))
def test_a_wider_terminal_has_no_narrower_list(width: int):
    assert list_width(width) <= list_width(width + 1) <= width + 1


@pytest.mark.parametrize("view", [View.CURVE, View.STAMPS, View.AROUND])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_over_the_whole_screen_the_alert_stays_named_and_its_facts_in_sight(view, size):
    places = regions(Size(*size), Wanted(view))
    assert places["headline"] == Region(0, 1, size[0], 1)
    assert "list" not in places
    assert places.keys() >= ({"map", "around"} if view is View.AROUND else {"stamps", "context"})


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_of_an_alert_without_stamps_the_map_of_surroundings_stands_in_their_place(size):
    usual, bare = regions(Size(*size), Wanted()), regions(Size(*size), Wanted(bare=True))
    assert "stamps" not in bare
    assert bare["map"].contains_region(usual["stamps"])
    assert {pane: bare[pane] for pane in bare if pane != "map"} == {
        pane: usual[pane] for pane in usual if pane != "stamps"
    }


def test_where_the_map_stands_beside_the_stamps_it_stays_there():
    size = Size(200, 60)
    assert regions(size, Wanted(bare=True)) == regions(size, Wanted())


@pytest.mark.parametrize("width", range(34, 121))
def test_beside_the_table_of_a_curve_stands_a_context_that_can_be_read_or_none(width):
    places = regions(Size(width, 24), Wanted(View.CURVE))
    if "context" in places:
        assert places["context"].width >= 15
    else:
        assert places["table"].width == width
