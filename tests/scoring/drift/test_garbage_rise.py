"""A unit that makes more garbage is told by name, night and factor, whatever weather, Moon and others do."""

from dataclasses import replace

import numpy as np
import pytest

from vra_tui.scoring.drift.garbage_rise import LEAST_BEFORE, NightlyCounts, rises
from vra_tui.scoring.drift.verdict import AlarmLimits

LIMIT = AlarmLimits().garbage_evidence
FIRST, CHANGE, WORSE = 60_400, 18, 1


def counts(seed, *, nights=28, units=4, a_night=70.0, factor=1.0, closed=0.15, change=CHANGE):
    """Nights of units under one Moon, each with its own weather; one makes more garbage from a night on."""
    rng = np.random.default_rng(seed)
    size = (nights, units)
    sky = 0.5 * rng.standard_normal(size) + 0.4 * np.sin(2 * np.pi * np.arange(nights) / 29.5)[:, np.newaxis]
    bogus = a_night * np.exp(sky + 0.2 * rng.standard_normal(size))
    bogus[change:, WORSE] *= factor
    discarded, kept = rng.poisson(0.53 * bogus), rng.poisson(0.37 * bogus)
    shown = rng.poisson(0.1 * a_night * np.exp(sky))
    is_open = rng.random(size) >= closed
    discarded, kept, shown = (part * is_open for part in (discarded, kept, shown))
    return NightlyCounts(np.arange(nights) + FIRST, discarded + kept + shown, discarded, shown)


def alarms(found):
    return [rise for rise in rises(found) if rise.evidence >= LIMIT]


def test_three_times_the_garbage_is_told_with_unit_night_and_factor():
    told = [alarms(counts(seed, factor=3.0)) for seed in range(20)]
    found = [rise for part in told for rise in part]
    assert {rise.unit for rise in found} == {WORSE}
    assert len(found) >= 14
    # Intervals of 95 %, at a best night that was chosen: most hold what is true, and none is far off.
    assert sum(rise.earliest <= FIRST + CHANGE <= rise.latest for rise in found) >= 0.8 * len(found)
    assert sum(rise.low < 3.0 < rise.high for rise in found) >= 0.8 * len(found)
    assert np.median([rise.factor for rise in found]) == pytest.approx(3.0, rel=0.25)


def test_nights_under_another_moon_and_weather_are_no_rise():
    assert not [seed for seed in range(40) if alarms(counts(seed))]


def test_who_makes_ten_times_as_much_anyhow_or_pauses_changes_nothing():
    usual = counts(9, factor=3.0)
    before = rises(usual)[0]
    parts = [part.copy() for part in (usual.alerts, usual.discarded, usual.shown)]
    for part in parts:
        part[9:22, 3] = 0
        part[:, 2] *= 10
    found = rises(NightlyCounts(usual.nights, *parts))
    assert found[0].unit == before.unit == WORSE
    assert found[0].factor == pytest.approx(before.factor, rel=0.25)
    assert [rise.unit for rise in found if rise.evidence >= LIMIT] == [WORSE]


@pytest.mark.parametrize("level", [0.1, 10.0])
def test_another_unit_that_joins_makes_no_rise_of_those_that_were_there(level):
    for seed in range(8):
        usual = counts(seed, closed=0.0)
        rng = np.random.default_rng(seed)
        joined = [rng.poisson(level * part) for part in (usual.alerts, usual.discarded, usual.shown)]
        for part, old in zip(joined, (usual.alerts, usual.discarded, usual.shown), strict=True):
            part[:, :3] = old[:, :3]
            part[:CHANGE, 3] = 0
        assert not alarms(NightlyCounts(usual.nights, *joined))


def test_a_unit_without_history_is_not_blamed():
    found = counts(1, factor=3.0)
    parts = [part.copy() for part in (found.alerts, found.discarded, found.shown)]
    for part in parts:
        part[: CHANGE - LEAST_BEFORE + 2, WORSE] = 0
    told = {rise.unit: rise for rise in rises(NightlyCounts(found.nights, *parts))}
    assert WORSE not in told or told[WORSE].since > FIRST + CHANGE


def test_nights_without_data_are_as_if_they_were_not_there():
    found = counts(2, factor=3.0, closed=0.0)
    gone = np.isin(np.arange(28), (4, 5, 20))
    parts = [part.copy() for part in (found.alerts, found.discarded, found.shown)]
    for part in parts:
        part[gone] = 0
    shut = rises(NightlyCounts(found.nights, *parts))
    left = rises(NightlyCounts(found.nights[~gone], *(part[~gone] for part in parts)))
    assert [vars(rise) for rise in shut] == [pytest.approx(vars(rise)) for rise in left]


def test_few_alerts_a_night_are_joined_and_a_great_rise_is_still_told():
    few = {"a_night": 4.0, "nights": 56}
    told = [rise for seed in range(8) for rise in alarms(counts(seed, change=28, factor=8.0, **few))]
    assert len(told) >= 6
    assert {rise.unit for rise in told} == {WORSE}
    assert not [seed for seed in range(12) if alarms(counts(seed, **few))]


def test_one_night_of_ten_times_the_garbage_is_no_lasting_rise():
    found = counts(7, closed=0.0)
    discarded, alerts = found.discarded.copy(), found.alerts.copy()
    alerts[20, WORSE] += 9 * discarded[20, WORSE]
    discarded[20, WORSE] *= 10
    assert not alarms(replace(found, alerts=alerts, discarded=discarded))


@pytest.mark.parametrize("shape", [(28, 1), (0, 4), (5, 4), (28, 0)])
def test_one_unit_or_too_few_nights_have_nothing_to_be_held_against(shape):
    some = np.full(shape, 20)
    assert rises(NightlyCounts(np.arange(shape[0]), some, some // 2, some // 4)) == []


def test_no_alerts_at_all_are_no_rise():
    none = np.zeros((28, 3), dtype=np.int64)
    assert rises(NightlyCounts(np.arange(28), none, none, none)) == []
