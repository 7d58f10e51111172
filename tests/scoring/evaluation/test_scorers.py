from pathlib import Path

import numpy as np
import pytest

from tests.scoring.evaluation.made import shortened
from tests.scoring.synthetic import labelled_rows
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.evaluation.scorers import (
    columns_used,
    fold_objects,
    grow,
    model_scorer,
    out_of_fold,
    recipes_of,
)
from vra_tui.scoring.model.trained import Model, load_model
from vra_tui.scoring.training.recipes import DAY1_RECIPES, DAYN_RECIPES
from vra_tui.scoring.training.validation import cross_validate


@pytest.fixture(scope="module")
def model(trained: Path) -> Model:
    return load_model(trained)


def test_the_recipe_on_a_card_is_the_one_that_the_model_was_made_by(model: Model) -> None:
    recipes = recipes_of(model.card.stages["dayN"])
    for name, recipe in recipes.day1.items():
        wanted = DAY1_RECIPES[name]
        assert (recipe.features, recipe.rounds) == (wanted.features, wanted.rounds)
        assert dict(recipe.parameters) == dict(wanted.parameters)
        assert dict(recipe.monotone) == dict(wanted.monotone)
    assert set(recipes.dayN) == set(DAYN_RECIPES)


@pytest.mark.parametrize("stage", ["day1", "dayN"])
def test_grown_on_the_same_rows_with_the_same_seed_it_is_the_model_itself(model: Model, stage: str) -> None:
    day1, visits = labelled_rows(), labelled_rows(visits=3)
    rows = day1 if stage == "day1" else visits
    card = model.card.stages[stage]
    again = grow(card, rows, day1 if stage == "dayN" else None, seed=model.card.seed)
    given, wanted = again(rows.table), model_scorer(model, stage)(rows.table)
    assert np.array_equal(given.preal, wanted.preal)
    assert np.array_equal(given.pgal, wanted.pgal)


def test_out_of_fold_is_what_cross_validation_has_found(model: Model) -> None:
    day1, visits = labelled_rows(), labelled_rows(visits=3)
    stage = shortened(model.card.stages["dayN"])
    recipes = recipes_of(stage)
    first = out_of_fold(shortened(model.card.stages["day1"]), fold_objects(day1, None, 3), seed=3)
    wanted = cross_validate(day1, seed=3, repeats=1, recipes=recipes)
    assert first(day1.table).rank == pytest.approx(wanted.rank[0])
    later = out_of_fold(stage, fold_objects(visits, day1, 3), seed=3)
    wanted = cross_validate(day1, visits, seed=3, repeats=1, recipes=recipes)
    assert later(visits.table).rank == pytest.approx(wanted.rank[0])


def test_no_object_is_judged_by_trees_that_saw_it(model: Model) -> None:
    day1, visits = labelled_rows(), labelled_rows(visits=3)
    folds = fold_objects(visits, day1, 1)
    for fold in folds:
        rows, first = folds.known(fold)
        asked = visits.table.alert_id[folds.of_row == fold]
        assert len(asked)
        assert first is not None
        assert not np.isin(asked, rows.table.alert_id).any()
        assert not np.isin(asked, first.table.alert_id).any()


def test_labels_that_say_nothing_are_learned_by_heart_and_not_found_again_out_of_fold(model: Model) -> None:
    rows = labelled_rows(200, seed=4)
    shuffled = type(rows)(rows.table, np.random.default_rng(1).permutation(rows.label))
    card, good = model.card.stages["day1"], shuffled.label == "good"
    knows = aurak(grow(card, shuffled, None, seed=1)(rows.table).rank, good)
    honest = aurak(out_of_fold(card, fold_objects(shuffled, None, 1), seed=1)(rows.table).rank, good)
    assert knows > 0.7
    assert honest < 0.62


def test_the_columns_used_are_those_of_the_table_and_not_what_is_derived(model: Model) -> None:
    used = columns_used(model.card.stages["day1"])
    assert "rb_pix" in used
    assert "abs_gal_lat" not in used
    assert {"ra", "dec"} <= set(used)
