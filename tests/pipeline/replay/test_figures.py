"""The figures of a replay add up, and differences are paired."""

from dataclasses import replace

import numpy as np
import pytest

from vra_tui.config.policies import load_policy
from vra_tui.pipeline.replay.figures import Ledger, differences, figures
from vra_tui.pipeline.replay.play import LISTS, ScannerHabits, play
from vra_tui.ranking.policy import Policy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ledger(small):
    return Ledger.of(small.tape, play(small.tape, Policy()))


def test_looks_and_groups_add_up(small, ledger):
    told = figures(ledger)
    assert told.looks == sum(row.looks for row in told.lists) == int(ledger.looks.sum())
    assert told.workload == pytest.approx(told.looks / len(small.stream))
    assert told.saved == pytest.approx(1 - told.workload)
    for row in told.groups:
        assert row.alerts == row.seen + row.lost + row.waiting
        assert row.late >= row.lost - (ledger.may_be_late == 0).sum()
    assert told.group("good").alerts == int(small.stream.truth.is_good.sum())


def test_lost_for_ever_is_what_the_machine_discarded_and_nobody_saw(ledger):
    told = figures(ledger)
    lost = (ledger.list == "garbage") & (ledger.looks == 0) & ledger.is_good
    assert told.group("good").lost == int(lost.sum())


def test_the_first_look_comes_after_entry_and_entry_after_the_first_detection(ledger):
    days = ledger.days_to_look
    assert np.nanmin(days) >= 0
    assert (ledger.first_mjd <= ledger.t0_mjd).all()
    assert not (ledger.is_late & (days <= 2)).any()


def test_streams_are_summed_as_one(small, ledger):
    lean = load_policy("lean").policy
    other = Ledger.of(small.tape, play(small.tape, lean), stream=1)
    both = figures(Ledger.concatenate([ledger, other]))
    parts = [figures(ledger), figures(other)]
    assert both.looks == sum(part.looks for part in parts)
    assert both.streams == 2
    for index in range(len(LISTS)):
        assert both.lists[index].looks == sum(part.lists[index].looks for part in parts)
        of_good = sum(part.lists[index].looks * np.nan_to_num(part.lists[index].good) for part in parts)
        assert both.lists[index].looks * np.nan_to_num(both.lists[index].good) == pytest.approx(of_good)


def test_a_policy_differs_from_itself_by_nothing(ledger):
    for row in differences(ledger, ledger):
        assert (row.difference, row.low, row.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("streams", [1, 6])
def test_a_difference_lies_within_its_interval(small, ledger, streams):
    none = Ledger.of(small.tape, play(small.tape, Policy(), ScannerHabits(purgatory_days=0)))
    stream = np.arange(len(ledger.looks)) % streams
    found = differences(replace(ledger, stream=stream), replace(none, stream=stream))
    looks = next(row for row in found if row.name == "looks per alert")
    assert looks.low <= looks.difference <= looks.high < 0
    assert looks.difference == pytest.approx(none.looks.mean() - ledger.looks.mean())


def test_other_alerts_cannot_be_paired(ledger):
    with pytest.raises(ValueError, match="same alerts"):
        differences(ledger, replace(ledger, alert_id=ledger.alert_id[::-1]))
