from pathlib import Path

import numpy as np
import pytest

from tests.scoring.evaluation.made import sample_of
from tests.scoring.synthetic import labelled_rows
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.evaluation.report import (
    LOGISTIC,
    RB_PIX,
    EvaluatedModel,
    EvaluationError,
    EvaluationOptions,
    StageReport,
    TrainingOverlap,
    evaluate,
    require_evaluable,
)
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.scorers import Probabilities, model_scorer
from vra_tui.scoring.model.trained import load_model


@pytest.fixture(scope="module")
def report(trained: Path) -> StageReport:
    model = load_model(trained)
    evaluated = EvaluatedModel("made-up", model_scorer(model, "day1"), TrainingOverlap.UNKNOWN)
    sample = EvaluationSample("day1", labelled_rows(200, seed=5))
    return evaluate(
        sample, (evaluated,), model.card.stages["day1"], EvaluationOptions(resamples=50, shuffles=1)
    )


def test_the_model_stands_beside_the_simple_alternatives(report: StageReport) -> None:
    assert [order.name for order in report.orders] == ["made-up", LOGISTIC, RB_PIX]
    by_name = {order.name: order.stream.aurak.value for order in report.orders}
    sample = EvaluationSample("day1", labelled_rows(200, seed=5))
    rb_pix = aurak(sample.rows.table.column("rb_pix"), sample.good, sample.stream_weight())
    assert by_name[RB_PIX] == pytest.approx(rb_pix)
    assert report.random < by_name[RB_PIX] < by_name["made-up"] < report.perfect
    assert report.perfect == pytest.approx(1 - 0.055 / 0.997 / 2)


def test_what_is_not_asked_for_is_not_computed(report: StageReport) -> None:
    assert report.learning is None
    assert report.units == ()
    assert report.importances


def test_the_logistic_regression_never_saw_whom_it_orders(trained: Path) -> None:
    model = load_model(trained)
    rows = labelled_rows(160, seed=6)
    shuffled = EvaluationSample(
        "day1", type(rows)(rows.table, np.random.default_rng(2).permutation(rows.label))
    )
    evaluated = EvaluatedModel("made-up", model_scorer(model, "day1"), TrainingOverlap.UNKNOWN)
    found = evaluate(
        shuffled, (evaluated,), model.card.stages["day1"], EvaluationOptions(resamples=20, shuffles=0)
    )
    logistic = next(order for order in found.orders if order.name == LOGISTIC)
    assert logistic.stream.aurak.value < 0.58


def test_the_good_ones_that_stand_lowest_are_named_by_their_best_row(trained: Path) -> None:
    rows = labelled_rows(8, visits=2)
    label = np.repeat(["good", "good", *["garbage"] * 6], 2)
    preal = np.array([0.1, 0.9, 0.2, 0.3, *np.linspace(0.31, 0.8, 12)])
    sample = EvaluationSample("dayN", type(rows)(rows.table, label))
    evaluated = EvaluatedModel(
        "x", lambda table: Probabilities(preal, np.zeros(len(table))), TrainingOverlap.UNKNOWN
    )
    stage = load_model(trained).card.stages["dayN"]
    found = evaluate(sample, (evaluated,), stage, EvaluationOptions(resamples=20, shuffles=0)).missed
    assert [one.object_id for one in found] == [str(rows.table.alert_id[row]) for row in (2, 0)]
    assert found[0].place > 0.8
    assert found[1].place == 0


@pytest.mark.parametrize(
    ("label", "says"), [(["pm", "pm"], "none of them good"), (["good", "AGN"], "none of another label")]
)
def test_without_good_ones_and_others_nothing_is_evaluated(label: list[str], says: str) -> None:
    with pytest.raises(EvaluationError, match=says):
        require_evaluable(sample_of(label))
