"""How long ago something was is told in the unit that tells it best."""

import pytest

from vra_tui.tui.times import ago, mjd_of_text


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.0, "0 min ago"), (0.01, "14 min ago"), (0.09, "2 h ago"), (0.99, "1.0 d ago"), (4.13, "4.1 d ago"),
        (9.97, "10 d ago"), (120.2, "120 d ago"), (1000.0, "2.7 y ago"), (-3.02, "in 3.0 d"),
    ],
)  # fmt: skip
def test_so_long_ago(days, words):
    assert ago(60_000.0, 60_000.0 + days) == words


def test_a_time_that_is_none_is_none():
    assert mjd_of_text("yesterday") is None
    assert mjd_of_text("1858-11-17T12:00:00+00:00") == 0.5
