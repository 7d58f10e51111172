from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.synthetic import labelled_rows
from vra_tui.features.table import FeatureTable
from vra_tui.ranking.policy import Policy
from vra_tui.ranking.rank import is_galactic_candidate, rank
from vra_tui.scoring.evaluation.comparison import (
    ComparedAlerts,
    Comparison,
    ModelScores,
    compare,
    rank_correlation,
    score_with,
    shadow_scores,
)
from vra_tui.scoring.model.trained import Scores, load_model


def judged(preal: list[float], pgal: list[float], may_discard: bool = True) -> ModelScores:
    real, galactic = np.array(preal), np.array(pgal)
    unknown = np.full(len(real), np.nan)
    scores = Scores(real, galactic, unknown, rank(real, galactic), is_galactic_candidate(real, galactic))
    return ModelScores(scores, np.full(len(real), may_discard))


def situation(labels: list[str], visit: int = 1) -> ComparedAlerts:
    n = len(labels)
    return ComparedAlerts(
        np.arange(n), np.full(n, visit), np.full(n, np.nan), np.array(labels, dtype=np.str_)
    )


def held_against(a: ModelScores, b: ModelScores, labels: list[str] | None = None) -> Comparison:
    return compare(a, b, situation(labels or [""] * len(a.may_discard)), Policy())


def test_a_model_held_against_itself_differs_in_nothing() -> None:
    same = judged([0.95, 0.5, 0.02], [0.05, 0.5, 0.5])
    found = held_against(same, same)
    assert found.correlation == pytest.approx(1)
    for mask in (found.changed, found.lost, found.gained, found.discarded, found.spared):
        assert not mask.any()


def test_it_says_whom_the_second_model_loses_gains_discards_and_spares() -> None:
    a = judged([0.95, 0.10, 0.90, 0.02, 0.50], [0.05, 0.05, 0.10, 0.60, 0.40])
    b = judged([0.60, 0.95, 0.02, 0.50, 0.50], [0.05, 0.05, 0.60, 0.40, 0.40])
    found = held_against(a, b)
    assert np.flatnonzero(found.lost).tolist() == [0, 2]
    assert np.flatnonzero(found.gained).tolist() == [1]
    assert np.flatnonzero(found.discarded).tolist() == [2]
    assert np.flatnonzero(found.spared).tolist() == [3]
    assert np.flatnonzero(found.changed).tolist() == [0, 1, 2, 3]


def test_losing_and_gaining_change_sides_with_the_models() -> None:
    rng = np.random.default_rng(0)
    a, b = (judged(rng.random(200).tolist(), rng.random(200).tolist()) for _ in range(2))
    there, back = held_against(a, b), held_against(b, a)
    assert np.array_equal(there.lost, back.gained)
    assert np.array_equal(there.discarded, back.spared)
    assert there.correlation == pytest.approx(back.correlation)


def test_the_limits_are_those_of_the_visit() -> None:
    low = judged([0.2], [0.5])
    assert 1.5 < low.scores.rank[0] < 3
    lists = [compare(low, low, situation([""], visit), Policy()).list_a[0] for visit in (1, 3)]
    assert lists == ["purgatory", "garbage"]


def test_what_is_out_of_scope_is_not_discarded() -> None:
    a, b = judged([0.02], [0.6]), judged([0.02], [0.6], may_discard=False)
    assert held_against(a, b).spared.tolist() == [True]


def test_recall_is_told_of_the_labelled_alone() -> None:
    labels = ["good", "garbage", "", "pm", "galactic"]
    right = judged([0.9, 0.1, 0.99, 0.2, 0.3], [0.1] * 5)
    wrong = judged([0.1, 0.9, 0.99, 0.8, 0.7], [0.1] * 5)
    found = held_against(right, wrong, labels)
    assert (found.labelled, found.good) == (4, 1)
    assert (found.recall[0].k, found.recall[0].a, found.recall[0].b) == (1, 1.0, 0.0)
    assert found.aurak == pytest.approx((1.0, 0.25))


@pytest.mark.parametrize("labels", [["", ""], ["good", "good"], ["pm", "garbage"]])
def test_without_good_and_other_labels_there_is_no_recall(labels: list[str]) -> None:
    both = judged([0.9, 0.1], [0.1, 0.1])
    found = held_against(both, both, labels)
    assert (found.recall, found.aurak) == ((), None)


@given(st.lists(st.integers(0, 9), min_size=3, max_size=40))
def test_the_correlation_of_ranks_knows_only_their_order(values: list[int]) -> None:
    first = np.array(values, dtype=float)
    same, turned = rank_correlation(first, np.exp(first)), rank_correlation(first, -first)
    if len(set(values)) > 1:
        assert (same, turned) == (pytest.approx(1), pytest.approx(-1))
    else:
        assert np.isnan(same)
        assert np.isnan(turned)


def test_each_alert_is_judged_at_its_own_stage(trained: Path) -> None:
    model, table = load_model(trained), labelled_rows(40, visits=1, seed=2).table
    is_later = np.arange(40) % 3 == 0
    found = score_with(model, table, is_later).scores.rank
    assert np.array_equal(found[is_later], model.scores(table, "dayN").rank[is_later])
    assert np.array_equal(found[~is_later], model.scores(table, "day1").rank[~is_later])


def test_a_shadow_scores_along_as_if_it_were_in_use(trained: Path) -> None:
    model, table = load_model(trained), labelled_rows().table
    scores, why_not = shadow_scores(model, table, "day1")
    assert why_not is None
    assert scores is not None
    assert np.array_equal(scores.rank, model.scores(table, "day1").rank)


def test_a_shadow_that_lacks_a_column_stops_nothing(trained: Path) -> None:
    table = labelled_rows().table
    poorer = FeatureTable(table.alert_id, table.names[:5], table.values[:, :5])
    scores, why_not = shadow_scores(load_model(trained), poorer, "day1")
    assert scores is None
    assert why_not is not None
    assert "rb_pix" in why_not
