"""Panels of figures as plain values, for pictures and for the command line."""

from collections.abc import Sequence
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
