"""Draw learning curves as a small SVG."""

from collections.abc import Mapping, Sequence

import numpy as np

#: Of each survey: curves (a value a seed at each number of labels), the score's and the whole pool's AuRaK.
Panel = tuple[Mapping[str, Mapping[int, Sequence[float]]], Sequence[float], Sequence[float]]

_WIDTH, _HEIGHT, _LEFT, _TOP = 380, 300, 52, 30
_LOWEST, _HIGHEST = 0.78, 0.98
_DRAWN = {
    "teach": ("#0b6e4f", "from teach"),
    "chance": ("#c1666b", "by chance"),
    "five, teach": ("#5b5f97", "logistic on five features"),
}


def draw(panels: Mapping[str, Panel]) -> str:
    """An SVG, a panel for each survey: mean AuRaK against labels, bars from the worst to the best seed."""
    width = len(panels) * _WIDTH
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT + 40}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
    ]
    for number, (survey, panel) in enumerate(panels.items()):
        parts += _panel(survey, panel, number * _WIDTH)
    for number, (colour, words) in enumerate(_DRAWN.values()):
        x = _LEFT + number * 150
        parts.append(f'<line x1="{x}" x2="{x + 20}" y1="328" y2="328" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(x + 25, 332, words))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(survey: str, panel: Panel, left: int) -> list[str]:
    found, score, everything = panel
    numbers = sorted(found["teach"])
    place = {
        number: left + _LEFT + index * (_WIDTH - 80) / (len(numbers) - 1)
        for index, number in enumerate(numbers)
    }
    right = left + _WIDTH - 25
    parts = [_text(left + _LEFT, 18, f"{survey}, {len(score)} seeds", "bold")]
    for area in np.arange(_LOWEST, _HIGHEST + 0.001, 0.04):
        y = _y(float(area))
        parts.append(f'<line x1="{left + _LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(_text(left + 18, y + 4, f"{area:.2f}"))
    for words, values in (("survey's score", score), ("10,000 labels", everything)):
        y = _y(float(np.mean(values)))
        parts.append(
            f'<line x1="{left + _LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#555" '
            'stroke-dasharray="4 3"/>'
        )
        parts.append(_text(right - 78, y - 4, words))
    parts += [_text(place[number] - 8, _HEIGHT - 4, f"{number:,}") for number in numbers]
    parts.append(_text(left + _LEFT + 110, _HEIGHT + 10, "labels"))
    for name, (colour, _) in _DRAWN.items():
        points = [(place[number], values) for number, values in sorted(found.get(name, {}).items())]
        line = " ".join(f"{x:.1f},{_y(float(np.mean(values))):.1f}" for x, values in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(min(values)):.1f}" y2="{_y(max(values)):.1f}" '
            f'stroke="{colour}"/>'
            for x, values in points
        ]
    return parts


def _y(area: float) -> float:
    share = (min(max(area, _LOWEST), _HIGHEST) - _LOWEST) / (_HIGHEST - _LOWEST)
    return _HEIGHT - 20 - share * (_HEIGHT - 20 - _TOP)


def _text(x: float, y: float, words: str, weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-weight="{weight}">{words}</text>'
