import numpy as np
import pytest

from vra_tui.features.table import FeatureTable
from vra_tui.scoring.evaluation.importance import importances
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.scorers import Probabilities
from vra_tui.scoring.training.boosters import LabelledRows


@pytest.fixture
def sample() -> EvaluationSample:
    rng = np.random.default_rng(2)
    label = np.array(["good", "garbage"] * 150)
    tells = rng.normal(size=300) + 2 * (label == "good")
    values = np.column_stack([rng.normal(size=300), tells, tells])
    return EvaluationSample(
        "day1", LabelledRows(FeatureTable(np.arange(300), ("noise", "tells", "echo"), values), label)
    )


def by_tells(table: FeatureTable) -> Probabilities:
    tells = table.column("tells")
    return Probabilities(1 / (1 + np.exp(-tells)), np.zeros(len(table)))


def test_a_column_that_decides_matters_and_one_that_is_not_looked_at_does_not(
    sample: EvaluationSample,
) -> None:
    found = importances(sample, by_tells, ("noise", "tells", "echo"), seed=1, repeats=4)
    assert found[0].column == "tells"
    assert found[0].drop > 0.1
    assert found[0].spread > 0
    assert {one.column: one.drop for one in found}["noise"] == 0


def test_a_seed_gives_the_same_figures_and_the_rows_are_left_as_they_are(sample: EvaluationSample) -> None:
    before = sample.rows.table.values.copy()
    first, second = (importances(sample, by_tells, ("tells",), seed=5, repeats=2) for _ in range(2))
    assert first == second
    assert np.array_equal(before, sample.rows.table.values)


def test_progress_is_told_column_by_column(sample: EvaluationSample) -> None:
    told: list[tuple[int, int]] = []
    importances(
        sample, by_tells, ("noise", "tells"), seed=1, repeats=1, progress=lambda *step: told.append(step)
    )
    assert told == [(1, 2), (2, 2)]
