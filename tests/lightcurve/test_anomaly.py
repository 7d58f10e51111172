"""Old alerts that leave their decline are found, and those that keep to it are not."""

import numpy as np

from tests.lightcurve.made import START, transient
from vra_tui.lightcurve.anomaly import find_anomalies
from vra_tui.lightcurve.flux_epochs import Photometry

T0 = START - 15.0


def test_a_source_that_keeps_to_its_decline_is_no_anomaly():
    found = find_anomalies(Photometry.join([transient(10, 25, 15.5, seed=seed) for seed in range(20)]), T0)
    assert found.tested.all()
    assert (found.reason == "").all()


def test_a_source_that_brightens_again_is_found_with_the_reason():
    def rise(day, flux):
        return flux + np.clip((day - 48) / 12, 0, 1) * 1500.0

    found = find_anomalies(transient(10, 25, 15.5, change=rise), T0)
    assert found.reason[0].startswith("re-brightening: rose by")
    assert "mag where the fit expects" in found.reason[0]


def test_a_source_that_stays_above_its_decline_is_found():
    found = find_anomalies(
        transient(10, 20, 15.5, change=lambda day, flux: np.maximum(flux, (day > 48) * 700.0)), T0
    )
    assert "brighter than its decline" in found.reason[0]
    assert found.significance[0] > 4


def test_a_source_that_vanishes_is_found():
    found = find_anomalies(
        transient(10, 60, 15.5, change=lambda day, flux: np.where(day > 48, 0.0, flux)), T0
    )
    assert "fades faster than fitted" in found.reason[0]
    assert found.significance[0] < -4


def test_alerts_younger_than_three_weeks_are_not_tested():
    found = find_anomalies(transient(10, 25, 15.5, until=4), T0)
    assert not found.tested[0]
    assert np.isnan(found.significance[0])


def test_a_source_still_rising_has_no_decline_to_leave():
    assert not find_anomalies(transient(30, 50, 15.5, since=-90, until=-5), START - 80).tested[0]
