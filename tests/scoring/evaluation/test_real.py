"""On the real rows the recipe of the shipped model does what its card says, and trees buy something."""

from pathlib import Path

from vra_tui.scoring.evaluation.preparation import (
    EvaluationRows,
    columns_to_read,
    evaluated_models,
    stage_of,
    trained_on,
)
from vra_tui.scoring.evaluation.report import LOGISTIC, RB_PIX, EvaluationOptions, evaluate
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.tables import read_rows
from vra_tui.scoring.model.library import shipped_default
from vra_tui.scoring.model.trained import load_model


def test_the_shipped_recipe_out_of_fold_does_what_its_card_says(real_data: Path) -> None:
    model, folder = load_model(shipped_default()), real_data / "vra_duck"
    columns = columns_to_read((model,), "day1")
    read = read_rows(folder / "X_train_day1.csv", folder / "y_train_day1.csv", columns, print)
    material = EvaluationRows(EvaluationSample("day1", read.rows), checksums=frozenset({read.sha256}))
    assert trained_on(model.card, material)
    stage = stage_of(model, "day1")
    found = evaluated_models(model, None, material, cross_validate=True, seed=1)
    report = evaluate(material.sample, found, stage, EvaluationOptions(resamples=100, shuffles=0))
    aurak = {order.name: order.stream.aurak for order in report.orders}
    assert stage.validation is not None
    known = stage.validation.aurak["rank"]
    assert abs(aurak[model.name].value - known.mean) < 4 * known.spread
    assert aurak[RB_PIX].high < aurak[LOGISTIC].low
    against = {one.other: one.stream for one in report.differences}
    assert against[LOGISTIC].low > 0.01
