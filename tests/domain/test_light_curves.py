"""Light curves are united without loss, in any order, and taken apart without mixing alerts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.light_curve import LightCurve, LightCurves, TimedLightCurve, no_epochs

# Exposures at the same minutes of the same two units, so that drawn light curves overlap.
EXPOSURES = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 2)), max_size=12, unique=True)


def nondetections(exposures, limit=19.0):
    mjd = [60_000 + minute / 1440 for minute, _ in exposures]
    unit = [unit for _, unit in exposures]
    return pack_nondetections(
        {"mjd": mjd, "limit": [limit] * len(mjd), "instrument": unit, "band": [ord("o")] * len(mjd)}
    )


def detections(exposures, mag=18.0):
    n = len(exposures)
    return pack_detections(
        {
            "mjd": [60_000 + minute / 1440 for minute, _ in exposures],
            "instrument": [unit for _, unit in exposures],
            "band": [ord("o")] * n,
            "ra": [1.0] * n,
            "dec": [2.0] * n,
            "mag": [mag] * n,
            "magerr": [0.1] * n,
            "limit": [19.0] * n,
        }
    )


def forced():
    return pack_forced({name: [] for name in "mjd flux dflux mag magerr is_limit instrument band".split()})


def curve(seen, missed):
    return timed(seen, missed).curve


def timed(seen, missed, as_of=1.0, mag=18.0):
    return TimedLightCurve.of(LightCurve(detections(seen, mag), nondetections(missed), forced()), as_of)


def sections(light_curve):
    return light_curve.detections.records.tobytes(), light_curve.nondetections.records.tobytes()


@given(EXPOSURES, EXPOSURES, EXPOSURES, EXPOSURES)
def test_merging_is_idempotent_and_does_not_depend_on_the_order(seen_a, missed_a, seen_b, missed_b):
    a, b = timed(seen_a, missed_a), timed(seen_b, missed_b)
    both = a.united(b)
    for again in (b.united(a), both.united(b), both.united(a), a.united(both)):
        assert sections(again.curve) == sections(both.curve)
        assert again.packed_times() == both.packed_times()


@given(EXPOSURES, EXPOSURES)
def test_nothing_is_lost_and_a_detected_exposure_is_no_nondetection(seen, missed):
    whole = curve(seen, missed)
    assert len(whole.detections) == len(seen)
    assert len(whole.nondetections) == len(set(missed) - set(seen))
    assert np.all(np.diff(whole.nondetections.mjd) >= 0)


def test_the_epoch_that_was_told_later_stands_whichever_arrives_first():
    older, newer = timed([(1, 1)], [], 1.0, mag=18.0), timed([(1, 1)], [], 2.0, mag=17.5)
    for both in (older.united(newer), newer.united(older)):
        assert both.curve.detections.mag.tolist() == [17.5]


def test_the_latest_exposure_counts_whether_detected_or_not():
    assert curve([(1, 1)], [(5, 1)]).last_mjd == 60_000 + round(5 / 1440, 9)
    assert np.isnan(no_epochs().last_mjd)


def many(curves):
    return LightCurves.from_bytes(
        range(len(curves)),
        [c.detections.records.tobytes() for c in curves],
        [c.nondetections.records.tobytes() for c in curves],
    )


@given(st.lists(st.tuples(EXPOSURES, EXPOSURES), min_size=1, max_size=5), st.data())
def test_taking_some_alerts_gives_their_own_epochs_in_the_order_asked(parts, data):
    curves = [curve(seen, missed) for seen, missed in parts]
    rows = np.array(data.draw(st.lists(st.integers(0, len(curves) - 1), max_size=6)), dtype=np.int64)
    taken = many(curves).take(rows)
    expected = many([curves[row] for row in rows])
    assert taken.detections.records.tobytes() == expected.detections.records.tobytes()
    assert taken.nondetections.records.tobytes() == expected.nondetections.records.tobytes()
    assert taken.nondetection_start.tolist() == expected.nondetection_start.tolist()
    assert taken.detection_owner.tolist() == expected.detection_owner.tolist()


def test_cutting_history_off_keeps_whole_days_from_the_one_asked():
    days = pack_nondetections(
        {
            "mjd": [59_999.9, 60_000.1, 60_000.9],
            "limit": [19.0] * 3,
            "instrument": [1] * 3,
            "band": [ord("o")] * 3,
        }
    )
    alert = LightCurve(detections([]), days, forced())
    cut = many([alert, alert]).since(np.array([60_000.8, 60_001.2]))
    assert cut.nondetections.mjd.tolist() == [60_000.1, 60_000.9]
    assert cut.nondetection_start.tolist() == [0, 2, 2]
