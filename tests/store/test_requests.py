"""What was asked of sources about alerts: once, in the order of their ranks, until it is over."""

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.requests import keep_progress, open_requests, put_requests, requests_of

NOW, LATER = "2026-11-28T03:00:00+00:00", "2026-11-29T03:00:00+00:00"


@pytest.fixture
def alerts(store: Store, clock: Clock) -> list[int]:
    ingest_objects(store, [api_object(number) for number in range(3)], clock)
    return [FIRST_ID + number for number in range(3)]


def put(store: Store, alert_ids: list[int], now: str = NOW, again_before: str = "") -> int:
    with transaction(store):
        return put_requests(store, alert_ids, "photometry", "forced", now, again_before)


def test_what_was_asked_for_is_not_asked_for_twice(store: Store, alerts: list[int]):
    assert put(store, alerts[:2]) == 2
    assert put(store, alerts + alerts) == 1
    assert [one.alert_id for one in open_requests(store, "forced")] == alerts
    assert open_requests(store, "other") == []


def test_an_alert_that_the_store_does_not_hold_is_passed_over(store: Store, alerts: list[int]):
    assert put(store, [5, alerts[0]]) == 1


def test_what_is_worked_on_comes_first_and_then_the_best_rank(store: Store, alerts: list[int]):
    put(store, alerts)
    with transaction(store):
        store.executemany(
            "UPDATE standing SET rank = ? WHERE alert_id = ?", zip([1.0, 2.0, 3.0], alerts, strict=True)
        )
        keep_progress(store, open_requests(store, "forced")[-1].request_id, "task 7", None, LATER)
    assert [(one.alert_id, one.task) for one in open_requests(store, "forced")] == [
        (alerts[0], "task 7"), (alerts[2], None), (alerts[1], None)
    ]  # fmt: skip


def test_what_is_over_is_kept_with_what_came_and_may_be_asked_anew_after_a_while(
    store: Store, alerts: list[int]
):
    put(store, alerts[:1])
    (request,) = open_requests(store, "forced")
    with transaction(store):
        keep_progress(store, request.request_id, "task 7", "light curve", NOW)
    (kept,) = requests_of(store, alerts[0])
    assert (kept.task, kept.ended_at, kept.came) == ("task 7", NOW, "light curve")
    assert open_requests(store, "forced") == []
    assert put(store, alerts[:1], LATER, again_before=NOW) == 0
    assert put(store, alerts[:1], LATER, again_before=LATER) == 1
    (again,) = open_requests(store, "forced")
    assert (again.asked_at, again.task, again.came) == (LATER, None, None)
