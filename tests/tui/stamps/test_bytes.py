"""What three stamps beside the list may cost on the line."""

import itertools
import os
import statistics
from pathlib import Path

import pytest

from benchmarks.stamp_bytes import cells_of, real_triplets, simulated_triplets, written
from vra_tui.tui.stamps.frame import Screen
from vra_tui.tui.stamps.paint import Painter


def costs(triplets, theme: str = "dark") -> tuple[list[int], list[int]]:
    """Bytes of whole pictures, and of what differs from the pictures before."""
    painter, screen = Painter(theme), Screen(65, 12)
    cells = [cells_of(triplet, screen) for triplet in triplets]
    return (
        [written(painter, None, one) for one in cells],
        [written(painter, before, one) for before, one in itertools.pairwise(cells)],
    )


# Asked are 7,000 bytes at most and 4,500 on average, captions included.


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_three_stamps_take_at_most_7_kb_and_4500_bytes_on_average(theme):
    whole, changed = costs(simulated_triplets(40), theme)
    assert statistics.mean(whole) <= 4_000
    assert max(whole) <= 6_850
    assert statistics.mean(changed) < statistics.mean(whole)


def test_so_do_all_of_the_real_ones():
    folder = os.environ.get("VRA_REAL_DATA")
    if not folder:
        pytest.skip("VRA_REAL_DATA is not set")
    whole, changed = costs(real_triplets(Path(folder)))
    assert len(whole) > 50
    assert statistics.mean(whole) <= 4_000
    assert max(whole) <= 6_850
    assert statistics.mean(changed) <= 3_200
