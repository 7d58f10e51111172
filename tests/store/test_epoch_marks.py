"""What a scanner called a bad epoch is left out of all that is made of it, and comes back with a word."""

from contextlib import closing
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.factories import FIRST_ID, Clock, api_object, detection, forced, ingest_objects, quad, score_all
from tests.tui.made import an_alert, put
from vra_tui.domain.epoch_identity import SECTIONS, EpochName, identities
from vra_tui.features.table import DAYN_FEATURES
from vra_tui.pipeline.feature_tables import features_at
from vra_tui.store.bad_epochs import code_names
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.curves import curve_and_bad, light_curve, light_curves, whole_curve
from vra_tui.store.decision_ids import taken_at
from vra_tui.store.decisions import Author, DecisionError
from vra_tui.store.detail import alert_detail
from vra_tui.store.doctor import examine
from vra_tui.store.epoch_marks import MarkedEpoch, marks_of, standing_marks, standing_rows
from vra_tui.store.listing import list_rows
from vra_tui.store.marked_alerts import mark_epochs
from vra_tui.store.objects import number_of

ME = Author("me", "here")
START = datetime(2026, 1, 1, tzinfo=UTC)
#: A detection far from the others, in brightness and place.
SPIKE = detection(1.5, 14.2, number=77, ra=150.1009)
#: The day of the visit makes the score: one more or less is seen in it.
BY_DAY = {"preal": lambda table: 0.3 + 0.02 * np.nan_to_num(table.column("dayN")), "pgal": 0.1}
LATER = {"date_modified": "2023-03-20T08:00:00Z"}


def with_spike(**more):
    return api_object(lc=quad(0) + quad(2)[:3] + [SPIKE], **more)


def without_spike(**more):
    return api_object(lc=quad(0) + quad(2)[:3], **more)


def epochs_at(store, alert_id, mjd, section="detections"):
    """The epochs of a section at a time, to be marked."""
    curve, names = whole_curve(store, alert_id), code_names(store)
    epochs = curve.sections[SECTIONS.index(section)]
    return [
        MarkedEpoch(EpochName(section, name), float(at), names.bands[int(band)])
        for name, at, band in zip(
            identities(epochs, names), epochs.mjd.tolist(), epochs.band.tolist(), strict=True
        )
        if abs(at - mjd) < 1e-8
    ]


def bad_curve(store, alert_id):
    return curve_and_bad(store, alert_id)[1]


def mark(store, clock, mjd=SPIKE["mjd"], *, alert_id=FIRST_ID, is_bad=True, section="detections", reason=""):
    epochs = epochs_at(store, alert_id, mjd, section)
    assert epochs
    with transaction(store):
        return mark_epochs(store, alert_id, epochs, is_bad, ME, clock(), reason)


def told(store, alert_id=FIRST_ID):
    """What the store says of an alert that rests on its epochs."""
    row = store.execute(
        """SELECT t0_mjd, n_detections, n_nondetections, last_mjd, last_mag, last_mag_mjd, rise, rise_error,
        rise_band FROM alerts WHERE alert_id = ?""",
        (alert_id,),
    ).fetchone()
    place = list_rows(store, [alert_id])[0]
    scores = [(one.visit, one.day, one.mjd, one.rank) for one in alert_detail(store, alert_id).scores]
    return tuple(row), (place.list, place.visit, place.day, place.rank, place.score_mjd), scores


@pytest.fixture
def never(tmp_path, clock):
    """A store that never had the bad epoch."""
    with closing(open_store(tmp_path / "never.db", durable=False)) as store:
        ingest_objects(store, [without_spike()], clock)
        score_all(store, clock, **BY_DAY)
        yield store


def test_a_bad_epoch_leaves_all_as_if_it_had_never_come_and_a_word_brings_it_back(store, clock, never):
    ingest_objects(store, [with_spike()], clock)
    score_all(store, clock, **BY_DAY)
    before = told(store)
    assert before != told(never)
    mark(store, clock)
    score_all(store, clock, **BY_DAY)
    assert told(store) == told(never)
    at = np.array([60_010.0])
    np.testing.assert_array_equal(
        features_at(store, [FIRST_ID], at).select(DAYN_FEATURES),
        features_at(never, [FIRST_ID], at).select(DAYN_FEATURES),
    )
    mark(store, clock, is_bad=False)
    score_all(store, clock, **BY_DAY)
    assert told(store) == before
    assert [one.is_bad for one in marks_of(store, FIRST_ID)] == [True, False]


def test_a_visit_whose_only_exposure_is_bad_is_none(store, clock, tmp_path):
    ingest_objects(store, [api_object(lc=quad(0) + quad(2) + [detection(4.5)] + quad(7))], clock)
    score_all(store, clock, **BY_DAY)
    assert [visit for visit, *_ in told(store)[2]] == [1, 2, 3, 4]
    mark(store, clock, 60_005.5)
    score_all(store, clock, **BY_DAY)
    with closing(open_store(tmp_path / "other.db", durable=False)) as other:
        ingest_objects(other, [api_object(lc=quad(0) + quad(2) + quad(7))], clock)
        score_all(other, clock, **BY_DAY)
        assert told(store) == told(other)


def test_light_curves_hold_the_good_ones_whoever_reads_and_the_bad_ones_can_be_read_alone(store, clock):
    ingest_objects(store, [api_object(1), with_spike(fp=[forced(1.5), forced(3.5)])], clock)
    ids = [FIRST_ID, FIRST_ID + 1]
    other = light_curve(store, FIRST_ID + 1).detections.records.tobytes()
    mark(store, clock)
    mark(store, clock, 60_004.5, section="forced")
    mark(store, clock, 59_998.5, section="nondetections")
    good, bad, whole = (read(store, FIRST_ID) for read in (light_curve, bad_curve, whole_curve))
    assert [len(one) for one in bad.sections] == [1, 1, 1]
    assert [len(one) for one in good.sections] == [len(one) - 1 for one in whole.sections]
    assert SPIKE["mjd"] not in good.detections.mjd
    many = light_curves(store, ids, with_forced=True)
    assert many.one(0).detections.records.tobytes() == good.detections.records.tobytes()
    assert many.one(0).forced.records.tobytes() == good.forced.records.tobytes()
    assert many.one(1).detections.records.tobytes() == other
    assert light_curves(store, ids).one(0).nondetections.records.tobytes() == (
        good.nondetections.records.tobytes()
    )


def test_a_bad_epoch_that_is_sent_again_with_new_values_stays_bad(store, clock):
    ingest_objects(store, [with_spike()], clock)
    mark(store, clock)
    again = {**SPIKE, "mag": 15.0, "ra": 150.1007}
    ingest_objects(store, [api_object(lc=quad(0) + quad(2)[:3] + [again], header=LATER)], clock)
    assert len(bad_curve(store, FIRST_ID).detections) == 1
    assert bad_curve(store, FIRST_ID).detections.mag.tolist() == [15.0]
    assert told(store)[0][1] == 7


def test_a_detection_with_an_id_of_its_own_stays_bad_at_a_corrected_time(store, clock):
    mine = np.array([60_001.0, 60_003.0, 60_005.0])

    def sent(times, as_of):
        from dataclasses import replace

        from vra_tui.domain.building import build_light_curve

        n = len(times)
        curve, instruments, bands = build_light_curve(
            detections={
                "mjd": times, "ra": [150.1] * n, "dec": [2.2] * n, "mag": [18.0, 19.0, 18.5],
                "magerr": [0.1] * n, "limit": [20.5] * n, "instrument": ["ZTF"] * n, "band": ["r"] * n,
                "source_id": [2345678901, 2345678902, 2345678903],
            }
        )  # fmt: skip
        made = an_alert("ztf", "ZTF26aajcbhr")
        return replace(made, as_of=as_of, light_curve=curve, instruments=instruments, bands=bands)

    put(store, sent(mine, 60_010.0))
    number = number_of("ztf", "ZTF26aajcbhr")
    assert told(store, number)[0][0] == 60_001.0
    mark(store, clock, 60_001.0, alert_id=number)
    assert told(store, number)[0][0] == 60_003.0  # t0 is derived from the detections that count
    put(store, sent(mine + np.array([2e-5, 0, 0]), 60_011.0))
    assert light_curve(store, number).detections.mjd.tolist() == [60_003.0, 60_005.0]
    assert told(store, number)[0][0] == 60_003.0


def test_a_mark_that_is_there_before_its_alert_counts_when_the_alert_comes(store, clock, tmp_path, never):
    from vra_tui.store.objects import numbers

    with closing(open_store(tmp_path / "first.db", durable=False)) as other:
        ingest_objects(other, [with_spike()], clock)
        epochs = epochs_at(other, FIRST_ID, SPIKE["mjd"])
    with transaction(store):
        number = numbers(store, [("atlas", str(FIRST_ID))])["atlas", str(FIRST_ID)]
        mark_epochs(store, number, epochs, True, ME, clock())
    ingest_objects(store, [with_spike()], clock)
    score_all(store, clock, **BY_DAY)
    assert told(store) == told(never)


def test_the_doctor_takes_scores_from_before_a_mark_for_no_fault(store, store_path, clock):
    def places():
        found = examine(store_path, now=clock(), full=True)
        return next(one.state for one in found if one.check == "places")

    ingest_objects(store, [with_spike()], clock)
    score_all(store, clock, **BY_DAY)
    mark(store, clock)
    assert places() == "ok"
    score_all(store, clock, **BY_DAY)
    assert places() == "ok"


def test_of_two_marks_on_an_epoch_the_one_with_the_greater_id_counts_whatever_the_clock_said(store):
    ingest_objects(store, [with_spike()], Clock(datetime(2026, 1, 1, tzinfo=UTC)))
    mark(store, Clock(datetime(2026, 3, 1, tzinfo=UTC)), reason="a ghost")
    mark(store, Clock(datetime(2026, 2, 1, tzinfo=UTC)), is_bad=False, reason="none")
    [stands] = standing_marks(store, FIRST_ID).values()
    assert (stands.is_bad, stands.reason) == (False, "none")
    assert len(light_curve(store, FIRST_ID).detections) == 8


def test_a_mark_by_a_clock_that_ran_ahead_does_not_pull_those_of_other_alerts_along(store):
    ingest_objects(store, [with_spike(), with_spike(header={"id": FIRST_ID + 1})], Clock(START))
    mark(store, Clock(START.replace(year=2030)))
    [other] = mark(store, Clock(START), alert_id=FIRST_ID + 1)
    assert taken_at(other).year == START.year


def test_marks_are_never_changed_and_a_long_reason_is_refused(store, clock):
    ingest_objects(store, [with_spike()], clock)
    mark(store, clock)
    with pytest.raises(Exception, match="append-only"):
        store.execute("UPDATE epoch_marks SET is_bad = 0")
    with pytest.raises(DecisionError, match="Nothing was marked"):
        mark(store, clock, reason="x" * 10_001)


def test_rows_for_others_tell_the_epoch_and_the_label_of_its_alert(store, clock):
    from vra_tui.store.decisions import decide

    ingest_objects(store, [with_spike()], clock)
    mark(store, clock, reason="satellite")
    with transaction(store):
        decide(store, FIRST_ID, "good", ME, clock())
    [row] = standing_rows(store)
    assert (row["survey"], row["object_id"], row["band"]) == ("atlas", str(FIRST_ID), "o")
    assert (row["mjd"], row["is_bad"], row["reason"], row["label"]) == (SPIKE["mjd"], 1, "satellite", "good")
    assert row["source_id"] is None  # ATLAS gives its detections none
