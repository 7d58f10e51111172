"""Whether a model had seen the rows it is judged on is found out, and said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.scoring.evaluation.made import shortened
from tests.scoring.synthetic import labelled_rows
from vra_tui.scoring.evaluation.preparation import (
    EvaluationRows,
    columns_to_read,
    day1_rows,
    evaluated_models,
    labels_end,
    trained_on,
    unseen,
    warnings,
)
from vra_tui.scoring.evaluation.report import (
    EvaluationError,
    EvaluationOptions,
    StageReport,
    TrainingOverlap,
    evaluate,
)
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.model.card import LabelsCard
from vra_tui.scoring.model.trained import Model, load_model

QUICK = EvaluationOptions(resamples=20, shuffles=0)


@pytest.fixture
def model(trained: Path) -> Model:
    return load_model(trained)


@pytest.fixture
def material(model: Model) -> EvaluationRows:
    """The very rows that trained the model."""
    checksum = model.card.stages["day1"].data.features_sha256
    return EvaluationRows(EvaluationSample("day1", labelled_rows()), checksums=frozenset({checksum}))


def taught_until(model: Model, last: str) -> Model:
    """The model, its card saying that scanners' labels up to then trained it."""
    labels = LabelsCard(alerts=1, scanners={"me": 1}, first=last, last=last, contested=0, balance="none")
    stages = {name: stage.model_copy(update={"labels": labels}) for name, stage in model.card.stages.items()}
    return replace(model, card=model.card.model_copy(update={"stages": stages}))


def report_of(model: Model, material: EvaluationRows, cross_validate: bool = False) -> StageReport:
    found = evaluated_models(model, None, material, cross_validate=cross_validate, seed=1)
    stage = model.card.stages["day1"]
    return evaluate(material.sample, found, stage, QUICK)


def test_the_table_that_trained_a_model_is_known_again(model: Model, material: EvaluationRows) -> None:
    assert trained_on(model.card, material)
    assert not trained_on(model.card, replace(material, checksums=frozenset({"0" * 64})))
    report = report_of(model, material)
    assert report.seen is TrainingOverlap.TRAINED
    assert "by heart" in warnings(report, model.card.stages["day1"])[0]


def test_cross_validation_is_no_flattery_and_needs_no_warning(model: Model, material: EvaluationRows) -> None:
    honest, flattered = report_of(model, material, cross_validate=True), report_of(model, material)
    assert honest.seen is TrainingOverlap.OUT_OF_FOLD
    assert warnings(honest, model.card.stages["day1"]) == ()
    assert honest.orders[0].stream.aurak.value < flattered.orders[0].stream.aurak.value - 0.005


def test_training_rows_under_another_checksum_are_suspected(model: Model, material: EvaluationRows) -> None:
    stage = model.card.stages["day1"]
    copied = report_of(model, replace(material, checksums=frozenset()))
    assert copied.seen is TrainingOverlap.UNKNOWN
    assert "--trained-on" in warnings(copied, stage)[0]
    fresh = EvaluationRows(EvaluationSample("day1", labelled_rows(seed=9)))
    assert warnings(report_of(model, fresh), stage) == ()


def test_labels_given_before_a_model_was_trained_on_labels_are_left_out(model: Model) -> None:
    taught = taught_until(model, "2026-11-20T06:00:00.000+00:00")
    end = labels_end(taught.card)
    assert end == pytest.approx(61364.25, abs=1e-6)
    decided = np.repeat([end - 1, end, end + 1], 40)
    material = EvaluationRows(EvaluationSample("day1", labelled_rows()), decided_mjd=decided)
    assert trained_on(taught.card, material)
    assert not trained_on(model.card, material)
    later = unseen(material, (model, taught))
    assert len(later.sample) == 40
    assert later.sample.alert_id.tolist() == material.sample.alert_id[80:].tolist()
    assert not trained_on(taught.card, later)
    assert unseen(material, (model,)).sample.alert_id.tolist() == material.sample.alert_id.tolist()


def test_the_other_model_is_grown_anew_only_where_the_rows_trained_it(
    model: Model, material: EvaluationRows
) -> None:
    stages = {name: shortened(stage) for name, stage in model.card.stages.items()}
    model = replace(model, card=model.card.model_copy(update={"stages": stages}))
    both = evaluated_models(model, model, material, cross_validate=True, seed=1)
    assert [one.seen for one in both] == [TrainingOverlap.OUT_OF_FOLD] * 2
    assert both[0].name != both[1].name
    elsewhere = replace(material, checksums=frozenset())
    both = evaluated_models(model, model, elsewhere, cross_validate=True, seed=1)
    assert [one.seen for one in both] == [TrainingOverlap.OUT_OF_FOLD, TrainingOverlap.UNKNOWN]


def test_day_n_is_not_grown_without_the_rows_of_the_first_look() -> None:
    visits = EvaluationSample("dayN", labelled_rows(visits=2))
    with pytest.raises(EvaluationError, match="--day1-features"):
        day1_rows(EvaluationRows(visits), "--cross-validate")
    assert day1_rows(EvaluationRows(visits, labelled_rows()), "--cross-validate") is not None
    assert day1_rows(EvaluationRows(EvaluationSample("day1", labelled_rows())), "--cross-validate") is None


def test_a_table_needs_what_the_models_and_the_simple_alternatives_see(model: Model) -> None:
    columns = columns_to_read((model,), "dayN")
    assert {"rb_pix", "dayN", "log10_sep_arcsec", "ra"} <= set(columns)
    assert len(columns) == len(set(columns))


def test_too_few_labels_are_not_grown_from(model: Model) -> None:
    with pytest.raises(EvaluationError, match="Too few labels"):
        evaluated_models(
            model,
            None,
            EvaluationRows(EvaluationSample("day1", labelled_rows(30))),
            cross_validate=True,
            seed=1,
        )


@pytest.mark.parametrize("name", ["logistic", "rb_pix"])
def test_a_model_named_like_a_simple_alternative_is_told_from_it(name: str, model: Model) -> None:
    named = replace(model, card=model.card.model_copy(update={"name": name}))
    material = EvaluationRows(EvaluationSample("day1", labelled_rows()))
    found = evaluated_models(named, named, material, cross_validate=False, seed=1)
    assert [one.name for one in found] == [f"{name} (model)", f"{name} (other)"]
    report = evaluate(material.sample, found, model.card.stages["day1"], QUICK)
    assert len({order.name for order in report.orders}) == 4
