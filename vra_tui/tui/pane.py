"""A pane of lines that repaints only what changed."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from vra_tui.tui.palette import styles_of
from vra_tui.tui.spans import Cells, Line, cells_of_lines, changed_runs, to_strip


class Bare(Widget):
    """A widget with neither border nor padding nor tint: its lines are shown as `render_line` gives them."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region as they are.

        Textual works out for each widget and frame what it adds, which takes as long as all else about a key.
        """
        if self.get_line_filters():  # colours are taken away
            return super().render_lines(crop)
        first, last = crop.column_span
        return [self.render_line(y).crop(first, last) for y in crop.line_range]


class Pane(Bare):
    """Lines of spans; `show` compares them with what is on the screen and repaints the difference."""

    def __init__(self, *, id: str | None = None, fill: str = "text") -> None:
        super().__init__(id=id)
        #: The role of what no span covers.
        self._fill = fill
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._cells: dict[int, Cells] = {}
        self._styles: dict[str, Style] = styles_of("dark")

    def set_styles_of(self, theme: str) -> None:
        """Use another theme's colours."""
        self._styles = styles_of(theme)
        self._strips.clear()
        self.refresh()

    @property
    def lines(self) -> Sequence[Line]:
        """What the pane shows."""
        return self._lines

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines; those beyond the pane's height are kept out of sight."""
        width, height = self.size
        old, self._lines = self._lines, list(lines)
        others = [y for y in range(height) if y >= len(old) or self._line(y) != old[y]]
        # A pane that is not shown has no height; it is drawn before it hears that it has one again.
        for y in [y for y in self._strips if y >= height]:
            del self._strips[y]
        regions = []
        for y, cells in zip(others, self._cells_of(others, width), strict=True):
            before = self._cells.get(y)
            runs = [(0, width)] if before is None or len(before) != width else changed_runs(before, cells)
            self._cells[y] = cells
            if runs:
                self._strips.pop(y, None)
                regions += [Region(first, y, last - first, 1) for first, last in runs]
        if regions:
            self.refresh(*regions)

    def _cells_of(self, lines: Sequence[int], width: int) -> Cells:
        return cells_of_lines([self._line(y) for y in lines], width, self._fill)

    def render_line(self, y: int) -> Strip:
        """One line as a strip; kept until it changes."""
        strip, width = self._strips.get(y), self.size.width
        if strip is None or strip.cell_length != width:
            strip = self._strips[y] = to_strip(self._line(y), width, self._styles, self._fill)
        return strip

    def on_resize(self) -> None:
        """Cut every line anew."""
        self._strips.clear()
        self._cells.clear()

    def _line(self, y: int) -> Line:
        return self._lines[y] if y < len(self._lines) else []


def blank(width: int, style: Style) -> Strip:
    """A strip of blanks."""
    return Strip([Segment(" " * width, style)], width)
