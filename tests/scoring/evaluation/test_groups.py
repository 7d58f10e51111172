from dataclasses import replace

import numpy as np
import pytest

from tests.scoring.evaluation.made import drawn_sample, sample_of
from vra_tui.scoring.evaluation.groups import EDGES, kinds, units
from vra_tui.scoring.evaluation.metrics import aurak


def test_kinds_are_told_by_quantiles_the_highest_first() -> None:
    sample = sample_of(["good"] * 5 + ["pm"] * 5, alert_id=[1, 1, 1, 1, 1, 2, 3, 4, 5, 6])
    good, pm = kinds(sample, np.array([6.0, 7, 8, 9, 10, 0, 1, 2, 3, 4]))
    assert (good.label, good.rows, good.objects) == ("good", 5, 1)
    assert (pm.label, pm.rows, pm.objects) == ("pm", 5, 5)
    assert good.quantiles[2] == 8
    assert sum(good.histogram) == pytest.approx(1)
    assert good.histogram[-1] == pytest.approx(0.2)
    assert (good.low, good.high) == (0, 0.6)
    assert (pm.low, pm.high) == (0.4, 0)
    assert len(good.histogram) == len(EDGES) - 1


def test_each_unit_has_its_own_recall() -> None:
    sample, score = drawn_sample(200)
    unit = np.where(np.arange(200) < 120, "01a", "05r")
    found = units(replace(sample, unit=unit), score, seed=1, resamples=30)
    assert [one.unit for one in found] == ["01a", "05r"]
    first = sample.where(unit == "01a")
    assert found[0].aurak is not None
    assert found[0].aurak.value == pytest.approx(aurak(score[:120], first.good, first.stream_weight()))
    assert found[0].rows == 120
    assert found[0].good == 30


def test_a_unit_with_few_good_ones_gets_no_figure_but_is_counted() -> None:
    sample, score = drawn_sample(40)
    unit = np.where(np.arange(40) < 8, "05r", "01a")
    found = {one.unit: one for one in units(replace(sample, unit=unit), score, seed=1, resamples=30)}
    assert found["05r"].aurak is None
    assert found["05r"].good == 2
    assert found["01a"].aurak is not None


def test_rows_of_no_known_unit_are_left_out_and_without_units_there_is_no_table() -> None:
    sample, score = drawn_sample(40)
    assert units(sample, score, seed=1, resamples=30) == ()
    assert units(replace(sample, unit=np.full(40, "")), score, seed=1, resamples=30) == ()
