"""What is written paints every cell as its style says, in fewer bytes than style by style."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from vra_tui.tui.compositor import Pen, WholeUpdate
from vra_tui.tui.palette import ROLES, THEMES, styles_of

SEQUENCE = re.compile(r"\x1b\[([\d;]*)m|\x1b\]8;;([^\x1b]*)\x1b\\|\x1b\[\d+;\d+H|(.)")
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
