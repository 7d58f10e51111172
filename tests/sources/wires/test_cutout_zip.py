"""Zips of cutouts: what is chosen, what is left alone, and what a hostile one cannot do."""

import io
import zipfile

import numpy as np
import pytest
from astropy.io import fits

from tests.harness.forced_server import image, zipped
from vra_tui.domain.alert import StampKind
from vra_tui.sources.wires.cutout_zip import Unzipped, cutouts_of

NAME = "02a60000o0101o"


def taken(content: bytes, most: int = 10, pixels: int = 61) -> Unzipped:
    return cutouts_of(content, lambda name: name, most, pixels)


def test_kinds_follow_from_names():
    files = {f"{NAME}{end}.fits": image(21) for end in ("", "_diff", "_ref")}
    assert {one.kind for one in taken(zipped(files)).cutouts} == {
        StampKind.SCIENCE, StampKind.DIFFERENCE, StampKind.TEMPLATE
    }  # fmt: skip


def test_a_wide_image_is_cut_to_its_middle():
    (cutout,) = taken(zipped({f"tmp/{NAME}_diff.fits": image(400, 7.0)})).cutouts
    with fits.open(io.BytesIO(cutout.data)) as units:
        assert units[0].data.shape == (61, 61)
        assert np.argwhere(units[0].data == 7.0).tolist() == [[31, 31]]
        # The reference pixel still lies on the same star.
        assert units[0].header["CRPIX1"] == 200.5 - 169
    assert len(cutout.data) < 30_000


def test_a_small_image_stays_as_it_came():
    (cutout,) = taken(zipped({f"{NAME}_diff.fits": image(31)})).cutouts
    assert cutout.data == image(31)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "/etc/passwd", "job1.txt", f"{NAME}.fits.exe", f"{NAME}_evil.fits", "a.fits",
        f"{NAME}_diff.fits/", "C:\\02a60000o0101o.fits",
    ],
)  # fmt: skip
def test_other_names_are_left_alone(name: str):
    unzipped = taken(zipped({name: image(21)}))
    assert (unzipped.cutouts, unzipped.faults) == ([], [])


def test_a_bomb_is_not_unpacked_and_the_others_come():
    files = {"01a60000o0101o_diff.fits": b"SIMPLE  =" + bytes(100 << 20), f"{NAME}_diff.fits": image(21)}
    unzipped = taken(zipped(files))
    assert [one.exposure for one in unzipped.cutouts] == [NAME]
    ((name, why),) = unzipped.faults
    assert name == "01a60000o0101o_diff.fits"
    assert "more than 8 MB" in why


def test_a_zip_of_far_too_many_files_is_refused():
    with pytest.raises(ValueError, match="lists 6,000 files"):
        taken(zipped({f"{number}": b"" for number in range(6_000)}))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>", zipped({"a": b"b"})[:-30]])
def test_what_is_no_whole_zip_is_said_so(content: bytes):
    with pytest.raises(ValueError, match="no whole zip"):
        taken(content)


def _header_of(width: int) -> bytes:
    values = {"SIMPLE": "T", "BITPIX": -32, "NAXIS": 2, "NAXIS1": width, "NAXIS2": width}
    cards = [f"{name:8}= {value:>20}" for name, value in values.items()]
    return "".join(card.ljust(80) for card in [*cards, "END"]).ljust(2880).encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GIF89a", "no FITS"),
        (b"SIMPLE  =", "FITS|image"),
        (_header_of(100_000), "100000 by 100000 pixels"),
        (_header_of(500), "FITS cannot be read|image"),
        (fits.PrimaryHDU().header.tostring().encode(), "no image"),
    ],
)
def test_what_is_no_image_is_refused_by_name(data: bytes, why: str):
    unzipped = taken(zipped({f"{NAME}.fits": data}))
    assert unzipped.cutouts == []
    ((name, said),) = unzipped.faults
    assert name == f"{NAME}.fits"
    assert any(part in said for part in why.split("|"))


def test_a_damaged_file_does_not_spoil_the_others():
    content = bytearray(zipped({f"{NAME}_diff.fits": image(21), "03a60000o0101o_diff.fits": image(31)}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as packed:
        begin = packed.getinfo(f"{NAME}_diff.fits").header_offset + 60
    content[begin : begin + 8] = b"\xff" * 8
    unzipped = taken(bytes(content))
    assert [one.exposure for one in unzipped.cutouts] == ["03a60000o0101o"]
    assert [name for name, _ in unzipped.faults] == [f"{NAME}_diff.fits"]


def test_an_encrypted_file_is_said_so():
    content = bytearray(zipped({f"{NAME}.fits": image(21)}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    ((_, why),) = taken(bytes(content)).faults
    assert "encrypted" in why
