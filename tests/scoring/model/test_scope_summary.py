import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.scope_summary import ScopeSummary, measure_rows
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.scope_making import summarise_scope

NAMES = ("DET_Nsince_min5d", "NON_Nsince_min5d", "z")
LABELS = np.array(["good", "galactic", "garbage", "pm"])


def draw(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Three columns: two that go closely together, and one that nine in ten rows lack."""
    first = rng.normal(10, 2, n)
    return np.column_stack(
        [first, first + rng.normal(0, 0.3, n), np.where(rng.random(n) < 0.9, np.nan, rng.random(n))]
    )


@pytest.fixture(scope="module")
def summary() -> ScopeSummary:
    rows = draw(np.random.default_rng(0), 1000)
    table = FeatureTable(np.arange(1000), NAMES, rows)
    return summarise_scope(LabelledRows(table, np.tile(LABELS, 250)), NAMES, seed=1)


def test_rows_drawn_like_the_training_rows_are_nearly_all_inside(summary: ScopeSummary) -> None:
    measure = measure_rows(summary, draw(np.random.default_rng(1), 20_000)).measure
    assert 0.002 < np.mean(measure > 1) < 0.03


def test_a_value_beyond_all_others_is_outside_and_named_with_the_end(summary: ScopeSummary) -> None:
    found = measure_rows(summary, np.array([[500.0, 10.0, np.nan]]))
    assert found.measure[0] > 10
    assert found.outside[0].tolist() == [True, False, False]
    assert found.ends[0, 0] == summary.quantiles[0][-1]
    assert np.isnan(found.ends[0, 1:]).all()


def test_values_that_do_not_belong_together_are_outside_though_each_is_usual(summary: ScopeSummary) -> None:
    apart = measure_rows(summary, np.array([[7.0, 13.0, np.nan], [7.0, 7.0, np.nan]]))
    assert apart.measure[0] > 1 > apart.measure[1]
    assert apart.outside[0].tolist() == apart.together[0].tolist() == [True, True, False]


def test_a_missing_value_is_outside_only_where_the_training_rows_never_miss_it(
    summary: ScopeSummary,
) -> None:
    common, never = measure_rows(summary, np.array([[10.0, 10.0, np.nan], [np.nan, 10.0, np.nan]])).single
    assert common < 1
    assert never > 3


def test_what_is_missing_takes_no_part_in_how_values_go_together(summary: ScopeSummary) -> None:
    alone = summary.model_copy(
        update={
            "features": NAMES[:2],
            "quantiles": summary.quantiles[:2],
            "missing": summary.missing[:2],
            "correlation": tuple(row[:2] for row in summary.correlation[:2]),
        }
    )
    rows = draw(np.random.default_rng(2), 50)
    rows[:, 2] = np.nan
    assert measure_rows(summary, rows).joint == pytest.approx(measure_rows(alone, rows[:, :2]).joint)


def test_objects_with_many_visits_count_once(summary: ScopeSummary) -> None:
    rng = np.random.default_rng(3)
    rows = draw(rng, 400)
    often = np.concatenate([rows, np.tile([[60.0, 60.0, 0.5]], (400, 1))])
    owner = np.concatenate([np.arange(400), np.full(400, 400)])
    labels = np.concatenate([np.tile(LABELS, 100), np.full(400, "pm")])
    found = summarise_scope(LabelledRows(FeatureTable(owner, NAMES, often), labels), NAMES, seed=1)
    assert found.objects == 401
    assert found.quantiles[0][12] == pytest.approx(np.median(rows[:, 0]), abs=0.2)


def test_the_same_rows_and_seed_give_the_same_summary() -> None:
    rows = LabelledRows(
        FeatureTable(np.arange(200), NAMES, draw(np.random.default_rng(4), 200)), np.tile(LABELS, 50)
    )
    assert summarise_scope(rows, NAMES, seed=5) == summarise_scope(rows, NAMES, seed=5)


def test_negative_flux_of_a_usual_magnitude_is_inside_and_a_bright_star_is_not() -> None:
    name = ("DET_mag_median_min5d",)
    rng = np.random.default_rng(6)
    mag = rng.normal(18, 1, (1000, 1)) * np.where(rng.random((1000, 1)) < 0.01, -1, 1)
    rows = LabelledRows(FeatureTable(np.arange(1000), name, mag), np.tile(LABELS, 250))
    found = measure_rows(summarise_scope(rows, name, seed=1), np.array([[-18.0], [18.0], [5.0]]))
    assert (found.measure > 1).tolist() == [False, False, True]


@given(values=st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=3, max_size=3))
def test_any_row_has_a_finite_measure_and_is_outside_by_some_feature(
    summary: ScopeSummary, values: list[float]
) -> None:
    found = measure_rows(summary, np.array([values]))
    assert np.isfinite(found.measure).all()
    assert (found.measure > 1)[0] == found.outside[0].any()


def test_a_summary_whose_parts_do_not_fit_is_refused(summary: ScopeSummary) -> None:
    with pytest.raises(ValidationError, match="do not fit"):
        ScopeSummary(**{**summary.model_dump(), "missing": (0.0,)})
