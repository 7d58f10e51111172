"""Axes: positions and labels of ticks."""

import math


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that divides ``span`` into at most ``most`` parts."""
    if span <= 0 or most < 1:
        return 1.0
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1.0, 2.0, 5.0, 10.0):
        if factor * power >= rough * (1 - 1e-9):
            return factor * power
    raise AssertionError("ten times a power of ten is never below its own mantissa")


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values from ``low`` to ``high``, at most ``most`` + 1 of them, ascending."""
    step = nice_step(high - low, most)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def label(value: float, step: float) -> str:
    """A tick's label with as many decimals as its step needs."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    text = f"{value:.{decimals}f}"
    return "0" if float(text) == 0 else text


def label_row(low: float, high: float, width: int, signed: bool = False) -> tuple[str, list[int]]:
    """Labels of a horizontal axis of ``width`` cells, and the cells of its ticks."""
    most = max(1, width // 9)
    step = nice_step(high - low, most)
    cells = [" "] * width
    columns = []
    free = 0
    for value in ticks(low, high, most):
        column = min(width - 1, int((value - low) / (high - low) * width))
        text = label(value, step)
        if signed and value > 0:
            text = "+" + text
        start = min(max(column - len(text) // 2, 0), width - len(text))
        if start < free or start < 0:
            continue
        cells[start : start + len(text)] = text
        columns.append(column)
        free = start + len(text) + 1
    return "".join(cells), columns
