"""The rank is the published geometry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.ranking.rank import GalacticRule, is_galactic_candidate, rank

probability = st.floats(0, 1)


@pytest.mark.parametrize(("preal", "pgal", "expected"), [(1, 0, 10), (1, 1, 5.53), (0, 0, 1.06), (0, 1, 0)])
def test_the_corners_have_their_published_ranks(preal, pgal, expected):
    assert rank(preal, pgal) == pytest.approx(expected, abs=0.005)


@given(probability, probability, probability)
def test_more_real_is_never_worse_and_more_galactic_never_better(p, q, other):
    low, high = sorted((p, q))
    assert rank(low, other) <= rank(high, other)
    assert rank(other, low) >= rank(other, high)


@given(probability, probability)
def test_ranks_lie_between_zero_and_ten(preal, pgal):
    assert -1e-12 <= rank(preal, pgal) <= 10 + 1e-12


def test_an_unknown_probability_has_no_rank_and_is_no_candidate():
    assert np.isnan(rank(np.nan, 0.5))
    assert not is_galactic_candidate(np.nan, 0.5)


@pytest.mark.parametrize(
    ("preal", "pgal", "expected"), [(1, 1, True), (0.6, 1, True), (0.59, 1, False), (1, 0.5, False)]
)
def test_galactic_candidates_lie_near_a_certain_galactic_transient(preal, pgal, expected):
    assert bool(is_galactic_candidate(preal, pgal)) is expected


def test_the_galactic_rule_can_be_configured():
    assert is_galactic_candidate(0.5, 1.0, GalacticRule(radius=0.5))


def test_many_alerts_keep_their_shape():
    assert rank(np.ones((2, 3)), np.zeros((2, 3))).shape == (2, 3)
