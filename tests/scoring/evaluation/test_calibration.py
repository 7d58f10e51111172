import numpy as np
import pytest

from tests.scoring.evaluation.made import answers_of, sample_of
from vra_tui.scoring.evaluation.calibration import calibrations


def test_a_probability_that_keeps_its_word_has_no_error() -> None:
    label = ["good"] * 8 + ["garbage"] * 2 + ["good"] * 2 + ["garbage"] * 8
    preal, _ = calibrations(sample_of(label), answers_of([0.8] * 10 + [0.2] * 10))
    assert [part.rows for part in preal.bins] == [10, 10]
    assert preal.bins[0].sample.observed.value == pytest.approx(0.2)
    assert preal.error_sample == pytest.approx(0)


def test_the_error_is_the_mean_distance_over_the_rows() -> None:
    label = ["good"] * 3 + ["garbage"]
    preal, _ = calibrations(sample_of(label), answers_of([0.95, 0.95, 0.95, 0.55]))
    assert preal.error_sample == pytest.approx(0.75 * 0.05 + 0.25 * 0.55)


def test_a_balanced_sample_that_is_calibrated_is_too_sure_in_the_stream() -> None:
    rng = np.random.default_rng(1)
    given = rng.random(4000)
    label = np.where(rng.random(4000) < given, "good", "garbage").tolist()
    preal, _ = calibrations(sample_of(label), answers_of(given.tolist()))
    assert preal.error_sample < 0.05
    assert preal.error_stream > 0.2
    middle = next(part for part in preal.bins if part.low == 0.5)
    assert middle.stream.observed.value < middle.sample.observed.value
    assert sum(part.stream.weight for part in preal.bins) == pytest.approx(1)


def test_rows_that_do_not_answer_a_question_do_not_count() -> None:
    sample = sample_of(["good", "pm", "garbage", "AGN"])
    preal, pgal = calibrations(sample, answers_of([1.0] * 4, [0.0] * 4))
    assert preal.rows == 4
    assert pgal.rows == 2
    assert preal.bins[-1].high == 1.0


def test_an_answer_without_value_does_not_count() -> None:
    preal, _ = calibrations(sample_of(["good", "pm"]), answers_of([np.nan, 0.1]))
    assert preal.rows == 1


def test_a_bin_of_labels_outside_the_stream_says_nothing_of_the_stream() -> None:
    preal, _ = calibrations(sample_of(["AGN", "good", "pm"]), answers_of([0.55, 0.95, 0.05]))
    agn = preal.bins[1]
    assert agn.rows == 1
    assert np.isnan(agn.stream.observed.value)
    assert np.isfinite(preal.error_stream)
