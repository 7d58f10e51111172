"""Lines of text in named roles, to which a palette gives colours. All panes are made of them.

A line is a list of spans, each a text and the name of a role (`palette.ROLES`). Pure functions make lines;
widgets turn them into strips. So what stands on the screen can be tested without a screen.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from vra_tui.text import printable
from vra_tui.tui.palette import ROLES

Span = tuple[str, str]
Line = list[Span]

# Whatever may take no cell or two; letters, punctuation, arrows and shapes take one.
_UNUSUAL = re.compile(
    r"[^\x20-\x7e\xa0-\u02ff\u0370-\u03ff\u2010-\u2027\u2030-\u205e\u2190-\u22ff\u2500-\u25fc\u2605\u2800-\u28ff]"
)
_ROLE_NUMBER = {role: number for number, role in enumerate(ROLES)}


def width_of(line: Iterable[Span]) -> int:
    """Width of a line in terminal cells; wide characters take two."""
    return sum([len(text) if text.isascii() else cell_len(text) for text, _ in line])


def text_of(line: Iterable[Span]) -> str:
    """The bare text of a line."""
    return "".join(text for text, _ in line)


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, ending in an ellipsis where it had to be cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 1 else "…"[:width]


def fit(text: str, width: int, right: bool = False) -> str:
    """``text`` in exactly ``width`` cells, cut or padded."""
    text = cut(text, width)
    padding = " " * (width - cell_len(text))
    return padding + text if right else text + padding


def fit_line(line: Iterable[Span], width: int, fill: str = "text") -> Line:
    """A line in exactly ``width`` cells, cut or padded in the role ``fill``."""
    fitted: Line = []
    left = width
    for text, role in line:
        if not text.isprintable():  # what was forgotten to be cleaned where it was laid out
            text = printable(text)
        size = cell_len(text)
        if size > left:
            fitted.append((cut(text, left), role))
            left -= cell_len(fitted[-1][0])
            break
        fitted.append((text, role))
        left -= size
    if left:
        fitted.append((" " * left, fill))
    return fitted


def wrap(text: str, width: int, limit: int) -> list[str]:
    """``text`` broken at spaces into at most ``limit`` pieces of at most ``width`` cells."""
    pieces: list[str] = []
    rest = text
    while rest and len(pieces) < limit:
        if cell_len(rest) <= width or len(pieces) == limit - 1:
            pieces.append(cut(rest, width))
            break
        head = set_cell_size(rest, width)
        space = head.rfind(" ")
        head = head[:space] if space > width // 2 else head.rstrip()
        pieces.append(head)
        rest = rest[len(head) :].lstrip()
    return pieces


def joined(parts: Iterable[Line], gap: str = "  ", role: str = "text") -> Line:
    """Lines laid side by side; empty ones are left out."""
    line: Line = []
    for part in parts:
        if part:
            if line:
                line.append((gap, role))
            line.extend(part)
    return line


def to_strip(line: Sequence[Span], width: int, styles: Mapping[str, Style], fill: str = "text") -> Strip:
    """The strip of a line in exactly ``width`` cells; neighbours of one style become one segment."""
    segments: list[Segment] = []
    held_text, held_style = "", None
    for text, role in fit_line(line, width, fill):
        style = _style_of(role, styles)
        # Blanks look the same in whatever colour: they go with what stands before them, which saves bytes.
        if style is held_style or (held_style is not None and _is_plain_blank(text, style, held_style)):
            held_text += text
            continue
        if held_text and held_style is not None:
            segments.append(Segment(held_text, held_style))
        held_text, held_style = text, style
    if held_text and held_style is not None:
        segments.append(Segment(held_text, held_style))
    return Strip(segments, width)


def link(role: str, url: str) -> str:
    """The role of a text that leads somewhere, for terminals that know links (OSC 8)."""
    return f"{role} {quote(url, safe=':/?=&')}"


def _style_of(role: str, styles: Mapping[str, Style]) -> Style:
    name, _, url = role.partition(" ")
    return styles[name] + Style(link=url) if url else styles[name]


def _is_plain_blank(text: str, style: Style, before: Style) -> bool:
    return (
        text.isspace()
        and style.bgcolor == before.bgcolor
        and not (style.reverse or before.reverse or style.underline or before.underline or before.link)
    )


Cells = NDArray[np.uint64]


#: Cells between two changes that are painted along with them: to leave them out takes as many bytes.
_GAP = 16


def changed_runs(old: Cells, new: Cells) -> list[tuple[int, int]]:
    """Where two lines of one width differ: first cell and the one behind the last, from left to right."""
    runs: list[tuple[int, int]] = []
    first = last = -1
    # Few cells differ: a plain loop is done before numpy has begun.
    for cell in (old != new).nonzero()[0].tolist():
        if first >= 0 and cell - last > _GAP:
            runs.append((first, last + 1))
            first = cell
        elif first < 0:
            first = cell
        last = cell
    if first >= 0:
        runs.append((first, last + 1))
    return runs


def _role_number(role: str) -> int:
    name, _, url = role.partition(" ")
    # The same words may lead elsewhere: a link that is not painted anew opens another alert's page.
    return _ROLE_NUMBER[name] | ((crc32(url.encode()) & 0xFF_FFFF) << 8 if url else 0)


def cells_of(line: Sequence[Span], width: int, fill: str = "text") -> Cells:
    """The cells of one line, see `cells_of_lines`."""
    return cells_of_lines([line], width, fill)[0]


def cells_of_lines(lines: Sequence[Sequence[Span]], width: int, fill: str = "text") -> Cells:
    """A number for each of ``width`` cells of each line, of its character, its role and where it leads.

    Both cells of a wide character have the number of the whole, so that neither changes alone.
    """
    spans = [span for line in lines for span in fit_line(line, width, fill)]
    text = "".join([text for text, _ in spans])
    roles = np.array([_role_number(role) for _, role in spans], dtype=np.uint64)
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    cells = codes | (np.repeat(roles, [len(text) for text, _ in spans]) << np.uint64(32))
    if _UNUSUAL.search(text):
        sizes = [cell_len(char) for char in text]
        for index, size in enumerate(sizes):
            if size == 0 and index:  # a mark that combines with the character before it
                cells[index - 1] = cells[index - 1] * np.uint64(31) + cells[index]
        cells = np.repeat(cells, sizes)
    return cells.reshape(len(lines), width)
