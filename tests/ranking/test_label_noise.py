"""How often second looks overturn labels, with intervals that can be believed for few looks."""

import pytest

from vra_tui.ranking.label_noise import by_scanner, confusion, noise_of


def test_the_interval_is_wilsons():
    # Brown, Cai and DasGupta (2001): 0 of 10 and 3 of 20.
    none, some = noise_of([False] * 10), noise_of([True] * 3 + [False] * 17)
    assert (none.low, none.high) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert (some.share, some.low, some.high) == (
        0.15,
        pytest.approx(0.0524, abs=1e-4),
        pytest.approx(0.3604, abs=1e-4),
    )
    assert noise_of([]) is None


def test_each_scanners_doubted_and_drawn_labels_are_told_apart_the_most_looked_at_first():
    ada, zoe = by_scanner(
        [("zoe", False, True), ("ada", False, True), ("ada", False, False), ("ada", True, False)]
    )
    assert (ada.scanner, ada.doubted.overturned, ada.doubted.looked) == ("ada", 1, 2)
    assert (ada.random.overturned, ada.random.looked) == (0, 1)
    assert (zoe.scanner, zoe.doubted.share, zoe.random) == ("zoe", 1.0, None)


def test_what_labels_became_is_counted_the_most_frequent_first():
    looks = [("good", "good"), ("garbage", "good"), ("good", "good"), ("pm", "garbage")]
    assert confusion(looks) == [("good", "good", 2), ("garbage", "good", 1), ("pm", "garbage", 1)]
