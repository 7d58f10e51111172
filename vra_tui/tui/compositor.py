"""Write only changed cells of each line to the terminal, with only the changes of their style."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import Compositor, CompositorMap, CompositorUpdate, LayoutUpdate, ReflowResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

#: SGR numbers of what a style may switch on.
_ATTRIBUTES = (("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("blink", "5"),
               ("reverse", "7"), ("strike", "9"))  # fmt: skip
#: These are switched off together, by 22.
_WEIGHTS = frozenset({"1", "2"})
#: Cells in which a widget is seen: line, first cell, the one behind the last; the widget, its place.
_Place = tuple[int, int, int, Widget, Region]


class SpanUpdate(CompositorUpdate):
    """Pieces of lines, each with the cell (x, y) where it begins."""

    def __init__(self, pieces: Sequence[tuple[int, int, list[Segment]]]) -> None:
        self._pieces = pieces

    def render_segments(self, console: Console) -> str:
        """The sequences that paint the pieces and nothing else."""
        pen = Pen(console._color_system)
        for x, y, segments in self._pieces:
            pen.move(x, y)
            pen.write(segments)
        return pen.lifted()


def piece(line: Iterable[Segment], first: int, end: int) -> list[Segment]:
    """The cells of a line from ``first`` up to ``end``; `Strip.crop` does it in four times as long."""
    segments, at = [], 0
    for segment in line:
        here, at = at, at + segment.cell_length
        if at > first:
            if here < first:
                segment, here = segment.split_cells(first - here)[1], first
            segments.append(segment if at <= end else segment.split_cells(end - here)[0])
            if at >= end:
                break
    return segments


class WholeUpdate(LayoutUpdate):
    """Textual's own update of the whole screen says every piece's look in full."""

    def render_segments(self, console: Console) -> str:
        """The sequences that paint all lines."""
        pen = Pen(console._color_system)
        for y, line in enumerate(self.strips, start=self.region.y):
            pen.move(self.region.x, y)
            for strip in line:
                pen.write(strip)
        return pen.lifted()


class Pen:
    """Writes pieces of text one after the other, and between them what changes in their look.

    A terminal keeps colours from one character to the next, wherever the cursor goes: what stays is not said
    again. That is a quarter of all bytes.
    """

    def __init__(self, colours: ColorSystem | None) -> None:
        self._colours = colours
        self._written: list[str] = []
        # As terminals begin, and as `lifted` leaves them.
        self._attributes: frozenset[str] = frozenset()
        self._front, self._back, self._link = "39", "49", ""

    def move(self, x: int, y: int) -> None:
        """Go to a cell."""
        self._written.append(f"\x1b[{y + 1};{x + 1}H")

    def write(self, segments: Iterable[Segment]) -> None:
        """Write segments from where the pen is."""
        for text, style, control in segments:
            if text and not control:
                self._take(style)
                self._written.append(text)

    def lifted(self) -> str:
        """All that was written, and the terminal's own look after it."""
        self._follow("")
        plain = (not self._attributes, self._front == "39", self._back == "49")
        return "".join([*self._written, "" if all(plain) else "\x1b[0m"])

    def _take(self, style: Style | None) -> None:
        attributes, front, back = _look(style or Style.null(), self._colours)
        self._follow((style and style.link) or "")
        codes: list[str] = []
        gone, come = self._attributes - attributes, attributes - self._attributes
        if gone and gone <= _WEIGHTS:
            codes.append("22")
            come = come | (attributes & _WEIGHTS)
        elif gone:
            codes.append("0")
            come, self._front, self._back = attributes, "39", "49"
        codes += sorted(come)
        if front != self._front:
            codes.append(front)
        if back != self._back:
            codes.append(back)
        if codes:
            self._written.append(f"\x1b[{';'.join(codes)}m")
        self._attributes, self._front, self._back = attributes, front, back

    def _follow(self, link: str) -> None:
        if link != self._link:
            self._written.append(f"\x1b]8;;{link}\x1b\\")
            self._link = link


@lru_cache(maxsize=1_024)
def _look(style: Style, colours: ColorSystem | None) -> tuple[frozenset[str], str, str]:
    """Return what a style switches on, and the SGR numbers of its colours."""
    attributes = frozenset(code for name, code in _ATTRIBUTES if getattr(style, name))
    front, back = "39", "49"
    if colours is not None:
        if style.color is not None:
            front = ";".join(style.color.downgrade(colours).get_ansi_codes())
        if style.bgcolor is not None:
            back = ";".join(style.bgcolor.downgrade(colours).get_ansi_codes(foreground=False))
    return attributes, front, back


class FrugalCompositor(Compositor):
    """Textual's compositor, with updates of spans, and of the whole screen where that comes up.

    Textual may work the places of widgets out anew between two layouts, for whoever asks where one is. The
    next layout would then find nothing changed, and tell no widget its new size.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: CompositorMap = {}

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out, and tell what changed since the last layout."""
        self._full_map = self._told
        changed = super().reflow(parent, size)
        self._told = self._full_map
        return changed

    def render_full_update(self, *args: Any, **options: Any) -> LayoutUpdate:
        """Return the whole screen."""
        update = super().render_full_update(*args, **options)
        return WholeUpdate(update.strips, update.region)

    def render_partial_update(self) -> SpanUpdate | None:  # type: ignore[override]  # another kind of update
        """Return what changed since the last update, as each widget draws it.

        Textual would cut every line of every widget at the edges of all others, whether they changed or not.
        """
        regions, self._dirty_regions = self._dirty_regions, set()
        places = sorted(self._places(self._regions_to_spans(regions)), key=lambda place: place[:2])
        rows: dict[Widget, tuple[int, int]] = {}
        for y, _, _, widget, _ in places:
            top, _ = rows.setdefault(widget, (y, y))
            rows[widget] = top, y
        drawn: dict[Widget, list[Strip]] = {}
        pieces = []
        for y, first, end, widget, region in places:
            top, bottom = rows[widget]
            if widget not in drawn:
                lines = Region(0, top - region.y, region.width, bottom - top + 1)
                drawn[widget] = widget.render_lines(lines)
            pieces.append((first, y, piece(drawn[widget][y - top], first - region.x, end - region.x)))
        return SpanUpdate(pieces) if pieces else None

    def _places(self, spans: Iterable[tuple[int, int, int]]) -> Iterator[_Place]:
        """Cut spans of the screen where one widget ends and the next begins; the uppermost is seen."""
        for y, first, end in spans:
            if not 0 <= y < self.size.height:
                continue
            left = [(max(first, 0), min(end, self.size.width))]
            for widget, seen, region in self.layers_visible[y]:
                uncovered = []
                for start, stop in left:
                    begin, last = max(start, seen.x), min(stop, seen.right)
                    if begin >= last:
                        uncovered.append((start, stop))
                        continue
                    yield y, begin, last, widget, region
                    uncovered += [part for part in ((start, begin), (last, stop)) if part[0] < part[1]]
                left = uncovered
                if not left:
                    break
