"""Recent alerts against training rows of which only quantiles are kept."""

import numpy as np
import pytest

from vra_tui.scoring.drift.training import against_training, compare_with_training, training_weights
from vra_tui.scoring.model.library import shipped_default
from vra_tui.scoring.model.scope_summary import KNOTS, PROBABILITIES
from vra_tui.scoring.model.trained import load_model


@pytest.fixture(scope="module")
def model():
    return load_model(shipped_default())


def test_rows_like_the_training_rows_do_not_differ():
    values = np.random.default_rng(1).standard_normal(5000)
    found = compare_with_training(KNOTS, 0.0, values, np.ones(5000))
    assert found.psi < 0.01
    assert found.distance < 0.03


def test_a_shift_and_missing_values_show():
    values = np.random.default_rng(1).standard_normal(5000) + 1
    assert compare_with_training(KNOTS, 0.0, values, np.ones(5000)).distance == pytest.approx(0.38, abs=0.03)
    values[:2500] = np.nan
    found = compare_with_training(KNOTS, 0.1, values, np.ones(5000))
    assert (found.missing_before, found.missing_now) == (0.1, pytest.approx(0.5))
    assert found.psi > 1


def test_counts_are_compared_where_they_can_lie():
    counts = np.random.default_rng(2).poisson(4.0, 20_000).astype(float)
    quantiles = np.quantile(counts, PROBABILITIES, method="inverted_cdf")
    assert compare_with_training(quantiles, 0.0, counts, np.ones(len(counts))).psi < 0.05


def test_a_stream_with_fewer_real_ones_is_weighted_back_to_the_training_rows(model):
    rng = np.random.default_rng(3)
    objects = model.card.stages["day1"].data.objects
    trained = (objects["good"] + objects["galactic"] + objects["AGN"]) / sum(objects.values())
    real = rng.random(20_000) < 0.1
    score = rng.normal(np.where(real, 1.0, -1.0), 1.0)
    # P(real) as trees taught on the training shares would give it.
    preal = 1 / (1 + (1 - trained) / trained * np.exp(-2 * score))
    weight = training_weights(model, preal, "day1")
    assert weight.mean() == pytest.approx(1)
    assert np.average(preal) < trained - 0.15
    assert np.average(preal, weights=weight) == pytest.approx(trained, abs=0.02)
    assert np.average(score, weights=weight) == pytest.approx(2 * trained - 1, abs=0.03)


def test_a_feature_without_a_summary_and_no_rows_are_left_out(model):
    values = {"rb_pix": np.array([0.5, 0.9]), "unheard_of": np.array([1.0, 2.0])}
    assert set(against_training(model, "day1", values, np.array([0.2, 0.8]))) == {"rb_pix"}
    assert against_training(model, "day1", {"rb_pix": np.empty(0)}, np.empty(0)) == {}
