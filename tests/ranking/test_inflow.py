"""A night far from usual is told by its number alone, and only so many of it are shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.ranking.inflow import best_of_each, is_far_from_usual, usual_inflow
from vra_tui.ranking.policy import Policy

POLICY = Policy()


def unusual(counts, unit=None, policy=POLICY):
    """Which nights of a run of counts are far from usual; a night a count, one unit unless told."""
    count = np.array(counts)
    units = np.ones(len(count), dtype=int) if unit is None else np.array(unit)
    return is_far_from_usual(count, usual_inflow(np.arange(len(count)), units, count), policy).tolist()


def test_a_flood_after_ordinary_nights_is_far_from_usual():
    assert unusual([70, 90, 60, 110, 40_000]) == [False] * 4 + [True]


@given(st.lists(st.integers(30, 300), min_size=1, max_size=40))
def test_nights_that_vary_as_weather_and_season_have_it_raise_no_alarm(counts):
    assert not any(unusual(counts))


def test_five_times_the_usual_of_a_quiet_unit_is_still_few():
    assert not any(unusual([20, 20, 20, 20, 250]))


def test_a_night_after_a_flood_is_judged_by_the_nights_before_it():
    assert unusual([70, 80, 90, 40_000, 85, 30_000]) == [False, False, False, True, False, True]


def test_a_unit_that_has_just_joined_is_judged_by_the_others():
    counts, units = [80, 90, 100, 110, 400, 2_000], [1, 1, 1, 2, 5, 5]
    assert unusual(counts, units) == [False] * 5 + [True]


def test_without_nights_before_nothing_is_far_from_usual():
    assert unusual([40_000]) == [False]
    assert unusual([10, 10, 40_000]) == [False] * 3


def test_a_unit_that_changes_for_good_is_usual_again_after_some_nights():
    flags = unusual([70] * 14 + [2_000] * 14)
    assert flags[14]
    assert not flags[-1]


def test_thresholds_are_the_policys():
    assert unusual([10] * 5 + [60], policy=Policy(night_floor=50)) == [False] * 5 + [True]
    assert not any(unusual([10] * 5 + [60], policy=Policy(night_floor=50, night_factor=7)))


@given(
    st.lists(st.tuples(st.floats(0, 10) | st.just(float("nan")), st.integers(0, 3)), max_size=60),
    st.integers(0, 8),
)
def test_the_best_of_each_group_are_kept_and_no_more(alerts, most):
    rank = np.array([rank for rank, _ in alerts])
    group = np.array([group for _, group in alerts], dtype=np.int64)
    kept = best_of_each(rank, group, most)
    for one in range(4):
        mine = np.nan_to_num(rank[group == one], nan=-1.0)
        assert kept[group == one].sum() == min(most, len(mine))
        if kept[group == one].any() and not kept[group == one].all():
            assert mine[kept[group == one]].min() >= mine[~kept[group == one]].max()


def test_of_equals_the_first_is_kept():
    assert best_of_each(np.array([5.0, 5.0]), np.array([1, 1]), 1).tolist() == [True, False]
    assert best_of_each(np.empty(0), np.empty(0, dtype=int), 1).tolist() == []


@pytest.mark.parametrize("count", [0, 300])
def test_a_count_up_to_the_floor_is_never_far(count):
    assert not is_far_from_usual(np.array([count]), np.array([1.0]), POLICY)[0]
