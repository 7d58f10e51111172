"""Decode the bytes of a stamp: an image with north up, or a grey field and the reason."""

import io
import math
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.pictures.image_fits import MOST_SIDE, Image, Unreadable, read_image
from vra_tui.pictures.orient import Oriented, north_up
from vra_tui.pictures.stretch import LEAST_KNOWN

#: Bytes of a stamp that are looked at, as stored and unpacked.
MOST_STORED, MOST_UNPACKED = 8 << 20, 8 << 20
_RASTER = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@dataclass(frozen=True, eq=False)
class Picture:
    """``pixels``: float32, (ny, nx), north up, east left, masked ones NaN; the alert is at ``row, column``.

    ``arcsec``: width of a pixel, NaN where it is not known. ``reason``: why there is nothing to see, "" where
    there is something.
    """

    pixels: NDArray[np.float32]
    row: int = 0
    column: int = 0
    arcsec: float = math.nan
    reason: str = ""


def no_picture(reason: str) -> Picture:
    """A grey field."""
    return Picture(np.zeros((1, 1), dtype=np.float32), reason=reason)


def decode(data: bytes, frame: StampFrame, *, negated: bool = False) -> Picture:
    """The picture in a stamp's bytes: FITS, perhaps gzipped, or JPEG. Never raises; takes at most 50 MB.

    ``frame``: of the survey. ``negated``: the difference is template minus science, and is turned round.
    """
    try:
        image = _read(data)
    except Unreadable as error:
        return no_picture(str(error))
    pixels = image.pixels
    for masked in (frame.masked, image.numbers.get("MASKVAL", math.nan)):
        if math.isfinite(masked):
            pixels = np.where(pixels == np.float32(masked), np.float32(np.nan), pixels)
    if negated:
        pixels = -pixels
    known = np.isfinite(pixels)
    if known.mean() < LEAST_KNOWN:
        return no_picture("all pixels are masked" if not known.any() else "most pixels are masked")
    if min(pixels.shape) < 3:
        return no_picture(f"only {pixels.shape[1]} × {pixels.shape[0]} pixels")
    if not np.ptp(pixels[known]) > 0.0:
        return no_picture("all pixels are the same")
    shown: Oriented = north_up(pixels, image.numbers, frame)
    return Picture(shown.pixels, shown.row, shown.column, shown.arcsec)


def _read(data: bytes) -> Image:
    if len(data) > MOST_STORED:
        raise Unreadable(f"{len(data) / 1e6:.0f} MB: too large to show")
    if data.startswith(_RASTER):
        return _raster(data)
    return read_image(_unpacked(data))


def _unpacked(data: bytes) -> bytes:
    """The bytes without gzip, as many as a picture may have. Raises Unreadable."""
    if data[:2] != b"\x1f\x8b":
        return data
    unpacking = zlib.decompressobj(wbits=31)
    try:
        found = unpacking.decompress(data, MOST_UNPACKED)
    except zlib.error:
        raise Unreadable("gzip that is damaged") from None
    if unpacking.unconsumed_tail:
        raise Unreadable(f"more than {MOST_UNPACKED >> 20} MB unpacked: too large to show")
    return found


def _raster(data: bytes) -> Image:
    """A JPEG or PNG in grey, its first row the northernmost; hips2fits draws them so."""
    try:
        from PIL import Image as pillow
    except ImportError:
        raise Unreadable("a JPEG: to see it, install Pillow") from None
    try:
        with pillow.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
            if max(opened.size) > MOST_SIDE:
                raise Unreadable(f"{opened.size[0]:,} × {opened.size[1]:,} pixels: too large to show")
            # Rows of FITS begin in the south.
            grey = np.asarray(opened.convert("L"), dtype=np.float32)[::-1]
    except Unreadable:
        raise
    except Exception:  # Pillow raises whatever its decoders do
        raise Unreadable("a JPEG that is damaged") from None
    return Image(grey, {})
