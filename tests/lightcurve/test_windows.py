"""Days are counted from t0 as the survey counts them."""

import numpy as np
import pytest

from vra_tui.lightcurve.windows import day_number


@pytest.mark.parametrize(
    ("phase", "day"),
    [(-5.99, -5), (-1.0, -1), (-0.99, 0), (0.0, 0), (0.01, 1), (1.0, 2), (14.99, 15), (15.0, 16)],
)
def test_day_zero_is_the_night_of_the_alert(phase, day):
    assert day_number(phase) == day


def test_days_of_many_phases_keep_their_shape():
    assert day_number(np.array([[0.5, -0.5]])).tolist() == [[1.0, 0.0]]
