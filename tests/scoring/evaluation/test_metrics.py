import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.scoring.evaluation.metrics import (
    STREAM_MIXTURE,
    Mixture,
    Ordering,
    aurak,
    bootstrap_areas,
    interval_of,
    mixture_weights,
    recall_at_k,
)

lists = st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=6).filter(
    lambda rows: any(wanted for _, wanted in rows)
)


def aurak_of(score, label, seed, **options):
    """AuRaK of one ordering, with its interval."""
    return bootstrap_areas({"score": score}, label, seed, **options).interval("score")


def test_recall_at_k_counts_the_relevant_among_the_top_k() -> None:
    recall = recall_at_k([9, 8, 7, 6], [True, False, True, False])
    assert recall.tolist() == [0.5, 0.5, 1.0, 1.0]


def test_a_perfect_order_reaches_the_ceiling_that_the_share_of_relevant_rows_sets() -> None:
    score, wanted = np.arange(1000)[::-1], np.arange(1000) < 55
    assert aurak(score, wanted) == pytest.approx(1 - 0.055 / 2 + 0.5 / 1000)
    assert aurak(score, wanted, np.ones(1000)) == pytest.approx(1 - 0.055 / 2)


@given(lists)
def test_ties_get_the_mean_over_all_orders_of_the_tied_rows(rows: list[tuple[int, bool]]) -> None:
    score = np.array([row[0] for row in rows])
    wanted = np.array([row[1] for row in rows])
    orders = []
    for order in itertools.permutations(range(len(rows))):
        shuffled = sorted(order, key=lambda row: -score[row])
        orders.append(np.cumsum(wanted[shuffled]) / wanted.sum())
    assert recall_at_k(score, wanted) == pytest.approx(np.mean(orders, axis=0))


@given(lists, st.randoms())
def test_the_order_of_delivery_does_not_matter(rows: list[tuple[int, bool]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (aurak(*zip(*order, strict=True)) for order in (rows, shuffled))
    assert first == pytest.approx(second)


@given(lists)
def test_a_weight_stands_for_that_many_copies_of_a_row(rows: list[tuple[int, bool]]) -> None:
    score, wanted = map(np.array, zip(*rows, strict=True))
    times = 1 + np.arange(len(rows)) % 3
    copied = aurak(np.repeat(score, times), np.repeat(wanted, times), np.ones(times.sum()))
    assert aurak(score, wanted, times) == pytest.approx(copied)


def test_a_score_that_is_not_a_number_ranks_last() -> None:
    assert recall_at_k([np.nan, -5.0], [True, False]).tolist() == [0.0, 1.0]


def test_a_score_that_says_nothing_earns_one_half() -> None:
    assert aurak(np.zeros(1000), np.arange(1000) < 20, np.ones(1000)) == pytest.approx(0.5)


def test_nothing_relevant_has_no_recall() -> None:
    with pytest.raises(ValueError, match="no relevant row"):
        aurak([1, 2], [False, False])


def test_mixture_weights_give_each_label_its_share_of_the_stream() -> None:
    labels = np.array(["good"] * 5 + ["galactic"] * 3 + ["garbage"] + ["pm"] * 7 + ["AGN"])
    weights = mixture_weights(labels)
    shares = {name: weights[labels == name].sum() for name in STREAM_MIXTURE}
    assert shares == pytest.approx(STREAM_MIXTURE)
    assert weights[labels == "AGN"] == 0


def test_a_million_rows_are_measured() -> None:
    rng = np.random.default_rng(1)
    wanted = rng.random(1_000_000) < 0.05
    score = rng.normal(size=1_000_000) + 3 * wanted
    assert 0.95 < aurak(score, wanted) < 0.975


def test_the_bootstrap_interval_holds_the_figure_and_narrows_with_more_objects() -> None:
    def interval(objects: int) -> tuple[float, float, float]:
        rng = np.random.default_rng(2)
        label = np.where(np.arange(objects) % 4 == 0, "good", "garbage")
        score = rng.normal(size=objects) + 2 * (label == "good")
        found = aurak_of(score, label, 3, mixture=STREAM_MIXTURE, resamples=100)
        return found.low, found.value, found.high

    few, many = interval(80), interval(2000)
    assert few[0] < few[1] < few[2]
    assert many[2] - many[0] < few[2] - few[0]


def test_visits_of_one_object_are_resampled_together() -> None:
    label = np.repeat(["good", "garbage"], 50)
    score = np.concatenate([np.random.default_rng(4).normal(1, 1, 50), np.zeros(50)])
    alone = aurak_of(score, label, 5, resamples=100)
    grouped = aurak_of(score, label, 5, group=np.arange(100) // 10, resamples=100)
    assert alone.value == grouped.value
    assert (alone.low, alone.high) != (grouped.low, grouped.high)


@given(lists)
def test_an_ordering_sorted_once_gives_the_same_recall_and_area(rows: list[tuple[int, bool]]) -> None:
    score, wanted = map(np.array, zip(*rows, strict=True))
    ordering = Ordering(score, wanted)
    edge, recall = ordering.recall()
    assert np.interp(np.arange(1, len(rows) + 1), edge, recall) == pytest.approx(recall_at_k(score, wanted))
    assert ordering.area() == pytest.approx(np.trapezoid(recall, edge / edge[-1]))


def test_an_ordering_refuses_what_does_not_belong_together() -> None:
    with pytest.raises(ValueError, match="of one length"):
        Ordering([1, 2], [True])
    with pytest.raises(ValueError, match="of one length"):
        Ordering([1, 2], [True, False]).area([1.0])


def test_a_resample_keeps_the_shares_of_the_stream() -> None:
    label = np.array(["good", "good", "pm", "garbage", "AGN"])
    weights = Mixture(label, {"good": 0.1, "pm": 0.9}).weights([3, 1, 2, 5, 1])
    assert weights.tolist() == pytest.approx([0.075, 0.025, 0.9, 0, 0])


def test_the_unweighted_interval_is_of_the_mean_of_recall_itself() -> None:
    label = np.repeat(["good", "garbage"], [20, 80])
    score = np.random.default_rng(1).normal(size=100)
    found = aurak_of(score, label, 1, resamples=50)
    assert found.value == pytest.approx(aurak(score, label == "good"))
    assert found.low < found.value < found.high


def test_the_difference_of_two_orders_is_far_better_known_than_either() -> None:
    rng = np.random.default_rng(7)
    label = np.where(np.arange(400) % 4 == 0, "good", "garbage")
    first = rng.normal(size=400) + (label == "good")
    second = first + 0.1 * rng.normal(size=400)
    found = bootstrap_areas({"a": first, "b": second}, label, 1, resamples=200)
    difference, alone = found.difference("a", "b"), found.interval("a")
    assert difference.high - difference.low < (alone.high - alone.low) / 3
    assert found.difference("b", "a").value == -difference.value
    assert found.difference("a", "a").low == found.difference("a", "a").high == 0


def test_an_interval_of_nothing_has_no_ends() -> None:
    assert np.isnan(interval_of(0.5, []).low)
