"""One sky, three surveys: each looks in its own bands and nights, and a guest of all is one source."""

import numpy as np
import pytest

from tests.simulator.conftest import no_dust
from vra_tui.simulator import ScenarioError, load, prepare
from vra_tui.simulator.instrument import SURVEYS, Instrument
from vra_tui.simulator.tint import tint

GUEST = {
    "kind": "sn_ia", "night": 5, "ra": 231.4, "dec": -4.2, "peak_mag": 17.5, "redshift": 0.03, "seed": 4,
}  # fmt: skip


def plan(survey, **changes):
    return load("ordinary").by(survey).changed(alerts=1, history=30, follow=20, guests=[GUEST], **changes)


def guest_of(survey):
    simulation = prepare(plan(survey), 3, no_dust)
    return simulation.batch(0)


def test_colours_go_from_orange_to_cyan_and_on_along_the_wavelength():
    weights = tint(np.frombuffer(b"ugcroizy", np.uint8))
    assert weights[2] == pytest.approx(1.0)
    assert weights[4] == pytest.approx(0.0)
    assert (np.diff(weights) < 0).all()


@pytest.mark.parametrize("survey", SURVEYS)
def test_every_survey_exposes_in_its_own_bands_within_its_depth(survey):
    simulation = prepare(load("ordinary").by(survey).changed(alerts=60), 3, no_dust)
    schedule = simulation.survey.schedule
    bands = {chr(letter) for letter in np.unique(schedule.filter).tolist()}
    assert bands <= set(simulation.survey.instrument.bands)
    assert len(bands) >= 2
    deepest = max(max(unit.limits.values()) for unit in simulation.survey.instrument.units)
    assert np.median(schedule.limit) < deepest
    assert np.percentile(schedule.limit, 99) < simulation.survey.instrument.depth.deepest


def test_ztf_takes_two_bands_a_night_and_atlas_one():
    def bands_of_a_visit(survey):
        schedule = prepare(load("ordinary").by(survey).changed(alerts=10), 3, no_dust).survey.schedule
        pairs = np.unique(np.stack([schedule.visit, schedule.filter.astype(np.int32)]), axis=1)
        return np.bincount(np.bincount(pairs[0])[np.unique(pairs[0])])

    assert bands_of_a_visit("atlas")[2:].sum() == 0
    of_ztf = bands_of_a_visit("ztf")
    assert of_ztf[2] > of_ztf[1]


def test_lsst_sees_fainter_sources_than_ztf_and_ztf_than_atlas():
    def median(survey):
        batch = prepare(load("ordinary").by(survey).changed(alerts=200), 3, no_dust).batch(0)
        explosions = np.isin(batch.truth["label"], ("good",))
        return float(np.median(batch.truth["peak_mag"][explosions]))

    assert median("atlas") < median("ztf") < median("lsst")


def test_a_guest_with_a_seed_is_the_same_source_for_all():
    told = [guest_of(survey) for survey in SURVEYS]
    for name in ("peak_mjd", "explosion_mjd", "duration", "peak_mag"):
        assert len({float(batch.truth[name][0]) for batch in told}) == 1
    for batch in told:
        assert float(batch.alerts["ra"][0]) == pytest.approx(231.4, abs=5e-4)
        assert float(batch.alerts["dec"][0]) == pytest.approx(-4.2, abs=5e-4)
    # What is measured is each survey's own.
    assert len({batch.detections["mjd"].tobytes() for batch in told}) == 3


def test_a_guest_may_be_told_to_some_surveys_only():
    here = plan("ztf").changed(alerts=3, guests=[GUEST | {"surveys": ["lsst"]}])
    assert here.own_guests == ()
    assert len(here.by("lsst").own_guests) == 1


def test_a_seed_without_a_place_is_refused():
    with pytest.raises(ScenarioError, match="needs ra and dec"):
        plan("atlas").changed(guests=[{"kind": "sn_ia", "night": 5, "seed": 4}])


def test_another_survey_sees_the_scenario_with_its_own_units():
    here = load("fifth-unit").by("ztf")
    assert [unit.code for unit in here.units] == ["ZTF"]
    assert here.by("ztf") is here
    assert load("bad-night").by("lsst").bad_nights == ()
    assert Instrument.shipped("lsst").survey == "lsst"


@pytest.mark.parametrize("survey", SURVEYS)
def test_a_seed_may_be_as_large_as_one_likes(survey):
    batch = prepare(plan(survey), 10**30 + 7, no_dust).batch(0)
    assert len(set(batch.alerts["object_id"].tolist())) == len(batch) > 0
