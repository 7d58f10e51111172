"""Words below a picture fit its width and say the same things, in fewer words where there is less room."""

import math

import pytest

from vra_tui.store.stamp_bytes import StampEpoch
from vra_tui.tui.spans import text_of, width_of
from vra_tui.tui.stamps.captions import caption, exposure_words, scale_bar, strength

EPOCH = StampEpoch(60_000.0, band="r", mag=19.43, sigma=-9.4)


@pytest.mark.parametrize("width", range(5, 60))
def test_a_caption_is_as_wide_as_its_picture(width):
    for kind in ("science", "template", "difference", "context"):
        assert width_of(caption(kind, exposure_words(EPOCH, 60_003.0, "2/7"), width)) == width


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (33, "science r 19.4, 3.0 d ago 2/7"),
        (21, "sci r, 3.0 d ago 2/7"),
        (15, "sci r 3.0 d ago"),
        (9, "science r"),
    ],
)
def test_a_caption_says_band_and_age_as_long_as_there_is_room(width, words):
    assert text_of(caption("science", exposure_words(EPOCH, 60_003.0, "2/7"), width)).split() == words.split()


@pytest.mark.parametrize(("arcsec", "columns"), [(0.2, 10), (1.01, 10), (1.86, 10), (0.5, 8), (12.0, 12)])
def test_a_scale_bar_is_as_long_as_it_says(arcsec, columns):
    bar = scale_bar(arcsec, columns)
    length = float(bar.split()[1].rstrip("″"))
    assert len(bar) <= columns
    assert len(bar.split()[0]) == pytest.approx(length / arcsec, abs=0.5)


@pytest.mark.parametrize("arcsec", [math.nan, math.inf, 0.0, -1.0, 1e6])
def test_without_a_scale_there_is_no_bar(arcsec):
    assert scale_bar(arcsec, 10) == ""


def test_strength_has_the_sign_of_the_flux():
    assert strength(EPOCH) == "−9σ"
    assert strength(EPOCH, ascii=True).isascii()
    assert strength(StampEpoch(1.0)) == ""


def test_a_hostile_band_is_cleaned():
    assert "\x1b" not in "".join(exposure_words(StampEpoch(1.0, band="\x1b]0;r"), 2.0, ""))
