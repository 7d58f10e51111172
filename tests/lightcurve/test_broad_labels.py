"""Labels speak where the data decide, and say that it is too early where they do not."""

import numpy as np
import pytest

from tests.lightcurve.made import START, transient
from vra_tui.lightcurve.bank import default_bank
from vra_tui.lightcurve.broad_labels import (
    EARLY_PEAK,
    ONE_PEAK,
    TOO_EARLY,
    Thresholds,
    label,
    speed_prior,
)
from vra_tui.lightcurve.fit import fit
from vra_tui.lightcurve.flux_epochs import Photometry


@pytest.mark.parametrize(("rise", "fade", "word"), [(2, 4, "fast"), (10, 16, "normal"), (30, 70, "slow")])
def test_a_whole_light_curve_is_labelled_by_its_duration(rise, fade, word):
    assert label(fit(transient(rise, fade, since=-4 * rise - 20, until=4 * fade))).speed.tolist() == [word]


def test_the_first_night_says_nothing():
    labels = label(fit(transient().between(0, START - 17.5)), modulus=35.0)
    assert labels.speed.tolist() == labels.luminosity.tolist() == labels.structure.tolist() == [TOO_EARLY]


def test_a_rise_alone_does_not_tell_normal_from_slow():
    assert label(fit(transient(25, 60).between(0, START - 20))).speed.tolist() == [TOO_EARLY]


@pytest.mark.parametrize(("modulus", "word"), [(32.0, "faint"), (35.5, "normal"), (38.5, "bright")])
def test_luminosity_follows_from_the_distance(modulus, word):
    labels = label(fit(transient(peak_mag=17.0)), modulus, 0.1)
    assert labels.luminosity.tolist() == [word]
    assert labels.absolute[0, 1] == pytest.approx(17.0 - modulus, abs=0.2)


def test_luminosity_without_a_distance_is_not_known():
    labels = label(fit(Photometry.join([transient(), transient()])), np.array([np.nan, 35.5]), 0.1)
    assert labels.luminosity.tolist() == [TOO_EARLY, "normal"]
    assert np.isnan(labels.luminosity_probability[0]).all()


def test_an_uncertain_distance_leaves_the_luminosity_open():
    assert label(fit(transient(peak_mag=17.0)), 36.8, 0.8).luminosity.tolist() == [TOO_EARLY]


def test_structure_names_an_early_peak_and_its_absence():
    curves = Photometry.join([transient(early=0.8, since=-40), transient(since=-40)])
    assert label(fit(curves)).structure.tolist() == [EARLY_PEAK, ONE_PEAK]


def test_a_source_that_is_no_single_rise_and_fall_gets_no_label():
    flickers = transient(change=lambda day, flux: flux * np.where(day.astype(int) // 4 % 2, 0.1, 1.0) + 200.0)
    fits = fit(flickers)
    assert fits.reduced_chi2[0] > 4.0
    assert label(fits).speed.tolist() == [TOO_EARLY]


def test_a_higher_threshold_never_makes_a_label_speak():
    cuts = [transient().between(0, START + day) for day in range(-16, 40, 4)]
    fits = fit(Photometry.join(cuts))
    strict = label(fits, thresholds=Thresholds(probability=0.99)).speed
    loose = label(fits, thresholds=Thresholds(probability=0.8)).speed
    assert np.all((strict == TOO_EARLY) | (strict == loose))


def test_the_prior_expects_most_to_be_normal():
    prior = speed_prior(default_bank())
    assert prior.sum() == pytest.approx(1.0)
    assert prior.argmax() == 1
