"""P(fast) is learnt, judged, and put into a model without touching what is there."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.scoring.synthetic import labelled_rows
from vra_tui.config import locations
from vra_tui.features.table import DAYN_FEATURES, FAST_FEATURES, FeatureTable
from vra_tui.pipeline import fast_training
from vra_tui.pipeline.fast_rows import FastRows
from vra_tui.pipeline.fast_training import (
    FastTrainingTask,
    fit_fast,
    judge,
    recall_within,
    row_weights,
    train_fast,
)
from vra_tui.scoring.model.trained import ModelError, load_model
from vra_tui.scoring.training.new_model import NewModel

pytestmark = pytest.mark.slow


def made_rows(n: int = 600, seed: int = 0, *, is_bare: bool = False) -> FastRows:
    """Rows in which the fast rise faster, half of them at each stage."""
    rng = np.random.default_rng(seed)
    speed = np.array(["fast", "normal", "slow", "none"])[rng.integers(0, 4, n)]
    values = rng.normal(0, 1, (n, len(FAST_FEATURES)))
    values[:, FAST_FEATURES.index("rise_from_limit")] += 3.0 * (speed == "fast")
    values[rng.random((n, len(FAST_FEATURES))) < 0.2] = np.nan
    kind = np.where(speed == "fast", "fast_blue", "sn_ia")
    stage = np.where(np.arange(n) % 2, "day1", "dayN")
    table = FeatureTable(np.arange(n), FAST_FEATURES, values)
    return FastRows(table, speed, kind, stage, np.full(n, is_bare), np.full(n, 3.0))


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastTrainingTask:
    monkeypatch.setattr(
        fast_training, "teaching_rows", lambda alerts, seed, progress: made_rows(seed=seed % 97)
    )
    base = locations.shipped("models") / "duck-1"
    model = NewModel(name="mine", folder=tmp_path / "mine", date="2026-01-02")
    return FastTrainingTask(model, base, alerts=600)


def changed(task: FastTrainingTask, **about: Any) -> FastTrainingTask:
    """The task of a model about which that is different."""
    return dataclasses.replace(task, model=dataclasses.replace(task.model, **about))


def test_it_stands_beside_the_other_questions_whose_files_are_as_they_were(task: FastTrainingTask) -> None:
    train_fast(task)
    before, after = load_model(task.base), load_model(task.model.folder)
    after.build()
    assert after.name == "mine"
    for path in [*task.base.glob("*.ubj"), *task.base.glob("*.scope.json")]:
        assert (task.model.folder / path.name).read_bytes() == path.read_bytes()
    for stage in ("day1", "dayN"):
        assert list(after.questions(stage)) == ["preal", "pgal", "pfast"]
        assert {name: after.questions(stage)[name] for name in before.questions(stage)} == before.questions(
            stage
        )
        assert after.questions(stage)["pfast"].feature_set == "vra-fast-1"
        assert after.questions(stage)["pfast"].figures["auc"] > 0.8


def test_a_model_with_it_scores_a_table_with_its_features_and_one_without(task: FastTrainingTask) -> None:
    train_fast(task)
    model = load_model(task.model.folder)
    published = labelled_rows(40, visits=1).table
    assert published.names == DAYN_FEATURES
    without = model.scores(published, "dayN")
    fast = made_rows(40).table
    both = FeatureTable(
        published.alert_id,
        (*published.names, *fast.names),
        np.concatenate([published.values, fast.values], axis=1),
    )
    with_it = model.scores(both, "dayN")
    assert np.isnan(without.pfast).all()
    assert ((with_it.pfast > 0) & (with_it.pfast < 1)).all()
    np.testing.assert_array_equal(with_it.rank, without.rank)


def test_half_a_set_of_its_features_is_refused_by_name(task: FastTrainingTask) -> None:
    train_fast(task)
    published = labelled_rows(4, visits=1).table
    part = FeatureTable(
        published.alert_id,
        (*published.names, "age"),
        np.concatenate([published.values, np.zeros((4, 1))], axis=1),
    )
    with pytest.raises(ModelError, match="rise_from_limit"):
        load_model(task.model.folder).scores(part, "dayN")


def test_a_folder_that_is_there_stays_unless_forced(task: FastTrainingTask) -> None:
    train_fast(task)
    made = (task.model.folder / "card.json").read_bytes()
    with pytest.raises(ModelError, match="--force"):
        train_fast(changed(task, seed=2))
    assert (task.model.folder / "card.json").read_bytes() == made
    train_fast(changed(task, seed=2, force=True))
    assert (task.model.folder / "card.json").read_bytes() != made


def test_a_base_that_is_no_model_and_a_name_that_is_none_are_refused(
    task: FastTrainingTask, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="No model card"):
        train_fast(dataclasses.replace(task, base=tmp_path / "nothing"))
    with pytest.raises(ModelError, match="cannot be the name"):
        train_fast(changed(task, name="../x"))
    assert not task.model.folder.exists()


def test_the_same_rows_and_seed_give_the_same_bytes() -> None:
    one, other = (fit_fast(made_rows(), "day1", seed=4) for _ in range(2))
    assert one.save_raw("ubj") == other.save_raw("ubj")


def test_every_alert_counts_alike_and_the_fast_together_a_share_of_the_others() -> None:
    rows = made_rows()
    twice = FastRows.concatenate([rows, rows.where(rows.speed == "slow")])
    weight = row_weights(twice)
    fast = twice.speed == "fast"
    assert weight.mean() == pytest.approx(1)
    assert weight[fast].sum() == pytest.approx(fast_training.FAST_WEIGHT * weight[~fast].sum())
    normal, slow = (weight[twice.speed == name] for name in ("normal", "slow"))
    assert slow.mean() == pytest.approx(normal.mean() / 2)


def test_a_limit_that_demands_a_steeper_rise_never_speaks_against_fast() -> None:
    booster = fit_fast(made_rows(), "day1", seed=1)
    at = np.tile(made_rows(50, seed=8).table.values, (1, 1))
    column = FAST_FEATURES.index("rise_from_limit")
    before = np.full(len(at), -np.inf)
    for value in np.linspace(-3, 6, 20):
        at[:, column] = value
        now = fast_training.margin(booster, at)
        assert (now >= before - 1e-6).all()
        before = now


def test_the_figures_are_of_rows_that_were_not_taught() -> None:
    booster = fit_fast(made_rows(), "day1", seed=1)
    here, there = made_rows(seed=5), made_rows(seed=6, is_bare=True)
    figures = judge(booster, FastRows.concatenate([here, there]), "day1")
    assert 0.85 < figures["auc"] < 1
    assert set(figures) == {"auc", "recall 10% day 3", "recall 20% day 3"}
    assert figures["recall 10% day 3"] <= figures["recall 20% day 3"]


def test_recall_counts_the_weighted_list() -> None:
    score = np.array([5.0, 4.0, 3.0, 2.0])
    relevant = np.array([True, False, True, False])
    assert recall_within(score, relevant, np.array([1.0, 1.0, 1.0, 1.0]), (0.25, 0.75)) == [0.5, 1.0]
    assert recall_within(score, relevant, np.array([1.0, 8.0, 1.0, 0.0]), (0.1, 0.9)) == pytest.approx(
        [0.5, 0.5]
    )
