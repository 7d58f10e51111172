"""Shifts of distributions, by what nights scatter."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vra_tui.scoring.drift.shift import (
    Reference,
    ShiftSample,
    _effective_rows,
    _ranks,
    compare,
    holm,
    kolmogorov,
    ks_distance,
    night_correlation,
)


def sample(rng, nights=7, rows=200, shift=0.0, of_night=0.0, columns=1):
    """Normal values; ``of_night``: standard deviation of what all rows of a night share."""
    night = np.repeat(np.arange(nights), rows)
    shared = of_night * rng.standard_normal((nights, columns))
    return ShiftSample(rng.standard_normal((nights * rows, columns)) + shared[night] + shift, night)


values = st.lists(st.sampled_from([0.0, 1.0, 1.5, 2.0, 7.0]), min_size=1, max_size=30)


def scattered(sample: ShiftSample, correlation: float) -> Reference:
    """A reference whose nights are told to scatter so much."""
    return replace(
        Reference.of(sample),
        correlation=np.full(sample.values.shape[1], correlation),
        worth=_effective_rows(sample, np.full(sample.values.shape[1], correlation)),
    )


@given(values, values)
def test_the_distance_is_that_of_the_two_sample_test_with_ties(first, second):
    found = ks_distance(np.sort(first), np.sort(second))
    assert found == pytest.approx(stats.ks_2samp(first, second, method="asymp").statistic)


@given(values, values)
def test_the_distance_does_not_care_which_sample_comes_first(first, second):
    a, b = np.sort(first), np.sort(second)
    assert ks_distance(a, b) == pytest.approx(ks_distance(b, a))


@given(values)
def test_ranks_are_the_middle_ones_of_values_that_are_tied(found):
    assert _ranks(np.array(found)) == pytest.approx((stats.rankdata(found) - 0.5) / len(found))


def test_rows_without_a_value_do_not_count():
    rng = np.random.default_rng(1)
    before, now = sample(rng), sample(rng, shift=0.5)
    gaps = ShiftSample(
        np.concatenate([now.values, np.full((30, 1), np.nan)]), np.append(now.night, np.zeros(30, int))
    )
    plain, with_gaps = (compare(Reference.of(before), part) for part in (now, gaps))
    assert with_gaps.distance == pytest.approx(plain.distance)
    assert with_gaps.psi == pytest.approx(plain.psi)
    nothing = ShiftSample(np.full((30, 1), np.nan), np.zeros(30, dtype=np.int64))
    empty = compare(Reference.of(before), nothing)
    assert (empty.distance[0], empty.psi[0], empty.p_value[0]) == (0, 0, 1)
    assert np.isnan(empty.now[0])


def test_the_probability_of_a_distance_is_that_of_its_limiting_distribution():
    distance, rows = np.array([0.02, 0.05, 0.1]), np.full(3, 1000.0)
    expected = stats.kstwobign.sf(distance * np.sqrt(rows))
    assert kolmogorov(distance, rows) == pytest.approx(expected, rel=0.2)
    assert kolmogorov(np.array([0.0]), np.array([10.0]))[0] == 1


def test_holm_corrects_for_the_number_of_tests_and_leaves_out_what_is_none():
    corrected = holm(np.array([[0.01, np.nan], [0.04, 0.03]]))
    assert corrected[0, 0] == pytest.approx(0.03)
    assert corrected[1, 1] == pytest.approx(0.06)
    assert corrected[1, 0] == pytest.approx(0.06)
    assert np.isnan(corrected[0, 1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_corrected_probabilities_keep_their_order_and_never_fall(p_values):
    given_ones = np.array(p_values)
    corrected = holm(given_ones)
    assert (corrected >= given_ones).all()
    assert (np.diff(corrected[np.argsort(given_ones)]) >= 0).all()


def test_the_correlation_within_nights_is_what_the_nights_share():
    rng = np.random.default_rng(2)
    shared = sample(rng, nights=200, rows=20, of_night=0.5, columns=3)
    # 0.25 of 1.25 is shared; ranks of a normal variable correlate a little less than it does.
    assert night_correlation(shared) == pytest.approx(np.full(3, 0.2), abs=0.05)
    assert (night_correlation(sample(rng, nights=200, rows=20)) < 0.03).all()


def test_nights_that_scatter_make_the_same_distance_more_likely():
    rng = np.random.default_rng(4)
    before, now = sample(rng), sample(rng, shift=0.3)
    calm, wild = (compare(scattered(before, much), now) for much in (0.01, 0.2))
    assert calm.p_value[0] < 1e-3 < wild.p_value[0]
    assert wild.psi[0] < calm.psi[0]


def test_without_a_shift_nights_that_scatter_are_rarely_called_one():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(20):
        before, now = (sample(rng, rows=100, of_night=0.3, columns=10) for _ in range(2))
        found.append(compare(Reference.of(before), now).p_value)
    # By rows alone a third of these would lie below 1e-3.
    assert np.mean(np.array(found) < 1e-3) < 0.02
    assert np.mean(compare(scattered(before, 0.0), now).p_value < 1e-2) > 0.2


def test_the_index_of_stability_is_nothing_without_and_the_known_number_with_a_shift():
    rng = np.random.default_rng(6)
    before, same, moved = (sample(rng, rows=5000, shift=shift) for shift in (0.0, 0.0, 0.5))
    assert compare(scattered(before, 0.0), same).psi[0] < 0.005
    # Deciles of two normal distributions half a deviation apart.
    edges = stats.norm.ppf(np.arange(0, 1.05, 0.1))
    p, q = np.full(10, 0.1), np.diff(stats.norm.cdf(edges - 0.5))
    assert compare(scattered(before, 0.0), moved).psi[0] == pytest.approx(
        ((q - p) * np.log(q / p)).sum(), abs=0.03
    )


def test_shares_are_told_as_shares_and_other_columns_by_their_median():
    night = np.arange(4)
    before = ShiftSample(np.array([[0.0, 1.0], [0.0, 2.0], [1.0, 3.0], [np.nan, np.nan]]), night)
    found = compare(Reference.of(before), before)
    assert found.before.tolist() == [pytest.approx(1 / 3), 2.0]
