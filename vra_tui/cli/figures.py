"""Figures of the command line: curves and bars, drawn with plotext as lines of text."""

import math
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from vra_tui.cli.output import draw
from vra_tui.export.panels import Bars, Panel, Series, round_ticks
from vra_tui.text import printable

Plot = Annotated[bool, typer.Option("--plot", help="Draw figures too, below the text.")]

#: Cells of a figure where there is no terminal to fill, and the most that a curve gains from.
_WIDTH, _HEIGHT = 80, 20
_WIDEST, _HIGHEST = 140, 32
_LONGEST_NAME = 32

#: Signs that are told apart without colours too. The first curve alone has the fine dots of braille.
_SIGNS = (
    ("braille", "blue+"), ("o", "orange+"), ("+", "green+"), ("x", "red+"), ("*", "magenta+"), ("%", "cyan+"),
)  # fmt: skip
_DASHED = (("-", "gray"), (".", "gray"), (":", "gray"))
#: What a legend shows for the sign that plotext only names, and what is drawn for it in plain letters.
_BRAILLE, _PLAIN = "⠤", "#"
_TO_ASCII = str.maketrans("┌┐└┘├┤┬┴┼─│", "+++++++++-|")


@dataclass(frozen=True)
class Paper:
    """The paper of a figure: its size in cells, and what these can show."""

    width: int = _WIDTH
    height: int = _HEIGHT
    has_colour: bool = False
    is_ascii: bool = False


def paper() -> Paper:
    """Standard output, and what the environment says of it."""
    is_terminal = sys.stdout.isatty()
    is_ascii = os.environ.get("TERM") == "dumb" or not (sys.stdout.encoding or "").lower().startswith("utf")
    if not is_terminal:
        return Paper(is_ascii=is_ascii)
    size = shutil.get_terminal_size((_WIDTH, 24))
    return Paper(
        width=min(size.columns, _WIDEST),
        height=min(max(size.lines - 4, 12), _HIGHEST),
        has_colour=not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        is_ascii=is_ascii,
    )


def show(*figures: Panel | Bars) -> None:
    """Draw figures on standard output, one below the other, each after an empty line."""
    on = paper()
    for figure in figures:
        draw_lines(lines_of(figure, on))


def draw_lines(lines: Sequence[str]) -> None:
    """Draw the lines of a figure on standard output, after an empty one."""
    sys.stdout.flush()
    draw("\n" + "\n".join(lines) + "\n")


def lines_of(figure: Panel | Bars, on: Paper) -> list[str]:
    """A figure in lines that are no wider than the paper: title, plot, axes with their names, legend.

    Names from outside are made harmless here: what is drawn goes round the last gate before the terminal.
    """
    return _bars(figure, on) if isinstance(figure, Bars) else _curves(figure, on)


def _curves(panel: Panel, on: Paper) -> list[str]:
    curves = [_known(one) for one in panel.series]
    at = [x for _, xs, _ in curves for x in xs]
    values = [y for _, _, ys in curves for y in ys]
    heading = [printable(panel.title, on.width), printable(panel.up, on.width)]
    if not at:
        return [heading[0], "There is nothing to draw yet."]
    across, up = panel.across_range or _ends(at), panel.up_range or _ends(values)
    signs = _signs([one for one, _, _ in curves], on)
    plotext, figure = _clean_figure(on.width, on.height - 4)
    # What is drawn last stands above the rest: the first curve. What is dashed is only held against it.
    drawn = sorted(zip(curves, signs, strict=True), key=lambda pair: pair[0][0].style == "dashed")
    for (one, xs, ys), (sign, colour) in reversed(drawn):
        inside = [(x, y) for x, y in zip(xs, ys, strict=True) if across[0] <= x <= across[1]]
        if not inside:
            continue
        marker = plotext.marker(sign, plotext.pixel(foreground=colour))
        signal = figure.signal(*map(list, zip(*inside, strict=True)), marker=marker)
        figure.draw(signal if one.style == "points" and len(inside) > _WIDTH else signal.lines())
    _axis(figure, "x", across, max(on.width // 11, 3))
    _axis(figure, "y", up, max(on.height // 3 + 1, 3))
    figure.label(printable(panel.across, on.width - 10), "x")
    return heading + _built(figure, on) + _legend([one.name for one, _, _ in curves], signs, on)


def _bars(figure: Bars, on: Paper) -> list[str]:
    known = [(printable(name, _LONGEST_NAME), x) for name, x in figure.values.items() if math.isfinite(x)]
    title = printable(figure.title, on.width)
    if not known:
        return [title, "There is nothing to draw yet."]
    values = [float(value) for _, value in known]
    digits = 0 if all(value.is_integer() for value in values) else 1 if max(values) >= 10 else 3
    numbers = [f"{value:,.{digits}f}" for value in values]
    longest = max(len(name) for name, _ in known), max(map(len, numbers))
    names = [
        f"{name:<{longest[0]}} {number:>{longest[1]}}"
        for (name, _), number in zip(known, numbers, strict=True)
    ]
    ends = min(0.0, *values), max(*values, figure.limit or 0.0, 1e-9)
    plotext, canvas = _clean_figure(on.width, len(known) + 4)
    marker = plotext.marker(_PLAIN if on.is_ascii else "full", plotext.pixel(foreground="blue+"))
    rows = list(range(len(known), 0, -1))
    for row, value in zip(rows, values, strict=True):
        if value:
            canvas.draw(canvas.signal([0, value], [row, row], marker=marker).lines())
    if figure.limit is not None:
        canvas.line(figure.limit, "v", pixel=plotext.pixel(foreground="red+"))
    _axis(canvas, "x", (ends[0], ends[1] * 1.05), max((on.width - sum(longest)) // 12, 3))
    canvas.ruler("y").lim(0.5, len(known) + 0.5).ticks(rows, names)
    canvas.label(printable(figure.across, on.width - 10), "x")
    return [title, *_built(canvas, on)]


def _known(one: Series) -> tuple[Series, list[float], list[float]]:
    """The points of a series that have both a place and a value."""
    pairs = [
        (float(x), float(y))
        for x, y in zip(one.at, one.value, strict=True)
        if math.isfinite(x) and math.isfinite(y)
    ]
    return one, [x for x, _ in pairs], [y for _, y in pairs]


def _signs(series: Sequence[Series], on: Paper) -> list[tuple[str, str]]:
    """A sign and a colour for each series; more series than signs begin anew."""
    found, counts = [], {"dashed": 0, "other": 0}
    for one in series:
        kind, signs = ("dashed", _DASHED) if one.style == "dashed" else ("other", _SIGNS)
        sign, colour = signs[counts[kind] % len(signs)]
        counts[kind] += 1
        found.append((_PLAIN if on.is_ascii and sign == "braille" else sign, colour))
    return found


def _legend(names: Sequence[str], signs: Sequence[tuple[str, str]], on: Paper) -> list[str]:
    """Tell which sign is whose, in as many lines as it takes."""
    import plotext

    lines, room = [""], 0
    for name, (sign, colour) in zip(names, signs, strict=True):
        shown, words = _BRAILLE if sign == "braille" else sign, printable(name, on.width - 10)
        if room < len(words) + 5:
            lines, room = [*lines, "  "], on.width - 2
        lines[-1] += f"   {plotext.colorize(shown, colour) if on.has_colour else shown} {words}"
        room -= len(words) + 5
    return lines[1:]


def _clean_figure(width: int, height: int) -> tuple[Any, Any]:
    """The plotext library, and its one figure without what was drawn before."""
    import plotext

    plotext.terminal.limit(False, False)  # a pipe has no size, and a drawing cut short is of no use
    figure = plotext.figure
    figure.clear()
    figure.theme("simple")
    figure.plot_size(width, height)
    return plotext, figure


def _built(figure: Any, on: Paper) -> list[str]:
    text = str(figure.build().string(not on.has_colour))
    lines = [line.rstrip() for line in text.rstrip().splitlines()]
    return [line.translate(_TO_ASCII) for line in lines] if on.is_ascii else lines


def _axis(figure: Any, name: str, ends: tuple[float, float], most: int) -> None:
    places = round_ticks(*ends, most)
    figure.ruler(name).lim(*ends).ticks(places, [f"{place:.10g}" for place in places])


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
