"""A stamp's bytes become a picture, or a grey field with a reason; nothing raises or fills the memory."""

import gzip
import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pictures.skies import brightest, starred
from tests.pictures.test_image_fits import fits_of, header
from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.pictures.decode import MOST_STORED, decode
from vra_tui.pictures.image_fits import MOST_SIDE

PLAIN = StampFrame(arcsec=1.0)


def test_gzipped_and_plain_bytes_give_the_same_picture():
    data = fits_of(starred(21, 10, 14))
    both = decode(data, PLAIN), decode(gzip.compress(data), PLAIN)
    np.testing.assert_array_equal(both[0].pixels, both[1].pixels)
    assert (both[0].row, both[0].column, both[0].reason) == (10, 10, "")


def test_masked_pixels_are_missing_whether_the_survey_or_the_header_names_their_value():
    pixels = starred(21, 10, 10)
    pixels[2:5, 3] = -31415.0
    for data, frame in (
        (fits_of(pixels), StampFrame(masked=-31415.0)),
        (fits_of(pixels, MASKVAL=-31415.0), StampFrame()),
    ):
        assert np.isnan(decode(data, frame).pixels).sum() == 3


def test_a_difference_the_wrong_way_round_is_turned():
    data = fits_of(starred(21, 10, 10))
    assert brightest(decode(data, PLAIN).pixels) == brightest(-decode(data, PLAIN, negated=True).pixels)


HOSTILE = {
    "no FITS": b"GIF89a...",
    "empty": b"",
    "1 × 1": fits_of(np.ones((1, 1), np.float32)),
    "one line": fits_of(np.arange(60, dtype=np.float32).reshape(1, 60)),
    "constant": fits_of(np.full((63, 63), 7.0, np.float32)),
    "NaN": fits_of(np.full((63, 63), np.nan, np.float32)),
    "nearly all NaN": fits_of(np.where(np.arange(3969).reshape(63, 63) % 9, np.nan, 1.0).astype(np.float32)),
    "infinite": fits_of(np.full((63, 63), np.inf, np.float32)),
    "2,000 × 2,000": fits_of(np.zeros((2000, 2000), np.uint8)),
    "1e9 pixels": header("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 1000000000", "NAXIS2  = 1"),
    "broken gzip": b"\x1f\x8b" + bytes(100),
    "cut gzip": gzip.compress(fits_of(starred(63, 31, 31)))[:900],
    # Bombs are made by the test that is given them, not by every process that looks which tests there are.
    "bomb": lambda: gzip.compress(bytes(150_000_000)),
    "bomb of FITS": lambda: gzip.compress(
        header("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0") + bytes(150_000_000)
    ),
    "a JPEG of a few bytes": b"\xff\xd8\xff\xe0" + bytes(50),
    "a PNG of a few bytes": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "more than is looked at": b"SIMPLE" + bytes(MOST_STORED),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_shown_is_a_grey_field_with_a_reason_in_bounded_memory(name):
    given = HOSTILE[name]
    data = given() if callable(given) else given
    tracemalloc.start()
    found = decode(data, PLAIN)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.reason
    assert found.reason.isprintable()
    assert len(found.reason) < 60
    assert most < 50_000_000


def test_the_largest_picture_is_turned_in_bounded_memory():
    step = 1 / 3600
    angle = {"CD1_1": -0.8 * step, "CD1_2": 0.6 * step, "CD2_1": 0.6 * step, "CD2_2": 0.8 * step}
    data = fits_of(starred(MOST_SIDE, 250, 260).astype(np.float64), **angle)
    tracemalloc.start()
    assert not decode(data, PLAIN).reason
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_huge_numbers_are_missing_and_not_an_error():
    pixels = starred(21, 10, 10).astype(np.float64)
    pixels[3, 3] = 1e300
    assert np.isnan(decode(fits_of(pixels), PLAIN).pixels).sum() == 1


@given(st.binary(max_size=400))
def test_no_bytes_raise(data):
    for begin in (b"", b"SIMPLE  =  T", b"\x1f\x8b\x08\x00", b"\xff\xd8\xff"):
        assert decode(begin + data, PLAIN).pixels.ndim == 2


def jpeg(pixels: np.ndarray, form: str = "JPEG") -> bytes:
    pillow = pytest.importorskip("PIL.Image", reason="Pillow draws the JPEG of a server")
    written = io.BytesIO()
    pillow.fromarray(pixels.astype(np.uint8)).save(written, form)
    return written.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_picture_of_the_field_has_its_first_row_in_the_north(form):
    pixels = np.zeros((60, 60))
    pixels[10:13, 40:43] = 250
    row, column = brightest(decode(jpeg(pixels, form), StampFrame()).pixels)
    assert (row, column) == (pytest.approx(11, abs=1.5), pytest.approx(41, abs=1.5))


def test_a_huge_picture_of_the_field_is_not_unpacked():
    data = jpeg(np.zeros((4000, 4000)))
    tracemalloc.start()
    assert "too large" in decode(data, StampFrame()).reason
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()
