"""A terminal's screen as an SVG: words as text, half blocks, gauges and braille as shapes.

Shapes need no font and leave no seams, so the picture looks the same in every browser, and takes a third of
the bytes that a character a cell would.
"""

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

import pyte

#: A cell in pixels of the picture; half of it is a square.
WIDE, HIGH = 10, 20
#: The letters of a monospaced font are 0.6 of its size wide.
_FONT = 'font-family="ui-monospace,Menlo,DejaVu Sans Mono,Consolas,monospace" font-size="16.6"'
#: The dots of a braille sign by bit: column, row.
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
#: Lines that become shapes: where they begin and end in the cell, and how thick they are.
_LINES = {"━": (0, 10, 4), "╸": (0, 5, 4), "╺": (5, 10, 4), "─": (0, 10, 2)}


class Colours(NamedTuple):
    """What a terminal shows where the program names no colour."""

    text: str
    ground: str


#: A dark and a light terminal.
DARK, LIGHT = Colours("#d0d0d0", "#121212"), Colours("#303030", "#ffffff")
_NAMED = {
    "black": "#000000", "red": "#cc3333", "green": "#33aa33", "brown": "#b58900", "blue": "#4477cc",
    "magenta": "#aa55aa", "cyan": "#33aaaa", "white": "#d0d0d0", "brightblack": "#7a7a7a",
    "brightred": "#ff6666", "brightgreen": "#66dd66", "brightbrown": "#ffd75f", "brightblue": "#77aaff",
    "brightmagenta": "#ff88ff", "brightcyan": "#66dddd", "brightwhite": "#ffffff",
}  # fmt: skip


class _Word(NamedTuple):
    """Letters that stand together in one style."""

    text: str
    colour: str
    is_bold: bool
    is_underlined: bool


def svg_of(screen: pyte.Screen, colours: Colours = DARK) -> str:
    """The picture of a screen."""
    wide, high = screen.columns * WIDE, screen.lines * HIGH
    shapes: dict[str, list[str]] = defaultdict(list)
    texts: list[str] = []
    for row in range(screen.lines):
        for first, last, colour in _grounds(screen, row, colours):
            _add_box(shapes[colour], first * WIDE, row * HIGH, (last - first) * WIDE, HIGH)
    grounds = _paths(shapes)
    shapes.clear()
    for row in range(screen.lines):
        for column, word in _words(screen, row, colours, shapes):
            style = ' font-weight="bold"' if word.is_bold else ""
            style += ' text-decoration="underline"' if word.is_underlined else ""
            at = f'x="{column * WIDE}" y="{row * HIGH + 15}"'
            texts.append(f'<text {at} fill="{word.colour}"{style}>{escape(word.text)}</text>')
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {wide + 16} {high + 16}" {_FONT}>',
            f'<rect x="-8" y="-8" width="{wide + 16}" height="{high + 16}" rx="6" fill="{colours.ground}"/>',
            *grounds,
            *_paths(shapes),
            *texts,
            "</svg>\n",
        ]
    )


def _style(screen: pyte.Screen, row: int, column: int, colours: Colours) -> tuple[str, str, str, bool, bool]:
    """Sign, its colour, the ground's, and whether it is bold and underlined."""
    cell = screen.buffer[row][column]
    front, back = _colour(cell.fg, colours.text), _colour(cell.bg, colours.ground)
    if cell.reverse:
        front, back = back, front
    return cell.data or " ", front, back, cell.bold, cell.underscore


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return _NAMED.get(name) or f"#{name}"


def _grounds(screen: pyte.Screen, row: int, colours: Colours) -> Iterator[tuple[int, int, str]]:
    """Runs of one ground that is not the terminal's: first column, the one behind the last, colour."""
    first, run = 0, ""
    for column in range(screen.columns + 1):
        sign, front, back = ("", "", "")
        if column < screen.columns:
            sign, front, back, *_ = _style(screen, row, column, colours)
            back = front if sign == "█" else back
        if back != run:
            if run not in ("", colours.ground):
                yield first, column, run
            first, run = column, back


def _words(
    screen: pyte.Screen, row: int, colours: Colours, shapes: dict[str, list[str]]
) -> Iterator[tuple[int, _Word]]:
    """The words of a row with their columns; what is a shape is put among the shapes by its colour.

    What is not plain ASCII stands by itself: where a font lacks it, another one's width moves nothing.
    """
    begin, word = 0, None
    for column in range(screen.columns):
        sign, front, _, is_bold, is_underlined = _style(screen, row, column, colours)
        if sign in " █" or _is_shape(sign, column * WIDE, row * HIGH, shapes[front]):
            if word is not None:
                yield begin, word
            word = None
            continue
        style = (front, is_bold, is_underlined)
        if word is not None and word[1:] == style and sign.isascii() and word.text.isascii():
            word = word._replace(text=word.text + sign)
            continue
        if word is not None:
            yield begin, word
        begin, word = column, _Word(sign, *style)
    if word is not None:
        yield begin, word


def _is_shape(sign: str, x: int, y: int, path: list[str]) -> bool:
    """Draw a sign that is a shape."""
    code = ord(sign[0])
    if 0x2800 <= code <= 0x28FF:
        for bit, (column, row) in enumerate(_DOTS):
            if code & 1 << bit:
                _add_box(path, x + 1 + 5 * column, y + 1 + 5 * row, 3, 3)
    elif sign in _LINES:
        first, last, thick = _LINES[sign]
        _add_box(path, x + first, y + HIGH // 2 - thick // 2, last - first, thick)
    elif sign == "│":
        _add_box(path, x + WIDE // 2 - 1, y, 2, HIGH)
    elif sign == "▀":
        _add_box(path, x, y, WIDE, HIGH // 2)
    elif 0x2581 <= code <= 0x2587:  # an eighth to seven eighths from below
        high = HIGH * (code - 0x2580) // 8
        _add_box(path, x, y + HIGH - high, WIDE, high)
    elif sign in "▌▐":
        _add_box(path, x + (WIDE // 2 if sign == "▐" else 0), y, WIDE // 2, HIGH)
    else:
        return False
    return True


def _add_box(path: list[str], x: int, y: int, wide: int, high: int) -> None:
    path.append(f"M{x} {y}h{wide}v{high}h-{wide}z")


def _paths(shapes: dict[str, list[str]]) -> list[str]:
    return [
        f'<path shape-rendering="crispEdges" fill="{colour}" d="{"".join(path)}"/>'
        for colour, path in shapes.items()
        if path
    ]
