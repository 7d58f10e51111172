"""Cohen's kappa: agreement beyond what chance would give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.ranking.agreement import agreement

LABELS = st.sampled_from(["good", "garbage", "pm"])


def test_the_textbook_example():
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: p_o 0.7, p_e 0.5, kappa 0.4.
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    found = agreement(first, second)
    assert (found.alerts, found.agreed) == (50, 35)
    assert found.kappa == pytest.approx(0.4)


def test_one_label_throughout_says_nothing():
    assert agreement(["good"] * 3, ["good"] * 3).kappa is None
    assert agreement([], []).kappa is None


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=40))
def test_it_does_not_matter_who_comes_first_and_nothing_beats_perfect(pairs):
    first, second = zip(*pairs, strict=True)
    one, other = agreement(first, second), agreement(second, first)
    assert one.kappa == pytest.approx(other.kappa) if one.kappa is not None else other.kappa is None
    assert one.kappa is None or one.kappa <= 1 + 1e-12
    assert (one.kappa == pytest.approx(1)) == (first == second) or one.kappa is None


def test_sequences_of_different_length_are_refused():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        agreement(["good"], [])
