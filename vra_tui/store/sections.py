"""Light curves as they lie in the store: each section's records by columns of bytes, compressed with LZ4.

A section is one byte that says how it is written, and what follows from that; without records it is empty.
The bytes of a record that change little (day, instrument, band, the high bytes of numbers) stand together
then, which is what makes them small. Reading back takes some microseconds, less than the pages saved.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from cramjam import DecompressionError, lz4

from vra_tui.domain.epochs import DETECTION, FORCED, NONDETECTION

#: How a section is written: the records themselves, or their transposed bytes as an LZ4 block.
_PLAIN, _LZ4 = b"\x00", b"\x01"
#: Bytes of a record of each section.
_WIDTHS = (DETECTION.itemsize, NONDETECTION.itemsize, FORCED.itemsize)
#: No LZ4 block unpacks to more than so many times its size: what claims to is damaged, or made to harm.
_MAX_RATIO = 255
_SIZE_BYTES = 4


def packed(sections: Sequence[bytes]) -> tuple[bytes, bytes, bytes]:
    """The three sections of a light curve as the store keeps them, of the bytes of their records."""
    seen, missed, forced = map(_packed, sections, _WIDTHS)
    return seen, missed, forced


def unpacked(sections: Sequence[bytes]) -> tuple[bytes, bytes, bytes]:
    """The bytes of the records of the three sections of a stored light curve.

    Raises ValueError where a section cannot be read.
    """
    seen, missed, forced = map(_unpacked, sections, _WIDTHS)
    return seen, missed, forced


def unpacked_detections(section: bytes) -> bytes:
    """The bytes of the records of stored detections; raises as `unpacked`."""
    return _unpacked(section, _WIDTHS[0])


def unpacked_nondetections(section: bytes) -> bytes:
    """The bytes of the records of stored non-detections; raises as `unpacked`."""
    return _unpacked(section, _WIDTHS[1])


def unpacked_forced(section: bytes) -> bytes:
    """The bytes of the records of stored forced photometry; raises as `unpacked`."""
    return _unpacked(section, _WIDTHS[2])


def _packed(records: bytes, width: int) -> bytes:
    if not records:
        return b""
    if len(records) % width == 0:
        columns = np.frombuffer(records, np.uint8).reshape(-1, width).T
        block = bytes(lz4.compress_block(columns.tobytes()))
        if len(block) < len(records):
            return _LZ4 + block
    return _PLAIN + records


def _unpacked(section: bytes, width: int) -> bytes:
    if not isinstance(section, bytes):
        raise ValueError("a light curve is damaged: a section of it is no BLOB")
    if section[:1] == _LZ4:
        return _from_block(section, width)
    if section[:1] == _PLAIN:
        return section[1:]
    if section:
        raise ValueError("a light curve is written in a way that this version does not know")
    return section


def _from_block(section: bytes, width: int) -> bytes:
    block = memoryview(section)[1:]
    size = int.from_bytes(block[:_SIZE_BYTES], "little")
    if size % width or size > _MAX_RATIO * len(block):
        raise ValueError("a light curve is damaged: it does not have the size that it says")
    columns: Any = np.empty((width, size // width), np.uint8)
    try:
        written = lz4.decompress_block_into(block, columns)
    except DecompressionError as error:
        raise ValueError(f"a light curve is damaged: {error}") from None
    if written != size:
        raise ValueError("a light curve is damaged: it does not have the size that it says")
    found: bytes = columns.T.tobytes()
    return found
