import numpy as np
import pytest

from tests.scoring.synthetic import labelled_rows
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.logistic import FIVE_FEATURES, fit_logistic


def rows_of(
    columns: dict[str, np.ndarray], good: np.ndarray, alert_id: np.ndarray | None = None
) -> LabelledRows:
    ids = np.arange(len(good)) if alert_id is None else alert_id
    table = FeatureTable(ids, tuple(columns), np.column_stack(list(columns.values())))
    return LabelledRows(table, np.where(good, "good", "garbage"))


@pytest.fixture
def drawn() -> LabelledRows:
    """Log-odds of 1 + 2a; b says nothing."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 20_000))
    return rows_of({"a": a, "b": b}, rng.random(20_000) < 1 / (1 + np.exp(-1 - 2 * a)))


def test_the_law_that_drew_the_labels_is_found_again(drawn: LabelledRows) -> None:
    fitted = fit_logistic(drawn, features=("a", "b"))
    asked = FeatureTable(np.arange(3), ("a", "b"), np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    assert fitted.log_odds(asked) == pytest.approx([1, 3, 1], abs=0.1)


def test_at_the_solution_the_slope_is_what_the_ridge_holds_against(drawn: LabelledRows) -> None:
    fitted = fit_logistic(drawn, features=("a",))
    share = 1 / (1 + np.exp(-fitted.log_odds(drawn.table)))
    scaled = (drawn.table.column("a") - fitted.mean) / fitted.spread
    assert scaled @ ((drawn.label == "good") - share) == pytest.approx(fitted.coefficient[1], abs=1e-4)


def test_that_a_value_is_missing_is_itself_a_feature() -> None:
    rng = np.random.default_rng(4)
    good = rng.random(500) < 0.5
    value = np.where(good & (rng.random(500) < 0.8), np.nan, rng.normal(size=500))
    rows = rows_of({"a": value}, good)
    fitted = fit_logistic(rows, features=("a",))
    missing, present = fitted.log_odds(FeatureTable(np.arange(2), ("a",), np.array([[np.nan], [0.0]])))
    assert missing > 2 > 0 > present


def test_an_object_counts_once_however_many_rows_it_has() -> None:
    rng = np.random.default_rng(5)
    value = rng.normal(size=200)
    good = rng.random(200) < 1 / (1 + np.exp(-value))
    ids = np.arange(200)
    times = np.where(value > 1, 7, 1)
    once = rows_of({"a": value}, good, ids)
    often = rows_of({"a": np.repeat(value, times)}, np.repeat(good, times), np.repeat(ids, times))
    first, second = (fit_logistic(rows, features=("a",)) for rows in (once, often))
    # Standardised by other means and spreads, so the ridge pulls a little differently; the law is the same.
    assert second.log_odds(once.table) == pytest.approx(first.log_odds(once.table), abs=0.05)


def test_labels_that_one_feature_parts_cleanly_still_give_an_answer() -> None:
    value = np.arange(40.0)
    fitted = fit_logistic(rows_of({"a": value}, value > 19), features=("a",))
    assert np.all(np.isfinite(fitted.coefficient))
    assert np.all(np.diff(fitted.log_odds(rows_of({"a": value}, value > 19).table)) > 0)


def test_a_column_without_any_value_teaches_nothing() -> None:
    rng = np.random.default_rng(6)
    value = rng.normal(size=100)
    rows = rows_of({"a": value, "b": np.full(100, np.nan)}, value > 0)
    fitted = fit_logistic(rows, features=("a", "b"))
    assert np.all(np.isfinite(fitted.log_odds(rows.table)))


def test_five_features_order_made_up_alerts_better_than_rb_pix_alone() -> None:
    known, asked = labelled_rows(400, seed=1), labelled_rows(400, seed=2)
    score = fit_logistic(known).log_odds(asked.table)
    good = asked.label == "good"
    assert len(FIVE_FEATURES) == 5
    assert aurak(score, good) > aurak(asked.table.column("rb_pix"), good) + 0.01
