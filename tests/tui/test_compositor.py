"""What is written paints every cell as its style says, in fewer bytes than style by style."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tests.tui.conftest import scanning
from vra_tui.tui.compositor import Pen, WholeUpdate, piece
from vra_tui.tui.palette import ROLES, THEMES, styles_of

SEQUENCE = re.compile(r"\x1b\[([\d;]*)m|\x1b\]8;;([^\x1b]*)\x1b\\|\x1b\[\d+;\d+H|(.)")
MOVED = re.compile(r"\x1b\[(\d+);(\d+)H")
OFF = {"22": {"1", "2"}}


def painted(text: str) -> list[tuple[str, frozenset[str], str, str, str]]:
    """What a terminal shows: of each character its attributes, colours and link; reads any SGR."""
    shown, on, front, back, link = [], set(), "39", "49", ""
    for found in SEQUENCE.finditer(text):
        codes, url, character = found.groups()
        if character:
            shown.append((character, frozenset(on), front, back, link))
        elif url is not None:
            link = url
        elif codes is not None:
            left = (codes or "0").split(";")
            while left:
                code = left.pop(0)
                if code == "0":
                    on, front, back = set(), "39", "49"
                elif code in ("38", "48"):
                    size = 2 if left[0] == "5" else 4
                    value, left = ";".join([code, *left[:size]]), left[size:]
                    front, back = (value, back) if code == "38" else (front, value)
                elif code in OFF:
                    on -= OFF[code]
                elif len(code) == 1:
                    on.add(code)
                elif code[0] in "39":
                    front = code
                else:
                    back = code
    return shown


styles = st.one_of(
    st.sampled_from([styles_of(theme)[role] for theme in THEMES for role in ROLES]),
    st.builds(
        lambda words, url: Style.parse(" ".join(words) or "none") + Style(link=url or None),
        st.lists(
            st.sampled_from("bold dim reverse underline italic red #123456 default".split()), max_size=3
        ),
        st.sampled_from(["", "https://x.org/1", "https://x.org/2"]),
    ),
)


@given(st.lists(st.tuples(st.text("ab ●", min_size=1, max_size=4), styles), max_size=12))
def test_every_cell_looks_as_when_each_style_is_written_for_itself(pieces):
    segments = [Segment(text, style) for text, style in pieces]
    pen = Pen(ColorSystem.TRUECOLOR)
    for number, segment in enumerate(segments):
        pen.move(number, 0)
        pen.write([segment])
    written = pen.lifted()
    one_by_one = "".join(
        re.sub(r"\x1b\]8;id=[^;]*;", "\x1b]8;;", style.render(text, color_system=ColorSystem.TRUECOLOR))
        for text, style in pieces
    )
    assert painted(written) == painted(one_by_one)
    # The terminal is left as it was: what follows is plain.
    assert painted(written + "x")[-1] == ("x", frozenset(), "39", "49", "")


@pytest.mark.parametrize("theme", THEMES)
def test_looks_that_stay_are_not_said_again(theme):
    pen = Pen(ColorSystem.EIGHT_BIT)
    pen.write(Segment("a", styles_of(theme)[role]) for role in ("text", "text", "strong", "text"))
    plain = "".join(styles_of(theme)[role].render("a") for role in ("text", "text", "strong", "text"))
    assert len(pen.lifted()) < 0.75 * len(plain)


def test_without_colours_none_is_written():
    pen = Pen(None)
    pen.write([Segment("a", Style.parse("bold red on blue"))])
    assert pen.lifted() == "\x1b[1ma\x1b[0m"


@given(st.lists(st.lists(st.tuples(st.text("ab ●", min_size=1, max_size=4), styles), max_size=4), max_size=4))
def test_the_whole_screen_looks_as_textual_writes_it(lines):
    console = Console(color_system="truecolor", force_terminal=True)
    strips = [[Strip([Segment(text, style)]) for text, style in line] for line in lines]
    region = Region(0, 0, 20, len(lines))
    ours = WholeUpdate(strips, region).render_segments(console)
    textuals = LayoutUpdate(strips, region).render_segments(console).replace("\n", "")
    textuals = re.sub(r"\x1b\]8;id=[^;]*;", "\x1b]8;;", textuals)
    assert painted(ours) == painted(textuals)


@given(st.text("ab ●漢é", max_size=9), st.integers(0, 12), st.integers(1, 12))
def test_a_piece_of_a_line_is_what_textual_cuts_out(text, first, size):
    line = Strip([Segment(one, Style(bold=one == "a")) for one in text])
    if first < line.cell_length:
        end = min(first + size, line.cell_length)
        cut = Strip(piece(line, first, end))
        assert (cut.text, cut.cell_length) == (line.crop(first, end).text, end - first)


def cells(update):
    """What an update paints: each cell's character and look."""
    found = {}
    _, *parts = MOVED.split(update.render_segments(Console(color_system="truecolor", force_terminal=True)))
    look = ""
    for y, x, written in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        begin = int(x)
        for character, *its_look in painted(look + written):
            found[int(y) - 1, begin - 1] = character, its_look
            begin += cell_len(character)
        look += "".join(one.group() for one in SEQUENCE.finditer(written) if not one.group(3))
    return found


@pytest.mark.parametrize("keys", ["", "question_mark", "slash", "colon"])
async def test_a_part_of_the_screen_is_painted_as_it_stands_on_the_whole(store_path, keys):
    regions = [Region(0, 0, 120, 1), Region(40, 5, 30, 4), Region(3, 2, 1, 38), Region(119, 0, 1, 40)]
    async with scanning(store_path, size=(120, 40)) as (app, pilot):
        if keys:
            await pilot.press(keys)
        compositor = app.screen._compositor
        below = app._background_screens
        whole = cells(compositor.render_update(full=True, screen_stack=below))
        assert len(whole) == 120 * 40
        for chosen in (regions[:1], regions[1:], regions):
            compositor._dirty_regions.update(chosen)
            part = cells(compositor.render_update(screen_stack=below))
            assert part.keys() == {(y, x) for one in chosen for y in one.line_range for x in one.column_range}
            assert part == {place: whole[place] for place in part}
        assert compositor.render_update(screen_stack=below) is None
