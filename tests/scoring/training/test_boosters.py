import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.synthetic import labelled_rows
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, aurak
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.questions import PGAL, PREAL
from vra_tui.scoring.training import boosters as training
from vra_tui.scoring.training.boosters import (
    EVEN_MIXTURE,
    LabelledRows,
    balanced,
    fit,
    fit_day1,
    fit_dayn,
    rows_of_object,
    split_objects,
    unseen_day1,
)
from vra_tui.scoring.training.recipes import DAY1_RECIPES, SHIPPED
from vra_tui.scoring.training.validation import (
    cross_validate,
    probability,
    summarise,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_does_not_change_a_byte(threads: int) -> None:
    # Few rounds: on a busy machine threads wait for one another far longer than they work.
    recipe = dataclasses.replace(DAY1_RECIPES["preal"], rounds=15)
    rows = labelled_rows()
    matrix, target = feature_matrix(rows.table, recipe.features), PREAL.target(rows.label)
    one, more = (fit(recipe, matrix, target, seed=5, threads=number) for number in (1, threads))
    assert one.save_raw("ubj") == more.save_raw("ubj")


def test_the_same_rows_and_seed_give_the_same_bytes() -> None:
    rows, visits = labelled_rows(), labelled_rows(visits=3)

    def both() -> tuple[bytes, bytes]:
        first = fit_day1(PREAL, rows, seed=5)
        later = fit_dayn(PREAL, visits, unseen_day1(PREAL, rows, visits, seed=5), seed=5)
        return bytes(first.save_raw("ubj")), bytes(later.save_raw("ubj"))

    assert both() == both()


def test_another_seed_gives_another_model() -> None:
    rows = labelled_rows()
    one, two = (bytes(fit_day1(PREAL, rows, seed=seed).save_raw("ubj")) for seed in (1, 2))
    assert one != two


def test_p_galactic_is_not_taught_on_garbage_or_agn() -> None:
    rows = labelled_rows()
    spoilt = LabelledRows(rows.table, np.where(rows.label == "garbage", "AGN", rows.label))
    one, two = (bytes(fit_day1(PGAL, each, seed=1).save_raw("ubj")) for each in (rows, spoilt))
    assert one == two


@given(st.lists(st.integers(0, 30), min_size=1, max_size=200), st.integers(0, 5))
def test_rows_of_one_object_are_never_in_two_parts(objects: list[int], seed: int) -> None:
    ids = np.array(objects, dtype=np.int64)
    part = split_objects(ids, np.where(ids % 3 == 0, "good", "garbage"), 5, seed)
    assert all(len(set(part[ids == one])) == 1 for one in set(objects))
    assert set(part) <= set(range(5))


def test_labels_are_spread_evenly_over_the_parts() -> None:
    rows = labelled_rows(200)
    part = split_objects(rows.table.alert_id, rows.label, 5, 0)
    counts = [np.sum((part == number) & (rows.label == "good")) for number in range(5)]
    assert counts == [10] * 5


def test_each_visit_of_an_object_counts_its_share_of_it() -> None:
    assert rows_of_object(np.array([7, 7, 9, 7])).tolist() == [3, 3, 1, 3]


def test_no_row_is_judged_by_trees_that_saw_its_object(monkeypatch: pytest.MonkeyPatch) -> None:
    day1, visits = labelled_rows(40), labelled_rows(40, visits=3)
    seen: list[set[int]] = []
    real_fit = training.fit_day1

    def spy(question, rows, **options):
        seen.append(set(rows.table.alert_id.tolist()))
        return real_fit(question, rows, **options)

    def note_asked(booster, matrix):
        asked = {int(visits.table.alert_id[row]) for row in _rows_of(matrix, visits)}
        assert not asked & seen[-1]
        return np.zeros(len(matrix))

    monkeypatch.setattr(training, "fit_day1", spy)
    monkeypatch.setattr(training, "margin", note_asked)
    unseen_day1(PREAL, day1, visits, seed=1)
    assert len(seen) == training.CROSS_FIT_PARTS


def _rows_of(matrix: np.ndarray, visits: LabelledRows) -> list[int]:
    # The synthetic rb_pix is different for each object.
    rb_pix = visits.table.column("rb_pix")
    column = DAY1_RECIPES["preal"].features.index("rb_pix")
    return [int(np.flatnonzero(rb_pix == value)[0]) for value in matrix[:, column]]


def test_cross_validation_of_labels_without_meaning_finds_nothing() -> None:
    rows, visits = labelled_rows(160), labelled_rows(80, visits=4)
    rng = np.random.default_rng(3)
    shuffled = LabelledRows(rows.table, rng.permutation(rows.label))
    of = dict(zip(shuffled.table.alert_id.tolist(), shuffled.label, strict=True))
    visits = LabelledRows(visits.table, np.array([of[number] for number in visits.table.alert_id.tolist()]))
    for rows_, folded in (
        (shuffled, cross_validate(shuffled, seed=1, repeats=2)),
        (visits, cross_validate(shuffled, visits, seed=1, repeats=1)),
    ):
        figure = np.mean([aurak(rank, rows_.label == "good") for rank in folded.rank])
        assert 0.3 < figure < 0.65


def test_cross_validation_is_repeatable_and_tells_its_progress() -> None:
    rows, steps = labelled_rows(80), []
    one = cross_validate(rows, seed=1, repeats=2, progress=lambda *step: steps.append(step))
    two = cross_validate(rows, seed=1, repeats=2)
    assert steps == [(1, 2), (2, 2)]
    assert np.array_equal(one.preal, two.preal)
    assert summarise(rows, one)["rank"].mean > summarise(rows, one)["rb_pix"].mean


@given(st.floats(-800, 800))
def test_log_odds_become_probabilities_without_overflow(log_odds: float) -> None:
    found = float(probability(np.array([log_odds]))[0])
    assert 0 <= found <= 1
    if abs(log_odds) < 30:
        assert found == pytest.approx(1 / (1 + np.exp(-log_odds)), abs=1e-12)


def uneven() -> LabelledRows:
    """Rows of two visits each; of the good only a tenth, one AGN among the garbage."""
    rows = labelled_rows(80, visits=2)
    kept = (rows.label != "good") | (rows.table.alert_id % 10 == 1)
    rows = rows.where(kept)
    return LabelledRows(rows.table, np.where(np.arange(len(rows)) < 2, "AGN", rows.label))


@pytest.mark.parametrize(("how", "shares"), [("even", EVEN_MIXTURE), ("stream", STREAM_MIXTURE)])
def test_weighed_labels_have_their_shares_object_by_object(how, shares) -> None:
    rows = uneven()
    weighed = balanced(rows, how, seed=1)
    counted = weighed.weights / rows_of_object(rows.table.alert_id)
    total = sum(counted[rows.label == name].sum() for name in shares)
    for name, share in shares.items():
        assert counted[rows.label == name].sum() == pytest.approx(share / sum(shares.values()) * total)
    assert weighed.weights[rows.label == "AGN"].tolist() == [1, 1]
    named = rows.label != "AGN"
    assert total == pytest.approx((rows.weights / rows_of_object(rows.table.alert_id))[named].sum())


def test_undersampling_leaves_whole_objects_out_until_all_labels_are_as_few() -> None:
    rows = uneven()
    kept = balanced(rows, "undersample", seed=1).weights > 0
    ids = rows.table.alert_id
    assert not set(ids[kept]) & set(ids[~kept])
    counts = {name: len(np.unique(ids[kept & (rows.label == name)])) for name in EVEN_MIXTURE}
    assert len(set(counts.values())) == 1
    assert kept[rows.label == "AGN"].all()


def test_labels_left_as_they_are_keep_the_rows_as_they_are() -> None:
    rows = uneven()
    assert balanced(rows, "none", seed=1) is rows


def test_a_row_of_weight_nothing_teaches_nothing() -> None:
    rows = labelled_rows(80)
    spoilt = rows.table.alert_id % 5 == 0
    weight = np.where(spoilt, 0.0, 1.0)
    label = np.where(spoilt, "good", rows.label)
    one = fit_day1(PREAL, LabelledRows(rows.table, label, weight), seed=1)
    two = fit_day1(PREAL, rows.where(~spoilt), seed=1)
    assert bytes(one.save_raw("ubj")) == bytes(two.save_raw("ubj"))


def test_folds_side_by_side_give_what_folds_one_by_one_give() -> None:
    day1, visits = labelled_rows(60), labelled_rows(60, visits=2)
    recipes = SHIPPED.with_trees(day1={"rounds": 10}, dayN={"rounds": 5})
    one, two = (
        cross_validate(day1, visits, seed=1, repeats=1, threads=threads, recipes=recipes)
        for threads in (1, 2)
    )
    assert np.array_equal(one.rank, two.rank)
