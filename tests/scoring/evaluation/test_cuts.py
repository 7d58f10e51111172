import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.evaluation.made import answers_of, sample_of
from vra_tui.scoring.evaluation.cuts import cut_tables, cuts
from vra_tui.scoring.evaluation.sample import wilson

SCORE = np.array([9.0, 8, 7, 6, 5, 4])
LABEL = ["good", "garbage", "good", "pm", "good", "galactic"]


def test_a_cut_counts_what_is_above_it() -> None:
    (cut,) = cuts(sample_of(LABEL), SCORE, ("good",), tuple(LABEL), (6.5,))
    assert (cut.above, cut.found, cut.wanted) == (3, 2, 3)
    assert cut.completeness.value == pytest.approx(2 / 3)
    assert cut.purity.value == pytest.approx(2 / 3)
    # In the stream: 2 of 3 of the good (5.5 %) and all of the garbage (82 %) are above.
    assert cut.share_stream == pytest.approx((0.055 * 2 / 3 + 0.82) / 0.997)
    assert cut.purity_stream == pytest.approx(0.055 * 2 / 3 / (0.055 * 2 / 3 + 0.82))


def test_above_everything_completeness_is_none_and_purity_has_no_value() -> None:
    (cut,) = cuts(sample_of(LABEL), SCORE, ("good",), tuple(LABEL), (9.0,))
    assert cut.completeness.value == 0
    assert np.isnan(cut.purity.value)
    assert np.isnan(cut.purity_stream)


@given(st.lists(st.tuples(st.sampled_from(LABEL), st.floats(0, 10)), min_size=1, max_size=30))
def test_a_higher_cut_never_finds_more(rows: list[tuple[str, float]]) -> None:
    sample = sample_of([label for label, _ in rows])
    found = cuts(sample, np.array([score for _, score in rows]), ("good",), tuple(LABEL), (1, 3, 5, 7, 9))
    for lower, higher in itertools.pairwise(found):
        assert higher.found <= lower.found
        assert higher.above <= lower.above
        assert not higher.share_stream > lower.share_stream


def test_each_probability_is_cut_among_the_labels_that_answer_it() -> None:
    sample = sample_of([*LABEL, "AGN"])
    tables = {table.score: table for table in cut_tables(sample, answers_of([0.9] * 7, [0.2] * 7))}
    assert tables["rank"].wanted == ("good",)
    assert tables["preal"].wanted == ("good", "galactic", "AGN")
    assert set(tables["pgal"].among) == {"good", "galactic", "pm"}
    assert tables["pgal"].cuts[0].above == 5


def test_a_question_without_rows_is_left_out() -> None:
    sample = sample_of(["garbage", "garbage"])
    assert cut_tables(sample, answers_of([0.5, 0.5])) == ()


def test_intervals_count_objects_and_not_their_visits() -> None:
    label = ["good"] * 40 + ["garbage"] * 40
    score = np.linspace(10, 0, 80)
    alone = cuts(sample_of(label), score, ("good",), tuple(label), (6.0,))[0]
    few = sample_of(label, alert_id=(np.arange(80) // 10).tolist())
    visits = cuts(few, score, ("good",), tuple(label), (6.0,))[0]
    assert visits.completeness.value == alone.completeness.value
    assert visits.completeness.low < alone.completeness.low


def test_wilson_is_as_published() -> None:
    # Brown, Cai & DasGupta, Stat. Sci. 16 (2001) 101: the interval of 0 of n ends at z^2 / (n + z^2).
    assert wilson(0.0, 10).high == pytest.approx(1.96**2 / (10 + 1.96**2))
    found = wilson(0.5, 100)
    assert (found.low, found.high) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert np.isnan(wilson(0.5, 0).low)
