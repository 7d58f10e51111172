"""Zips of cutouts, as the ATLAS forced-photometry server makes them: chosen, bounded, cut to the middle."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vra_tui.domain.alert import StampKind

#: `01a59309o0235c_diff.fits`: unit, night, exposure, band; what is none of these is left alone.
_NAME = re.compile(r"(?:.*/)?(\d\d[a-z]\d{5}[a-z]\d{3,5}[a-z])(_diff|_ref)?\.fits")
_KINDS = {"": StampKind.SCIENCE, "_diff": StampKind.DIFFERENCE, "_ref": StampKind.TEMPLATE}
#: The server packs a thousand images and some files beside them; a zip that lists more is none of its own.
_MOST_FILES = 5_000
#: One image, unpacked: 400 by 400 pixels of 4 bytes are 640 kB.
_MOST_BYTES = 8 << 20
_MOST_PIXELS = 2_000


@dataclass(frozen=True)
class Cutout:
    """One image of an exposure, as FITS."""

    exposure: str
    kind: StampKind
    data: bytes


@dataclass
class Unzipped:
    """The cutouts of a zip that were wanted, and what is wrong with those that could not be taken."""

    cutouts: list[Cutout] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)


def cutouts_of(content: bytes, rank: Callable[[str], Any], most: int, pixels: int) -> Unzipped:
    """The cutouts of a zip, at most ``most``, those of the exposures that ``rank`` puts lowest first.

    Nothing is written to disk, and no name in the zip is more than a name. An image wider than ``pixels`` is
    cut to its middle, which is where the server puts the position. Raises ValueError for what is no zip.
    """
    unzipped = Unzipped()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            infos = packed.infolist()
            if len(infos) > _MOST_FILES:
                raise ValueError(f"the zip lists {len(infos):,} files, of {_MOST_FILES:,} allowed")
            named = [(match, info) for info in infos if (match := _NAME.fullmatch(info.filename))]
            # A name that is there twice is taken once.
            wanted = {(match[1], match[2] or ""): info for match, info in named}
            order = sorted(wanted, key=lambda one: (rank(one[0]), one))
            for exposure, kind in order[:most]:
                try:
                    data = _middle(_unpacked(packed, wanted[exposure, kind]), pixels)
                    unzipped.cutouts.append(Cutout(exposure, _KINDS[kind], data))
                except ValueError as fault:
                    unzipped.faults.append((f"{exposure}{kind}.fits", str(fault)))
    except (zipfile.BadZipFile, OSError) as error:
        raise ValueError(f"it is no whole zip ({error})") from None
    return unzipped


def _unpacked(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """One file; what it says of its size is not believed."""
    if info.flag_bits & 1:
        raise ValueError("it is encrypted")
    try:
        with packed.open(info) as file:
            data = file.read(_MOST_BYTES + 1)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"it cannot be unpacked ({error})") from None
    except Exception as error:  # zlib.error and lzma's are of their own kinds
        raise ValueError(f"it is damaged ({error})") from None
    if len(data) > _MOST_BYTES:
        raise ValueError(f"it unpacks to more than {_MOST_BYTES >> 20} MB")
    return data


def _middle(data: bytes, pixels: int) -> bytes:
    """The FITS image cut to its middle, as one HDU with its header; unchanged where it is small enough."""
    if not data.startswith(b"SIMPLE  ="):
        raise ValueError("it is no FITS image")
    import warnings

    from astropy.io import fits

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that are not quite FITS
            with fits.open(io.BytesIO(data), memmap=False, lazy_load_hdus=True) as units:
                unit = next((one for one in units if one.header.get("NAXIS") == 2), None)
                if unit is None:
                    raise ValueError("it holds no image")
                height, width = int(unit.header["NAXIS2"]), int(unit.header["NAXIS1"])
                if not (1 <= height <= _MOST_PIXELS and 1 <= width <= _MOST_PIXELS):
                    raise ValueError(f"its image has {width} by {height} pixels")
                image = unit.data
                if max(height, width) <= pixels:
                    return data
                top, left = max(0, (height - pixels) // 2), max(0, (width - pixels) // 2)
                header = unit.header.copy()
                for axis, shift in (("CRPIX1", left), ("CRPIX2", top)):
                    if isinstance(header.get(axis), int | float):
                        header[axis] -= shift
                cut = fits.PrimaryHDU(image[top : top + pixels, left : left + pixels], header)
                written = io.BytesIO()
                cut.writeto(written, output_verify="silentfix")
                return written.getvalue()
    except ValueError:
        raise
    except Exception as error:  # astropy raises what it likes on what is no FITS
        raise ValueError(f"its FITS cannot be read ({type(error).__name__})") from None
