"""Turn an image so that north is up and east is left."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.stamp_frame import StampFrame

Pixels = NDArray[np.float32]

#: Sine of the angle (3°) by which an image may be off: its pixels are shown as they are.
_NEARLY = 0.05
_ARCSEC = 3_600.0
#: Arcsec a pixel that a header may claim.
_SCALES = (1e-3, 3_600.0)


@dataclass(frozen=True, eq=False)
class Oriented:
    """``pixels`` with north up and east left; the alert's own is at ``row, column``; ``arcsec`` a pixel."""

    pixels: Pixels
    row: int
    column: int
    arcsec: float


def north_up(pixels: Pixels, numbers: Mapping[str, float], frame: StampFrame) -> Oriented:
    """An image with north up, by its header's ``numbers`` where they say how it lies, else by its survey's.

    An image that lies along the axes is flipped; another is turned about the alert, with the mean of the four
    nearest pixels weighted by their distance.
    """
    matrix = sky_matrix(numbers, frame)
    arcsec = float(np.sqrt(abs(np.linalg.det(matrix))))
    known = _SCALES[0] <= arcsec <= _SCALES[1]
    # How (columns to the west, rows to the south) of what is shown lead to (columns, rows) of the image.
    turn = np.linalg.inv(matrix) @ (-arcsec * np.eye(2))
    x, y = _alert_at(numbers, pixels.shape)
    ny, nx = pixels.shape
    if max(abs(turn[0, 1]), abs(turn[1, 0])) < _NEARLY:
        column, row = _rounded(x, nx, turn[0, 0] < 0), _rounded(y, ny, turn[1, 1] < 0)
        shown = pixels[:: _sign(turn[1, 1]), :: _sign(turn[0, 0])]
    elif max(abs(turn[0, 0]), abs(turn[1, 1])) < _NEARLY:
        column, row = _rounded(y, ny, turn[1, 0] < 0), _rounded(x, nx, turn[0, 1] < 0)
        shown = pixels.T[:: _sign(turn[0, 1]), :: _sign(turn[1, 0])]
    else:
        shown = _turned(pixels, turn, x, y)
        row = column = shown.shape[0] // 2
    given = "CD1_1" in numbers or "CDELT1" in numbers
    return Oriented(shown, row, column, arcsec if known and (given or np.isfinite(frame.arcsec)) else np.nan)


def sky_matrix(numbers: Mapping[str, float], frame: StampFrame) -> NDArray[np.float64]:
    """(east, north) in arcsec of one pixel along columns and rows, as the header says, else the survey.

    FITS standard 4.0, section 8.1: CD, or PC times CDELT, or CDELT and CROTA2. LSST's ROTPA is the angle of
    its rows against north.
    """
    found = _world(numbers)
    if found is not None:
        with np.errstate(all="ignore"):
            scale = np.sqrt(abs(np.linalg.det(found)))
        if np.isfinite(found).all() and _SCALES[0] <= scale <= _SCALES[1]:
            return found
    step = frame.arcsec if np.isfinite(frame.arcsec) else 1.0
    rows = 1.0 if frame.rows_to_north else -1.0
    angle = np.radians(numbers.get("ROTPA", 0.0))
    cos, sin = np.cos(angle), np.sin(angle)
    return step * np.array([[-cos, rows * sin], [sin, rows * cos]])


def _world(numbers: Mapping[str, float]) -> NDArray[np.float64] | None:
    names = (("1_1", "1_2"), ("2_1", "2_2"))
    if "CD1_1" in numbers or "CD1_2" in numbers:
        return _ARCSEC * np.array([[numbers.get(f"CD{name}", 0.0) for name in row] for row in names])
    steps = numbers.get("CDELT1"), numbers.get("CDELT2")
    if steps[0] is None or steps[1] is None:
        return None
    if "PC1_1" in numbers or "PC1_2" in numbers:
        whole = {"PC1_1": 1.0, "PC2_2": 1.0}
        turn = np.array([[numbers.get(f"PC{n}", whole.get(f"PC{n}", 0.0)) for n in row] for row in names])
    else:
        angle = np.radians(numbers.get("CROTA2", 0.0))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return _ARCSEC * np.diag([steps[0], steps[1]]) @ turn


def _alert_at(numbers: Mapping[str, float], shape: tuple[int, ...]) -> tuple[float, float]:
    """Where the alert is, in columns and rows from 0: at the reference pixel if that is near the middle."""
    found = []
    for name, size in (("CRPIX1", shape[1]), ("CRPIX2", shape[0])):
        middle = (size - 1) / 2
        at = numbers.get(name, np.nan) - 1.0
        found.append(at if abs(at - middle) <= max(1.5, size / 8) else middle)
    return found[0], found[1]


def _rounded(at: float, size: int, is_flipped: bool) -> int:
    return int(np.clip(round(size - 1 - at if is_flipped else at), 0, size - 1))


def _sign(value: float) -> int:
    return 1 if value > 0 else -1


def _turned(pixels: Pixels, turn: NDArray[np.float64], x: float, y: float) -> Pixels:
    ny, nx = pixels.shape
    half = max(nx, ny) // 2
    south, west = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float64)
    columns = x + turn[0, 0] * west + turn[0, 1] * south
    rows = y + turn[1, 0] * west + turn[1, 1] * south
    left, low = np.floor(columns), np.floor(rows)
    right, high = columns - left, rows - low
    padded = np.pad(pixels, 1, constant_values=np.nan)
    i = np.clip(low.astype(np.int64) + 1, 0, ny)
    j = np.clip(left.astype(np.int64) + 1, 0, nx)
    shown = np.zeros(columns.shape)
    weight = np.zeros(columns.shape)
    for down, across, share in (
        (0, 0, (1 - high) * (1 - right)),
        (0, 1, (1 - high) * right),
        (1, 0, high * (1 - right)),
        (1, 1, high * right),
    ):
        value = padded[i + down, j + across]
        known = np.isfinite(value)
        shown += np.where(known, value, 0.0) * share
        weight += np.where(known, share, 0.0)
    within = (columns > -0.5) & (columns < nx - 0.5) & (rows > -0.5) & (rows < ny - 0.5) & (weight > 0.49)
    return np.where(within, shown / np.where(within, weight, 1.0), np.nan).astype(np.float32)
