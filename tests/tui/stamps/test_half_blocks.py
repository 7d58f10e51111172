"""Every way through a row shows the same picture, and the chosen one takes no more bytes than a plain one."""

from hypothesis import given
from hypothesis import strategies as st

from vra_tui.tui.stamps.half_blocks import pieces

GREYS = st.integers(232, 240)
CELLS = st.lists(
    st.one_of(
        st.tuples(GREYS, GREYS, st.just(-1), st.just(0)),
        GREYS.map(lambda grey: (grey, grey, 221, ord("│"))),
        GREYS.map(lambda grey: (grey, grey, -1, 0)),
    ),
    min_size=1,
    max_size=40,
)


def shown(found) -> list[tuple[int, int, str]]:
    """What a terminal shows of pieces: above, below, and the sign of each cell."""
    cells = []
    for text, front, back in found:
        for sign in text:
            match sign:
                case "▀":
                    cells.append((front, back, ""))
                case "▄":
                    cells.append((back, front, ""))
                case " ":
                    cells.append((back, back, ""))
                case _:
                    assert front == 221
                    cells.append((back, back, sign))
    return cells


def size(found, colours=(-1, -1)) -> int:
    total = 0
    for text, front, back in found:
        changes = [front != colours[0], back != colours[1]]
        total += len(text.encode()) + (0, 11, 20)[sum(changes)]
        colours = front, back
    return total


def plainly(row):
    found = []
    for top, bottom, colour, sign in row:
        found.append(
            (chr(sign), colour, top) if sign else (" ", top, top) if top == bottom else ("▀", top, bottom)
        )
    return found


@given(CELLS)
def test_a_terminal_shows_the_cells(row):
    found, colours = pieces(row)
    assert shown(found) == [(top, bottom, chr(sign) if sign else "") for top, bottom, _, sign in row]
    assert colours == found[-1][1:]


@given(CELLS)
def test_no_more_is_written_than_with_one_sign_for_all(row):
    assert size(pieces(row)[0]) <= size(plainly(row))


@given(CELLS, CELLS)
def test_colours_set_before_are_used(before, row):
    _, colours = pieces(before)
    found, _ = pieces(row, colours)
    assert shown(found) == shown(pieces(row)[0])
    assert size(found, colours) <= size(pieces(row)[0])


def test_one_grey_is_one_text_of_blanks():
    assert pieces([(236, 236, -1, 0)] * 21)[0] == [(" " * 21, -1, 236)]


def test_the_sign_is_chosen_by_the_colours_that_are_set():
    # Grey 240 is set for letters already; ▄ would need both colours anew.
    found, _ = pieces([(240, 236, -1, 0)], (240, 236))
    assert found == [("▀", 240, 236)]
    found, _ = pieces([(236, 240, -1, 0)], (240, 236))
    assert found == [("▄", 240, 236)]
