"""Labels that a model contradicts are found, with some at random among them."""

import numpy as np

from vra_tui.scoring.evaluation.doubtful_labels import belief, doubtful


def test_what_a_model_gives_to_each_label():
    label = np.array(["good", "galactic", "real", "AGN", "garbage", "pm", ""])
    found = belief(label, np.full(7, 0.9), np.full(7, 0.2))
    np.testing.assert_allclose(found, [0.72, 0.18, 0.9, 0.9, 0.1, 0.1, 1.0])


def test_the_strongest_contradictions_come_first_and_chance_puts_others_among_them():
    rng = np.random.default_rng(0)
    label = np.array(["good", "garbage"] * 200)
    preal = np.where(label == "good", 0.9, 0.1) + rng.normal(0, 0.01, 400)
    preal[[7, 30, 101]] = [0.99, 0.05, 0.85]  # garbage, good, garbage
    rows, is_random = doubtful(label, preal, np.zeros(400), 10, 4, seed=3)
    assert is_random.sum() == 4
    assert rows[~is_random].tolist() == [row for row in (7, 30, 101) if row not in rows[is_random]]
    assert len(set(rows.tolist())) == len(rows)
    again = doubtful(label, preal, np.zeros(400), 10, 4, seed=3)
    np.testing.assert_array_equal(again[0], rows)
    few, _ = doubtful(label, preal, np.zeros(400), 2, 0, seed=3)
    assert few.tolist() == [7, 30]


def test_where_nothing_is_contradicted_only_what_is_drawn_is_asked():
    rows, is_random = doubtful(np.array(["good"] * 5), np.full(5, 0.9), np.zeros(5), 5, 2, seed=1)
    assert is_random.tolist() == [True, True]
    assert len(rows) == 2
