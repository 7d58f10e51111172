"""Draw bars and columns as SVG that stands within a page and needs nothing from outside.

It bears colours of its own for white paper; a page's style sheet may give ``.series-1`` to ``.series-4``,
``.axis`` and ``text`` others.
"""

from collections.abc import Iterable, Sequence
from html import escape

from vra_tui.export.panels import Bars, Columns, round_ticks
from vra_tui.text import printable

#: Units of a figure across, of which the page makes what fits; of a bar's line, and of a figure with columns.
_WIDTH, _LINE, _HEIGHT = 720.0, 24.0, 240.0
#: About the width of a character and its height, in the same units.
_CHARACTER, _TALL = 7.6, 13.0
#: The longest name, characters; and what stands beside a plot.
_NAME = 28
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 8.0, 30.0, 26.0
#: Colours of series, told apart without colour too by how dark they are; of axes, and of text.
_COLOURS, _AXIS, _INK = ("#1f5fa8", "#f0a030", "#8a9099", "#2a8a5c"), "#d5dae0", "#1b1f24"


def svg(figure: Bars | Columns) -> str:
    """One element ``<svg>``; its title and what strangers wrote are escaped."""
    height, inside = _bars(figure) if isinstance(figure, Bars) else _columns(figure)
    title = escape(printable(figure.title))
    return (
        f'<svg viewBox="0 0 {_WIDTH:g} {height:g}" role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n" + "\n".join(inside) + "\n</svg>"
    )


def _bars(figure: Bars) -> tuple[float, list[str]]:
    names = [printable(name, _NAME) for name in figure.values]
    values = [max(float(value), 0.0) for value in figure.values.values()]
    numbers = [_number(value) for value in values]
    left = _CHARACTER * max(map(len, names), default=0) + 16
    right = _CHARACTER * max(map(len, numbers), default=0) + 12
    most = max([*values, figure.limit or 0.0, 1e-9])
    scale = (_WIDTH - left - right) / most
    parts = []
    for row, (name, value, number) in enumerate(zip(names, values, numbers, strict=True)):
        top = row * _LINE
        length = value * scale
        parts += [
            _text(left - 8, top + 16, name, "end"),
            _box(left, top + 4, length, _LINE - 8, 1),
            _text(left + length + 6, top + 16, number, "start"),
        ]
    height = len(names) * _LINE + 4
    parts.append(_line(left, 0, left, height))
    if figure.limit is not None:
        parts.append(_line(left + figure.limit * scale, 0, left + figure.limit * scale, height))
    return height, parts


def _columns(figure: Columns) -> tuple[float, list[str]]:
    most = max((max(one, default=0.0) for one in figure.values.values()), default=0.0) or 1.0
    places, bottom = len(figure.places), _HEIGHT - _BOTTOM
    scale = (bottom - _TOP) / most
    parts = _legend(list(figure.values))
    for tick in round_ticks(0.0, most, 5):
        at = bottom - tick * scale
        parts += [_line(_LEFT, at, _WIDTH - _RIGHT, at), _text(_LEFT - 8, at + 4, _number(tick), "end")]
    room = (_WIDTH - _LEFT - _RIGHT) / max(places, 1)
    wide = min(room * 0.8 / max(len(figure.values), 1), 48.0)
    for place in range(places):
        begin = _LEFT + room * (place + 0.5) - wide * len(figure.values) / 2
        for number, one in enumerate(figure.values.values()):
            tall = max(float(one[place]), 0.0) * scale
            if tall:
                parts.append(_box(begin + number * wide, bottom - tall, wide * 0.92, tall, number + 1))
    parts += _place_names(figure.places, room, bottom)
    return _HEIGHT, parts


def _place_names(places: Sequence[str], room: float, bottom: float) -> Iterable[str]:
    """Names below the columns, as many as fit: every one, every second, ..."""
    names = [printable(place, _NAME) for place in places]
    needed = _CHARACTER * (max(map(len, names), default=0) + 2)
    step = max(1, -int(-needed // room)) if room else 1
    return [
        _text(_LEFT + room * (place + 0.5), bottom + 18, name, "middle")
        for place, name in enumerate(names)
        if place % step == 0
    ]


def _legend(names: Sequence[str]) -> list[str]:
    parts, at = [], _LEFT
    for number, name in enumerate(printable(name, _NAME) for name in names):
        parts += [_box(at, 4, 12, 12, number + 1), _text(at + 18, 14.5, name, "start")]
        at += 18 + _CHARACTER * len(name) + 20
    return parts


def _box(x: float, y: float, width: float, height: float, series: int) -> str:
    colour = (series - 1) % len(_COLOURS)
    return (
        f'<rect class="series-{colour + 1}" fill="{_COLOURS[colour]}" x="{x:.1f}" y="{y:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="axis" stroke="{_AXIS}" {ends}/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{_TALL:g}" fill="{_INK}" '
        f'font-family="sans-serif">{escape(text)}</text>'
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.1f}"
