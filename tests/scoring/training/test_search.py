import numpy as np
import pytest

from tests.scoring.synthetic import labelled_rows
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, aurak, mixture_weights
from vra_tui.scoring.training import search
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.recipes import SHIPPED
from vra_tui.scoring.training.search import DAY1_SPACE, drawn, grid, search_day1, search_dayn
from vra_tui.scoring.training.validation import cross_validate

pytestmark = pytest.mark.slow


#: Trees that cannot order anything: no leaf may ever be split.
BLUNT = {"eta": 0.1, "max_depth": 1, "min_child_weight": 1e9, "lambda": 3}
FEW = SHIPPED.with_trees(day1={"rounds": 20}, dayN={"rounds": 10})


def test_the_grid_holds_every_combination_but_for_the_rounds() -> None:
    tried = grid({"eta": (0.1, 0.2), "max_depth": (1, 2, 3), "rounds": (10, 20)})
    assert len(tried) == 6
    assert {"eta": 0.2, "max_depth": 3} in tried


def test_random_settings_repeat_with_the_seed_and_stay_within_bounds() -> None:
    assert drawn(5, 1) == drawn(5, 1) != drawn(5, 2)
    for trees in drawn(200, 3):
        assert trees.keys() == search.DRAWN.keys()
        assert isinstance(trees["max_depth"], int)
        assert all(low <= trees[name] <= high for name, (low, high) in search.DRAWN.items())


def test_trees_that_order_nothing_do_not_replace_the_recipes_own() -> None:
    found = search_day1(labelled_rows(80), [BLUNT], [10], seed=1, recipes=FEW)
    assert dict(found.trees) == {}
    assert found.aurak == found.aurak_of_recipe


def test_the_figure_of_the_recipe_is_that_of_cross_validation_on_the_same_folds() -> None:
    day1, visits = labelled_rows(100), labelled_rows(100, visits=2)
    first = search_day1(day1, [], [], seed=4, recipes=FEW)
    later = search_dayn(day1, visits, [], [], seed=4, recipes=FEW)
    folded = (
        cross_validate(day1, seed=4, repeats=1, recipes=FEW),
        cross_validate(day1, visits, seed=4, repeats=1, recipes=FEW),
    )
    for found, rows, out in zip((first, later), (day1, visits), folded, strict=True):
        weight = mixture_weights(rows.label, STREAM_MIXTURE)
        np.testing.assert_allclose(found.aurak_of_recipe, aurak(out.rank[0], rows.label == "good", weight))


def test_fewer_rounds_are_judged_as_a_booster_of_that_many_is() -> None:
    rows = labelled_rows(100)
    better = {"eta": 0.1, "max_depth": 3, "min_child_weight": 1}
    blunt = SHIPPED.with_trees(day1={**BLUNT, "rounds": 1})
    found = search_day1(rows, [better], [5, 15, 25], seed=2, recipes=blunt)
    chosen = blunt.with_trees(day1=found.trees)
    folded = cross_validate(rows, seed=2, repeats=1, recipes=chosen)
    weight = mixture_weights(rows.label, STREAM_MIXTURE)
    assert found.trees["rounds"] in (5, 15, 25)
    np.testing.assert_allclose(found.aurak, aurak(folded.rank[0], rows.label == "good", weight))
    assert found.tried == 3


def test_the_search_of_the_visits_finds_better_trees_than_blunt_ones() -> None:
    day1, visits = labelled_rows(100), labelled_rows(100, visits=3)
    # Where the first look knows nothing, the visits are all there is.
    blunt = SHIPPED.with_trees(day1={**BLUNT, "rounds": 1}, dayN={**BLUNT, "rounds": 1})
    candidate = {"eta": 0.1, "max_depth": 2, "min_child_weight": 1, "lambda": 5}
    steps: list[tuple[int, int]] = []
    found = search_dayn(
        day1, visits, [candidate], [20], seed=1, recipes=blunt, progress=lambda *step: steps.append(step)
    )
    assert found.trees == {**candidate, "rounds": 20}
    assert found.aurak > found.aurak_of_recipe
    assert steps == [(1, 1)]


def test_what_is_not_judged_does_not_enter_the_figure() -> None:
    rows = labelled_rows(80)
    own = rows.table.alert_id[:60]
    spoilt = np.where(np.isin(rows.table.alert_id, own), rows.label, "good")
    far = LabelledRows(rows.table, spoilt)
    found = search_day1(far, [], [], seed=1, recipes=FEW, judged=own)
    folded = cross_validate(far, seed=1, repeats=1, recipes=FEW, judged=own)
    assert folded.rank.shape == (1, 60)
    weight = mixture_weights(rows.label[:60], STREAM_MIXTURE)
    np.testing.assert_allclose(
        found.aurak_of_recipe, aurak(folded.rank[0], rows.label[:60] == "good", weight)
    )


def test_the_rounds_of_the_grid_do_not_multiply_the_work() -> None:
    assert "rounds" in DAY1_SPACE
    assert all("rounds" not in trees for trees in grid(DAY1_SPACE))
