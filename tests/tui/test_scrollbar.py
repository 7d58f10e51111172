"""The thin scrollbar: where its thumb stands, and what the mouse does on each line."""

from hypothesis import assume, given
from hypothesis import strategies as st

from vra_tui.tui.scrollbar import ThinScrollBar


def lines_of(size, virtual, window, position):
    """Text and what the mouse does, by line."""
    bar = ThinScrollBar.render_bar(size, virtual, window, position)
    return [(segment.text, segment.style.meta["@mouse.down"]) for segment in bar.segments]


def test_the_thumb_tells_place_and_share():
    assert "".join(text for text, _ in lines_of(10, 100, 20, 0)) == "▐▐        "
    assert "".join(text for text, _ in lines_of(10, 100, 20, 40)) == "    ▐▐    "
    assert "".join(text for text, _ in lines_of(10, 100, 20, 80)) == "        ▐▐"


def test_where_everything_is_in_view_there_is_no_thumb():
    assert {text for text, _ in lines_of(10, 10, 10, 0)} == {" "}
    assert {text for text, _ in lines_of(10, 5, 0, 0)} == {" "}


@given(st.integers(1, 100), st.integers(1, 1_000_000), st.integers(1, 100), st.floats(0, 1))
def test_every_line_does_something_and_the_thumb_is_one_piece_within_the_bar(size, virtual, window, share):
    assume(virtual > window)
    lines = lines_of(size, virtual, window, share * (virtual - window))
    assert len(lines) == size
    does = "".join({"scroll_up": "u", "grab": "g", "scroll_down": "d"}[each] for _, each in lines)
    assert does == "u" * does.count("u") + "g" * does.count("g") + "d" * does.count("d")
    assert does.count("g") >= 1
    assert [text == "▐" for text, _ in lines] == [each == "grab" for _, each in lines]


@given(st.integers(2, 60), st.integers(61, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_thumb_never_goes_back_while_the_list_goes_on(size, virtual, one, other):
    most = virtual - size
    firsts = [
        [each for _, each in lines_of(size, virtual, size, min(position, most))].index("grab")
        for position in sorted((one, other))
    ]
    assert firsts[0] <= firsts[1]
