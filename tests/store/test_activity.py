"""What a report says of a period: who decided what, what was missed, who agrees."""

from datetime import datetime, timedelta

import pytest

from tests.factories import FIRST_ID, FixedModel, all_in_scope, api_object, ingest_objects, tns_report
from vra_tui.pipeline.score import score
from vra_tui.store.activity import Period, activity
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, OnScreen, decide, undo

ALL_TIME = Period("1970-01-01", "9999")


def take(store, clock, list_name, number, scanner="ada", **more):
    with transaction(store):
        return decide(store, FIRST_ID + number, list_name, Author(scanner, "summit"), clock(), **more)


@pytest.fixture
def discarded(store, clock):
    """Four alerts that the policies discarded; the second is known to TNS."""
    objects = [api_object(n) for n in range(4)]
    objects[1]["tns_crossmatches"] = [tns_report("2023xyz", type="SN Ia")]
    ingest_objects(store, objects, clock)
    score(store, FixedModel(0.02, 0.5), clock=clock, may_discard=all_in_scope)
    return store


def test_a_day_without_decisions_is_told_as_such(store):
    found = activity(store, ALL_TIME)
    assert (found.arrived, found.decided, found.scanners, found.first_decision) == (0, 0, [], None)
    assert found.purgatory.oldest_days is None


def test_each_scanner_is_told_with_lists_undos_and_the_median_time_looked_at(scored, clock):
    take(scored, clock, "good", 0, on_screen=OnScreen(seconds=1.0))
    take(scored, clock, "pm", 1, on_screen=OnScreen(seconds=3.0))
    wrong = take(scored, clock, "garbage", 2, on_screen=OnScreen(seconds=8.0))
    with transaction(scored):
        undo(scored, wrong, Author("ada", "summit"), clock())
    take(scored, clock, "good", 2, "zoe")
    found = activity(scored, ALL_TIME)
    ada, zoe = found.scanners
    assert (ada.scanner, ada.alerts, ada.by_list, ada.undone, ada.seconds) == (
        "ada", 2, {"good": 1, "pm": 1}, 1, 3.0
    )  # fmt: skip
    assert (zoe.scanner, zoe.alerts, zoe.seconds) == ("zoe", 1, None)
    assert (found.decided, found.undone, found.labels) == (3, 1, {"good": 2, "pm": 1})


def test_what_the_program_set_right_nobody_took_back(scored, clock):
    wrong = take(scored, clock, "good", 0)
    with transaction(scored):
        undo(scored, wrong, Author("vra", "summit"), clock())
    take(scored, clock, "good", 0)
    found = activity(scored, ALL_TIME)
    assert (found.decided, found.undone, found.scanners[0].undone) == (1, 0, 0)


def test_only_what_falls_into_the_period_counts(scored, clock):
    take(scored, clock, "good", 0)
    middle = clock()
    clock.now += timedelta(days=3)
    take(scored, clock, "pm", 1)
    before, after = Period("1970-01-01", middle.isoformat()), Period(middle.isoformat(), "9999")
    assert activity(scored, before).labels == {"good": 1}
    assert activity(scored, after).labels == {"pm": 1}
    assert activity(scored, after).first_decision.alerts == 1


def test_the_time_to_the_first_decision_counts_from_the_alerts_arrival(scored, clock):
    arrived = scored.execute("SELECT ingested_at FROM alerts").fetchone()[0]
    clock.now = datetime.fromisoformat(arrived) + timedelta(hours=5, seconds=-1)
    take(scored, clock, "good", 0)
    assert activity(scored, ALL_TIME).first_decision.median == pytest.approx(5, abs=0.01)


def test_what_was_decided_elsewhere_before_the_alert_arrived_took_no_time(scored, clock):
    arrived = scored.execute("SELECT ingested_at FROM alerts").fetchone()[0]
    clock.now = datetime.fromisoformat(arrived) - timedelta(days=300)
    take(scored, clock, "good", 0)
    found = activity(scored, ALL_TIME)
    assert (found.decided, found.first_decision) == (1, None)


def test_what_was_discarded_and_is_known_to_tns_or_rescued_is_a_potential_miss(discarded, clock):
    take(discarded, clock, "good", 2)
    take(discarded, clock, "garbage", 3)
    with transaction(discarded):
        discarded.execute(
            "INSERT INTO tns_matches (alert_id, designation) VALUES (?, '2026late')", (FIRST_ID,)
        )
    found = activity(discarded, ALL_TIME).discards
    assert {one.survey for one in found.missed} == {"atlas"}
    missed = {int(one.object_id) - FIRST_ID: (one.rescued, one.tns) for one in found.missed}
    assert missed == {2: ("good", None), 0: (None, "2026late")}
    # The second alert had its report when it came: rank 10, never discarded.
    assert found.alerts == 3


def test_each_day_tells_what_came_and_what_left_it(discarded, clock):
    first = clock().date().isoformat()
    clock.now += timedelta(days=2)
    take(discarded, clock, "good", 2)
    found = activity(discarded, ALL_TIME).flow
    (atlas,) = found.surveys
    assert (atlas.survey, atlas.arrived, atlas.decided, atlas.discarded) == ("atlas", 4, 1, 3)
    assert found.unit == "day"
    last = clock().date().isoformat()
    told = [(one.span, one.arrived, one.decided, one.discarded) for one in found.spans]
    assert (told[0], told[-1], len(told)) == ((first, 4, 0, 3), (last, 0, 1, 0), 3)


def test_what_was_taken_back_left_no_list(scored, clock):
    wrong = take(scored, clock, "good", 0)
    with transaction(scored):
        undo(scored, wrong, Author("ada", "summit"), clock())
    (atlas,) = activity(scored, ALL_TIME).flow.surveys
    assert (atlas.decided, atlas.left) == (0, atlas.arrived)


def test_a_long_time_is_told_by_weeks_and_a_very_long_one_by_months(scored, clock):
    for days, unit in ((60, "week"), (500, "month")):
        clock.now += timedelta(days=days)
        take(scored, clock, "good", 0 if unit == "week" else 1)
        found = activity(scored, ALL_TIME).flow
        assert found.unit == unit
        assert (found.spans[0].arrived, found.spans[-1].decided) == (3, 1)


def test_the_time_to_the_decision_is_told_by_list_and_in_spans(scored, clock):
    arrived = scored.execute("SELECT ingested_at FROM alerts").fetchone()[0]
    clock.now = datetime.fromisoformat(arrived) + timedelta(hours=2)
    take(scored, clock, "good", 0)
    clock.now += timedelta(hours=6)
    take(scored, clock, "pm", 1)
    found = activity(scored, ALL_TIME)
    assert {name: round(one.median) for name, one in found.first_decision_by_list.items()} == {
        "good": 2,
        "pm": 8,
    }
    told = {name: count for name, count in found.first_decision_spans.items() if count}
    assert told == {"1 to 4 h": 1, "4 to 12 h": 1}
    assert list(found.first_decision_spans)[-1] == "4 to 12 h"


@pytest.mark.parametrize(
    ("list_name", "tns_type", "is_told"),
    [("garbage", None, True), ("pm", "CV", True), ("attic", "SN IIb", True), ("attic", "CV", False),
     ("attic", None, False), ("good", "SN Ia", False)],
)  # fmt: skip
def test_what_a_scanner_put_aside_is_told_where_the_tns_says_otherwise(
    scored, clock, list_name, tns_type, is_told
):
    take(scored, clock, list_name, 0)
    with transaction(scored):
        scored.execute(
            "INSERT INTO tns_matches (alert_id, designation, type) VALUES (?, '2026abc', ?)",
            (FIRST_ID, tns_type),
        )
    told = [(one.list, one.scanner, one.tns) for one in activity(scored, ALL_TIME).put_aside]
    expected = (list_name, "ada", f"2026abc {tns_type}" if tns_type else "2026abc")
    assert told == ([expected] if is_told else [])


def test_scanners_who_decided_the_same_alerts_are_compared(scored, clock):
    for number, (first, second) in enumerate([("good", "followup"), ("pm", "garbage"), ("good", "possible")]):
        take(scored, clock, first, number)
        take(scored, clock, second, number, "zoe")
    (pair,) = activity(scored, ALL_TIME).pairs
    assert (pair.first, pair.second, pair.agreement.alerts, pair.agreement.agreed) == ("ada", "zoe", 2, 1)


def test_second_opinions_and_conflicts_are_counted(scored, clock):
    take(scored, clock, "good", 0, tags=["second"])
    take(scored, clock, "good", 1)
    assert activity(scored, ALL_TIME).opinions == {"wanted": 1}
    assert activity(scored, ALL_TIME).conflicts == 0


def test_a_shadow_is_held_against_the_model_in_use_at_the_same_visits(store, clock):
    class Shadow(FixedModel):
        class card:
            stages = ("day1", "dayN")

    ingest_objects(store, [api_object(n) for n in range(2)], clock)
    score(
        store,
        FixedModel(0.95, 0.05),
        clock=clock,
        shadow=Shadow(0.3, 0.1, "shadow-1"),
        may_discard=all_in_scope,
    )
    take(store, clock, "good", 0)
    (found,) = activity(store, ALL_TIME).shadows
    assert (found.model, found.in_use, found.alerts, found.differ) == ("shadow-1", "fixed-1", 2, 2)
    assert (found.good, found.found, found.found_by_shadow) == (1, 1, 0)
    assert (found.shown, found.shown_by_shadow) == (2, 0)
