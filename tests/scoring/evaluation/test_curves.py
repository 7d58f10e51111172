import numpy as np
import pytest

from tests.scoring.evaluation.made import drawn_sample, sample_of
from vra_tui.scoring.evaluation.curves import LOOKED_AT, SHARES, TO_FIND, measure, perfect_recall
from vra_tui.scoring.evaluation.metrics import aurak, recall_at_k


def test_recall_of_a_list_of_ten_is_read_off_by_hand() -> None:
    sample = sample_of(["good", "pm", "good", *["garbage"] * 7])
    (order,), _ = measure(sample, {"a": np.arange(10.0)[::-1]}, seed=1, resamples=20)
    at = dict(zip(LOOKED_AT, order.sample.at, strict=True))
    assert at[0.1] == 0.5
    assert at[0.2] == 0.5
    assert at[0.5] == 1
    needed = dict(zip(TO_FIND, order.sample.needed, strict=True))
    assert needed[1.0] == pytest.approx(0.3)
    assert needed[0.9] == pytest.approx(0.28)


def test_a_curve_is_recall_at_k_and_its_area_is_aurak() -> None:
    sample, score = drawn_sample(200)
    (order,), _ = measure(sample, {"a": score}, seed=1, resamples=20)
    assert order.sample.aurak.value == pytest.approx(aurak(score, sample.good))
    assert order.stream.aurak.value == pytest.approx(aurak(score, sample.good, sample.stream_weight()))
    k = np.arange(1, 201)
    assert np.interp(k / 200, SHARES, order.sample.recall) == pytest.approx(recall_at_k(score, sample.good))


def test_a_sample_that_is_as_the_stream_is_gives_both_weightings_alike() -> None:
    sample = sample_of(["good"] * 55 + ["galactic"] * 42 + ["garbage"] * 820 + ["pm"] * 80)
    score = np.random.default_rng(1).normal(size=997) + 2 * sample.good
    (order,), _ = measure(sample, {"a": score}, seed=1, resamples=20)
    assert order.sample.aurak.value == pytest.approx(order.stream.aurak.value + 1 / (2 * 997))
    assert order.sample.recall == pytest.approx(order.stream.recall)


def test_garbage_above_the_good_costs_more_in_the_stream_than_in_a_balanced_sample() -> None:
    sample = sample_of(["garbage", *["good"] * 5, "garbage", "pm", "galactic", "galactic"])
    (order,), _ = measure(sample, {"a": np.arange(10.0)[::-1]}, seed=1, resamples=20)
    assert order.stream.needed[-1] == pytest.approx((0.41 + 0.055) / 0.997)
    assert order.sample.needed[-1] == pytest.approx(0.6)


def test_the_first_order_is_held_against_each_other_one_in_pairs() -> None:
    sample, score = drawn_sample(200)
    scores = {"a": score, "worse": score - sample.good, "same": score}
    orders, differences = measure(sample, scores, seed=1, resamples=50)
    assert [order.name for order in orders] == ["a", "worse", "same"]
    worse, same = differences
    assert (worse.name, worse.other) == ("a", "worse")
    assert worse.stream.low > 0
    assert (same.stream.value, same.stream.low, same.stream.high) == (0, 0, 0)


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others() -> None:
    sample, score = drawn_sample(120)
    first, second, other = (
        measure(sample, {"a": score}, seed=seed, resamples=30)[0][0].stream.aurak for seed in (1, 1, 2)
    )
    assert first == second
    assert first.value == other.value
    assert first.low != other.low


def test_visits_of_one_object_widen_the_interval() -> None:
    sample, score = drawn_sample(240)
    label = np.sort(sample.label).tolist()
    alone = sample_of(label)
    visits = sample_of(label, alert_id=(np.arange(240) // 12).tolist())
    score = score + 2 * (np.array(label) == "good")
    score = score + np.repeat(np.random.default_rng(1).normal(size=20), 12)
    widths = []
    for one in (alone, visits):
        (order,), _ = measure(one, {"a": score}, seed=1, resamples=200)
        widths.append(order.stream.aurak.high - order.stream.aurak.low)
    assert widths[1] > 1.5 * widths[0]


def test_a_perfect_order_finds_all_as_soon_as_can_be() -> None:
    recall = perfect_recall(0.055)
    assert np.interp(0.0275, SHARES, recall) == pytest.approx(0.5)
    assert recall[SHARES >= 0.055].min() == 1
