"""Columns of tables as numbers, angles and places."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SEXAGESIMAL = re.compile(
    r"([+-]?)(\d{1,3})[:hd\u00b0 ]\s*(\d{1,2})[:m' ]\s*(\d{1,2}(?:\.\d*)?)\s*[s\"]?", re.ASCII
)


def numbers(values: NDArray[Any]) -> Floats:
    """Values of a table's column as numbers, NaN for what is none or not finite, shape (n,)."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        found = np.array([_number(value) for value in values], dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def degrees(values: NDArray[Any], unit: float = 1.0) -> Floats:
    """Angles in degrees: of numbers as they are, of texts as ``12:34:56.7`` times ``unit`` (15 for hours)."""
    found = numbers(values)
    unread = np.flatnonzero(np.isnan(found))
    texts: dict[str, float] = {}
    for row in unread.tolist():
        text = str(values[row]).strip()[:40]
        if text not in texts:
            texts[text] = _angle(text) * unit
        found[row] = texts[text]
    return found


def median_place(ra: Floats, dec: Floats) -> tuple[float, float]:
    """The median of positions in degrees, of which none is NaN; right also where RA passes 0."""
    away = (ra - ra[0] + 180.0) % 360.0 - 180.0
    return float(ra[0] + np.median(away)) % 360.0, float(np.median(dec))


def _angle(text: str) -> float:
    found = _SEXAGESIMAL.fullmatch(text)
    if not found:
        return np.nan
    sign, whole, minutes, seconds = found.groups()
    size = float(whole) + float(minutes) / 60.0 + float(seconds) / 3600.0
    return -size if sign == "-" else size


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan
