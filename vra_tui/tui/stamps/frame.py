"""What a pane of stamps shows, and one picture of it: cells, captions, pixels for terminals that draw."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from vra_tui.pictures.decode import Picture
from vra_tui.pictures.stretch import Levels, reduced, stretch
from vra_tui.tui.spans import Line, wrap
from vra_tui.tui.stamps import cells as grid
from vra_tui.tui.stamps.look import Plan
from vra_tui.tui.stamps.shelf import AlertStamps


@dataclass(frozen=True, eq=False)
class Placement:
    """A picture for terminals that draw pixels: its levels, its cell above left, and columns and lines."""

    levels: Levels
    column: int
    row: int
    columns: int
    rows: int


@dataclass(frozen=True, eq=False)
class Frame:
    """What a pane shows: cells, lines of captions by row, and the pictures as pixels."""

    cells: grid.Cells
    captions: Mapping[int, Line] = field(default_factory=dict)
    placements: tuple[Placement, ...] = ()


@dataclass(frozen=True)
class Screen:
    """Size of a pane in cells, the time (MJD), and whether it may use more than ASCII."""

    width: int
    height: int
    now_mjd: float = 0.0
    ascii: bool = False


@dataclass(frozen=True, eq=False)
class Shown:
    """One picture as it is shown: levels, arcsec a pixel, and the reason where there is nothing to see."""

    levels: Levels
    arcsec: float
    reason: str = ""


def empty_frame(screen: Screen) -> Frame:
    """Nothing."""
    return Frame(grid.empty(screen.height, screen.width))


def message_frame(screen: Screen, text: str) -> Frame:
    """One grey sentence in the middle of an empty pane."""
    lines = wrap(text, max(1, screen.width - 2), 3)
    top = max(0, (screen.height - 1) // 2 - len(lines) // 2)
    captions = {
        top + at: [(f"{line:^{screen.width}}", "dim")]
        for at, line in enumerate(lines)
        if top + at < screen.height
    }
    return Frame(grid.empty(screen.height, screen.width), captions)


def without_pictures(frame: Frame) -> Frame:
    """The same frame with nothing in the cells over which a terminal draws the pictures itself."""
    cells = frame.cells.copy()
    for one in frame.placements:
        rows, columns = slice(one.row, one.row + one.rows), slice(one.column, one.column + one.columns)
        cells[rows, columns] = grid.empty(1, 1)[0, 0]
    return replace(frame, cells=cells)


def below(upper: Frame, lower: Frame, row: int) -> Frame:
    """One frame in another, from a row on; what does not fit is left out."""
    put(upper.cells, lower.cells, row, 0)
    height = upper.cells.shape[0]
    captions = {row + at: line for at, line in lower.captions.items() if row + at < height}
    moved = tuple(replace(one, row=one.row + row) for one in lower.placements)
    return replace(upper, captions={**upper.captions, **captions}, placements=upper.placements + moved)


def put(cells: grid.Cells, square: grid.Cells, row: int, column: int) -> None:
    """Lay cells over others, in place, as far as there are some."""
    height, width = cells[row : row + square.shape[0], column : column + square.shape[1]].shape
    cells[row : row + height, column : column + width] = square[:height, :width]


def shown_picture(
    stamps: AlertStamps, picture: Picture, key: tuple[int, str], laid: Plan, contrast: int, *, smooth: bool
) -> Shown:
    """A picture as a plan shows it; its levels are kept with the alert. ``key``: its epoch and kind.

    Of the field all is shown, however many pixels it has.
    """
    if picture.reason:
        return Shown(np.zeros((1, 1), dtype=np.uint8), picture.arcsec, picture.reason)
    pixels, at = picture.pixels, (picture.row, picture.column)
    factor = -(-min(pixels.shape) // laid.side) if key[1] == "context" else 1
    place = (*key, laid.side, contrast, smooth)
    found = stamps.levels.get(place)
    if found is None:
        if factor > 1:
            pixels = reduced(pixels, factor)
            at = (pixels.shape[0] // 2, pixels.shape[1] // 2)
        found = stamps.levels[place] = stretch(pixels, at, laid.side, contrast, smooth=smooth)
    return Shown(found.levels, picture.arcsec * factor, found.reason)


def square_of(shown: Shown, laid: Plan, *, ascii: bool) -> grid.Cells:
    """The cells of one picture with its crosshair, or of a grey field with the reason."""
    if shown.reason:
        field = grid.grey_field(laid.columns)
        lines = wrap(shown.reason, laid.columns - 2, 4)
        top = max(0, (field.shape[0] - len(lines)) // 2)
        for at, line in enumerate(lines):
            grid.write(field, top + at, (laid.columns - len(line)) // 2, line, grid.DIM)
        return field
    square = grid.of_levels(shown.levels.repeat(laid.zoom, axis=0).repeat(laid.zoom, axis=1))
    grid.add_crosshair(square, laid.columns, *("|-" if ascii else "│─"))
    return square


def placed(shown: Shown, laid: Plan, row: int, column: int) -> tuple[Placement, ...]:
    """The picture for a terminal that draws pixels; none where there is nothing to see."""
    return () if shown.reason else (Placement(shown.levels, column, row, laid.columns, laid.lines),)
