"""Drawing a light curve into a field of cells."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.bands import Band
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.curve.axes import label, label_row, nice_step, ticks
from vra_tui.tui.curve.points import (
    Floats,
    PointKind,
    Points,
    Quantity,
    Window,
    nightly,
    span_of,
    value_range,
)
from vra_tui.tui.palette import faint_role_of, role_of
from vra_tui.tui.spans import Line, Span

if TYPE_CHECKING:
    from vra_tui.tui.curve.fitted import Fitted

#: Cells left of the plot: a label of five and the axis.
MARGIN = 6


@dataclass(frozen=True)
class CurveStyle:
    """Style of light curves, as the scanner chose it."""

    window: Window = Window.AUTO
    quantity: Quantity = Quantity.MAGNITUDE
    forced: bool = False
    limits: bool = True
    fit: bool = False
    mjd_axis: bool = False
    nightly: bool = False
    ascii: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened at a phase (days since t0), marked on the top edge by a letter."""

    phase: float
    letter: str


@dataclass(frozen=True)
class Glyphs:
    """The signs that marks are drawn with; those of detections are their bands' own."""

    limit: str
    negative: str
    forced: str
    bar: str
    bar_top: str
    bar_bottom: str
    axis: str
    tick: str
    t0: str
    fit: str
    fit_edge: str


UNICODE = Glyphs("▿", "×", "+", "│", "╷", "╵", "│", "┤", "┊", "─", "·")
ASCII = Glyphs("v", "x", "+", "|", "|", "|", "|", "+", ":", "-", ".")


class Field:
    """A field of cells, each a character and a role; nearly all of them blank."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows: list[dict[int, Span]] = [{} for _ in range(height)]

    def put(self, column: int, row: int, char: str, role: str) -> None:
        """Set a cell; outside of the field nothing happens."""
        if 0 <= column < self.width and 0 <= row < self.height:
            self._rows[row][column] = (char, role)

    def is_blank(self, column: int, row: int) -> bool:
        """Tell whether nothing was drawn there."""
        return column not in self._rows[row]

    def line(self, row: int) -> Line:
        """A row as a line, blanks with what stands before them."""
        line: Line = []
        text, role, end = "", "text", 0
        for column, (char, its_role) in sorted(self._rows[row].items()):
            text += " " * (column - end)
            if its_role != role:
                if text:
                    line.append((text, role))
                text, role = "", its_role
            text += char
            end = column + 1
        line.append((text + " " * (self.width - end), role))
        return line


@dataclass(frozen=True)
class Frame:
    """What the axes show, and where a point falls; ``top`` is the value on the upper edge."""

    left: float
    right: float
    top: float
    bottom: float
    width: int
    height: int

    def columns(self, phases: Floats) -> NDArray[np.int64]:
        """Cells of phases, maybe outside."""
        return np.floor((phases - self.left) / (self.right - self.left) * self.width).astype(np.int64)

    def levels(self, values: Floats) -> Floats:
        """Heights of values in cells from the upper edge."""
        return (values - self.top) / (self.bottom - self.top) * self.height

    def column(self, phase: float) -> int:
        """Cell of a phase, maybe outside."""
        return math.floor((phase - self.left) / (self.right - self.left) * self.width)

    def level(self, value: float) -> float:
        """Height of a value in cells from the upper edge."""
        return (value - self.top) / (self.bottom - self.top) * self.height


def draw_curve(
    points: Points,
    t0: float,
    width: int,
    height: int,
    look: CurveStyle | None = None,
    events: Sequence[Event] = (),
    reading: int | None = None,
    fit: "Fitted | None" = None,
    codes: CodeBook | None = None,
) -> list[Line]:
    """The light curve in ``height`` lines of ``width`` cells: a legend, the plot, the days below it.

    ``points`` as `points_of` gives them; ``reading`` is the index of a shown point (see `shown`) to read;
    ``fit`` is drawn below the points, with its 16 and 84 %; ``codes`` name the bands (else letters do).
    """
    look, codes = look or CurveStyle(), codes or CodeBook()
    field_width, field_height = width - MARGIN, height - 2
    if field_width < 10 or field_height < 2:
        return [[] for _ in range(height)]
    glyphs = ASCII if look.ascii else UNICODE
    window = span_of(points, look.window)
    seen = shown(points, look)
    top, bottom = value_range(seen, look.quantity)
    frame = Frame(*window, top, bottom, field_width, field_height)
    field = Field(field_width, field_height)
    _draw_vertical(field, frame, 0.0, glyphs.t0, "t0")
    for event in events:
        _draw_event(field, frame, event)
    if fit is not None:
        _draw_fit(field, frame, fit, glyphs, look, codes)
    _draw_points(field, frame, seen, glyphs, look, codes)
    if reading is not None and 0 <= reading < len(seen):
        _draw_cursor(field, frame, float(seen.phase[reading]), float(seen.value[reading]))
        lines = [[("      ", "text"), *point_line(seen, reading, t0, look.quantity, codes)]]
    else:
        lines = [_legend(points, seen, look, glyphs, width, codes)]
    labels = _value_labels(frame)
    for row in range(field_height):
        text = labels.get(row)
        edge = glyphs.tick if text else glyphs.axis
        lines.append([((text or "").rjust(MARGIN - 1) + edge, "axis"), *field.line(row)])
    lines.append(_days(frame, t0, look))
    return lines


def shown(points: Points, look: CurveStyle) -> Points:
    """The points that a look shows, in the order of time."""
    left, right = span_of(points, look.window)
    # Averaged before it is cut: the window's edge may fall into a night.
    points = nightly(points) if look.nightly and len(points) else points
    chosen = (points.phase >= left) & (points.phase <= right)
    if not look.limits:
        chosen &= points.kind != PointKind.LIMIT
    return points.where(chosen)


def _draw_vertical(field: Field, frame: Frame, phase: float, char: str, role: str) -> None:
    column = frame.column(phase)
    for row in range(0, field.height, 2):  # every second line will do, at half the bytes
        field.put(column, row, char, role)


def _draw_event(field: Field, frame: Frame, event: Event) -> None:
    field.put(frame.column(event.phase), 0, event.letter, "event")


def _draw_fit(
    field: Field, frame: Frame, fit: "Fitted", glyphs: Glyphs, look: CurveStyle, codes: CodeBook
) -> None:
    phases = frame.left + (np.arange(frame.width) + 0.5) * (frame.right - frame.left) / frame.width
    for code, low, middle, high in fit.levels(phases, look.quantity):
        role = faint_role_of(codes.band(code))
        for values, glyph in ((low, glyphs.fit_edge), (high, glyphs.fit_edge), (middle, glyphs.fit)):
            levels = frame.levels(values)
            for column in np.flatnonzero(np.isfinite(levels)).tolist():
                field.put(column, math.floor(levels[column]), glyph, role)


def _draw_points(
    field: Field, frame: Frame, points: Points, glyphs: Glyphs, look: CurveStyle, codes: CodeBook
) -> None:
    columns = np.clip(frame.columns(points.phase), 0, frame.width - 1).tolist()
    levels = frame.levels(points.value)
    rows = np.floor(levels).astype(int).tolist()
    bands = points.band.tolist()
    marks = {code: _marks(codes.band(code), glyphs, look) for code in set(bands)}
    faint = {code: faint_role_of(codes.band(code)) for code in marks}
    error = np.where(points.error > 0, points.error, np.nan)
    uppers, lowers = frame.levels(points.value - error).tolist(), frame.levels(points.value + error).tolist()
    last_row = frame.height - 1
    for kind in PointKind:
        chosen = np.flatnonzero(points.kind == kind).tolist()
        if kind in (PointKind.DETECTION, PointKind.FORCED):
            for index in chosen:
                if uppers[index] == uppers[index]:
                    ends = sorted((uppers[index], lowers[index]))
                    _draw_error(field, columns[index], ends[0], ends[1], faint[bands[index]], glyphs)
        for index in chosen:
            row = rows[index]
            if kind is PointKind.LIMIT and row < 0:
                continue  # a shallow exposure says nothing about a source fainter than it reaches
            if kind is PointKind.NEGATIVE and look.quantity is Quantity.MAGNITUDE:
                row = last_row  # below everything: it is no brightness
            field.put(columns[index], min(max(row, 0), last_row), *marks[bands[index]][kind])


def _marks(one: Band, glyphs: Glyphs, look: CurveStyle) -> dict[PointKind, Span]:
    """Tell how each kind of point of a band is drawn."""
    return {
        PointKind.DETECTION: (_sign(one, look), role_of(one)),
        PointKind.LIMIT: (glyphs.limit, faint_role_of(one)),
        PointKind.NEGATIVE: (glyphs.negative, "negative"),
        PointKind.FORCED: (glyphs.forced, faint_role_of(one)),
    }


def _sign(one: Band, look: CurveStyle) -> str:
    """The sign of a band's detections; a plain letter where a font lacks the signs."""
    letter = one.name[:1]
    return one.sign if not look.ascii else letter if letter.isascii() and letter.isprintable() else "*"


def _draw_error(field: Field, column: int, upper: float, lower: float, role: str, glyphs: Glyphs) -> None:
    first, last = math.floor(upper), math.floor(lower)
    for row in range(max(first, 0), min(last, field.height - 1) + 1):
        char = glyphs.bar
        if row == first and upper - first > 0.5:
            char = glyphs.bar_top
        elif row == last and lower - last < 0.5:
            char = glyphs.bar_bottom
        field.put(column, row, char, role)


def _draw_cursor(field: Field, frame: Frame, phase: float, value: float) -> None:
    column = min(max(frame.column(phase), 0), frame.width - 1)
    row = min(max(int(np.floor(frame.level(value))), 0), frame.height - 1)
    for other in range(frame.height):
        if other != row and field.is_blank(column, other):
            field.put(column, other, ":", "mark")


_KIND_WORDS = {PointKind.LIMIT: "limit", PointKind.FORCED: "forced", PointKind.NEGATIVE: "negative flux"}


def point_line(
    points: Points, index: int, t0: float, quantity: Quantity, codes: CodeBook | None = None
) -> Line:
    """One point in words and numbers; ``codes`` name its band (else its letter does)."""
    value, error = float(points.value[index]), float(points.error[index])
    decimals = 2 if quantity is Quantity.MAGNITUDE else 0
    kind = PointKind(int(points.kind[index]))
    size = f"{'>' if kind is PointKind.LIMIT else ''}{value:.{decimals}f}"
    size += f" ± {error:.{decimals}f}" if error > 0 else ""
    phase = float(points.phase[index])
    one = (codes or CodeBook()).band(int(points.band[index]))
    role = faint_role_of(one) if kind is PointKind.LIMIT else role_of(one)
    return [
        (f"day {phase:+8.2f}  ", "strong"),
        (f"MJD {phase + t0:.4f}  ", "dim"),
        (f"{size:<14} {one.name or '?'}", role),
        (f"  {_KIND_WORDS.get(kind, '')}", "dim"),
    ]


def _value_labels(frame: Frame) -> dict[int, str]:
    low, high = sorted((frame.top, frame.bottom))
    most = max(1, frame.height // 3)
    step = nice_step(high - low, most)
    labels = {}
    for value in ticks(low, high, most):
        row = int(np.floor(frame.level(value)))
        if 0 <= row < frame.height:
            labels[row] = label(value, step)[: MARGIN - 1]
    return labels


def _days(frame: Frame, t0: float, look: CurveStyle) -> Line:
    if look.mjd_axis:
        text, _ = label_row(frame.left + t0, frame.right + t0, frame.width)
        return [("  MJD ", "dim"), (text, "axis")]
    text, _ = label_row(frame.left, frame.right, frame.width, signed=True)
    return [(" days ", "dim"), (text, "axis")]


def _legend(
    points: Points, seen: Points, look: CurveStyle, glyphs: Glyphs, width: int, codes: CodeBook
) -> Line:
    line: Line = [(f"{look.quantity.value:>5} ", "dim")]
    counts = np.bincount(seen.of(PointKind.DETECTION).band, minlength=1)
    bands = [(codes.band(code), int(counts[code])) for code in np.flatnonzero(counts).tolist()]
    for one, count in sorted(bands, key=lambda pair: _bluest_first(pair[0])):
        line += [(f"{_sign(one, look)} {one.name or '?'} {count}", role_of(one)), ("  ", "text")]
    if not bands:
        line += [("no detections", "dim"), ("  ", "text")]
    for kind, sign, role, name in (
        (PointKind.LIMIT, glyphs.limit, "dim", "limit"),
        (PointKind.NEGATIVE, glyphs.negative, "negative", "negative"),
        (PointKind.FORCED, glyphs.forced, "dim", "forced"),
    ):
        count = len(seen.of(kind))
        if count:
            line += [(f"{sign} {name} {count}", role), ("  ", "text")]
    outside = len(points) - len(shown(points, replace(look, nightly=False, limits=True)))
    note = look.window.value + (", nightly" if look.nightly else "") + ("" if look.limits else ", no limits")
    if outside:
        note += f", {outside} outside"
    used = sum(len(text) for text, _ in line)
    if used + len(note) <= width:
        line += [(note.rjust(width - used), "dim")]
    return line


def _bluest_first(one: Band) -> tuple[float, str]:
    return (one.wavelength_nm if one.is_known else math.inf, one.name)
