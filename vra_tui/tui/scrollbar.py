"""A scrollbar half a cell wide: it tells the place in the list, and takes the mouse."""

from math import ceil

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBarRender


class ThinScrollBar(ScrollBarRender):
    """Draws the thumb as a half block and no track: lines of whole cells are bytes and weight for nothing."""

    @classmethod
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: Color = Color.default(),  # noqa: B008
        bar_color: Color = Color.default(),  # noqa: B008
    ) -> Segments:
        """A segment a line, with what the mouse does there, as Textual's own has it."""
        first, last = 0, 0
        if window_size and virtual_size > window_size:
            length = max(1, ceil(size * window_size / virtual_size))
            first = round((size - length) * position / (virtual_size - window_size))
            last = first + length

        def cell(line: int) -> Segment:
            does = "scroll_up" if line < first else "scroll_down" if line >= last else "grab"
            sign = "▐" if does == "grab" else " "
            return Segment(sign, Style(color=bar_color, bgcolor=back_color, meta={"@mouse.down": does}))

        return Segments([cell(line) for line in range(size)], new_lines=True)
