"""The distance in one direction of a sky map, against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.sky_map import distance_moments


@given(st.floats(-3, 30), st.floats(1, 300))
def test_the_moments_are_those_of_the_distribution(ratio: float, sigma: float):
    r = np.linspace(0, (max(ratio, 0) + 12) * sigma, 20_001)
    weight = r**2 * np.exp(-0.5 * ((r - ratio * sigma) / sigma) ** 2)
    mean = np.average(r, weights=weight)
    spread = np.sqrt(np.average((r - mean) ** 2, weights=weight))
    found = distance_moments(ratio * sigma, sigma)
    assert found[0] == pytest.approx(mean, rel=1e-5)
    assert found[1] == pytest.approx(spread, rel=1e-4)


@pytest.mark.parametrize(("mu", "sigma"), [(np.inf, 1), (np.nan, 1), (100, np.nan), (100, 0), (-100, 1)])
def test_a_direction_without_a_distance_has_none(mu: float, sigma: float):
    assert np.isnan(distance_moments(mu, sigma)).all()
