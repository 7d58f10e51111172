"""By which time ages are told."""

from math import nan

import pytest

from vra_tui.tui.screen_time import screen_time


@pytest.mark.parametrize("stream", [61_000.0, 60_980.0, 61_003.0, nan])
def test_of_a_stream_that_goes_on_it_is_the_clocks(stream: float):
    assert screen_time(61_001.5, stream) == 61_001.5


def test_of_one_that_ended_long_ago_it_is_that_of_its_last_exposure():
    assert screen_time(61_001.5, 60_300.25) == 60_300.25
