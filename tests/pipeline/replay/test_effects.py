"""What a policy does is told at once exactly as a replay plays it, whatever thresholds and scanner."""

import numpy as np
import pytest

from tests.pipeline.replay.test_play import CAPPED
from vra_tui.pipeline.replay.effects import PolicyTrial
from vra_tui.pipeline.replay.play import ScannerHabits, play
from vra_tui.ranking.policy import Policy

pytestmark = pytest.mark.slow

#: Ranges wide enough to show or discard everything, and to let alerts grow old.
_LOW = (2.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_HIGH = (10.0, 10.0, 300.0, 10.0, 1.0, 9.0, 9.0, 9.0, 16.0)

HABITS = {
    "weekly": ScannerHabits(),
    "never": ScannerHabits(purgatory_days=0),
    "older than a week": ScannerHabits(purgatory_age=7.0),
    "every second night, older than three": ScannerHabits(purgatory_days=2, purgatory_age=3.0),
}


def assert_same(told, played):
    assert told.looks.tolist() == played.looks.tolist()
    assert np.array_equal(told.first_look, played.first_look, equal_nan=True)
    assert told.is_discarded.tolist() == played.is_discarded.tolist()


@pytest.mark.parametrize("habits", HABITS.values(), ids=HABITS)
def test_effects_are_those_of_a_replay_under_policies_picked_at_random(small, habits):
    rng = np.random.default_rng(7)
    trial = PolicyTrial(small.tape, habits)
    kinds = set()
    for _ in range(25):
        policy = Policy(*rng.uniform(_LOW, _HIGH), night_floor=1e9)
        assert not trial.must_be_played(policy)
        told = trial.of(policy)
        assert_same(told, play(small.tape, policy, habits))
        kinds |= {
            (bool(looks), bool(gone)) for looks, gone in zip(told.looks, told.is_discarded, strict=True)
        }
    assert {(True, False), (False, True)} <= kinds


@pytest.mark.parametrize(
    ("habits", "policy"),
    [
        (ScannerHabits(capacity=3), Policy()),
        (ScannerHabits(unsure=0.4), Policy()),
        (ScannerHabits(), CAPPED),
    ],
    ids=["capacity", "snoozes", "cap"],
)
def test_where_alerts_depend_on_one_another_the_stream_is_played(small, habits, policy):
    trial = PolicyTrial(small.tape, habits)
    assert trial.must_be_played(policy)
    assert_same(trial.of(policy), play(small.tape, policy, habits))


def test_the_order_of_visits_on_the_tape_does_not_matter(small):
    from dataclasses import fields, replace

    tape = small.tape
    order = np.random.default_rng(1).permutation(len(tape.row))
    columns = {name: getattr(tape, name)[order] for name in ("night", "row", "day", "key", "is_tns")}
    standing = {field.name: getattr(tape.standing, field.name)[order] for field in fields(tape.standing)}
    shuffled = replace(tape, **columns, standing=replace(tape.standing, **standing))
    policy = Policy(night_floor=1e9)
    assert_same(PolicyTrial(shuffled).of(policy), PolicyTrial(tape).of(policy))
