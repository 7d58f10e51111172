"""Scales: where times and values stand in the cells of a plot, and the labels of both axes."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Dots of a braille cell, across and down.
ACROSS, DOWN = 2, 4
#: Characters of a value's label at the most.
LABEL = 5
#: The time axis has two stretches where its points fill no more of its columns than this, one gap takes so
#: much of it, it is longer than so many days, and so many points gain by it.
_FULL, _GAP, _LONG, _SOME = 0.2, 0.4, 4.0, 3


@dataclass(frozen=True)
class TimeScale:
    """Phases over cells, linear between ``edges``, which stand at ``cells``: two of them, or three."""

    edges: tuple[float, ...]
    cells: tuple[float, ...]

    @property
    def width(self) -> int:
        """Cells of the whole."""
        return int(self.cells[-1])

    def dots(self, phases: ArrayLike) -> NDArray[np.int64]:
        """Columns of dots of phases; what lies outside is at the edge."""
        dots = np.interp(np.asarray(phases, float), self.edges, self.cells) * ACROSS
        return np.minimum(dots, self.width * ACROSS - 1).astype(np.int64)

    def phases(self) -> Floats:
        """The phase in the middle of each column of dots."""
        return np.interp((np.arange(self.width * ACROSS) + 0.5) / ACROSS, self.cells, self.edges)

    def column(self, phase: float) -> int | None:
        """The cell of a phase, None where it is outside."""
        return int(self.dots(phase)) // ACROSS if self.edges[0] <= phase <= self.edges[-1] else None

    def labels(
        self, shift: float, text: Callable[[float, float], str], last: str = "", broken: str = "╱╱"
    ) -> str:
        """The labels of values ``shift`` + phase, by ``text`` of a value and its step, in all cells.

        ``last`` stands at the right end, ``broken`` where two stretches meet.
        """
        cells = [" "] * self.width

        def place(middle: int, word: str) -> None:
            start = min(max(middle - len(word) // 2, 0), self.width - len(word))
            if start >= 0 and set(cells[max(0, start - 1) : start + len(word) + 1]) <= {" "}:
                cells[start : start + len(word)] = word

        place(self.width, last)
        for cell in self.cells[1:-1]:
            place(int(cell), broken)
        # From the right: what is latest is asked for most.
        stretches = zip(pairwise(self.edges), pairwise(self.cells), strict=True)
        for (low, high), (first, end) in reversed(list(stretches)):
            for value, step in _ticks(low + shift, high + shift, end - first, text):
                place(int(self.dots(value - shift)) // ACROSS, text(value, step))
        return "".join(cells)


def time_scale(phases: Floats, left: float, right: float, width: int) -> TimeScale:
    """The scale of the days from ``left`` to ``right``; ``phases``: of what was measured between them.

    Where they leave 80 % of the columns empty and one gap is long, the days beyond it get most of the width.
    """
    span = right - left
    plain = TimeScale((left, right), (0, width))
    if span < _LONG or not len(phases) or len(np.unique(plain.dots(phases) // ACROSS)) > _FULL * width:
        return plain
    edges = np.concatenate([[left], np.sort(phases), [right]])
    longest = int(np.argmax(np.diff(edges)))
    start, end = edges[longest], edges[longest + 1]
    is_last = longest == len(phases)
    if end - start < _GAP * span or (longest if is_last else len(phases) - longest) < _SOME:
        return plain
    if is_last:
        knot, share = start + max(0.15 * (start - left), 0.01 * span), 0.75
    else:
        knot, share = end - max(0.15 * (right - end), 0.01 * span), 0.25 if longest == 0 else 0.45
    is_wider = ((knot - left) / span < share) == is_last
    return TimeScale((left, float(knot), right), (0, share * width, width)) if is_wider else plain


@dataclass(frozen=True)
class ValueScale:
    """Values over ``height`` rows: ``top`` on the upper edge, ``row`` more (or less) with each row."""

    top: float
    row: float
    height: int
    every: int

    def dots(self, values: Floats) -> Floats:
        """Rows of dots from the upper edge, not rounded, maybe outside."""
        return (values - self.top) / self.row * DOWN

    def labels(self) -> dict[int, str]:
        """The labels by their rows; each stands in the middle of its row."""
        step = abs(self.row) * self.every
        first = round(self.top / self.row + 0.5)
        found = {}
        for row in range(self.height):
            if (first + row) % self.every == 0:
                value = (first + row) * self.row
                text = label(value, step)
                found[row] = text if len(text) <= LABEL else f"{value:.0e}".replace("e+0", "e")[:LABEL]
        return found


def value_scale(top: float, bottom: float, height: int) -> ValueScale:
    """The finest scale with both values in sight and round ones on whole rows, three or more."""
    span = max(abs(bottom - top), 1e-6)
    apart = [every for every in range(1, 6) if height < 8 or every > 1]
    apart = [every for every in apart if height // every >= 3] or [1]
    rough = span / max(1, height - 1)
    # Where rows are few, 0.4 mag a row are better than half of them empty.
    steps = _nice_from(rough, (1, 2, 4, 5) if height < 8 else (1, 2, 5))
    # Of each step, the most rows that it may be long and still show all; of those, the finest.
    fitting = [
        (step / every, every)
        for step, _ in zip(steps, range(8), strict=False)
        for every in apart
        if step / every >= rough * (1 - 1e-9)
    ]
    row, every = min(fitting)
    row = math.copysign(row, bottom - top)
    middle = (top + bottom) / 2 - height / 2 * row
    return ValueScale((round(middle / row + 0.5) - 0.5) * row, row, height, every)


def label(value: float, step: float) -> str:
    """A tick's label with as many decimals as its step needs."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    text = f"{value:.{decimals}f}"
    return "0" if float(text) == 0 else text


def signed(value: float, step: float) -> str:
    """A label with its sign."""
    text = label(value, step)
    return text if text == "0" or text.startswith("-") else f"+{text}"


def _nice_from(least: float, factors: Sequence[int] = (1, 2, 5)) -> Iterator[float]:
    """1, 2, 5 times powers of ten, from ``least`` on upwards."""
    power = math.floor(math.log10(least))
    for exponent in count(power):
        for factor in factors:
            step = factor * 10.0**exponent
            if step >= least * (1 - 1e-9):
                yield step


def _ticks(
    low: float, high: float, width: float, text: Callable[[float, float], str]
) -> list[tuple[float, float]]:
    """Round values with their step, as many as their labels leave room for in ``width`` cells."""
    if not high > low or width < 3:
        return []
    ticks: list[tuple[float, float]] = []
    for blanks in (4, 2, 1):
        for step in _nice_from((high - low) / width):
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            longest = max(len(text(low, step)), len(text(high, step)))
            if step / (high - low) * width >= longest + blanks:
                ticks = [(number * step, step) for number in range(first, last + 1)]
                break
        if len(ticks) >= 3:
            break
    return ticks[::-1]
