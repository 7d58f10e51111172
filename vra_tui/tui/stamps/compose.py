"""Lay the stamps of an alert out in a pane: pictures of one epoch side by side, or all epochs as a sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from vra_tui.pictures.decode import Picture, no_picture
from vra_tui.pictures.stretch import Levels, reduced, stretch
from vra_tui.tui.spans import Line, wrap
from vra_tui.tui.stamps import cells as grid
from vra_tui.tui.stamps.captions import (
    caption,
    exposure_words,
    scale_bar,
    side_by_side,
    strength,
)
from vra_tui.tui.stamps.look import KINDS, Look, Plan, plan
from vra_tui.tui.stamps.shelf import AlertStamps
from vra_tui.tui.times import ago

#: With room for one picture, and on the contact sheet, the difference comes first.
_ONE = ("difference", "science", "template", "context")
#: Pixels of the pictures of a contact sheet.
_SHEET_SIDES = (21, 15)


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


def wanted_epochs(stamps: AlertStamps, index: int, look: Look, screen: Screen) -> list[int]:
    """The epochs whose pictures a frame shows, as places in ``stamps.epochs``."""
    if not look.sheet:
        return [index]
    _, columns, rows = _sheet_plan(screen, len(stamps.epochs))
    each = max(1, columns * rows)
    first = max(0, min(index // each * each, len(stamps.epochs) - each))
    return list(range(first, min(len(stamps.epochs), first + each)))


def compose(stamps: AlertStamps, index: int, look: Look, screen: Screen, why_none: str = "") -> Frame:
    """The frame of an alert's epoch ``index``. ``why_none``: said where there are no stamps."""
    if not stamps.epochs and stamps.context is None:
        return message_frame(screen, stamps.fault or why_none or "no stamps came with this alert")
    if look.sheet and stamps.epochs:
        return _sheet(stamps, index, look, screen)
    return _one_epoch(stamps, index, look, screen)


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


def _one_epoch(stamps: AlertStamps, index: int, look: Look, screen: Screen) -> Frame:
    pictures = dict(stamps.pictures.get(index, {}))
    if stamps.context is not None:
        pictures["context"] = stamps.context
    known = [kind for kind in KINDS if kind in pictures]
    whole = max((min(one.pixels.shape) for kind, one in pictures.items() if kind != "context"), default=63)
    laid = plan(screen.width, screen.height, len(known), look.full, max(whole, 15))
    if laid is None or not known:
        return Frame(grid.empty(screen.height, screen.width))
    shown = _turned(known, look.turn, laid.count)
    cells = grid.empty(screen.height, screen.width)
    captions, placements = [], []
    epoch = stamps.epochs[index] if stamps.epochs else None
    place = f"{index + 1}/{len(stamps.epochs)}" if len(stamps.epochs) > 1 else ""
    bar_told = False
    for at, kind in enumerate(shown):
        column = at * (laid.columns + 1)
        levels, arcsec, reason = _levels(stamps, pictures[kind], kind, laid, look, (index, kind))
        square = _square(levels, laid, screen.ascii, reason)
        _put(cells, square, 0, column)
        if not reason:
            placements.append(Placement(levels, column, 0, laid.columns, laid.lines))
        bar = scale_bar(arcsec / laid.zoom, laid.columns * 2 // 5 + 2, ascii=screen.ascii)
        rights: list[str] = []
        if kind == "science" and epoch is not None:
            rights = exposure_words(epoch, screen.now_mjd, place)
        elif kind == "difference" and epoch is not None:
            rights = (
                [] if bar_told or "template" in shown else [f"{bar}  {strength(epoch, ascii=screen.ascii)}"]
            )
            rights += [strength(epoch, ascii=screen.ascii)]
            if len(shown) == 1:
                words = exposure_words(epoch, screen.now_mjd, place)
                rights = [f"{one} {rights[-1]}" for one in words] + rights
        else:
            rights = [bar]
        bar_told = bar_told or kind == "template"
        captions.append(caption(kind, rights, laid.columns))
    below = min(laid.lines, screen.height - 1)
    return Frame(cells, {below: side_by_side(captions, laid.columns, screen.width)}, tuple(placements))


def _turned(known: list[str], turn: int, count: int) -> list[str]:
    order = [kind for kind in (KINDS if count > 1 else _ONE) if kind in known]
    turn %= len(order)
    return [*order[turn:], *order[:turn]][:count]


def _levels(
    stamps: AlertStamps, picture: Picture, kind: str, laid: Plan, look: Look, key: tuple[int, str]
) -> tuple[Levels, float, str]:
    """Levels of the pixels shown, arcsec a pixel, and the reason where there is nothing to see."""
    if picture.reason:
        return np.zeros((1, 1), dtype=np.uint8), picture.arcsec, picture.reason
    pixels, at, arcsec = picture.pixels, (picture.row, picture.column), picture.arcsec
    factor = -(-min(pixels.shape) // laid.side) if kind == "context" else 1
    found = stamps.levels.get((*key, laid.side, look.contrast, look.full))
    if found is None:
        if factor > 1:
            pixels = reduced(pixels, factor)
            at = (pixels.shape[0] // 2, pixels.shape[1] // 2)
        found = stretch(pixels, at, laid.side, look.contrast, smooth=not look.full)
        stamps.levels[(*key, laid.side, look.contrast, look.full)] = found
    return found.levels, arcsec * factor, found.reason


def _square(levels: Levels, laid: Plan, ascii: bool, reason: str) -> grid.Cells:
    """The cells of one picture with its crosshair, or of a grey field with the reason."""
    if reason:
        field = grid.grey_field(laid.columns)
        lines = wrap(reason, laid.columns - 2, 4)
        top = max(0, (field.shape[0] - len(lines)) // 2)
        for at, line in enumerate(lines):
            grid.write(field, top + at, (laid.columns - len(line)) // 2, line, grid.DIM)
        return field
    square = grid.of_levels(levels.repeat(laid.zoom, axis=0).repeat(laid.zoom, axis=1))
    grid.add_crosshair(square, laid.columns, *("|-" if ascii else "│─"))
    return square


def _put(cells: grid.Cells, square: grid.Cells, row: int, column: int) -> None:
    height, width = cells[row : row + square.shape[0], column : column + square.shape[1]].shape
    cells[row : row + height, column : column + width] = square[:height, :width]


def _sheet_plan(screen: Screen, epochs: int) -> tuple[int, int, int]:
    """Pixels of a picture, and how many stand in a line and below each other."""
    for side in _SHEET_SIDES:
        columns = (screen.width + 1) // (side + 1)
        rows = (screen.height - 1) // ((side + 1) // 2 + 1)
        if columns * rows >= epochs:
            break
    return side, max(1, columns), max(1, rows)


def _sheet(stamps: AlertStamps, index: int, look: Look, screen: Screen) -> Frame:
    side, columns, _ = _sheet_plan(screen, len(stamps.epochs))
    laid = Plan(1, side)
    shown = wanted_epochs(stamps, index, look, screen)
    cells = grid.empty(screen.height, screen.width)
    captions: dict[int, Line] = {}
    rows: dict[int, list[Line]] = {}
    placements = []
    kinds = [kind for kind in _ONE if any(kind in one.kinds for one in stamps.epochs)]
    kind = kinds[look.turn % len(kinds)]
    for at, number in enumerate(shown):
        line, column = at // columns * (laid.lines + 1), at % columns * (side + 1)
        missing = no_picture("not sent" if kind not in stamps.epochs[number].kinds else "…")
        picture = stamps.pictures.get(number, {}).get(kind, missing)
        levels, _, reason = _levels(stamps, picture, kind, laid, look, (number, kind))
        square = _square(levels, laid, screen.ascii, reason)
        _put(cells, square, line, column)
        if not reason:
            placements.append(Placement(levels, column, line, laid.columns, laid.lines))
        epoch = stamps.epochs[number]
        days = f"{epoch.mjd - stamps.epochs[-1].mjd:.1f} d"
        words = caption(epoch.band or "?", [f"{days} {strength(epoch, ascii=screen.ascii)}", days], side)
        if number == index:
            words = [(text, "key") for text, _ in words]
        rows.setdefault(line + laid.lines, []).append(words)
    for row, words_of_row in rows.items():
        if row < screen.height:
            captions[row] = side_by_side(words_of_row, side, screen.width)
    latest = ago(stamps.epochs[-1].mjd, screen.now_mjd)
    last = f"{_named(kind)} {index + 1} of {len(stamps.epochs)}, the latest {latest}"
    captions.setdefault(screen.height - 1, [(last, "dim")])
    return Frame(cells, captions, tuple(placements))


def _named(kind: str) -> str:
    return "field" if kind == "context" else kind
