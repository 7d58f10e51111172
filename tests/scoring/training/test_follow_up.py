"""Worth following up or not: taught by what scanners did with good alerts, never by anything else."""

import numpy as np
import pytest

from tests.scoring.training.test_few_labels import made
from vra_tui.features.table import FeatureTable
from vra_tui.ranking.policy import Policy, lifted_rank
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.describing import RowsOrigin
from vra_tui.scoring.training.few_labels import FEATURE_SET, usable_features
from vra_tui.scoring.training.follow_up import FILE, follow_up_rows, train_follow_up


def decided(n=400, followed=lambda table: table.column("mag_latest") < 20):
    """Rows and the lists they were decided to: of the good ones the bright were followed up."""
    rows = made(n, seed=5)
    listed = np.where(rows.label == "galactic", "attic", rows.label).astype("U10")
    listed[(rows.label == "good") & followed(rows.table)] = "followup"
    return rows, listed


def test_only_good_ones_teach_it_and_the_list_is_the_label():
    rows, listed = decided()
    found = follow_up_rows(rows, listed)
    assert found is not None
    assert set(found.label) == {"good", "followup"}
    assert len(found) == int(np.isin(listed, ("good", "followup")).sum())


@pytest.mark.parametrize("rare", ["good", "followup"])
def test_with_nineteen_of_either_kind_there_is_no_such_question(rare):
    rows, listed = decided()
    of_it = np.flatnonzero(listed == rare)
    for kept, is_asked in ((20, True), (19, False)):
        left = np.isin(np.arange(len(listed)), of_it[kept:], invert=True)
        assert (follow_up_rows(rows.where(left), listed[left]) is not None) is is_asked


def test_it_learns_the_team_s_taste_and_says_on_the_card_how_well():
    rows, listed = decided()
    taught = follow_up_rows(rows, listed)
    card, files = train_follow_up(
        taught, usable_features(rows.table), FEATURE_SET, RowsOrigin("x", "0"), seed=1
    )
    assert list(files) == [FILE]
    assert (card.positive, card.negative) == (("followup",), ("good",))
    (area,) = card.figures.values()
    assert area > 0.85
    assert card.data.objects == {name: int((taught.label == name).sum()) for name in ("followup", "good")}


def test_where_the_choice_was_a_coin_s_toss_the_card_says_so():
    rng = np.random.default_rng(8)
    rows, listed = decided(followed=lambda table: rng.random(len(table)) < 0.5)
    taught = follow_up_rows(rows, listed)
    card, _ = train_follow_up(taught, usable_features(rows.table), FEATURE_SET, RowsOrigin("x", "0"), seed=1)
    (area,) = card.figures.values()
    assert 0.3 < area < 0.7


def test_the_rank_does_not_rest_on_it_unless_configured_and_is_then_never_lowered():
    rank, preal = np.array([8.0, 8.0, 1.0, np.nan]), np.array([1.0, 1.0, 0.01, np.nan])
    pfollow = np.array([0.9, 0.0, 1.0, np.nan])
    np.testing.assert_array_equal(lifted_rank(rank, preal, pfollow, Policy().followup_weight), rank)
    lifted = lifted_rank(rank, preal, pfollow, 0.5)
    np.testing.assert_allclose(lifted[:3], [8.9, 8.0, 1.045])
    assert np.isnan(lifted[3])
    np.testing.assert_array_equal(lifted_rank(rank, preal, None, 1.0), rank)


def test_many_rows_of_few_objects_are_few():
    rows, listed = decided()
    followed = np.flatnonzero(listed == "followup")
    left = np.concatenate([np.repeat(followed[:19], 3), np.flatnonzero(listed == "good")])
    table = FeatureTable(rows.table.alert_id[left], rows.table.names, rows.table.values[left])
    assert follow_up_rows(LabelledRows(table, rows.label[left]), listed[left]) is None
