"""The fit finds the peak and the duration it was given, says how sure it is, and treats alerts one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.quick import examples
from tests.lightcurve.made import CYAN, ORANGE, START, transient
from vra_tui.domain.flux import magnitude
from vra_tui.lightcurve.bank import default_bank
from vra_tui.lightcurve.fit import Fits, fit
from vra_tui.lightcurve.fitted_curve import curve, predict
from vra_tui.lightcurve.flux_epochs import Photometry
from vra_tui.lightcurve.nights import nights
from vra_tui.lightcurve.shape import FADES, RISES, all_shapes


def columns(fits: Fits, row: int):
    names = ("peak_mjd", "peak_flux", "duration", "fast", "normal", "slow", "early_evidence", "reduced_chi2")
    return [np.asarray(getattr(fits, name))[row] for name in names]


@pytest.mark.parametrize(("rise", "fade"), [(3.0, 5.0), (10.0, 15.0), (8.0, 30.0), (30.0, 60.0)])
def test_a_whole_light_curve_gives_back_its_peak_and_duration(rise, fade):
    fits = fit(transient(rise, fade, since=-4 * rise - 20, until=5 * fade))
    assert fits.duration[0, 1] == pytest.approx(rise + fade, rel=0.25)
    assert abs(fits.peak_mjd[0] - START) < 0.3 * (rise + fade)
    assert magnitude(fits.peak_flux[0, -1]) == pytest.approx(17.0, abs=0.15)
    assert fits.reduced_chi2[0] < 2.0


def test_what_is_cut_off_is_uncertain():
    whole = transient()
    early = fit(whole.between(0, START - 8.0))
    late = fit(whole)
    width = [np.log(fits.duration[0, 2] / fits.duration[0, 0]) for fits in (early, late)]
    assert width[0] > 2 * width[1]
    assert early.peak_mjd_error[0] > late.peak_mjd_error[0]


@settings(max_examples=examples(25), deadline=None)
@given(st.floats(1.5, 30.0), st.floats(3.0, 60.0), st.floats(14.0, 19.0), st.floats(-10.0, 60.0))
def test_probabilities_are_probabilities_and_percentiles_ascend(rise, fade, peak_mag, until):
    fits = fit(transient(rise, fade, peak_mag, until=until))
    if np.isnan(fits.anchor[0]):
        assert np.isnan(fits.fast[0])
        return
    assert fits.fast[0] + fits.normal[0] + fits.slow[0] == pytest.approx(1.0)
    assert min(fits.fast[0], fits.normal[0], fits.slow[0]) >= -1e-6
    assert np.all(np.diff(fits.duration[0]) >= 0)


def test_an_alert_is_fitted_alike_alone_and_among_others():
    alerts = [
        transient(rise, fade, seed=seed) for seed, (rise, fade) in enumerate([(2, 4), (10, 15), (20, 50)] * 8)
    ]
    together = fit(Photometry.join(alerts))
    for row in (0, 1, 17, 23):
        for one, other in zip(columns(fit(alerts[row]), 0), columns(together, row), strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-2, atol=2e-2)


def test_the_unit_of_flux_does_not_change_the_shape():
    data = transient()
    brighter = Photometry(
        1, data.owner, data.mjd, 100 * data.flux, 100 * data.dflux, data.band, data.is_limit
    )
    one, other = fit(data), fit(brighter)
    np.testing.assert_allclose(one.duration, other.duration, rtol=1e-3)
    np.testing.assert_allclose(100 * one.peak_flux, other.peak_flux, rtol=1e-3)


def test_limits_before_the_first_detection_hold_the_curve_down():
    data = transient(rise=2.0, fade=20.0, limit=20.5).between(START - 30, START + 8)
    # First detected at its peak: what the rise was only limits can say.
    late = data.keep((data.mjd > START) | (data.is_limit & (data.mjd < START - 6)))
    before = np.array([START - 8.0])
    with_limits = curve(fit(late), 0, before, ORANGE)
    without = curve(fit(late.keep(~late.is_limit)), 0, before, ORANGE)
    assert with_limits[1] < 0.5 * without[1]


def test_alerts_without_a_detection_have_no_fit_and_disturb_no_other():
    none = transient(peak_mag=25.0)
    assert none.is_limit.all()
    fits = fit(Photometry.join([none, transient(), none]))
    assert np.isnan(fits.duration[[0, 2]]).all()
    assert fits.detected.tolist()[::2] == [0, 0]
    np.testing.assert_allclose(fits.duration[1], fit(transient()).duration[0], rtol=1e-2)


def test_nothing_at_all_is_fitted_without_complaint():
    empty = transient().keep(np.zeros(len(transient()), dtype=bool))
    assert np.isnan(fit(empty).fast).tolist() == [True]


def test_negative_flux_is_data_and_no_detection():
    data = transient()
    negative = Photometry(1, data.owner, data.mjd, -data.flux, data.dflux, data.band, data.is_limit)
    assert np.isnan(fit(negative).anchor[0])


def test_one_detection_among_limits_before_the_rise_changes_little():
    data = transient()
    flux, missed = data.flux.copy(), data.is_limit.copy()
    stray = np.flatnonzero(data.mjd < START - 28)[0]
    flux[stray], missed[stray] = 6 * data.dflux[stray], False
    fits = fit(Photometry(1, data.owner, data.mjd, flux, data.dflux, data.band, missed))
    assert fits.duration[0, 1] == pytest.approx(fit(data).duration[0, 1], rel=0.1)
    assert fits.early_evidence[0] < 1.0


def test_an_early_peak_is_evidence_for_one_and_a_smooth_rise_against():
    assert fit(transient(early=0.8, since=-40)).early_evidence[0] > 2.0
    assert fit(transient(early=0.0, since=-40)).early_evidence[0] < -1.0


def test_the_curve_goes_through_the_data_and_its_band_widens_where_there_are_none():
    data = transient().between(0, START + 10)
    fits = fit(data)
    seen = data.mjd[(data.band == ORANGE) & ~data.is_limit]
    low, middle, high = curve(fits, 0, seen, ORANGE)
    flux = data.flux[(data.band == ORANGE) & ~data.is_limit]
    assert np.median(np.abs(middle / flux - 1)) < 0.1
    far = np.array([START + 5.0, START + 60.0])
    low, middle, high = curve(fits, 0, far, ORANGE)
    assert np.all((low <= middle) & (middle <= high))
    assert np.diff(np.log(high / low))[0] > 0.5


def test_the_prediction_of_many_agrees_with_the_curve_of_one():
    fits = fit(Photometry.join([transient(3, 5), transient(10, 30)]))
    mjd = START + np.array([-5.0, 0.0, 12.0])
    mean, error = predict(fits, np.array([1, 1, 1]), mjd, np.full(3, CYAN, dtype=np.uint8))
    low, _, high = curve(fits, 1, mjd, CYAN)
    assert np.all((mean > low - 2 * error) & (mean < high + 2 * error))


def test_a_filter_without_data_is_refused_by_name():
    with pytest.raises(ValueError, match="no data in the band of code 119"):
        curve(fit(transient()), 0, [START], ord("w"))


def test_a_shape_is_above_half_of_its_peak_for_its_duration():
    shapes = all_shapes()
    single = shapes.take(np.flatnonzero(shapes.early_flux == 0))
    np.testing.assert_allclose(single.flux(-single.rise), 0.5, atol=1e-6)
    np.testing.assert_allclose(single.flux(single.fade), 0.5, atol=1e-6)
    np.testing.assert_allclose(single.flux(np.zeros(len(single))), 1.0)


def test_the_prior_is_a_distribution_over_the_whole_grid():
    shapes = all_shapes()
    assert shapes.prior.sum() == pytest.approx(1.0)
    assert (shapes.prior > 0).all()
    assert {shapes.rise.min(), shapes.rise.max()} == {RISES[0], RISES[-1]}
    assert {shapes.fade.min(), shapes.fade.max()} == {FADES[0], FADES[-1]}
    assert not np.isnan(default_bank().log_prior).any()


def test_exposures_of_a_night_are_averaged_and_their_errors_shrink():
    data = nights(transient(peak_mag=15.0))
    bright = ~data.is_limit & (data.flux > 0.5)
    assert bright.sum() > 5
    # The model's floor stays, however many exposures there are.
    assert np.all(data.weight[bright] ** -0.5 > 0.08 * data.flux[bright])
    assert np.all(np.diff(data.owner) >= 0)


def test_an_exposure_unlike_the_others_of_its_night_is_left_out():
    data = transient()
    near = np.flatnonzero((np.abs(data.mjd - START) < 5) & ~data.is_limit)
    flux = data.flux.copy()
    flux[near[2]] *= 30.0
    spoilt = Photometry(1, data.owner, data.mjd, flux, data.dflux, data.band, data.is_limit)
    np.testing.assert_allclose(fit(spoilt).duration, fit(data).duration, rtol=0.05)
    np.testing.assert_allclose(fit(spoilt).peak_flux, fit(data).peak_flux, rtol=0.05)
