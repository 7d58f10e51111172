"""A trend is how the nightly mean of a band changed, with its error; nothing smaller than that is one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.epochs import pack_detections, pack_nondetections
from vra_tui.domain.light_curve import LightCurves
from vra_tui.lightcurve.trend import FLOOR, is_significant, trends

DAY = 60_000.3


def seen(day, mag, *, n=4, error=0.1, band="o", unit=1, step=0.01, limit=19.5):
    """Detections of one night as rows (mjd, mag, magerr, limit, filter, unit)."""
    return [(DAY + day + step * i, mag, error, limit, band, unit) for i in range(n)]


def missed(day, limit, *, n=4, band="o", unit=1):
    return [(DAY + day + 0.01 * i, limit, band, unit) for i in range(n)]


def curves(*alerts):
    """Light curves of alerts, each a list of detections, or a pair of detections and limits."""
    pairs = [alert if isinstance(alert, tuple) else (alert, []) for alert in alerts]
    packed = [], []
    for detections, limits in pairs:
        columns = list(zip(*sorted(detections, key=lambda row: row[0]), strict=True)) or [[]] * 6
        values = dict(zip(("mjd", "mag", "magerr", "limit", "band", "instrument"), columns, strict=True))
        n = len(values["mjd"])
        values |= {"ra": [1.0] * n, "dec": [2.0] * n}
        values["band"] = [ord(band) for band in values["band"]]
        packed[0].append(pack_detections(values).records.tobytes())
        columns = list(zip(*sorted(limits), strict=True)) or [[]] * 4
        values = dict(zip(("mjd", "limit", "band", "instrument"), columns, strict=True))
        values["band"] = [ord(band) for band in values["band"]]
        packed[1].append(pack_nondetections(values).records.tobytes())
    return LightCurves.from_bytes(range(len(pairs)), *packed)


def trend(detections, limits=()):
    found = trends(curves((detections, list(limits))))
    return found.rise[0], found.error[0], chr(found.band[0])


def test_a_rise_of_two_magnitudes_in_two_nights_is_one_magnitude_a_day():
    rise, error, band = trend(seen(0, 18.5) + seen(2, 16.5))
    assert (rise, band) == (pytest.approx(1.0, abs=1e-3), "o")
    # Four errors of 0.1 mag a night, and the zero points: on two nights, over two days.
    assert error == pytest.approx(math.sqrt(2) * math.hypot(0.05, FLOOR) / 2, rel=1e-3)
    assert is_significant(rise, error)


def test_the_last_two_nights_count():
    rise, *_ = trend(seen(0, 18.5) + seen(2, 16.5) + seen(3, 16.7))
    assert rise == pytest.approx(-0.2, abs=1e-3)


def test_minutes_within_a_night_are_no_trend():
    """The survey's words compare the last two exposures of a band, minutes apart."""
    assert math.isnan(trend(seen(0, 18.5) + seen(0.1, 16.5))[0])


@pytest.mark.parametrize("other", [[], seen(2, 17.0, band="c"), seen(20, 16.5)])
def test_one_night_of_a_band_is_no_trend_and_neither_are_two_far_apart(other):
    assert math.isnan(trend(seen(0, 18.5) + other)[0])


def test_no_detection_is_no_trend():
    assert math.isnan(trend([], missed(0, 19.0) + missed(2, 19.0))[0])
    assert len(trends(curves()).rise) == 0


@pytest.mark.parametrize(("change", "holds"), [(0.1, False), (0.14, False), (0.18, True), (-0.18, True)])
def test_what_is_below_two_sigma_is_not_significant(change, holds):
    rise, error, _ = trend(seen(0, 18.5) + seen(1, 18.5 - change))
    assert is_significant(rise, error) == holds


def test_a_scatter_greater_than_the_errors_counts():
    wild = [(mjd, mag + (-1) ** i, *rest) for i, (mjd, mag, *rest) in enumerate(seen(0, 17.5, error=0.02))]
    assert not is_significant(*trend(wild + seen(1, 16.9, error=0.02))[:2])
    assert is_significant(*trend(seen(0, 17.5, error=0.02) + seen(1, 16.9, error=0.02))[:2])


def test_negative_flux_counts_as_what_it_is():
    """One of four exposures of equal and opposite flux halves the mean: 0.75 mag."""
    night = seen(2, 17.0, error=0.05)
    night[1] = (night[1][0], -17.0, *night[1][2:])
    rise, error, _ = trend(seen(0, 17.0, error=0.05) + night)
    assert math.isnan(rise) or not is_significant(rise, error)  # the scatter tells that something is wrong


def test_a_night_of_negative_flux_has_no_magnitude():
    assert math.isnan(trend(seen(0, 17.0) + seen(2, -17.0))[0])
    assert math.isnan(trend(seen(0, -17.0) + seen(2, -16.0))[0])


def test_several_detections_of_one_exposure_count_as_one():
    double = [row for row in seen(2, 16.5) for _ in range(3)]
    single = trend(seen(0, 18.5) + seen(2, 16.5))
    assert trend(seen(0, 18.5) + double)[:2] == pytest.approx(single[:2], rel=1e-6)


def test_a_missing_error_is_that_of_the_limit_or_a_fifth_of_the_flux():
    nan = math.nan
    by_limit = trend(seen(0, 17.0, error=nan) + seen(1, 16.0, error=nan))
    by_size = trend(seen(0, 17.0, error=nan, limit=nan) + seen(1, 16.0, error=nan, limit=nan))
    assert by_limit[0] == by_size[0] == pytest.approx(1.0, abs=1e-3)
    assert 0 < by_limit[1] < by_size[1] < math.inf


def test_a_missing_magnitude_is_left_out():
    with_nan = seen(1, 16.0)
    with_nan[2] = (with_nan[2][0], math.nan, *with_nan[2][2:])
    assert trend(seen(0, 17.0) + with_nan)[0] == pytest.approx(1.0, abs=0.01)


def test_a_later_night_that_should_have_found_it_ends_the_trend_and_a_cloudy_one_does_not():
    rising = seen(0, 18.5) + seen(2, 16.5)
    assert math.isnan(trend(rising, missed(4, 19.0))[0])
    assert (
        trend(rising, missed(4, 16.0))[0] == trend(rising, missed(4, 19.0, band="c"))[0] == trend(rising)[0]
    )
    assert trend(rising, missed(1, 19.0) + missed(-3, 19.0))[0] == trend(rising)[0]


def test_the_band_seen_last_speaks():
    rise, _, band = trend(seen(0, 18, band="c") + seen(2, 17, band="c") + seen(1, 17.5) + seen(3, 17.6))
    assert (band, rise) == ("o", pytest.approx(-0.05, abs=1e-3))


def test_of_bands_seen_at_once_the_one_with_the_smaller_error_speaks():
    both = seen(0, 18, error=0.3) + seen(1, 17, error=0.3) + seen(0, 18, band="c") + seen(1, 17.5, band="c")
    assert trend(both)[2] == "c"


@pytest.mark.parametrize("start", [0.0, 0.2, 0.45, 0.69, 0.7, 0.95])
def test_no_time_of_day_splits_a_night(start):
    """Not 0 h UT, nor the time of day of t0: a night is what lies close together."""
    rise, *_ = trend(
        [(mjd + start, *rest) for mjd, *rest in seen(0, 18.5, step=0.1) + seen(2, 16.5, step=0.1)]
    )
    assert rise == pytest.approx(1.0, abs=1e-3)


night = st.tuples(
    st.integers(0, 6), st.floats(15, 19.5), st.sampled_from([-1, 1, 1, 1]), st.sampled_from("co"),
    st.integers(1, 4), st.sampled_from([0.02, 0.2, math.nan]),
)  # fmt: skip
light_curve = st.lists(night, max_size=8)


def rows(plan):
    found = {}
    for day, mag, sign, band, n, error in plan:
        for row in seen(
            day + (0.002 if band == "c" else 0), round(sign * mag, 3), band=band, n=n, error=error
        ):
            found[row[0], band] = row
    return list(found.values())


@given(st.lists(light_curve, max_size=5))
def test_many_alerts_at_once_have_the_trends_that_each_has_alone(plans):
    alerts = [rows(plan) for plan in plans]
    together = trends(curves(*alerts))
    for index, alert in enumerate(alerts):
        alone = trends(curves(alert))
        for name in ("rise", "error", "band"):
            np.testing.assert_array_equal(getattr(together, name)[index], getattr(alone, name)[0])


@given(light_curve, st.floats(-2, 2))
def test_a_source_that_is_fainter_throughout_has_the_same_trend(plan, shift):
    alert = rows(plan)
    dimmed = [(mjd, math.copysign(abs(mag) + shift, mag), *rest) for mjd, mag, *rest in alert]
    # Without an error the limit gives one, which does not dim with the source.
    if all(row[2] == row[2] for row in alert):
        one, other = trend(alert), trend(dimmed)
        assert one[2] == other[2]
        assert one[:2] == pytest.approx(other[:2], abs=1e-4, nan_ok=True)
