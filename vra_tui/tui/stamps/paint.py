"""Make strips of a frame: greys of a theme in half blocks, or shades where there are no colours."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from vra_tui.tui.palette import styles_of
from vra_tui.tui.spans import to_strip
from vra_tui.tui.stamps import cells as grid
from vra_tui.tui.stamps.frame import Frame
from vra_tui.tui.stamps.half_blocks import Cell, Colours, pieces
from vra_tui.tui.stamps.ramp import shaded

#: Level 0 in the palette of 256 colours: dark grounds from there up, light ones down.
_DARKEST, _LIGHTEST = 232, 255


class Painter:
    """Paints rows of cells in one theme. ``plain``: in shades, without colours; ``ascii``: in ASCII."""

    def __init__(self, theme: str, *, plain: bool = False, ascii: bool = False) -> None:
        self.styles: Mapping[str, Style] = styles_of(theme)
        self.ascii = ascii
        ground = self.styles["text"].bgcolor
        #: Without 256 colours of its own a theme has no greys.
        self.plain = plain or ascii or ground is None or ground.number is None
        self.is_light = not self.plain and ground is not None and ground.get_truecolor().red > 127
        ends = (_LIGHTEST, -1) if self.is_light else (_DARKEST, 1)
        self._greys = [ends[0] + ends[1] * level for level in range(24)]
        self._ground = ground.number if ground is not None and ground.number is not None else 0
        self._letters = {
            0: -1, grid.ACCENT: self._number("key"), grid.DIM: self._on_grey("dim"),
            grid.STRONG: self._number("strong"),
        }  # fmt: skip

    def _number(self, role: str) -> int:
        colour = self.styles[role].color
        return 255 if colour is None or colour.number is None else colour.number

    def _on_grey(self, role: str) -> int:
        """The colour of a role, further from the grey of the sky than from the ground."""
        return 248 if self._greys[0] == _DARKEST else 240

    def row(self, cells: Sequence[Cell], colours: Colours) -> tuple[list[Segment], Colours]:
        """Segments of cells (as `frame_rows` gives them), and the colours that are set at their end."""
        if self.plain:
            text = shaded(cells, grid.GROUND, ascii=self.ascii)
            return [Segment(text, self.styles["text"])], colours
        found, colours = pieces([self._coloured(cell) for cell in cells], colours)
        return [Segment(text, _style(front, back)) for text, front, back in found], colours

    def caption(self, frame: Frame, y: int, width: int) -> Strip:
        """A line of captions."""
        return to_strip(frame.captions[y], width, self.styles)

    def _coloured(self, cell: Cell) -> Cell:
        top, bottom, colour, character = cell
        return self._grey(top), self._grey(bottom), self._letters[colour], character

    def _grey(self, level: int) -> int:
        return self._ground if level == grid.GROUND else self._greys[level]


@lru_cache(maxsize=1_024)
def _style(front: int, back: int) -> Style:
    # A colour that is not set is anything: the letters of blanks.
    return Style(color=Color.from_ansi(front if front >= 0 else back), bgcolor=Color.from_ansi(back))


def frame_rows(cells: grid.Cells) -> list[list[Cell]]:
    """The rows of cells as tuples: levels above and below, colour of a character, character."""
    top, bottom, colour, character = (part.tolist() for part in grid.halves(cells))
    return [list(zip(*row, strict=True)) for row in zip(top, bottom, colour, character, strict=True)]
