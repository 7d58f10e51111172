"""Drawing a light curve: points as signs, all else as dots below them, a legend above and the days below."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len

from vra_tui.domain.bands import Band
from vra_tui.domain.epoch_identity import SECTIONS
from vra_tui.text import printable
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.curve.canvas import Canvas
from vra_tui.tui.curve.points import (
    Limits,
    PointKind,
    Points,
    Quantity,
    Window,
    is_fresh,
    limited,
    nightly,
    span_of,
    value_range,
)
from vra_tui.tui.curve.scales import (
    ACROSS,
    DOWN,
    LABEL,
    TimeScale,
    label,
    signed,
    time_scale,
    value_scale,
)
from vra_tui.tui.palette import faint_role_of, role_of
from vra_tui.tui.spans import Line, width_of

if TYPE_CHECKING:
    from vra_tui.tui.curve.fitted import Fitted

#: Cells left of the plot: a label and a blank.
MARGIN = LABEL + 1
#: Signs of what is no detection, and what stands for them in plain letters.
_LIMIT, _FORCED, _NEGATIVE, _BAD = "↓", "+", "×", "⊗"
_PLAIN = {_LIMIT: "v", _NEGATIVE: "x", _BAD: "%"}
#: What is longer ago, days, has no need of a count.
_AGO = 1000.0


class Axis(Enum):
    """What the time axis counts: days back from now where the alert is fresh (else from t0), from t0, MJD."""

    AUTO = "auto"
    T0 = "t0"
    MJD = "MJD"


@dataclass(frozen=True)
class CurveStyle:
    """Style of light curves, as the scanner chose it."""

    window: Window = Window.AUTO
    quantity: Quantity = Quantity.MAGNITUDE
    forced: bool = False
    limits: Limits = Limits.DEEP
    fit: bool = False
    axis: Axis = Axis.AUTO
    nightly: bool = False
    ascii: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened at a phase (days since t0), marked on the top edge by a letter."""

    phase: float
    letter: str


@dataclass(frozen=True)
class Subject:
    """Whose light curve it is: t0 and the present (MJD, None where it does not matter), its surveys' names in
    the order of their numbers, what happened, the fit, and the names of codes (else letters are).
    """

    t0: float
    now: float | None = None
    surveys: Sequence[str] = ()
    events: Sequence[Event] = ()
    fit: "Fitted | None" = None
    codes: CodeBook = field(default_factory=CodeBook)

    @property
    def now_phase(self) -> float | None:
        """The present, in days since t0."""
        return None if self.now is None else self.now - self.t0


def shown(points: Points, look: CurveStyle, now: float | None = None) -> Points:
    """The points that a look shows, in the order of time; ``now`` is a phase."""
    left, right = span_of(points, look.window, now)
    # Averaged before it is cut: the window's edge may fall into a night.
    points = nightly(points) if look.nightly and len(points) else points
    return limited(points.where((points.phase >= left) & (points.phase <= right)), look.limits)


def _span(points: Points, seen: Points, look: CurveStyle, now: float | None) -> tuple[float, float]:
    """First and last phase of the plot: a window around t0 loses its blank days, but for those up to now."""
    left, right = span_of(points, look.window, now)
    if look.window is not Window.AUTO or not len(seen):
        return left, right
    first, last = float(seen.phase[0]), float(seen.phase[-1])
    if left <= 0.0 <= right:
        first, last = min(first, 0.0), max(last, 0.0)
    margin = 0.03 * (right - left)
    return max(left, first - margin), right if now == right else min(right, last + margin)


def draw_curve(
    points: Points,
    of: Subject,
    width: int,
    height: int,
    look: CurveStyle | None = None,
    reading: int | None = None,
) -> list[Line]:
    """The light curve in ``height`` lines of ``width`` cells: a legend, the plot, the days below it.

    ``reading`` is the index of a shown point (see `shown`) to read.
    """
    look = look or CurveStyle()
    columns, rows = width - MARGIN, height - 2
    if columns < 10 or rows < 2:
        return [[] for _ in range(height)]
    seen = shown(points, look, of.now_phase)
    measured = seen.of(PointKind.FORCED, PointKind.DETECTION).phase
    times = time_scale(measured, *_span(points, seen, look, of.now_phase), columns)
    drawing = _Drawing(seen, times, rows, look, of)
    drawing.draw_t0()
    drawing.draw_fit()
    drawing.draw_limits()
    drawing.draw_bars()
    drawing.draw_points()
    drawing.draw_events()
    head = _legend(points, seen, of, look, width)
    if reading is not None and 0 <= reading < len(seen):
        drawing.draw_cursor(reading)
        head = [(" " * MARGIN, "text"), *point_line(seen, reading, of, columns)]
    labels = drawing.values.labels()
    plot = [
        [(labels.get(row, "").rjust(LABEL) + " ", "axis"), *line]
        for row, line in enumerate(drawing.canvas.lines(look.ascii))
    ]
    return [head, *plot, _days(times, points, of, look)]


class _Drawing:
    """A plot of some rows with its points and scales, drawn from the lowest layer to the highest."""

    def __init__(self, points: Points, times: TimeScale, height: int, look: CurveStyle, of: Subject) -> None:
        self.canvas = Canvas(times.width, height)
        self.values = value_scale(*value_range(points), height)
        self.points, self.times, self._look, self._of = points, times, look, of
        self._is_mag = look.quantity is Quantity.MAGNITUDE
        self._limit = points.kind == PointKind.LIMIT
        dots = times.dots(points.phase)
        self._half = dots % ACROSS
        rows = np.floor(self.values.dots(points.value) / DOWN)
        rows = np.clip(rows, -1, height).astype(np.int64)  # a wild flux is further away than numbers reach
        if self._is_mag:  # below everything: it is no brightness
            rows[points.kind == PointKind.NEGATIVE] = height - 1
        # What lies deeper than the plot stands on its bottom line, and a limit above it is left out.
        self._in_sight = ~self._limit | (rows >= 0)
        self._rows = np.clip(rows, 0, height - 1)
        codes, self._mark = np.unique(points.kind.astype(np.int64) << 8 | points.band, return_inverse=True)
        self._marks = [self._mark_of(code >> 8, code & 0xFF) for code in codes.tolist()]
        self._columns = dots // ACROSS
        self._move_aside()

    def draw_t0(self) -> None:
        """A dash in every second row: it is there to be found, not to be seen, and costs half the bytes."""
        if self.times.column(0.0) is not None:
            rows = np.arange(DOWN * 1.0, self.canvas.height * DOWN, 2 * DOWN)
            self.canvas.dots(np.full(len(rows), self.times.dots(0.0)), rows, rows + DOWN - 2, "t0", ":")

    def draw_fit(self) -> None:
        """The fitted curves as lines, 16 and 84 % as dotted ones."""
        if self._of.fit is None:
            return
        columns = np.arange(self.canvas.width * ACROSS)
        # Worked out for every other cell, and straight between them: a curve of 64 draws is dear.
        some = np.append(columns[:: 2 * ACROSS], columns[-1])
        for code, *levels in self._of.fit.levels(self.times.phases()[some], self._look.quantity):
            role = faint_role_of(self._of.codes.band(code))
            low, middle, high = (np.interp(columns, some, self.values.dots(level)) for level in levels)
            for edge in (low, high):
                self.canvas.dots(columns[::2], edge[::2], edge[::2], role, ".")
            level = np.floor(middle)
            before = np.concatenate([level[:1], level[:-1]])
            # From where the dot before it ends, so that a steep rise has no holes.
            first = np.where(level > before, before + 1, level)
            last = np.where(level < before, before - 1, level)
            self.canvas.dots(columns, first, last, role, "-")

    def draw_limits(self) -> None:
        """The deepest limit of each column; all where all are wanted."""
        limits = np.flatnonzero(self._limit & self._in_sight)
        if self._look.limits is not Limits.ALL:
            columns = self._columns[limits]
            order = np.lexsort((self._rows[limits], columns))
            limits = limits[order[np.diff(columns[order], append=-1) != 0]]
        if len(limits):
            self.canvas.sign(self._columns[limits], self._rows[limits], *self._marks[self._mark[limits[0]]])

    def draw_bars(self) -> None:
        """Error bars, each in its point's cells and half."""
        points = self.points
        error = np.where(points.error > 0, points.error, np.nan)
        if self._is_mag:
            error[points.kind == PointKind.NEGATIVE] = np.nan
        ends = self.values.dots(points.value - error), self.values.dots(points.value + error)
        upper, lower = np.minimum(*ends), np.maximum(*ends)
        bar = self._columns * ACROSS + self._half
        for band in np.unique(points.band[np.isfinite(error)]).tolist():
            mine = points.band == band
            role = role_of(self._of.codes.band(band))
            self.canvas.dots(bar[mine], upper[mine], lower[mine], role, "|", over=True)

    def draw_points(self) -> None:
        """Signs of all that was measured, detections on top."""
        for number, mark in enumerate(self._marks):
            mine = (self._mark == number) & ~self._limit
            if mine.any():
                self.canvas.sign(self._columns[mine], self._rows[mine], *mark)

    def draw_events(self) -> None:
        """Letters on the top line, and the name of the line of t0, where no point is in their way."""
        for event in (*self._of.events, Event(0.0, "t0")):
            column = self.times.column(event.phase)
            if column is not None:
                role = "axis" if event.letter == "t0" else "event"
                self.canvas.text(min(column, self.canvas.width - len(event.letter)), 0, event.letter, role)

    def draw_cursor(self, reading: int) -> None:
        """A line through the point that is read, whose sign has the line's colour."""
        column, row = int(self._columns[reading]), int(self._rows[reading])
        for other in range(self.canvas.height):
            if self.canvas.is_blank(column, other):
                self.canvas.sign(column, other, ":", "mark")
        self.canvas.sign(column, row, self._marks[self._mark[reading]][0], "mark")

    def _move_aside(self) -> None:
        """Where another band holds a point's cell, the point goes a column towards its own half of it.

        Detections hold their cells before all else, the later ones first. What finds no room stays.
        """
        holders: dict[tuple[int, int], int] = {}
        order = np.lexsort((-self.points.phase, -self.points.kind.astype(np.int64)))
        order = order[~self._limit[order]]
        marks, rows, half = self._mark.tolist(), self._rows.tolist(), self._half.tolist()
        columns = self._columns.tolist()
        for index in order.tolist():
            column, aside = columns[index], 1 if half[index] else -1
            for free in (column, column + aside, column - aside):
                inside = 0 <= free < self.canvas.width
                if inside and holders.setdefault((rows[index], free), marks[index]) == marks[index]:
                    columns[index] = free
                    break
        self._columns = np.array(columns, np.int64)

    def _mark_of(self, kind: int, code: int) -> tuple[str, str]:
        """Sign and role of points of a kind and band."""
        one = self._of.codes.band(code)
        if kind == PointKind.DETECTION:
            return sign_of(one, self._look), role_of(one)
        sign, role = {
            PointKind.BAD: (_BAD, faint_role_of(one)),
            PointKind.LIMIT: (_LIMIT, "axis"),
            PointKind.NEGATIVE: (_NEGATIVE, "negative"),
            PointKind.FORCED: (_FORCED, faint_role_of(one)),
        }[PointKind(kind)]
        return _PLAIN.get(sign, sign) if self._look.ascii else sign, role


def sign_of(one: Band, look: CurveStyle) -> str:
    """The sign of a band's detections; a plain letter where a font lacks the signs."""
    letter = one.name[:1]
    return one.sign if not look.ascii else letter if letter.isascii() and letter.isprintable() else "*"


_KIND_WORDS = {
    PointKind.BAD: "bad epoch", PointKind.LIMIT: "limit", PointKind.FORCED: "forced",
    PointKind.NEGATIVE: "negative flux",
}  # fmt: skip


def point_line(points: Points, index: int, of: Subject, width: int) -> Line:
    """One point in words and numbers: value, day, how long ago that is, MJD; its survey; what it is.

    What does not fit in ``width`` cells is left out, the MJD first: half a number is a wrong one.
    """
    value, error = float(points.value[index]), float(points.error[index])
    is_mag = points.quantity is Quantity.MAGNITUDE
    kind = PointKind(int(points.kind[index]))
    is_missed = kind is PointKind.BAD and int(points.section[index]) == SECTIONS.index("nondetections")
    is_limit = kind is PointKind.LIMIT or is_missed
    decimals = 2 if is_mag or abs(value) < 100 else 0
    size = ("" if not is_limit else ">" if is_mag else "<") + f"{value:.{decimals}f}"
    size += f" ± {error:.{decimals}f}" if error > 0 else ""
    phase = float(points.phase[index])
    one = of.codes.band(int(points.band[index]))
    survey = _survey_name(of, int(points.survey[index])) if len(of.surveys) > 1 else ""
    days = math.nan if of.now is None else of.now - of.t0 - phase
    line = [
        (f"{size:<12} {one.name or '?':<2}", faint_role_of(one) if is_limit else role_of(one)),
        (f"{f'day {phase:+.2f}':<11}", "strong"),
    ]
    ago = f"{f'{days:.1f} d ago' if 0 <= days < _AGO else '':<10}"
    what = f"{survey} {_KIND_WORDS.get(kind, '')}".strip()
    room = width - width_of(line)
    texts = (
        " ".join(parts).rstrip() for parts in ((ago, f"{phase + of.t0:.4f}", what), (ago, what), (what,))
    )
    return [*line, (next((text for text in texts if cell_len(text) <= room), ""), "dim")]


def _days(times: TimeScale, points: Points, of: Subject, look: CurveStyle) -> Line:
    """The time axis: labels below the plot."""
    head, shift, text, last, now = "days", 0.0, signed, "", of.now_phase
    if look.axis is Axis.MJD:
        head, shift, text = "MJD", of.t0, label
    elif look.axis is Axis.AUTO and now is not None and is_fresh(points, now):
        shift, last = -now, "now" if times.edges[-1] == now else ""
    labels = times.labels(shift, text, last, "//" if look.ascii else "╱╱")
    return [(f"{head:<{MARGIN}}{labels}", "axis")]


def _legend(points: Points, seen: Points, of: Subject, look: CurveStyle, width: int) -> Line:
    """What the signs mean, survey by survey, and what is left out; without numbers where there is no room."""
    left, right = span_of(points, look.window, of.now_phase)
    phases = points.phase[points.kind == PointKind.DETECTION]
    outside = np.count_nonzero((phases < left) | (phases > right))
    notes = {
        look.window.value: look.window is not Window.AUTO,
        "nightly": look.nightly,
        f"{look.limits.value} limits": look.limits is not Limits.DEEP,
        f"{outside} seen outside": outside > 0,
    }
    note = ", ".join(words for words, holds in notes.items() if holds)
    for with_counts in (True, False):
        line = _signs(seen, of, look, with_counts)
        blank = width - width_of(line)
        if blank >= 0:
            break
    return [*line, (note.rjust(blank), "axis")] if len(note) <= blank else line


def _signs(seen: Points, of: Subject, look: CurveStyle, with_counts: bool) -> Line:
    """The signs of a plot and how many of each there are."""
    line: Line = [(f"{seen.quantity.value:<{MARGIN}}", "axis")]
    found = seen.of(PointKind.DETECTION)
    for number in np.unique(found.survey).tolist():
        counts = np.bincount(found.band[found.survey == number]).tolist()
        bands = [(of.codes.band(code), count) for code, count in enumerate(counts) if count]
        if of.surveys:
            line.append((f"{_survey_name(of, number)} ", "dim"))
        for one, count in sorted(bands, key=lambda pair: _bluest_first(pair[0])):
            sign, name = sign_of(one, look), one.name or "?"
            line.append((name if sign == name else f"{sign} {name}", role_of(one)))
            line.append((f" {count}  " if with_counts else " ", "dim"))
    if not len(found):
        line.append(("no detections  ", "dim"))
    for kind, sign, role in (
        (PointKind.LIMIT, _LIMIT, "axis"),
        (PointKind.NEGATIVE, _NEGATIVE, "negative"),
        (PointKind.FORCED, _FORCED, "dim"),
        (PointKind.BAD, _BAD, "dim"),
    ):
        if np.any(seen.kind == kind):
            count = f" {np.count_nonzero(seen.kind == kind)}" if kind is PointKind.BAD else ""
            line.append(
                (f"{_PLAIN.get(sign, sign) if look.ascii else sign} {kind.name.lower()}{count}  ", role)
            )
    return line


def _survey_name(of: Subject, number: int) -> str:
    return printable(of.surveys[number], 8).upper() if number < len(of.surveys) else "?"


def _bluest_first(one: Band) -> tuple[float, str]:
    return (one.wavelength_nm if one.is_known else math.inf, one.name)
