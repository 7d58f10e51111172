"""A batch is a stream of alerts as the survey would raise them, the same for the same seed."""

import dataclasses

import numpy as np
import pytest

from tests.simulator.conftest import no_dust
from vra_tui.simulator import Batch, ScenarioError, load, prepare
from vra_tui.simulator.generate import alert_ids, designations
from vra_tui.simulator.instrument import Instrument


def owner(section) -> np.ndarray:
    return np.repeat(np.arange(len(section.start) - 1), np.diff(section.start))


def same(one: Batch, other: Batch) -> bool:
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        a, b = (x if isinstance(x, dict) else {"start": x.start, **x.columns} for x in (a, b))
        if any(a[name].tobytes() != b[name].tobytes() for name in a):
            return False
    return True


def test_the_same_seed_gives_the_same_alerts(scenario, simulation, batch):
    assert same(batch, prepare(scenario, simulation.seed, no_dust).batch(0))


def test_another_seed_gives_others(scenario, simulation, batch):
    assert not same(batch, prepare(scenario, simulation.seed + 1, no_dust).batch(0))


def test_a_batch_does_not_depend_on_those_made_before(monkeypatch, scenario):
    for module in ("generate", "scenario"):
        monkeypatch.setattr(f"vra_tui.simulator.{module}.BATCH", 100)
    one, two = (prepare(scenario.changed(alerts=200), 3, no_dust) for _ in range(2))
    one.batch(0)
    assert same(one.batch(1), two.batch(1))


def test_there_are_as_many_alerts_as_asked_for_each_with_its_own_id(scenario, batch):
    assert len(batch) == scenario.alerts == len(np.unique(batch.alerts["alert_id"]))


def test_labels_are_mixed_as_the_scenario_says(scenario, batch):
    share = np.isin(batch.truth["label"], ["garbage", "pm"]).mean()
    assert share == pytest.approx(scenario.mixture["garbage"] + scenario.mixture["pm"], abs=0.05)


def test_every_alert_has_three_detections_in_the_night_that_raised_it(batch):
    t0, seen = batch.alerts["t0_mjd"].astype(float), batch.detections
    row = owner(seen)
    before = (seen["mjd"] < t0[row]) & (seen["mjd"] > t0[row] - 1.2) & (seen["mag"] > 0)
    for night in (0, 1):
        nights = seen["night"].astype(int) + night
        keys, count = np.unique(np.stack([row[before], nights[before]]), axis=1, return_counts=True)
    assert set(keys[0][count >= 3]) == set(range(len(batch)))


def test_t0_lies_within_the_scenarios_nights(scenario, batch):
    t0 = batch.alerts["t0_mjd"]
    assert t0.min() >= scenario.first_mjd - 0.5
    assert t0.max() < scenario.first_mjd + scenario.nights


def test_with_dates_only_t0_is_the_midnight_after(scenario):
    dated = prepare(scenario.changed(alerts=50, flags="date"), 2, no_dust).batch(0)
    t0, seen = dated.alerts["t0_mjd"].astype(float), dated.detections
    assert np.all(t0 == np.floor(t0))
    last = np.array(
        [np.max(seen["mjd"][owner(seen) == i][seen["mjd"][owner(seen) == i] < t0[i]]) for i in range(50)]
    )
    assert np.all(t0 - last <= 1.2)


def test_an_exposure_is_either_a_detection_or_not(batch):
    keys = [
        set(zip(owner(s).tolist(), s["unit"].tolist(), s["mjd"].tolist(), strict=True))
        for s in (batch.detections, batch.nondetections)
    ]
    assert not keys[0] & keys[1]


def test_negative_magnitudes_come_with_dipoles_and_variables(batch):
    negative = batch.detections["mag"] < 0
    kinds = set(batch.truth["kind"][owner(batch.detections)[negative]])
    assert negative.any()
    assert kinds <= {
        "pm_star", "pm_star_crowded", "bad_subtraction", "bright_star", "diffraction_spike", "cross_talk",
        "variable_star", "agn",
    }  # fmt: skip


def test_positions_scatter_more_towards_the_limit(batch):
    good = np.flatnonzero(np.isin(batch.truth["kind"], ["sn_ia", "sn_ii", "cv"]))
    seen, row = batch.detections, owner(batch.detections)
    off = np.abs(seen["dec"] - batch.alerts["dec"].astype(float)[row]) * 3600
    mine = np.isin(row, good) & (seen["mjd"] > batch.alerts["t0_mjd"].astype(float)[row] - 1)
    margin = seen["limit"] - np.abs(seen["mag"])
    assert np.median(off[mine & (margin < 0.4)]) > np.median(off[mine & (margin > 1.5)])


def test_supernovae_have_an_explosion_before_their_first_true_detection(batch):
    for row in np.flatnonzero(batch.truth["kind"] == "sn_ia"):
        seen = batch.detections
        mjd = seen["mjd"][seen.start[row] : seen.start[row + 1]]
        raising = mjd[(mjd < batch.alerts["t0_mjd"][row]) & (mjd > batch.alerts["t0_mjd"][row] - 1.1)]
        assert raising.min() > batch.truth["explosion_mjd"][row] - 0.001


def test_asteroids_move_and_are_gone_the_next_night(simulation):
    from vra_tui.simulator.observe import observe
    from vra_tui.simulator.record import AlertRequest

    rng = np.random.default_rng(4)
    kind = simulation.kinds["asteroid"]
    part = observe(
        simulation.survey, AlertRequest("asteroid", kind, 1, simulation.places.of("asteroid")), 60, rng
    )
    seen, row = part.detections, owner(part.detections)
    t0 = part.alerts["t0_mjd"].astype(float)[row]
    elsewhere = np.abs(seen["mjd"] - t0) > 1.5
    assert elsewhere.mean() < 0.1  # what is left are chance detections


def test_a_guest_comes_as_told():
    fast = prepare(load("nearby-fast").changed(alerts=20, history=20), 1, no_dust).batch(0)
    row = np.flatnonzero((fast.truth["kind"] == "fast_blue") & (fast.truth["peak_mag"] == 13.8))
    assert len(row) == 1
    assert fast.matches["z"][row[0]] == pytest.approx(0.014)
    assert fast.truth["speed"][row[0]] == "fast"


def test_before_conjunction_the_position_is_soon_lost():
    plan = load("conjunction").changed(alerts=20, history=20)
    last_batch = prepare(plan, 1, no_dust).batch(0)
    row = np.flatnonzero(last_batch.truth["peak_mag"] == 16.4)[0]
    latest = [
        section["mjd"][section.start[row] : section.start[row + 1]].max(initial=0.0)
        for section in (last_batch.detections, last_batch.nondetections)
    ]
    assert max(latest) - last_batch.alerts["t0_mjd"][row] < 6
    assert plan.first_mjd + plan.nights + plan.follow - max(latest) > 30


def test_a_bad_night_is_one_unit_and_scores_high():
    told = load("bad-night")
    bad_night = {**told.bad_nights[0].model_dump(exclude_none=True), "alerts": 250}
    plan = told.changed(alerts=300, history=20, bad_nights=[bad_night])
    stream = prepare(plan, 1, no_dust).batch(0)
    bad = np.flatnonzero(stream.truth["kind"] == "trailed_night")
    assert len(bad) >= 250
    assert np.median(stream.alerts["rb_pix"][bad]) > 0.9
    nights, count = np.unique(np.floor(stream.alerts["t0_mjd"][bad].astype(float)), return_counts=True)
    assert count.max() >= 240
    assert len(nights) < 10


def test_a_unit_that_joins_has_no_exposures_before():
    plan = load("fifth-unit").changed(alerts=60, history=20)
    stream = prepare(plan, 1, no_dust).batch(0)
    fifth = Instrument.shipped().unit_index("05r")
    for section in (stream.detections, stream.nondetections):
        mine = section["mjd"][section["unit"] == fifth]
        assert mine.min() > plan.first_mjd + 20


def test_a_kind_that_is_nowhere_to_be_found_is_named():
    plan = load("ordinary").changed(alerts=5, nights=1, history=0, mixture={"good": 1.0}, weights={})
    sim = prepare(plan, 1, no_dust)
    blind = sim.survey.instrument.detection.model_copy(update={"ceiling": 0.0, "chance": 0.0})
    instrument = sim.survey.instrument.model_copy(update={"detection": blind})
    unseen = dataclasses.replace(sim, survey=dataclasses.replace(sim.survey, instrument=instrument))
    with pytest.raises(ScenarioError, match="no alert of kind"):
        unseen.batch(0)


def test_ids_have_nineteen_digits_and_name_the_place():
    # The two real objects of the API's documentation: a supernova and a proper-motion star.
    ids = alert_ids(np.array([0.02158, 82.42248]), np.array([31.78178, -11.15239]), 0)
    assert [str(i)[:9] for i in ids] == ["100000517", "105294139"]
    assert [str(i)[9] for i in ids] == ["1", "0"]
    assert all(len(str(i)) == 19 for i in ids)


def test_alerts_of_one_place_get_different_ids():
    ids = alert_ids(np.full(5, 10.0), np.full(5, -5.0), 3)
    assert len(set(ids.tolist())) == 5


def test_names_count_on():
    assert designations(np.array([0, 25, 26, 26**3]), 24).tolist() == [
        "ATLAS24aaaa", "ATLAS24aaaz", "ATLAS24aaba", "ATLAS24baaa",
    ]  # fmt: skip
