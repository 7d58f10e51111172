from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.evaluation.made import day1_sample, shortened
from tests.scoring.synthetic import labelled_rows
from vra_tui.scoring.evaluation.learning import FURTHEST, fit_power_law, learning_curve
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.scorers import fold_objects, out_of_fold
from vra_tui.scoring.model.trained import load_model

pytestmark = pytest.mark.slow

OBJECTS = np.array([80.0, 160, 280, 400, 600, 800])


@pytest.mark.parametrize("rate", [0.3, 0.5, 1.0])
def test_a_power_law_is_found_again(rate: float) -> None:
    areas = 0.96 - 0.4 * OBJECTS**-rate
    law = fit_power_law(OBJECTS, areas, ceiling=0.97)
    assert law.rate == pytest.approx(rate)
    assert law.at(1600) == pytest.approx(0.96 - 0.4 * 1600**-rate)


@given(st.lists(st.floats(0.4, 0.97), min_size=6, max_size=6))
def test_what_is_foreseen_never_falls_and_never_passes_the_ceiling(areas: list[float]) -> None:
    law = fit_power_law(OBJECTS, np.array(areas), ceiling=0.9725)
    assert law.at(1600) <= 0.9725 + 1e-12
    assert law.at(1600) >= law.at(800) - 1e-12


def test_points_that_fall_foresee_nothing() -> None:
    areas = np.array([0.95, 0.94, 0.93, 0.92, 0.91, 0.90])
    law = fit_power_law(OBJECTS, areas, ceiling=0.9725)
    assert law.at(1600) == law.at(800) == pytest.approx(areas.mean())


def test_more_labels_help_and_twice_as_many_are_foreseen_no_further(trained: Path) -> None:
    told: list[tuple[int, int]] = []
    found = learning_curve(
        shortened(load_model(trained).card.stages["day1"]),
        day1_sample(200),
        None,
        seed=1,
        splits=2,
        resamples=20,
        parts=(0.2, 0.4, 0.7, 1.0),
        progress=lambda *step: told.append(step),
    )
    assert [point.objects for point in found.points] == [32, 64, 112, 160]
    assert found.points[-1].aurak.value > found.points[0].aurak.value
    assert all(point.aurak.low <= point.aurak.value <= point.aurak.high for point in found.points)
    assert found.ahead is not None
    assert found.ahead.objects == FURTHEST * 160
    assert found.ahead.gain.value >= 0
    assert told[-1] == (8, 8)


def test_with_few_labels_small_parts_are_left_out_and_nothing_is_foreseen(trained: Path) -> None:
    stage = shortened(load_model(trained).card.stages["day1"])
    found = learning_curve(
        stage, day1_sample(48), None, seed=1, splits=1, resamples=20, parts=(0.05, 0.1, 1.0)
    )
    assert [point.objects for point in found.points] == [38]
    assert found.ahead is None
    nothing = learning_curve(stage, day1_sample(8), None, seed=1, splits=1, resamples=20)
    assert nothing.points == ()


def test_the_last_point_at_day_n_is_plain_cross_validation(trained: Path) -> None:
    day1, visits = labelled_rows(), labelled_rows(visits=2)
    stage = shortened(load_model(trained).card.stages["dayN"])
    found = learning_curve(
        stage, EvaluationSample("dayN", visits), day1, seed=1, splits=1, resamples=20, parts=(0.5, 1.0)
    )
    whole = out_of_fold(stage, fold_objects(visits, day1, 1), seed=1)(visits.table).rank
    sample = EvaluationSample("dayN", visits)
    assert found.points[-1].objects == 96
    assert found.points[-1].aurak.value == pytest.approx(aurak(whole, sample.good, sample.stream_weight()))
