"""How many calls an hour has, and how long a failed one waits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.sources.wires.budget import HOUR, backoff, seconds_until_free

NOW = 1e9


@given(st.lists(st.floats(NOW - 2 * HOUR, NOW + HOUR), max_size=40), st.integers(1, 20))
def test_after_the_wait_one_more_call_fits_and_before_it_none(calls: list[float], an_hour: int):
    wait = seconds_until_free(calls, NOW, an_hour)
    made = np.minimum(calls, NOW)
    within = lambda at: int(np.sum(made > at - HOUR))  # noqa: E731
    assert within(NOW + wait) < an_hour
    if wait > 0:
        assert within(np.nextafter(NOW + wait, 0) - 1e-3) >= an_hour


@given(st.integers(0, 1000), st.floats(0, 1, exclude_max=True))
def test_backoff_grows_is_bounded_and_never_nothing(attempt: int, chance: float):
    assert 0.1 <= backoff(attempt, chance) <= 60
    assert backoff(attempt + 1, chance) >= backoff(attempt, chance)
