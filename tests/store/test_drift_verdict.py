"""What drift reads of a store, and the verdict that the screen shows."""

import numpy as np

from tests.factories import FIRST_ID, T0, api_object, ingest_objects, score_all
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.drift_verdict import (
    StoredVerdict,
    decided_shares,
    drift_words,
    entered_between,
    latest_t0,
    put_verdict,
    stored_verdict,
)

VERDICT = StoredVerdict(
    "drift", "drift: unit 05r", ["Drift."], ["05r"], [60_462], 60_463.5, 7, "duck-2", "2026-11-22T03:00:00Z"
)


def test_without_a_verdict_the_status_bar_says_nothing(store):
    assert stored_verdict(store) is None
    assert drift_words(store) == ""


def test_a_verdict_is_kept_until_the_next_one(store):
    for verdict in (VERDICT, StoredVerdict(**{**vars(VERDICT), "words": ""})):
        with transaction(store):
            put_verdict(store, verdict)
        assert stored_verdict(store) == verdict
        assert drift_words(store) == verdict.words


def test_alerts_are_found_by_the_time_they_entered(store, clock):
    late = {"header": {"followup_flag_date": "2023-02-27T00:00:00"}}
    ingest_objects(store, [api_object(0), api_object(1, **late)], clock)
    assert entered_between(store, T0 - 1, T0 + 1) == [FIRST_ID]
    assert latest_t0(store) == T0 + 2
    assert latest_t0(store, T0 + 1) == T0
    assert np.isnan(latest_t0(store, T0 - 1))


def test_labels_are_shares_of_what_scanners_decided_and_the_policies_have_their_own(store, clock):
    ingest_objects(store, [api_object(number) for number in range(4)], clock)
    score_all(store, clock, preal=lambda table: np.where(table.alert_id == FIRST_ID + 3, 0.0, 0.9), pgal=0.9)
    with transaction(store):
        decide(store, FIRST_ID, "good", Author("zoe", "h"), clock())
        decide(store, FIRST_ID + 1, "garbage", Author("zoe", "h"), clock())
    found = decided_shares(store, [FIRST_ID + number for number in range(4)])
    assert found["policies"].tolist() == [0, 0, 0, 1]
    assert np.isnan(found["good"]).tolist() == [False, False, True, True]
    assert found["good"][:2].tolist() == [1, 0]
    assert found["garbage"][:2].tolist() == [0, 1]
