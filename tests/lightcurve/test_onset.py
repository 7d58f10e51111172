"""Where a transient begins: histories, noise, pauses and outbursts before it, in any order of arrival."""

import numpy as np
import pytest

from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve
from vra_tui.lightcurve.onset import forced_before, last_unseen, onset

T0 = 60_000.0


def curve(seen=(), missed=(), forced=()) -> LightCurve:
    """Detections (day, mag), limits (day, limit), forced photometry (day, flux, dflux), all of one band."""

    def columns(rows, *names):
        day = np.array([row[0] for row in rows], float)
        found = {name: np.array([row[n] for row in rows], float) for n, name in enumerate(names, 1)}
        same = {"instrument": np.ones(len(rows)), "band": np.full(len(rows), ord("o"))}
        return {"mjd": T0 + day, **found, **same}

    # A third number of a detection is how far north of the others it lies, arcsec.
    north = np.array([row[2] if len(row) > 2 else 0.0 for row in seen])
    empty = {"ra": np.full(len(seen), 10.0), "dec": 1.0 + north / 3600.0}
    plain = {"magerr": np.full(len(seen), 0.1), "limit": np.full(len(seen), 19.6)}
    packed = LightCurve(
        pack_detections({**columns(seen, "mag"), **empty, **plain}),
        pack_nondetections(columns(missed, "limit")),
        pack_forced(columns(forced, "flux", "dflux")),
    )
    return TimedLightCurve.of(packed, 0.0).curve


def night(day, mag, count=4):
    return [(day + 0.01 * n, mag) for n in range(count)]


def begins(found: LightCurve, t0=T0) -> float:
    begun = onset(found, t0)
    assert begun is not None
    return float(found.detections.mjd[begun.discovery]) - T0


def test_without_a_positive_detection_nothing_begins():
    assert onset(curve(), T0) is None
    assert onset(curve([(0, -18.0)]), T0) is None


def test_the_discovery_is_the_first_of_nights_that_hang_together():
    found = curve([*night(-2.5, 19.0), *night(-0.5, 18.5), *night(3.0, 18.0)], night(-4.5, 19.5))
    assert begins(found) == pytest.approx(-2.5)
    begun = onset(found, T0)
    assert (len(begun.own), begun.earlier, begun.single, begun.negative) == (12, 0, 0, 0)


def test_garbage_of_years_ago_is_history_and_not_the_discovery():
    history = [(-900.2, 18.9), (-640.0, 19.1), (-200.0, 18.7), (-199.99, 18.8)]
    begun = onset(found := curve([*history, *night(-1.0, 18.5)]), T0)
    assert begins(found) == pytest.approx(-1.0)
    assert begun.earlier == 4


def test_a_single_detection_among_limits_in_the_nights_before_is_passed_over_and_counted():
    found = curve([(-4.5, 19.4), *night(-0.5, 18.5)], night(-4.48, 19.5, 3))
    assert begins(found) == pytest.approx(-0.5)
    assert (onset(found, T0).earlier, onset(found, T0).single) == (1, 1)
    # Under clouds the limits say nothing: then it may be the discovery.
    cloudy = curve([(-4.5, 19.4), *night(-0.5, 18.5)], night(-4.48, 17.0, 3))
    assert begins(cloudy) == pytest.approx(-4.5)


def test_what_was_gone_in_between_is_another_outburst():
    outburst = [*night(-14.0, 18.0), *night(-1.0, 17.9)]
    assert begins(curve(outburst)) == pytest.approx(-14.0)
    assert begins(curve(outburst, night(-7.0, 19.4))) == pytest.approx(-1.0)
    # One deep exposure may have missed it for a reason of its own, and shallow ones say nothing.
    assert begins(curve(outburst, [(-7.0, 19.4)])) == pytest.approx(-14.0)
    assert begins(curve(outburst, night(-7.0, 18.2))) == pytest.approx(-14.0)


def test_a_fading_tail_with_gaps_does_not_move_the_discovery():
    rise = [*night(-1.0, 18.6), *night(3.0, 17.9), *night(20.0, 18.6)]
    tail = [(60.0, 19.4), (62.0, 19.5)]
    limits = [one for day in (40, 45, 50, 70) for one in night(float(day), 19.6)]
    assert begins(curve([*rise, *tail], limits)) == pytest.approx(-1.0)


def test_two_detections_of_one_exposure_are_told_once():
    found = curve([(-0.5, 17.0, 3.0), (-0.5, 18.7), (-0.4, 18.5), (-0.3, 18.4), (-0.3, 17.1, -3.0)])
    own = onset(found, T0).own
    # Which of them: that at the place of the others.
    assert found.detections.mag[own].tolist() == [18.7, 18.5, 18.4]


def test_the_last_non_detection_is_deep_and_of_a_night_in_which_nothing_was_seen():
    seen = night(-0.5, 18.5)
    deep, shallow, same = (-4.5, 19.5), (-2.5, 17.5), (-0.45, 19.4)
    found = curve(seen, [deep, shallow, same])
    unseen = last_unseen(found, onset(found, T0))
    assert (unseen.mjd - T0, unseen.limit, unseen.is_deep) == (pytest.approx(-4.5), 19.5, True)
    found = curve(seen, [shallow, same])
    unseen = last_unseen(found, onset(found, T0))
    assert (unseen.mjd - T0, unseen.is_deep) == (pytest.approx(-2.5), False)
    found = curve(seen, [same])
    assert last_unseen(found, onset(found, T0)) is None


def test_limits_of_forced_photometry_stand_in_where_the_survey_sends_none():
    found = curve(night(-0.5, 20.0), forced=[(-3.0, 0.2, 0.5), (-2.0, 9.0, 0.5), (-1.5, -0.4, 1.0)])
    unseen = last_unseen(found, onset(found, T0))
    # 5 sigma of 1 microjansky: 23.9 - 2.5 log10(5). What was seen by 18 sigma is no limit.
    assert (unseen.mjd - T0, unseen.is_forced) == (pytest.approx(-1.5), True)
    assert unseen.limit == pytest.approx(22.1526, abs=1e-4)


def test_forced_photometry_may_see_it_before_its_discovery():
    seen = night(-0.5, 18.5)
    found = curve(seen, forced=[(-5.0, 1.0, 5.0), (-3.0, 60.0, 5.0), (-2.0, 90.0, 5.0)])
    assert forced_before(found, onset(found, T0)) == pytest.approx(T0 - 3.0)
    # A single exposure is not believed, nor what was dark again afterwards.
    for lone in ([(-3.0, 60.0, 5.0)], [(-4.0, 60.0, 5.0), (-3.0, 60.0, 5.0), (-2.0, 1.0, 5.0)]):
        found = curve(seen, forced=lone)
        assert forced_before(found, onset(found, T0)) is None


def test_the_order_in_which_epochs_arrive_changes_nothing(chance):
    seen = [*night(-300.0, 18.9, 1), (-4.5, 19.4), *night(-0.5, 18.5), *night(3.0, 18.0)]
    missed = [*night(-4.48, 19.5, 3), *night(-8.0, 19.6)]
    first = onset(curve(seen, missed), T0)
    for _ in range(5):
        found = curve(chance.sample(seen, len(seen)), chance.sample(missed, len(missed)))
        again = onset(found, T0)
        assert (again.own.tolist(), again.earlier, again.single) == (
            first.own.tolist(), first.earlier, first.single,
        )  # fmt: skip
