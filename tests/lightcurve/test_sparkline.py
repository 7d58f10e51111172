"""The last nights of light curves in brief: means of nights, whatever the order and the company."""

import numpy as np
import pytest

from tests.tui.curve.made import curve
from vra_tui.domain.light_curve import LightCurve, LightCurves, no_epochs
from vra_tui.lightcurve.sparkline import NightlyCourses, nightly_courses


def laid(*several: LightCurve) -> LightCurves:
    sections = [[section.records.tobytes() for section in one.sections[:2]] for one in several]
    return LightCurves.from_bytes(range(1, len(several) + 1), *map(list, zip(*sections, strict=True)))


def courses(*several: LightCurve, nights: int = 8) -> NightlyCourses:
    return nightly_courses(laid(*several), nights)


RISE = curve(
    [(day + hour, 20.0 - 0.25 * day, 0.1, "o") for day in range(4) for hour in (0, 0.02)], [(-2, 19.0)]
)


def test_each_night_has_the_mean_of_its_exposures_the_latest_at_the_right():
    found = courses(RISE)
    assert found.mag[0] == pytest.approx([np.nan] * 4 + [20.0, 19.75, 19.5, 19.25], nan_ok=True)
    assert found.is_missed[0].tolist() == [False, False, True] + [False] * 5


def test_the_mean_is_that_of_the_flux_negative_flux_and_all():
    bright, faint = 10 ** (0.4 * 3.9), 10 ** (0.4 * 4.9)
    both = courses(curve([(0, 20.0, 0.1, "o"), (0.02, 19.0, 0.1, "o")]), nights=1).mag[0, 0]
    assert both == pytest.approx(23.9 - 2.5 * np.log10((bright + faint) / 2))
    cancelled = courses(curve([(0, 20.0, 0.1, "o"), (0.02, -20.0, 0.1, "o")]), nights=1)
    assert np.isnan(cancelled.mag[0, 0])
    assert cancelled.is_missed[0, 0]


def test_limits_of_a_night_with_a_detection_do_not_count():
    found = courses(curve([(0, 19.0, 0.1, "o")], [(0.02, 19.5), (-1, 19.5)]), nights=3)
    assert found.is_missed[0].tolist() == [False, True, False]


def test_another_band_is_no_step():
    steady = [(day, 19.0 + (0.6 if letter == "r" else 0.0), 0.1, letter) for day, letter in
              [(0, "g"), (0, "r"), (1, "g"), (2, "r"), (3, "g"), (4, "r"), (5, "g"), (5, "r")]]  # fmt: skip
    assert np.ptp(courses(curve(steady), nights=6).mag[0]) == pytest.approx(0, abs=1e-3)


def test_an_alert_is_as_it_is_alone_whatever_stands_around_it():
    others = [curve([(40, 12.0, 0.1, "g")]), no_epochs(), curve([], [(3, 19.0)])]
    alone = courses(RISE)
    for place in range(4):
        several = [*others[:place], RISE, *others[place:]]
        found = courses(*several)
        assert found.mag[place] == pytest.approx(alone.mag[0], nan_ok=True)
        assert found.is_missed[place].tolist() == alone.is_missed[0].tolist()


def test_years_of_history_change_nothing():
    old = curve([(-400.0, 12.0, 0.1, "o"), *((day, 20.0 - 0.25 * day, 0.1, "o") for day in range(4))])
    new = curve([(day, 20.0 - 0.25 * day, 0.1, "o") for day in range(4)])
    assert courses(old).mag[0] == pytest.approx(courses(new).mag[0], nan_ok=True)


def test_epochs_out_of_order_break_nothing():
    found = courses(curve([(day, 19.0, 0.1, "o") for day in (0, 900, 5, 4)], [(7, 19.0), (2, 19.0)]))
    assert found.mag.shape == (1, 8)


def test_nothing_has_no_course():
    found = courses(no_epochs(), curve([], [(0, 19.0)]))
    assert np.isnan(found.mag).all()
    assert found.is_missed.sum() == 1
    assert not found.heights(4).any()
    assert nightly_courses(LightCurves.from_bytes([], [], []), 8).mag.shape == (0, 8)


def test_heights_go_from_the_faintest_to_the_brightest_and_noise_is_flat():
    assert courses(RISE).heights(4)[0].tolist() == [0] * 4 + [1, 2, 3, 4]
    flat = courses(curve([(day, 19.0 + 0.02 * (day % 2), 0.1, "o") for day in range(6)]), nights=6)
    assert len(set(flat.heights(4)[0].tolist())) == 1
    steep = courses(curve([(0, 20.0, 0.1, "o"), (1, 16.0, 0.1, "o")]), nights=2)
    assert steep.heights(8)[0].tolist() == [1, 8]


def test_the_brighter_a_night_the_higher():
    mags = np.random.default_rng(3).uniform(15, 21, 12)
    light_curve = curve([(day, mag, 0.1, "o") for day, mag in enumerate(mags)])
    heights = courses(light_curve, nights=12).heights(8)[0].astype(int)
    order = np.argsort(-mags)
    assert (np.diff(heights[order]) >= 0).all()
