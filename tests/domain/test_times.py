"""Times of every scale are MJD in UTC; astropy says what is right."""

from datetime import UTC, datetime

import numpy as np
import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.times import mjd_of, mjd_of_jd, mjd_of_tai

#: A microsecond in days; MJDs as doubles are good to 7e-12 days.
MICROSECOND = 1e-6 / 86_400


def astropys(tai):
    return Time(tai, format="mjd", scale="tai").utc.mjd


#: Days that end with a leap second. Astropy stretches them to 86,401 seconds: it differs by up to one.
LEAP_DAYS = (50_629, 51_178, 53_735, 54_831, 56_108, 57_203, 57_753)


@given(st.floats(50_100.0, 62_000.0))
def test_tai_is_utc_as_astropy_has_it(tai):
    expected = astropys(tai)
    tolerance = 1.0 / 86_400 if int(expected) in LEAP_DAYS else MICROSECOND
    assert float(mjd_of_tai(tai)) == pytest.approx(expected, abs=tolerance, rel=0)


@pytest.mark.parametrize("leap_day", LEAP_DAYS)
def test_a_leap_second_counts_from_the_midnight_in_utc_behind_it(leap_day):
    before, after = leap_day + 1 + 20.0 / 86_400, leap_day + 1 + np.array([40.0, 60.0, 86_000.0]) / 86_400
    assert np.abs(mjd_of_tai(after) - astropys(after)).max() < MICROSECOND
    step = mjd_of_tai(after[0]) - mjd_of_tai(before)
    assert step * 86_400 == pytest.approx(19.0, abs=1e-4)


def test_rubins_times_are_37_seconds_ahead():
    assert float(mjd_of_tai(61_000.5)) == pytest.approx(61_000.5 - 37.0 / 86_400, abs=1e-11)


def test_nan_stays_nan_and_arrays_keep_their_shape():
    found = mjd_of_tai([[np.nan, 61_000.0]])
    assert found.shape == (1, 2)
    assert np.isnan(found[0, 0])


@given(st.floats(2_450_001.0, 2_470_000.0))
def test_julian_dates_are_mjd_as_astropy_has_them(jd):
    assert float(mjd_of_jd(jd)) == pytest.approx(Time(jd, format="jd").mjd, abs=1e-9)


@given(st.datetimes(datetime(1996, 1, 1), datetime(2026, 1, 1)))
def test_calendar_dates_are_mjd_as_astropy_has_them(time):
    tolerance = 1.0 / 86_400 if int(mjd_of(time)) in LEAP_DAYS else MICROSECOND
    assert mjd_of(time) == pytest.approx(Time(time, scale="utc").mjd, abs=tolerance, rel=0)
    assert mjd_of(time.replace(tzinfo=UTC)) == mjd_of(time)


def test_times_with_a_zone_are_taken_to_utc():
    assert mjd_of(datetime.fromisoformat("2023-02-25T06:00:00+06:00")) == 60000.0
    assert mjd_of(datetime(2000, 1, 1, 12, tzinfo=UTC)) == 51544.5
