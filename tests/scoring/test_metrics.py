import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.scoring.metrics import STREAM_MIXTURE, aurak, bootstrap_aurak, mixture_weights, recall_at_k

lists = st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=6).filter(
    lambda rows: any(wanted for _, wanted in rows)
)


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
        found = bootstrap_aurak(score, label, 3, mixture=STREAM_MIXTURE, resamples=100)
        return found.low, found.value, found.high

    few, many = interval(80), interval(2000)
    assert few[0] < few[1] < few[2]
    assert many[2] - many[0] < few[2] - few[0]


def test_visits_of_one_object_are_resampled_together() -> None:
    label = np.repeat(["good", "garbage"], 50)
    score = np.concatenate([np.random.default_rng(4).normal(1, 1, 50), np.zeros(50)])
    alone = bootstrap_aurak(score, label, 5, resamples=100)
    grouped = bootstrap_aurak(score, label, 5, group=np.arange(100) // 10, resamples=100)
    assert alone.value == grouped.value
    assert (alone.low, alone.high) != (grouped.low, grouped.high)
