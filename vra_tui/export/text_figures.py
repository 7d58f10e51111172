"""Draw bars and columns as lines of text, for Markdown and for mail."""

from collections.abc import Sequence

from vra_tui.export.panels import Bars, Columns
from vra_tui.text import printable

#: Cells of a bar, of a column's bar, and the longest name of one, characters.
_WIDTH, _COLUMN, _NAME = 40, 12, 24
#: A cell that is full from the left by so many eighths.
_EIGHTHS = " ▏▎▍▌▋▊▉"


def text_lines(figure: Bars | Columns) -> list[str]:
    """A figure in lines of at most 80 characters, without its title; its number beside each bar."""
    return _bars(figure) if isinstance(figure, Bars) else _columns(figure)


def _bars(figure: Bars) -> list[str]:
    names = [printable(name, _NAME) for name in figure.values]
    numbers = [_number(value) for value in figure.values.values()]
    longest, most = _length(names), max([*figure.values.values(), 0.0])
    wide = _length(numbers)
    return [
        f"{name:<{longest}} {number:>{wide}} {_bar(value, most, _WIDTH)}".rstrip()
        for name, number, value in zip(names, numbers, figure.values.values(), strict=True)
    ]


def _columns(figure: Columns) -> list[str]:
    """One line a place; a series that has no count there has a point, so that a week's rhythm is seen."""
    places = [printable(place, _NAME) for place in figure.places]
    longest = _length(places)
    most = max((max(one, default=0.0) for one in figure.values.values()), default=0.0)
    numbers = {name: [_number(value) for value in one] for name, one in figure.values.items()}
    wide = {name: max(_length(some), 1) for name, some in numbers.items()}
    cells = {name: wide[name] + 1 + _COLUMN for name in figure.values}
    titles = "  ".join(f"{printable(name, cells[name]):<{cells[name]}}" for name in figure.values)
    lines = [f"{'':<{longest}}  {titles}".rstrip()]
    for row, place in enumerate(places):
        parts = []
        for name, one in figure.values.items():
            number = numbers[name][row] if one[row] else "·"
            parts.append(f"{number:>{wide[name]}} {_bar(one[row], most, _COLUMN):<{_COLUMN}}")
        lines.append(f"{place:<{longest}}  {'  '.join(parts)}".rstrip())
    return lines


def _bar(value: float, most: float, cells: int) -> str:
    """A bar as long as the value's share of the most; what is more than nothing shows at least an eighth."""
    if value <= 0 or most <= 0:
        return ""
    eighths = max(round(8 * cells * value / most), 1)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def _length(texts: Sequence[str]) -> int:
    return max(map(len, texts), default=0)
