"""The first image of a FITS file is read as astropy reads it; what is hostile is refused within bounds."""

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.pictures.image_fits import MOST_SIDE, Unreadable, read_image


def fits_of(pixels, **cards) -> bytes:
    from astropy.io import fits

    written = io.BytesIO()
    fits.PrimaryHDU(pixels, fits.Header(cards)).writeto(written)
    return written.getvalue()


def header(*cards: str) -> bytes:
    text = "".join(f"{card:<80}" for card in (*cards, "END"))
    return text.ljust(-(-len(text) // 2880) * 2880).encode("latin-1")


@pytest.mark.parametrize("kind", ["u1", ">i2", ">i4", ">i8", ">f4", ">f8"])
def test_pixels_of_every_type_are_those_that_astropy_reads(kind):
    pixels = np.arange(35).reshape(5, 7).astype(kind)
    np.testing.assert_array_equal(read_image(fits_of(pixels)).pixels, pixels.astype(np.float32))


def test_scaled_whole_numbers_are_turned_back_and_blank_ones_are_missing():
    from astropy.io import fits

    hdu = fits.PrimaryHDU(np.array([[1, 2], [3, -99]], dtype=">i2"))
    hdu.header["BLANK"] = -99
    hdu.header["BSCALE"], hdu.header["BZERO"] = 0.5, 10.0
    written = io.BytesIO()
    hdu.writeto(written)
    found = read_image(written.getvalue()).pixels
    np.testing.assert_allclose(found, fits.open(io.BytesIO(written.getvalue()))[0].data)
    assert np.isnan(found[1, 1])


def test_an_image_behind_an_empty_part_is_found():
    from astropy.io import fits

    written = io.BytesIO()
    image = np.ones((4, 6), dtype=">f4")
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(image)]).writeto(written)
    assert read_image(written.getvalue()).pixels.shape == (4, 6)


def test_the_first_card_of_ztf_breaks_the_standard_and_is_read_all_the_same():
    data = header("SIMPLE  =  T", "BITPIX  = -32", "NAXIS   = 2", "NAXIS1  = 3", "NAXIS2  = 4")
    assert read_image(data + np.ones((4, 3), ">f4").tobytes()).pixels.shape == (4, 3)


SHAPE = ("SIMPLE  = T", "BITPIX  = -32", "NAXIS   = 2")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no FITS"),
        (b"<html>not found</html>", "no FITS"),
        (b"SIMPLE  = T", "without an end"),
        (b"SIMPLE  = " * 100_000, "without an end"),
        (header(*SHAPE, "NAXIS1  = 1000000000", "NAXIS2  = 1000000000"), "too large"),
        (header(*SHAPE, "NAXIS1  = 1000000000", "NAXIS2  = 1"), "too large"),
        (header(*SHAPE, "NAXIS1  = 1E300", "NAXIS2  = 5"), "no image"),
        (header(*SHAPE, "NAXIS1  = -5", "NAXIS2  = 5"), "no image"),
        (header(*SHAPE, f"NAXIS1  = {MOST_SIDE + 1}", "NAXIS2  = 5"), "too large"),
        (header(*SHAPE, "NAXIS1  = 63", "NAXIS2  = 63"), "cut short"),
        (header("SIMPLE  = T", "BITPIX  = -33", "NAXIS   = 2", "NAXIS1  = 3", "NAXIS2  = 3"), "unknown type"),
        (header("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0"), "no image"),
        (header("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 999", "NAXIS1  = 5"), "no image"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_reason(data, reason):
    with pytest.raises(Unreadable, match=reason):
        read_image(data)


def test_claims_of_a_header_take_no_memory():
    claims = header(*SHAPE, "NAXIS1  = 31622", "NAXIS2  = 31622")
    tracemalloc.start()
    with pytest.raises(Unreadable):
        read_image(claims)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_parts_that_claim_no_length_end_the_reading():
    loop = header(
        "SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 1", "NAXIS1  = 0", "PCOUNT  = -2880", "GCOUNT  = 1"
    )
    with pytest.raises(Unreadable):
        read_image(loop * 50)


@given(st.data())
def test_no_change_of_a_header_raises_anything_else(data):
    whole = bytearray(header(*SHAPE, "NAXIS1  = 5", "NAXIS2  = 5") + bytes(2880))
    for _ in range(data.draw(st.integers(1, 12))):
        whole[data.draw(st.integers(0, 479))] = data.draw(st.integers(0, 255))
    try:
        found = read_image(bytes(whole))
    except Unreadable:
        return
    assert found.pixels.ndim == 2


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_no_text_of_a_header_reaches_a_reason(text):
    cards = header("SIMPLE  = T", "BITPIX  = -32", "NAXIS   = 2", f"NAXIS1  = '\x1b]0;{text}"[:80])
    with pytest.raises(Unreadable) as raised:
        read_image(cards.replace(b"\n", b" "))
    assert str(raised.value) in ("no image in the FITS", "FITS without an end of its header")
