"""Which points of a light curve are shown, and where they stand in time and brightness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.curve.made import T0, curve
from vra_tui.tui.curve.draw import CurveStyle, shown
from vra_tui.tui.curve.points import Limits, PointKind, Quantity, Window, limited, nightly, points_of, span_of


def test_flux_is_in_microjansky():
    points = points_of(curve([(0, 23.9, 0.1, "o"), (1, -18.9, 0.0, "o")]), T0, Quantity.FLUX)
    assert points.value == pytest.approx([1.0, -100.0])
    assert points.error[0] == pytest.approx(0.0921034, rel=1e-5)


@pytest.mark.parametrize("old", [-900.0, -40.0])
def test_an_old_point_does_not_squash_the_axis(old):
    points = points_of(curve([(old, 18.0, 0.1, "o"), (0, 18.5, 0.1, "o")]), T0)
    assert span_of(points, Window.AUTO) == (-15.0, 0.5)


def test_years_of_later_limits_do_not_squash_the_axis():
    points = points_of(curve([(0, 18.5, 0.1, "o")], [(day, 19.0) for day in range(1, 900, 7)]), T0)
    assert span_of(points, Window.AUTO) == (-15.0, 30.0)


def test_an_alert_without_detections_near_t0_shows_its_latest_ones():
    points = points_of(curve([(-200, 18.0, 0.1, "o")], [(0, 19.0)]), T0)
    left, right = span_of(points, Window.AUTO)
    assert left < -200 < right < 0


@pytest.mark.parametrize("window", [Window.DAYS_5, Window.DAYS_15, Window.DAYS_100])
def test_a_window_of_days_ends_at_the_last_exposure(window):
    points = points_of(curve([(-300, 18, 0.1, "o"), (3, 18, 0.1, "o")], [(7, 19)]), T0)
    left, right = span_of(points, window)
    assert left == 7 - window.days
    assert right > 7


def test_all_shows_everything():
    points = points_of(curve([(-300, 18, 0.1, "o")], [(7, 19)]), T0)
    left, right = span_of(points, Window.ALL)
    assert left < -300
    assert right > 7


def test_a_night_becomes_one_point_at_the_weighted_mean():
    points = points_of(
        curve([(-0.6, 18.0, 0.1, "o"), (-0.5, 18.4, 0.2, "o"), (-0.4, 19.0, 0.1, "c"), (2, 18, 0.1, "o")]), T0
    )
    merged = nightly(points)
    orange = merged.where((merged.band == ord("o")) & (merged.phase < 0))
    assert len(merged) == 3
    assert orange.value == pytest.approx([18.08])
    assert orange.error == pytest.approx([0.0894427], rel=1e-5)


def a_night(longitude: float, night: int, hours=(-5, -4.5, 4, 4.5)) -> list[float]:
    """Phases of exposures so many hours from the local midnight of a site."""
    return [night - longitude / 360 + hour / 24 for hour in hours]


@pytest.mark.parametrize("longitude", [-155.6, 20.8, -70.8, -16.5])
@pytest.mark.parametrize("known", [True, False])
@given(t0=st.floats(0, 1))
def test_a_night_is_one_point_wherever_t0_lies_in_it(longitude, known, t0):
    phases = [phase for night in (3, 5, 6) for phase in a_night(longitude, night)]
    east = np.full(256, longitude if known else np.nan)
    light_curve = curve([(phase, 18.0, 0.1, "o") for phase in phases], [(phase, 19.0) for phase in phases])
    merged = nightly(points_of(light_curve, T0 + t0, longitude=east))
    assert len(merged.of(PointKind.DETECTION)) == len(merged.of(PointKind.LIMIT)) == 3
    assert merged.of(PointKind.DETECTION).error == pytest.approx([0.05] * 3)


def test_the_edge_of_the_window_does_not_cut_a_night_in_two():
    light_curve = curve([(-15.1, 18.0, 0.1, "o"), (-14.9, 19.0, 0.1, "o"), (0, 18.0, 0.1, "o")])
    seen = shown(points_of(light_curve, T0), CurveStyle(nightly=True))
    assert len(seen) in (1, 2)
    assert 19.0 not in seen.value.tolist()


def test_points_come_in_the_order_of_time():
    points = points_of(curve([(0, 18, 0.1, "o"), (2, 18, 0.1, "o")], [(1, 19.0)]), T0)
    assert points.kind.tolist() == [PointKind.DETECTION, PointKind.LIMIT, PointKind.DETECTION]


def test_the_days_of_a_fresh_alert_end_now_however_old_it_is():
    young = points_of(curve([(0, 18, 0.1, "o"), (3, 18, 0.1, "o")]), T0)
    assert span_of(young, Window.AUTO, 4.0) == (-15.0, 4.0)
    assert span_of(young, Window.AUTO, 40.0) == span_of(young, Window.AUTO) == (-15.0, 3.5)
    assert span_of(young, Window.ALL, 4.0) == (-0.5, 4.0)
    old = points_of(curve([(0, 18, 0.1, "o"), (399, 18, 0.1, "o")]), T0)
    assert span_of(old, Window.AUTO, 400.0) == (355.0, 400.0)
    # A clock that is behind the data is no reason to leave them out.
    assert span_of(young, Window.AUTO, -2.0) == span_of(young, Window.AUTO)


@pytest.mark.parametrize("quantity", list(Quantity))
def test_a_deep_limit_reaches_045_mag_below_the_peak_in_either_quantity(quantity):
    light_curve = curve([(0, 18.0, 0.1, "o"), (1, 19.5, 0.1, "o")], [(-3, 18.44), (-2, 18.46), (-1, 20.0)])
    points = points_of(light_curve, T0, quantity)
    kept = limited(points, Limits.DEEP).of(PointKind.LIMIT)
    assert kept.phase.tolist() == [-2, -1]
    assert len(limited(points, Limits.ALL)) == 5
    assert len(limited(points, Limits.NONE)) == 2
    unseen = points_of(curve([], [(-3, 18.44)]), T0, quantity)
    assert len(limited(unseen, Limits.DEEP)) == 1


@pytest.mark.parametrize("quantity", list(Quantity))
def test_a_night_of_limits_becomes_its_deepest_one(quantity):
    points = points_of(curve([], [(0.0, 18.0), (0.01, 19.5), (0.02, 17.0)]), T0, quantity)
    (one,) = nightly(points).value
    (deepest,) = points_of(curve([], [(0.0, 19.5)]), T0, quantity).value
    assert one == deepest
