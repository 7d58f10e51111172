"""Few labels upon the starter: what may teach, what is believed before, and what is judged unseen."""

from dataclasses import replace

import numpy as np
import pytest

from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.evaluation.metrics import Interval
from vra_tui.scoring.model.questions import PREAL, QUESTIONS
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.evening import RIVALS, Evening, reckon
from vra_tui.scoring.training.few_labels import (
    Prior,
    believed,
    cross_validate_few,
    few_labels_recipe,
    survey_score,
    usable_features,
)

KNOWN = {
    "score_latest": (0, 1), "object_score": (0, 1), "n_detections": (1, 20), "n_detections_told": (1, 50),
    "galactic_latitude_deg": (0, 90), "position_scatter_arcsec": (0.1, 1), "host_separation_arcsec": (0, 9),
    "n_nights": (1, 5), "mag_latest": (18, 22),
}  # fmt: skip


def made(n=200, seed=1, decides="n_detections"):
    """Rows whose label hangs on one feature and latitude alone; the score says nothing."""
    rng = np.random.default_rng(seed)
    values = np.full((n, len(STREAM_1)), np.nan)
    for name, (low, high) in KNOWN.items():
        values[:, STREAM_1.index(name)] = rng.uniform(low, high, n)
    table = FeatureTable(np.arange(n) + 1, STREAM_1, values)
    low, high = KNOWN[decides]
    is_real = table.column(decides) > (low + high) / 2
    in_plane = table.column("galactic_latitude_deg") < 40
    label = np.where(is_real, np.where(in_plane, "galactic", "good"), np.where(in_plane, "pm", "garbage"))
    return LabelledRows(table, label)


def folded(rows, **other):
    prior = Prior.taught("lsst", rows.table, seed=1)
    known = {question.name: prior.log_odds(question, rows.table) for question in QUESTIONS}
    return cross_validate_few(rows, known, few_labels_recipe(rows.table), seed=1, repeats=1, **other)


def test_what_a_survey_tells_of_later_and_what_no_row_knows_teach_nothing():
    names = usable_features(made().table)
    assert set(names) == set(KNOWN) - {"n_detections_told", "object_score"}


def test_without_scores_of_single_detections_that_of_the_object_serves():
    table = made().table
    table.values[:, STREAM_1.index("score_latest")] = np.nan
    assert "object_score" in usable_features(table)
    np.testing.assert_array_equal(survey_score(table), table.column("object_score"))


def test_the_prior_orders_as_the_starter_does():
    table = made(1_000).table
    prior = Prior.taught("lsst", table, seed=1).log_odds(PREAL, table)
    rule = believed("lsst", table)["preal"]
    assert np.corrcoef(np.argsort(np.argsort(prior)), np.argsort(np.argsort(rule)))[0, 1] > 0.97


def test_no_object_is_judged_by_trees_that_saw_it():
    # The label is a coin's toss: trees that knew their rows would be right.
    rows = made(400)
    rng = np.random.default_rng(3)
    tossed = LabelledRows(rows.table, rng.permutation(rows.label))
    real = np.isin(tossed.label, PREAL.positive)
    right = (folded(tossed).preal[0] > 0.5) == real
    assert 0.4 < right.mean() < 0.6


def test_half_of_the_labels_teach_less_and_the_same_labels_the_same():
    rows = made(160)
    whole, half = folded(rows), folded(rows, share=0.5)
    real = np.isin(rows.label, PREAL.positive)
    assert np.abs(whole.preal[0] - real).mean() < np.abs(half.preal[0] - real).mean()
    np.testing.assert_array_equal(folded(rows).preal, whole.preal)


@pytest.fixture(scope="module")
def evening() -> Evening:
    rows = made(160)
    return reckon("lsst", rows, rows.table, repeats=1)


def test_an_evening_says_by_how_much_the_model_is_ahead_of_what_is_simpler(evening: Evening):
    assert set(evening.rivals) == set(evening.ahead) == set(RIVALS)
    assert evening.ahead["score"].low > 0.1
    assert evening.objects == 160
    said = evening.words()
    assert "lsst: 160 labels" in said
    assert "the model is better by" in said
    assert "a logistic regression on five features" in said


def test_an_evening_survives_its_row_in_the_store(evening: Evening):
    assert Evening.from_json(evening.as_json()) == evening
    with pytest.raises((TypeError, KeyError)):
        Evening.from_json({"model": 3})


@pytest.mark.parametrize(
    ("doubling", "verdict"),
    [
        (Interval(0.01, 0.004, 0.02), "more labels would help."),
        (Interval(0.001, 0.0004, 0.002), "more labels would help little."),
        (Interval(0.01, -0.004, 0.02), "whether more would help cannot be told."),
        (Interval(-0.01, -0.02, -0.004), "more labels of this kind do harm; look at them again."),
    ],
)
def test_whether_more_labels_would_help_is_said_by_the_latest_doubling(evening, doubling, verdict):
    assert replace(evening, doubling=doubling).words().endswith(verdict)


def test_something_simpler_that_does_as_well_or_better_is_named(evening: Evening):
    as_good = {**evening.ahead, "five": Interval(0.0, -0.01, 0.01)}
    better = {**evening.ahead, "five": Interval(-0.02, -0.03, -0.01)}
    assert "not worth its trees yet" in replace(evening, ahead=as_good).words()
    assert "BETTER than the model by 0.010 to 0.030" in replace(evening, ahead=better).words()
