"""Right ascensions of one alert are close to each other wherever 0 degrees lies."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.lightcurve.angles import unwrapped


@given(
    offsets=st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=9),
    center=st.sampled_from([0.0, 1e-5, 359.99999, 90.0, 180.0, 200.0]),
)
def test_the_scatter_is_the_same_wherever_the_circle_is_cut(offsets, center):
    near = np.array(offsets) * 1e-5
    assert np.isclose(np.std(unwrapped((center + near) % 360.0)), np.std(near), rtol=1e-6, atol=1e-12)


def test_angles_that_need_no_turn_come_back_as_they_are():
    ra = np.array([150.1, 150.10003, np.nan, 149.9])
    assert np.array_equal(unwrapped(ra), ra, equal_nan=True)


def test_each_group_has_its_own_mean():
    ra = np.array([359.9, 0.1, 10.0, 350.0, 200.0])
    turned = unwrapped(ra, np.array([0, 0, 1, 1, 2]), 3)
    assert np.allclose([turned[1] - turned[0], turned[3] - turned[2], turned[4]], [0.2, -20.0, 200.0])
