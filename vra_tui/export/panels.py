"""Figures as plain values, for pictures, pages and the command line."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Series:
    """One curve of a panel: values at places; with ``low`` and ``high``, the ends of their intervals."""

    name: str
    at: Sequence[float]
    value: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    style: Literal["line", "thin", "dashed", "points"] = "line"


@dataclass(frozen=True)
class Panel:
    """One plot of a picture. ``across`` and ``up`` say what the axes are, with their units."""

    title: str
    across: str
    up: str
    series: Sequence[Series]
    across_range: tuple[float, float] | None = None
    up_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class Bars:
    """Horizontal bars, the first on top. ``limit``: a value that a line across all of them marks."""

    title: str
    across: str
    values: Mapping[str, float]
    limit: float | None = None


@dataclass(frozen=True)
class Columns:
    """Counts side by side, place after place: in ``values`` one sequence a series, as long as ``places``."""

    title: str
    up: str
    places: Sequence[str]
    values: Mapping[str, Sequence[float]]


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from ``low`` to ``high``, evenly spaced by 1, 2 or 5 times a power of ten.

    At least one and at most ``most``, which is 3 or more.
    """
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (power, 2 * power, 5 * power, 10 * power, 20 * power):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    return [round(number * step, 12) for number in range(first, last + 1)]
