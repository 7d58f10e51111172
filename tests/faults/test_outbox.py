"""Targets that behave badly and senders that are killed: each item arrives once, or says why it did not."""

from pathlib import Path

import pytest

from tests.harness.unruly import run_faults


@pytest.mark.slow
def test_each_item_is_accepted_once_or_stands_there_with_its_reason(tmp_path: Path):
    came = run_faults(tmp_path, faults=15, seed=7)
    assert came.faults.total() == 15
    assert came.is_good, (came.doubled, came.lost, came.silent)
    for states in came.kinds.values():
        assert set(states) == {"accepted", "refused"}
    assert came.most_calls_an_hour <= 75  # the account has a hundred, and a quarter is left for reading
