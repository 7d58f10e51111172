"""A stamp as a PNG that browsers show: grey, north up, with the stretch that the screen has."""

import struct
import zlib

import numpy as np

from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.pictures.decode import decode
from vra_tui.pictures.stretch import TOP, Levels, stretch

#: Pixels on a side of the picture at most, and how many times as wide each is drawn.
_MOST_SIDE, _SCALE = 101, 3
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def stamp_png(data: bytes, frame: StampFrame) -> bytes | None:
    """The picture in a stamp's bytes; None where there is none that can be read. ``frame``: the survey's."""
    picture = decode(data, frame)
    if picture.reason:
        return None
    side = min(min(picture.pixels.shape), _MOST_SIDE) // 2 * 2 - 1
    levels = stretch(picture.pixels, (picture.row, picture.column), side).levels
    return png(np.kron(levels, np.ones((_SCALE, _SCALE), np.uint8)))


def png(levels: Levels) -> bytes:
    """A grey PNG (ISO/IEC 15948) of levels, shape (rows, columns), 0 to `TOP`; eight bits a pixel."""
    grey = (levels.astype(np.uint16) * 255 // TOP).astype(np.uint8)
    rows = np.zeros((grey.shape[0], grey.shape[1] + 1), np.uint8)  # each begins with its filter: none
    rows[:, 1:] = grey
    header = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
