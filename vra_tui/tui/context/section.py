"""Sections of the context, and how they are laid out: labels in a column, one column of facts or two."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rich.cells import cell_len

from vra_tui.tui.spans import Line, Span, cut, fit, fit_line, joined, text_of, width_of, wrap

#: What stands together: a part is never torn unless it is wider than a line.
Part = Line
#: Parts that flow side by side over as many lines as they need.
Row = list[Part]

#: Columns of the labels, where there is room and where there is little.
LABEL, NARROW_LABEL = 9, 8
#: Narrower than this, columns are dear.
_NARROW = 56
#: From so many columns on there are two columns of sections.
TWO_COLUMNS = 116
_BETWEEN = 3
#: From so many lines on each section stands whole; below, the first glance of all sections comes first.
_WHOLE = 18
#: Spans of so many characters are not torn; marks between two of them stay at the end of a line.
_SHORT, _MARKS = 24, frozenset({",", ";"})
_WORD = re.compile(r"\s*\S+|\s+$")
#: A section takes so many lines at most: a note is no book.
_MOST_LINES = 40


class OneLine(list[Part]):
    """A row that takes one line: what does not fit is cut."""


@dataclass(frozen=True)
class Section:
    """Facts under one label.

    ``glance``: what must be seen where there is little room. ``rest``: what else there is. ``whole``: what
    stands here where there is room for all, None: ``glance`` and ``rest``. ``is_right``: of the right column.
    """

    label: str
    glance: list[Row] = field(default_factory=list)
    rest: list[Row] = field(default_factory=list)
    whole: list[Row] | None = None
    is_right: bool = False

    @property
    def rows(self) -> list[Row]:
        """All that it says, where there is room."""
        return [*self.glance, *self.rest] if self.whole is None else self.whole

    def later(self) -> "Section":
        """The same with nothing for the first glance."""
        return replace(self, glance=[], rest=[*self.glance, *self.rest])


def arranged(first: Iterable[Section], later: Iterable[Section], width: int, height: int) -> Iterator[Line]:
    """The lines of sections in a pane of this size; those beyond its height are scrolled to.

    ``later``: sections that have nothing for a glance. Lines are made as they are asked for: where there is
    little room most of a context is never looked at.
    """
    if width >= TWO_COLUMNS:
        yield from _two_columns([*first, *later], width, height)
    elif height >= _WHOLE:
        yield from _spaced([_lines(one.label, one.rows, width) for one in (*first, *later)], height)
    else:
        yield from _glances_first(iter(first), later, width, height)


def _glances_first(
    first: Iterator[Section], later: Iterable[Section], width: int, height: int
) -> Iterator[Line]:
    """The first glance of all sections, then the rest of each.

    Where lines are left below all first glances, as much of the rest as fits stands with them: so no label
    stands twice in view.
    """
    seen: list[tuple[Section, list[Line]]] = []
    spare = height
    for one in first:
        seen.append((one, _lines(one.label, one.glance, width)))
        spare -= len(seen[-1][1])
        if spare < 0:
            break
    rests = []
    for one, glance in seen:
        yield from glance
        here = _lines("", one.rest, width)[:spare] if spare > 0 else []
        yield from here if glance else _labelled(one.label, here)
        spare -= len(here)
        rests.append((one, len(here)))
    for one in first:
        yield from _lines(one.label, one.glance, width)
        rests.append((one, 0))
    for one, told in rests:
        yield from _labelled(one.label, _lines("", one.rest, width)[told:])
    for one in later:
        yield from _lines(one.label, one.rest, width)


def _two_columns(sections: Sequence[Section], width: int, height: int) -> list[Line]:
    right = (width - _BETWEEN) // 2
    left = width - _BETWEEN - right
    blocks = [
        [_lines(one.label, one.rows, wide) for one in sections if one.is_right == side]
        for wide, side in ((left, False), (right, True))
    ]
    # Both columns alike: with blank lines, or without.
    fits = all(sum(len(lines) + 1 for lines in column if lines) - 1 <= height for column in blocks)
    both = [_spaced(column, height if fits else 0) for column in blocks]
    lines = []
    for index in range(max(map(len, both))):
        here, there = (column[index] if index < len(column) else [] for column in both)
        lines.append([*fit_line(here, left), (" " * _BETWEEN, "text"), *there] if there else here)
    return lines


def _spaced(blocks: Iterable[list[Line]], height: int) -> list[Line]:
    """Blocks one below the other, with a blank line between them where all of it still fits."""
    known = [block for block in blocks if block]
    lines = [line for block in known for line in block]
    if len(lines) + len(known) - 1 > height:
        return lines
    spaced: list[Line] = []
    for block in known:
        spaced += [[], *block] if spaced else block
    return spaced


def _lines(label: str, rows: Sequence[Row], width: int) -> list[Line]:
    """The lines of a section: the label stands before the first one alone."""
    if not rows:
        return []
    column = LABEL if width >= _NARROW else NARROW_LABEL
    gap = "   " if width >= _NARROW else "  "
    lines: list[Line] = []
    for row in rows:
        lines += flowed(row, max(1, width - column), gap)
    blank = (" " * column, "label")
    return _labelled(label, [[blank, *line] for line in lines[:_MOST_LINES]])


def _labelled(label: str, lines: list[Line]) -> list[Line]:
    """Lines with a label in the column that the first of them has blank for it."""
    if not lines:
        return []
    (blank, role), *line = lines[0]
    return [[(fit(label, len(blank) - 1) + " ", role), *line], *lines[1:]]


def flowed(row: Row, width: int, gap: str = "  ") -> list[Line]:
    """Parts side by side, as many in a line as fit; a part that is wider than a line is broken at blanks."""
    if isinstance(row, OneLine):
        line = joined(row, gap)
        return [line if width_of(line) <= width else fit_line(line, width)] if line else []
    lines: list[Line] = []
    used = width + 1
    for part in row:
        if not part:
            continue
        size = width_of(part)
        if lines and used + len(gap) + size <= width:
            lines[-1] += [(gap, "text"), *part]
            used += len(gap) + size
            continue
        pieces = [list(part)] if size <= width else _broken(part, width)
        lines += pieces
        used = width_of(lines[-1])
    return lines


def whole_parts(line: Line, width: int) -> Line:
    """A line in ``width`` cells: up to a gap between parts, else to a blank; half a number is a wrong one."""
    if width_of(line) <= width:
        return line
    fits, used = 0, 0
    for at, (text, _) in enumerate(line):
        # The label and the blanks below it are no part.
        if at > 1 and used <= width and len(text) > 1 and text.isspace():
            fits = at
        used += cell_len(text)
    if fits:
        return line[:fits]
    left = len(wrap(text_of(line), width - 1, 2)[0])
    words: Line = []
    for text, role in line:
        words.append((text[:left], role))
        left = max(0, left - len(text))
    return [*words, ("…", "dim")]


def _broken(part: Part, width: int) -> list[Line]:
    """A part broken at blanks into lines of at most ``width`` cells; a word that is wider is cut."""
    lines: list[Line] = [[]]
    used = 0
    for text, role in _words(part, width):
        if text.strip() in _MARKS and used:
            text = text.rstrip() if used + cell_len(text) > width else text
            lines[-1].append((cut(text, width - used), role))
            used += cell_len(text)
            continue
        size = cell_len(text)
        if used + size > width and used:
            lines.append([])
            used = 0
        if not used:
            text = cut(text.lstrip(), width)
            size = cell_len(text)
        if not text:
            continue
        line = lines[-1]
        if line and line[-1][1] == role:
            line[-1] = (line[-1][0] + text, role)
        else:
            line.append((text, role))
        used += size
    return [line for line in lines if line]


def _words(part: Part, width: int) -> Iterable[Span]:
    """What is not torn: short spans, and the words of long ones, each with the blanks before it."""
    for text, role in part:
        if len(text) <= min(_SHORT, width):
            yield text, role
            continue
        for piece in _WORD.findall(text):
            yield piece, role
