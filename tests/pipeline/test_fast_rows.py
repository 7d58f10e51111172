"""Rows that teach P(fast) stand as the data stood, with limits and without."""

import numpy as np
import pytest

from vra_tui.features.dust_map import ebv_sfd
from vra_tui.features.fast import compute_fast
from vra_tui.pipeline.fast_rows import (
    ONE_NIGHT,
    SPEEDS,
    bare,
    bare_rows,
    season,
    teaching_rows,
    visit_rows,
    widened,
)
from vra_tui.pipeline.simulated_alerts import context, light_curves
from vra_tui.simulator import prepare


def short(alerts):
    """The season, cut to what makes a test quick."""
    return season(alerts).changed(nights=40, history=70)


@pytest.fixture(scope="module")
def batch():
    return prepare(short(120), 3, ebv_sfd).batch(0)


def test_rows_at_visits_are_what_the_features_were_then(batch):
    parts = list(visit_rows(batch))
    assert {str(stage) for part in parts for stage in part.stage} == {"day1", "dayN"}
    later = parts[3]
    curves, about = light_curves(batch), context(batch)
    place = {alert_id: row for row, alert_id in enumerate(curves.alert_id.tolist())}
    rows = np.array([place[alert_id] for alert_id in later.table.alert_id.tolist()])
    # Day 3 are the phases up to 3: that visit knows all until then, and nothing after it.
    then = compute_fast(curves.take(rows), about.take(rows), about.t0_mjd[rows] + 3)
    np.testing.assert_array_equal(later.table.values, then.values)
    assert (later.day == 3).all()


def test_the_truth_goes_with_the_rows(batch):
    speed = dict(zip(batch.alerts["alert_id"].tolist(), batch.truth["speed"].tolist(), strict=True))
    for part in visit_rows(batch):
        wanted = [speed[alert_id] or "none" for alert_id in part.table.alert_id.tolist()]
        assert part.speed.tolist() == wanted
        assert set(part.speed.tolist()) <= {*SPEEDS, "none"}


def test_bare_light_curves_have_no_limits_and_at_most_two_exposures_a_night(batch):
    curves = bare(light_curves(batch), np.random.default_rng(1))
    assert len(curves.nondetections) == 0
    assert (curves.detections.mag > 0).all()
    night = curves.detection_owner * 1_000_000 + np.floor(curves.detections.mjd).astype(int)
    assert np.unique(night, return_counts=True)[1].max() <= 2
    assert len(curves.detections) < len(light_curves(batch).detections)


def test_bare_rows_tell_nothing_that_only_limits_could(batch):
    for part in bare_rows(batch, np.random.default_rng(1)):
        assert part.is_bare.all()
        for name in ("dark_days", "rise_from_limit", "fall_to_limit"):
            assert np.isnan(part.table.column(name)).all()
        assert (part.table.column("age") <= part.day + 1e-9).all()
        assert not np.isin(part.kind, ONE_NIGHT).any()


def test_no_alerts_give_no_bare_light_curve():
    empty = light_curves(prepare(short(5), 3, ebv_sfd).batch(0)).take(np.empty(0, dtype=np.int64))
    assert len(bare(empty, np.random.default_rng(1)).detections) == 0


def test_explosions_of_every_pace_are_drawn():
    plain = prepare(short(5), 3, ebv_sfd)
    wide = widened(plain)
    assert wide.kinds["sn_ia"].rise[0] == plain.kinds["sn_ia"].rise[0]
    assert wide.kinds["sn_ia"].rise[1] > plain.kinds["sn_ia"].rise[1]
    assert wide.kinds["cv"] == plain.kinds["cv"]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows():
    one, other = (teaching_rows(40, 9, plan=short) for _ in range(2))
    np.testing.assert_array_equal(one.table.values, other.table.values)
    assert set(one.is_bare.tolist()) == {True, False}
