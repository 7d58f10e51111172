"""Urgency is the rank that is lost by waiting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.ranking.urgency import UrgencyRule, urgency

probability = st.floats(0, 1)
ranks = st.floats(0, 10)
ages = st.floats(0, 100)


def test_a_certainly_fast_alert_just_raised_has_its_rank_as_urgency():
    assert urgency(8.5, 1.0, 0.0) == 8.5


def test_a_certainly_slow_one_has_the_fraction_that_the_two_times_give():
    assert urgency(8.0, 0.0, 0.0, UrgencyRule(fast_days=4, other_days=20)) == pytest.approx(8 / 5)


@given(ranks, probability, ages)
def test_it_is_the_slope_of_what_the_alert_is_worth(rank, p, age):
    rule, step = UrgencyRule(), 1e-4

    def worth(a):
        return rank * (p / (1 + a / rule.fast_days) + (1 - p) / (1 + a / rule.other_days))

    slope = (worth(age) - worth(age + step)) / step * rule.fast_days
    assert urgency(rank, p, age) == pytest.approx(slope, abs=1e-3)


@given(ranks, probability, ages, ages)
def test_it_never_leaves_the_range_of_ranks_and_never_grows_with_age(rank, p, age, more):
    assert 0 <= urgency(rank, p, age + more) <= urgency(rank, p, age) <= 10


@given(ranks, ranks, probability, ages)
def test_of_two_alike_the_better_ranked_is_the_more_urgent(one, other, p, age):
    low, high = sorted((one, other))
    assert urgency(low, p, age) <= urgency(high, p, age)


def test_a_fast_one_stands_above_a_better_rank_at_first_and_below_it_later():
    at = np.array([0.0, 15.0])
    assert (urgency(6.0, 0.9, at) > urgency(9.0, 0.1, at)).tolist() == [True, False]


def test_an_unknown_p_fast_counts_as_the_usual_share_and_an_unknown_rank_has_no_urgency():
    assert urgency(9.0, np.nan, 1.0) == urgency(9.0, UrgencyRule().unknown_pfast, 1.0)
    assert np.isnan(urgency(np.nan, 0.5, 1.0))


def test_an_alert_of_tomorrow_or_of_no_date_counts_as_just_raised():
    assert (urgency(9.0, 0.5, [-3.0, np.nan]) == urgency(9.0, 0.5, 0.0)).all()


@pytest.mark.parametrize("wrong", [{"fast_days": 0.0}, {"fast_days": 30.0}, {"unknown_pfast": 1.5}])
def test_a_rule_without_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"days|probability"):
        UrgencyRule(**wrong)
