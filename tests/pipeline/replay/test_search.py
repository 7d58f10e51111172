"""The front holds what no policy beats; samples share no alert; tallies are the replay's own figures."""

from dataclasses import replace

import numpy as np
import pytest

from vra_tui.config.policies import load_policy
from vra_tui.pipeline.replay.effects import PolicyTrial
from vra_tui.pipeline.replay.figures import Ledger, figures
from vra_tui.pipeline.replay.kept_tapes import keep_tape, kept_tape, tape_path
from vra_tui.pipeline.replay.play import ScannerHabits, play
from vra_tui.pipeline.replay.samples import of_one_stream, of_streams, rich_in_good
from vra_tui.pipeline.replay.search import THRESHOLDS, Bounds, best_within, pareto_front
from vra_tui.pipeline.replay.stream import ReplayError
from vra_tui.pipeline.replay.tally import Sample, exact_interval, label_weights, tally
from vra_tui.ranking.policy import Policy
from vra_tui.simulator import load

pytestmark = pytest.mark.slow

FREE = Policy(night_floor=1e9)


@pytest.fixture(scope="module")
def sample(small):
    return Sample.whole(PolicyTrial(small.tape))


@pytest.fixture(scope="module")
def front(sample):
    return pareto_front([sample], [FREE], Bounds(), tries=150, seed=1)


def test_a_tally_is_what_a_replay_reports(small, sample):
    for policy in (FREE, replace(load_policy("lean").policy, night_floor=1e9)):
        told, found = figures(Ledger.of(small.tape, play(small.tape, policy))), tally([sample], policy)
        good, galactic = told.group("good"), told.group("galactic")
        assert (found.alerts, found.looks, found.saved) == (
            told.alerts,
            told.looks,
            pytest.approx(told.saved),
        )
        assert (found.good, found.lost, found.unseen) == (good.alerts, good.lost, good.lost + good.waiting)
        assert (found.late, found.galactic) == (good.late, galactic.alerts)
        assert found.galactic_unseen == galactic.lost + galactic.waiting
        assert found.famous == told.group("fast, near or bright").alerts


def test_two_samples_are_summed(sample):
    first, second = sample.halves()
    both = tally([first, second], FREE)
    assert both == tally([sample], FREE)
    assert not (first.counts & second.counts).any()
    assert abs(first.good - second.good) <= 1


def test_no_policy_of_the_front_is_beaten_and_it_begins_where_it_was_told_to(sample, front):
    unseen, looks = ([getattr(one.tally, name) for one in front] for name in ("unseen", "looks"))
    assert unseen == sorted(set(unseen))
    assert looks == sorted(set(looks), reverse=True)
    start = tally([sample], FREE)
    assert any(one.tally.unseen <= start.unseen and one.tally.looks <= start.looks for one in front)
    for one in front:
        assert one.tally == tally([sample], one.policy)
        assert one.policy.nearby_mpc == FREE.nearby_mpc
        for name, (low, high, _) in THRESHOLDS.items():
            assert low <= getattr(one.policy, name) <= high or one.policy == FREE


def test_more_tries_never_make_the_front_worse(sample, front):
    fewer = pareto_front([sample], [FREE], Bounds(), tries=40, seed=1)
    for one in fewer:
        assert (
            any(
                other.tally.unseen <= one.tally.unseen and other.tally.looks <= one.tally.looks
                for other in front
            )
            or len(fewer) == 1
        )


def test_the_same_seed_finds_the_same_front(sample):
    first, again = (pareto_front([sample], [FREE], Bounds(), tries=60, seed=3) for _ in range(2))
    assert first == again


def test_bounds_are_kept(sample):
    bounds = Bounds(unseen=0.2, late=0.5, galactic=0.4)
    for one in pareto_front([sample], [FREE], bounds, tries=100, seed=2):
        assert one.tally.unseen_share <= 0.2
        assert one.tally.late_share <= 0.5
        assert one.tally.galactic_share <= 0.4


def test_the_best_within_a_share_saves_most_of_those_that_keep_it(front):
    assert best_within(front, 1.0) == len(front) - 1
    assert best_within(front, front[0].tally.unseen_share) == 0
    assert best_within(front, -1.0) is None


def test_streams_are_added_until_there_are_good_alerts_enough_on_either_side(small):
    asked = []

    def tape_of(seed):
        asked.append(seed)
        return small.tape

    good = int(small.stream.truth.is_good.sum())
    found = of_streams(tape_of, (5, None), ScannerHabits(), good + 1)
    assert asked == [5, 6, 7, 8]
    assert found.good == (2 * good, 2 * good)


def test_no_stream_serves_for_choosing_and_for_checking(small):
    good = int(small.stream.truth.is_good.sum())

    def samples(check_seed):
        return of_streams(lambda seed: small.tape, (5, check_seed), ScannerHabits(), 2 * good)

    for check_seed in (4, 5, 6):
        with pytest.raises(ReplayError, match="chosen on"):
            samples(check_seed)
    for check_seed in (3, 7):
        assert samples(check_seed).good == (2 * good, 2 * good)


def test_one_stream_is_cut_in_halves(small):
    found = of_one_stream(small.tape, ScannerHabits())
    assert sum(found.good) == int(small.stream.truth.is_good.sum())


def test_looks_are_counted_by_the_weights_and_nothing_else_is(small, sample):
    label = small.stream.truth.label
    shares = {str(name): float((label == name).mean()) for name in np.unique(label)}
    plain = tally([sample], FREE)
    same = tally([Sample.whole(sample.trial, shares)], FREE)
    assert (same.alerts, same.looks) == (pytest.approx(plain.alerts), pytest.approx(plain.looks))
    mixed = tally([Sample.whole(sample.trial, {"garbage": 8, "good": 2})], FREE)
    looks = sample.trial.of(FREE).looks
    expected = 0.8 * looks[label == "garbage"].mean() + 0.2 * looks[label == "good"].mean()
    assert 1 - mixed.saved == pytest.approx(expected)
    assert replace(mixed, alerts=plain.alerts, looks=plain.looks) == plain


def test_weights_give_the_mixture_whatever_the_stream_holds(small):
    label = small.stream.truth.label
    weight = label_weights(label, {"good": 1, "pm": 3})
    assert weight.mean() == pytest.approx(1.0)
    assert weight[label == "pm"].sum() == pytest.approx(3 * weight[label == "good"].sum())
    assert not weight[~np.isin(label, ("good", "pm"))].any()
    with pytest.raises(ReplayError, match="none such"):
        label_weights(label, {"none such": 1.0})


def test_a_scenario_rich_in_good_keeps_the_shares_of_the_others():
    plan = load("ordinary")
    rich = rich_in_good(plan)
    assert rich.mixture["good"] == 0.5
    assert rich.mixture["pm"] / rich.mixture["garbage"] == pytest.approx(0.40 / 0.48)
    assert rich_in_good(load("bad-night")) == load("bad-night")


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [(0, 100, 0.0, 0.03622), (1, 100, 0.000253, 0.05446), (100, 100, 0.96378, 1.0), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_those_of_clopper_and_pearson(found, of, low, high):
    assert exact_interval(found, of) == pytest.approx((low, high), abs=1e-5)


def test_a_kept_tape_replays_as_the_one_that_was_kept(small, tmp_path):
    path = tape_path(tmp_path / "kept", {"seed": 1})
    assert kept_tape(path) is None
    keep_tape(path, small.tape)
    again = kept_tape(path)
    for policy in (Policy(), FREE):
        first, second = (Ledger.of(tape, play(tape, policy)) for tape in (small.tape, again))
        for name in ("looks", "first_look", "is_lost", "list", "object_id", "label"):
            assert getattr(first, name).tolist() == pytest.approx(getattr(second, name).tolist(), nan_ok=True)
    assert tape_path(tmp_path, {"seed": 2}).name != path.name


def test_a_kept_tape_that_is_cut_short_or_none_is_made_anew(small, tmp_path):
    path = tmp_path / "tape-1.npz"
    keep_tape(path, small.tape)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"no tape", whole[:-40]):
        path.write_bytes(content)
        assert kept_tape(path) is None
