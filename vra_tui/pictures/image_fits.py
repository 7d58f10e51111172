"""Read the first image of a FITS file of unknown origin, within bounds (FITS standard 4.0, sections 3 and 4).

astropy reads every FITS there is, and takes a third of a second to import, time that keys would wait.
Stamps are plain images of a few thousand pixels. What a header claims is not taken on trust; its texts are
never handed on.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BLOCK = 2_880
_CARD = 80
#: A header of more cards than this is no stamp's; ATLAS's have 487.
_MOST_CARDS = 36 * 200
_MOST_UNITS = 8
#: Pixels on a side of the largest picture that is shown: servers of pictures are asked for no larger ones.
MOST_SIDE = 512
_TYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_NUMBER = re.compile(rb"\s*([+-]?(?:\d{1,20}\.?\d{0,25}|\.\d{1,25})(?:[EDed][+-]?\d{1,3})?)\s*(?:/.*)?")


class Unreadable(Exception):
    """Bytes that are no picture; the message is a reason for people, made of nothing that they hold."""


@dataclass(frozen=True, eq=False)
class Image:
    """``pixels``: float32, (ny, nx), as the file has them, blank ones NaN. ``numbers``: of the header."""

    pixels: NDArray[np.float32]
    numbers: Mapping[str, float]


def read_image(data: bytes) -> Image:
    """The first two-dimensional image. Raises Unreadable."""
    if not data.startswith(b"SIMPLE"):
        raise Unreadable("no FITS")
    start = 0
    for _ in range(_MOST_UNITS):
        numbers, begin = _header(data, start)
        shape = _shape(numbers)
        if len(shape) == 2 and not (start and not data.startswith(b"XTENSION= 'IMAGE", start)):
            return Image(_pixels(data, begin, shape, numbers), numbers)
        size = abs(_whole(numbers, "BITPIX", 8)) // 8 * math.prod(shape) if shape else 0
        size = max(0, _whole(numbers, "GCOUNT", 1)) * (max(0, _whole(numbers, "PCOUNT", 0)) + size)
        start = begin + -(-size // _BLOCK) * _BLOCK
        if start >= len(data):
            break
    raise Unreadable("no image in the FITS")


def _header(data: bytes, start: int) -> tuple[dict[str, float], int]:
    """The numbers of a header by keyword, and where its data begin."""
    numbers: dict[str, float] = {}
    for card in range(_MOST_CARDS):
        at = start + card * _CARD
        line = data[at : at + _CARD]
        if len(line) < _CARD:
            break
        if line[:8] == b"END     ":
            return numbers, start + -(-(card + 1) * _CARD // _BLOCK) * _BLOCK
        if line[8:9] == b"=" and (found := _NUMBER.fullmatch(line[9:])):
            value = float(found[1].upper().replace(b"D", b"E"))
            if math.isfinite(value):
                numbers[line[:8].rstrip().decode("latin-1")] = value
    raise Unreadable("FITS without an end of its header")


def _shape(numbers: Mapping[str, float]) -> list[int]:
    """Lengths of the axes, the fastest first, axes of one element behind the second left out."""
    axes = [_whole(numbers, f"NAXIS{axis}", 0) for axis in range(1, min(_whole(numbers, "NAXIS", 0), 9) + 1)]
    while len(axes) > 2 and axes[-1] == 1:
        axes.pop()
    return axes if all(one > 0 for one in axes) else []


def _pixels(data: bytes, begin: int, shape: list[int], numbers: Mapping[str, float]) -> NDArray[np.float32]:
    nx, ny = shape
    if max(nx, ny) > MOST_SIDE:
        raise Unreadable(f"{_short(nx)} × {_short(ny)} pixels: too large to show")
    kind = _TYPES.get(_whole(numbers, "BITPIX", 0))
    if kind is None:
        raise Unreadable("FITS with pixels of an unknown type")
    if len(data) - begin < np.dtype(kind).itemsize * nx * ny:
        raise Unreadable("FITS that is cut short")
    raw = np.frombuffer(data, kind, nx * ny, begin).reshape(ny, nx)
    with np.errstate(all="ignore"):
        values = raw * numbers.get("BSCALE", 1.0) + numbers.get("BZERO", 0.0)
        pixels = values.astype(np.float32)
    if raw.dtype.kind in "iu" and "BLANK" in numbers:
        pixels[raw == numbers["BLANK"]] = np.nan
    pixels[~np.isfinite(pixels)] = np.nan
    return pixels


def _whole(numbers: Mapping[str, float], name: str, default: int) -> int:
    value = numbers.get(name, default)
    return int(value) if abs(value) < 1e15 else 0


def _short(count: int) -> str:
    return f"{count:,}" if count < 1_000_000 else f"{count:.0e}"
