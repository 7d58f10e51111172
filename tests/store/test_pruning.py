"""Stamps go when they are old or too many, oldest first; never those of alerts that are looked at again."""

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects
from vra_tui.domain.alert import Alert, Stamp, StampKind
from vra_tui.store import pruning
from vra_tui.store.codes import Codes
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide, undo
from vra_tui.store.intake import put_alerts
from vra_tui.store.pruning import StampLimits, prune_stamps

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
AMY = Author("amy", "summit")
KINDS = (StampKind.SCIENCE, StampKind.TEMPLATE, StampKind.DIFFERENCE)
SIZE = 1_000


def bring(store, number, days_ago, detection=1):
    """Take in three stamps of 1,000 bytes of a detection of an alert, so many days ago."""
    stamps = tuple(Stamp(kind, bytes([number]) * SIZE, 60_000.0 + detection, detection) for kind in KINDS)
    alert = Alert("atlas", str(FIRST_ID + number), stamps=stamps)
    came = (NOW - timedelta(days=days_ago)).isoformat(timespec="seconds")
    put_alerts(store, [alert], came, lambda ra, dec: ra * 0.0, Codes(store))


@pytest.fixture
def stamped(store, clock):
    """Five alerts, numbers 0 to 4, with stamps that came 100, 61, 59, 10 and 0 days ago."""
    ingest_objects(store, [api_object(number) for number in range(5)], clock)
    for number, days in enumerate((100, 61, 59, 10, 0)):
        bring(store, number, days)
    store.execute("INSERT INTO packets_seen VALUES (x'01'), (x'02')")
    return store


def left(store):
    return [row[0] - FIRST_ID for row in store.execute("SELECT DISTINCT alert_id FROM stamps ORDER BY 1")]


def seen(store):
    return store.execute("SELECT count(*) FROM packets_seen").fetchone()[0]


def test_stamps_that_came_longer_ago_than_the_limit_go_and_are_counted(stamped):
    done = prune_stamps(stamped, StampLimits(days=60), now=NOW)
    assert left(stamped) == [2, 3, 4]
    assert (done.stamps, done.alerts, done.size) == (6, 2, 6 * SIZE)
    assert (done.stamps_left, done.size_left, done.spared) == (9, 9 * SIZE, 0)


@pytest.mark.parametrize(
    ("thousands", "stay"),
    [(15, [0, 1, 2, 3, 4]), (14.999, [1, 2, 3, 4]), (9, [2, 3, 4]), (7, [3, 4]), (0, [])],
)
def test_of_too_many_the_oldest_go_whole_detections_at_a_time(stamped, thousands, stay):
    prune_stamps(stamped, StampLimits(1e9, thousands * SIZE / 1e6), now=NOW)
    assert left(stamped) == stay
    count = "SELECT count(*) FROM stamps GROUP BY alert_id, mjd, source_id"
    assert {row[0] for row in stamped.execute(count)} <= {3}


def test_within_the_limits_nothing_goes_and_nothing_is_written(stamped):
    before = stamped.total_changes
    done = prune_stamps(stamped, StampLimits(101, 1), now=NOW)
    assert (done.stamps, done.stamps_left) == (0, 15)
    assert stamped.total_changes == before
    assert seen(stamped) == 2


@pytest.mark.parametrize("list_name", ["followup", "good", "possible"])
def test_stamps_of_what_is_looked_at_again_stay_and_do_not_count(stamped, list_name):
    with transaction(stamped):
        decide(stamped, FIRST_ID, list_name, AMY, NOW - timedelta(days=50))
        decide(stamped, FIRST_ID + 1, "garbage", AMY, NOW - timedelta(days=50))
    done = prune_stamps(stamped, StampLimits(days=20, megabytes=0.006), now=NOW)
    assert left(stamped) == [0, 3, 4]
    assert done.spared == 3 * SIZE


def test_what_was_decided_or_undone_within_the_week_stays(stamped):
    with transaction(stamped):
        old = decide(stamped, FIRST_ID, "garbage", AMY, NOW - timedelta(days=8))
        decide(stamped, FIRST_ID + 1, "garbage", AMY, NOW - timedelta(days=6.9))
    prune_stamps(stamped, StampLimits(days=0), now=NOW)
    assert left(stamped) == [1, 4]
    bring(stamped, 0, 30)
    with transaction(stamped):
        undo(stamped, old, AMY, NOW - timedelta(days=1))
    prune_stamps(stamped, StampLimits(days=0), now=NOW)
    assert left(stamped) == [0, 1, 4]


def test_what_the_policies_filed_within_the_week_goes(stamped):
    with transaction(stamped):
        decide(stamped, FIRST_ID, "garbage", Author("vra", "summit"), NOW)
    prune_stamps(stamped, StampLimits(days=60), now=NOW)
    assert left(stamped) == [2, 3, 4]


def test_a_decision_taken_while_stamps_are_deleted_spares_the_rest(stamped, monkeypatch):
    monkeypatch.setattr(pruning, "_CHUNK", 1)

    def meanwhile(done, total):
        if done == 1:
            with transaction(stamped):
                decide(stamped, FIRST_ID + 1, "good", AMY, NOW)

    done = prune_stamps(stamped, StampLimits(days=60), now=NOW, on_progress=meanwhile)
    assert left(stamped) == [1, 2, 3, 4]
    assert (done.stamps, done.alerts) == (3, 1)


def test_what_was_forgotten_comes_back_when_it_is_taken_in_again(stamped):
    prune_stamps(stamped, StampLimits(days=60), now=NOW)
    assert seen(stamped) == 0
    bring(stamped, 0, 0)
    prune_stamps(stamped, StampLimits(days=60), now=NOW)
    assert left(stamped) == [0, 2, 3, 4]


def test_all_but_stamps_and_the_memory_of_packets_stays_as_it_was(stamped):
    def rest():
        tables = [row[0] for row in stamped.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = (stamped.execute(f"SELECT * FROM {t}") for t in tables if t not in ("stamps", "packets_seen"))
        return list(map(tuple, chain.from_iterable(rows)))

    before = rest()
    prune_stamps(stamped, StampLimits(0, 0), now=NOW)
    assert left(stamped) == []
    assert rest() == before


@pytest.mark.parametrize("limits", [(-1, 0), (0, -0.5)])
def test_a_limit_below_nothing_is_none(limits):
    with pytest.raises(ValueError, match="not below 0"):
        StampLimits(*limits)
