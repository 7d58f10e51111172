"""The stretch is the formula that it says, for pictures of every survey's size, and tells what is there."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.pictures.skies import starred
from vra_tui.pictures.stretch import CONTRASTS, SKY, TOP, reduced, stretch

SIDES = (30, 61, 63)


def by_the_formula(pixels: np.ndarray, at: tuple[int, int], side: int) -> np.ndarray:
    """The levels, pixel by pixel as the formula has them."""
    values = pixels[np.isfinite(pixels)].astype(float)
    kept = values
    for _ in range(6):
        m = np.median(kept)
        s = 1.4826 * np.median(np.abs(kept - m))
        kept = values[(values > m - 3 * s) & (values < m + 2 * s)]
    m = np.median(kept)
    s = 1.4826 * np.median(np.abs(kept - m))
    z = (pixels.astype(float) - m) / s
    ny, nx = z.shape

    def around(y, x):
        return [
            (j, i)
            for j in range(max(0, y - 1), min(ny, y + 2))
            for i in range(max(0, x - 1), min(nx, x + 2))
            if np.isfinite(z[j, i])
        ]

    q = np.array(
        [[np.mean([min(z[one], 6) for one in around(y, x)] or [0]) for x in range(nx)] for y in range(ny)]
    )
    half = side // 2
    rows, columns = (
        range(max(0, one - half), min(size, one + half + 1)) for one, size in zip(at, (ny, nx), strict=True)
    )
    shown = np.array([z[y, x] for y in rows for x in columns])
    top = max(np.percentile(shown[np.isfinite(shown)], 99.5), 12)
    levels = np.zeros((side, side), int)
    for y in rows:
        for x in columns:
            near = [one for one in around(y, x) if one != (y, x)]
            w = min(max((z[y, x] - 6) / 6, 0), 1)
            v = w * z[y, x] + (1 - w) * q[y, x] if z[y, x] > 0 else q[y, x]
            level = 4
            if not np.isfinite(z[y, x]):
                level = 0
            elif z[y, x] < -5 and any(z[one] < -5 for one in near):
                level = max(0, 3 - round(-(z[y, x] + 4) / 8))
            elif (q[y, x] > 1.5 and any(q[one] > 1.5 for one in near)) or z[y, x] > 6:
                share = np.arcsinh(max(v - 1.5, 0) / 4) / np.arcsinh((top - 1.5) / 4)
                level = 5 + round(18 * min(1, share))
            levels[y - at[0] + half, x - at[1] + half] = level
    return levels


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("seed", range(2))
def test_levels_are_those_of_the_formula(side, seed):
    rng = np.random.default_rng(seed)
    pixels = starred(side, *rng.uniform(5, side - 5, 2), peak=10 ** rng.uniform(0.5, 4), seed=seed)
    pixels -= starred(side, *rng.uniform(5, side - 5, 2), peak=60, seed=seed + 9) - 100
    pixels[3:6, 2] = np.nan
    at = (int(rng.integers(4, side - 4)), int(rng.integers(4, side - 4)))
    for shown in (15, 21, 31):
        found = stretch(pixels, at, shown)
        np.testing.assert_array_equal(found.levels, by_the_formula(pixels, at, shown))
        assert not found.reason


@pytest.mark.parametrize("side", SIDES)
def test_brightness_and_background_change_nothing(side):
    pixels = starred(side, 12.3, 14.1, peak=90)
    levels = stretch(pixels, (15, 15), 21).levels
    for scale, sky in ((1000.0, 0.0), (0.01, 3.0), (1.0, -500.0)):
        changed = stretch((pixels - 100) * np.float32(scale) + np.float32(sky), (15, 15), 21).levels
        assert np.abs(changed.astype(int) - levels).max() <= 1
        assert (changed != levels).mean() < 0.01


@pytest.mark.parametrize("side", SIDES)
def test_empty_sky_is_one_grey_a_source_shines_and_a_hole_is_dark(side):
    middle = side // 2
    sky = starred(side, 0, 0, peak=0)
    assert (stretch(sky, (middle, middle), 21).levels == SKY).mean() > 0.93
    assert stretch(starred(side, middle, middle, peak=300), (middle, middle), 21).levels[10, 10] == TOP
    assert stretch(starred(side, middle, middle, peak=-300), (middle, middle), 21).levels[10, 10] == 0


def test_a_dipole_is_bright_and_dark():
    dipole = starred(63, 29, 31, peak=80) - starred(63, 33, 31, peak=80, seed=2)
    levels = stretch(dipole.astype(np.float32), (31, 31), 21).levels
    assert levels[10, 8] > 15
    assert levels[10, 12] < 2


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.full((30, 30), 5.0), "no noise"),
        (np.where(np.arange(900).reshape(30, 30) % 3, 5.0, 6.0) * 0 + 1, "no noise"),
        (np.where(np.arange(900).reshape(30, 30) % 5, np.nan, 1.0), "too few"),
        (np.full((30, 30), np.nan), "too few"),
    ],
)
def test_where_nothing_can_be_measured_all_is_sky_and_says_why(pixels, reason):
    found = stretch(pixels.astype(np.float32), (15, 15), 21)
    assert (found.levels == SKY).all()
    assert reason in found.reason


def test_beyond_the_edge_it_is_black():
    levels = stretch(starred(30, 2, 2), (2, 2), 21).levels
    assert levels.shape == (21, 21)
    assert (levels[:8] == 0).all()
    assert (levels[:, :8] == 0).all()
    assert (levels[8:, 8:] > 0).all()


def test_contrast_shows_more_with_each_step_and_never_hides_the_brightest():
    pixels = starred(63, 31, 31, peak=8)
    seen = [(stretch(pixels, (31, 31), 31, step).levels > SKY).sum() for step in CONTRASTS]
    assert seen == sorted(seen)
    assert seen[0] < seen[-1]


@pytest.mark.parametrize("values", [3e38, -3e38, 1e-38])
def test_extreme_numbers_give_levels(values):
    pixels = starred(30, 15, 15)
    pixels[10:12, 10:12] = values
    with np.errstate(all="raise"):
        assert stretch(pixels, (15, 15), 21).levels.max() <= TOP


def test_a_reduced_picture_has_the_means():
    pixels = np.arange(36, dtype=np.float32).reshape(6, 6)
    np.testing.assert_array_equal(reduced(pixels, 2)[0], [3.5, 5.5, 7.5])
    assert reduced(np.ones((7, 8), np.float32), 3).shape == (2, 2)


def test_real_sources_stand_in_the_middle_and_most_sky_is_one_grey():
    folder = os.environ.get("VRA_REAL_DATA")
    if not folder:
        pytest.skip("VRA_REAL_DATA is not set")
    from benchmarks.stamp_bytes import real_triplets
    from vra_tui.pictures.decode import decode
    from vra_tui.surveys.ztf import Ztf

    peaks = []
    for triplet in real_triplets(Path(folder)):
        shown = decode(triplet["difference"], Ztf.stamp_frame)
        levels = stretch(shown.pixels, (shown.row, shown.column), 21).levels
        peaks.append(np.abs(levels[8:13, 8:13].astype(int) - SKY).max())
    assert np.mean(np.array(peaks) > 4) > 0.9
