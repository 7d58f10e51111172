"""Which alerts entered when, and what raised them; what people decided."""

from datetime import UTC, datetime

import numpy as np

from tests.factories import FIRST_ID, T0, api_object, ingest_objects, quad, score_all
from vra_tui.ranking.lists import MACHINE
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.entered import detections_and_t0, entered_on, filed_among, unscored_days
from vra_tui.store.truths import decided_by_people

IDS = [FIRST_ID, FIRST_ID + 1]
DAY = int(T0)


def test_days_of_entry_are_those_of_alerts_never_scored(store, clock):
    ingest_objects(store, [api_object(n) for n in range(2)], clock)
    assert unscored_days(store, IDS, np.inf) == [DAY]
    assert unscored_days(store, IDS, T0 - 1) == []
    score_all(store, clock)
    assert unscored_days(store, IDS, np.inf) == []


def test_what_entered_on_a_day_and_was_looked_at_since_is_found(store, clock):
    ingest_objects(store, [api_object(1), api_object(0)], clock)
    assert entered_on(store, [DAY - 1, DAY], np.inf, DAY - 3.0) == IDS
    assert entered_on(store, [DAY - 1], np.inf, DAY - 3.0) == []
    assert entered_on(store, [DAY], np.inf, DAY + 9.0) == []


def test_detections_stand_in_the_order_of_alerts_with_their_t0(store, clock):
    ingest_objects(store, [api_object(1, lc=quad(0) + quad(2)), api_object(0)], clock)
    curves, t0_mjd = detections_and_t0(store, IDS[::-1])
    assert curves.alert_id.tolist() == IDS
    assert np.diff(curves.detection_start).tolist() == [4, 8]
    assert t0_mjd.tolist() == [T0, T0]


def test_filed_alerts_are_told_from_others(store, clock):
    ingest_objects(store, [api_object(0)], clock)
    score_all(store, clock)
    ingest_objects(store, [api_object(1)], clock)
    assert filed_among(store, IDS) == [FIRST_ID]


def test_what_people_decided_is_told_and_what_a_machine_did_is_not(store, clock):
    ingest_objects(store, [api_object(0), api_object(1)], clock)
    with transaction(store):
        for alert_id, who in zip(IDS, ("amy", MACHINE), strict=True):
            decide(store, alert_id, "good", Author(who, "here"), datetime(2026, 1, 1, tzinfo=UTC))
    assert decided_by_people(store) == {FIRST_ID: "good"}
