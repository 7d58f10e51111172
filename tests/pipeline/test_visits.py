"""A visit is a night after t0 on which the survey looked."""

import numpy as np

from vra_tui.domain.epochs import pack_nondetections
from vra_tui.domain.light_curve import LightCurves
from vra_tui.pipeline.visits import visits_of

T0 = 60_000.0


def alert(*phases):
    packed = pack_nondetections(
        {
            "mjd": [T0 + p for p in phases],
            "limit": [19.0] * len(phases),
            "instrument": [1] * len(phases),
            "band": [111] * len(phases),
        }
    )
    return packed.records.tobytes()


def visits(*alerts, at_mjd=np.inf):
    curves = LightCurves.from_bytes(range(len(alerts)), [b""] * len(alerts), list(alerts))
    return visits_of(curves, np.full(len(alerts), T0), at_mjd)


def days(found):
    return [np.flatnonzero(row).tolist() for row in found.exists]


def test_the_entry_is_always_there_and_ends_with_the_last_exposure_before_t0():
    found = visits(alert(-3.0, -0.5, -0.4), alert())
    assert days(found) == [[0], [0]]
    assert found.end_mjd[:, 0].tolist() == [T0 - 0.4, T0]


def test_nights_after_t0_are_numbered_on_from_the_entry():
    found = visits(alert(-0.5, 0.5, 0.6, 3.5, 14.5), alert(1.5))
    assert days(found) == [[0, 1, 4, 15], [0, 2]]
    assert found.number[0, [0, 1, 4, 15]].tolist() == [1, 2, 3, 4]
    assert found.end_mjd[0, 1] == T0 + 0.6


def test_what_lies_past_15_days_or_after_the_time_asked_is_no_visit():
    assert days(visits(alert(15.2, 30.0))) == [[0]]
    assert days(visits(alert(0.5, 1.5), at_mjd=T0 + 1)) == [[0, 1]]


def test_the_last_moment_of_day_15_still_counts_for_it():
    assert days(visits(alert(15.0))) == [[0, 15]]


def test_before_t0_there_is_no_entry():
    assert days(visits(alert(-0.5), at_mjd=T0 - 0.1)) == [[]]
