"""Training rows show an alert as it stood when it was decided, whatever came later."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import (
    FIRST_ID,
    T0,
    api_object,
    detection,
    ingest_objects,
    missed_quad,
    nondetection,
    quad,
    score_all,
)
from tests.harness.quick import examples
from vra_tui.features.table import DAYN_FEATURES
from vra_tui.pipeline.feature_tables import features_at
from vra_tui.pipeline.label_rows import LabelChoice, label_rows
from vra_tui.store.connection import transaction
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decision_rows import COLUMNS, insert_decisions
from vra_tui.store.decisions import Author, OnScreen, decide, undo
from vra_tui.store.label_names import OwnLabel, enter_own

ME, OTHER = Author("me", "here"), Author("other", "here")
#: As `T0` is an MJD, when that was.
T0_TIME = datetime(1858, 11, 17, tzinfo=UTC) + timedelta(days=T0)


def label(store, clock, list_name, number=0, author=ME, on_screen=None, now=None):
    with transaction(store):
        return decide(store, FIRST_ID + number, list_name, author, now or clock(), on_screen)


def assert_same_features(table, other):
    np.testing.assert_array_equal(table.select(DAYN_FEATURES), other.select(DAYN_FEATURES))


@pytest.fixture
def visited(store, clock):
    """An alert scored at its entry and at two visits, then decided."""
    ingest_objects(store, [api_object(lc=quad(0) + quad(2, 18.0), lcnondets=missed_quad(4))], clock)
    score_all(store, clock)
    label(store, clock, "good")
    return store


def test_a_label_teaches_the_entry_and_every_visit_up_to_the_one_on_screen(visited):
    found = label_rows(visited)
    assert found.alerts == 1
    assert found.day1.day.tolist() == [0]
    assert found.dayN.day.tolist() == [2, 4]
    assert found.dayN.visit.tolist() == [2, 3]
    assert set(found.dayN.label) == {"good"}
    assert found.dayN.scanner.tolist() == ["me", "me"]


def test_features_are_those_of_vra_features_at_the_time_of_each_visit(visited):
    found = label_rows(visited)
    for part in (found.day1, found.dayN):
        for row, mjd in enumerate(part.mjd.tolist()):
            chosen = part.where(np.arange(len(part)) == row)
            assert_same_features(chosen.rows.table, features_at(visited, [FIRST_ID], mjd))


def test_exposures_that_come_after_the_decision_teach_nothing(visited, clock):
    before = label_rows(visited)
    later = api_object(lc=quad(2, 18.0) + quad(6, 17.0) + quad(9), lcnondets=missed_quad(7))
    ingest_objects(visited, [later], clock)
    score_all(visited, clock)
    after = label_rows(visited)
    assert after.dayN.day.tolist() == [2, 4]
    assert_same_features(after.day1.rows.table, before.day1.rows.table)
    assert_same_features(after.dayN.rows.table, before.dayN.rows.table)


def test_exposures_of_the_same_night_that_were_not_yet_scored_teach_nothing(store, clock):
    night = quad(2)
    ingest_objects(store, [api_object(lc=quad(0) + night[:2])], clock)
    score_all(store, clock)
    label(store, clock, "good")
    ingest_objects(store, [api_object(lc=night[2:])], clock)
    score_all(store, clock)
    found = label_rows(store).dayN
    assert found.mjd.tolist() == [night[1]["mjd"]]
    assert found.rows.table.column("DET_N_total").tolist() == [6]


def test_a_night_filled_in_before_the_one_on_screen_was_not_on_screen(store, clock):
    """Visits are numbered anew when a night turns up late; the score on screen tells which one it was."""
    ingest_objects(store, [api_object(lc=quad(0) + quad(4))], clock)
    score_all(store, clock)
    label(store, clock, "good")
    ingest_objects(store, [api_object(lc=quad(2) + quad(6))], clock)
    score_all(store, clock)
    assert label_rows(store).dayN.day.max() == 4


def test_without_a_score_the_number_of_the_visit_says_what_was_on_screen(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(2) + quad(4))], clock)
    label(store, clock, "good", on_screen=OnScreen(visit=2))
    assert label_rows(store).dayN.day.tolist() == [2]


def test_without_score_and_visit_the_time_of_the_decision_counts(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(2) + quad(4))], clock)
    label(store, clock, "good", now=T0_TIME + timedelta(days=2))
    assert label_rows(store).dayN.day.tolist() == [2]


def test_a_score_written_after_the_decision_counts_where_it_says_the_very_same(store, clock):
    """A decision that came from another store: this one scored the alert later, with the same model."""
    ingest_objects(store, [api_object(lc=quad(0) + quad(2) + quad(4))], clock)
    seen = OnScreen(visit=2, preal=0.9, pgal=0.1, model="fixed-1")
    label(store, clock, "good", on_screen=seen)
    score_all(store, clock)
    assert label_rows(store).dayN.mjd.tolist() == [quad(2)[-1]["mjd"]]


def test_an_alert_without_data_from_before_the_decision_is_left_out_and_counted(store, clock):
    ingest_objects(store, [api_object()], clock)
    label(store, clock, "good", now=T0_TIME - timedelta(days=50))
    found = label_rows(store)
    assert (found.alerts, len(found.dayN), found.without_data) == (0, 0, 1)


@pytest.mark.parametrize(
    ("list_name", "taught"),
    [
        ("good", "good"),
        ("followup", "good"),
        ("duplicates", "good"),
        ("attic", "galactic"),
        ("pm", "pm"),
        ("garbage", "garbage"),
        ("possible", None),
        ("eyeball", None),
    ],
)
def test_what_each_list_teaches(store, clock, list_name, taught):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock)
    label(store, clock, list_name)
    assert label_rows(store).day1.label.tolist() == ([taught] if taught else [])


def test_what_is_only_known_to_be_real_teaches_that_and_contradicts_nothing_real(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock)
    enter_own(store, [OwnLabel("agn", "atlas", 1.0, None, None)])
    label(store, clock, "good", author=OTHER)
    label(store, clock, "agn")
    found = label_rows(store)
    assert (found.day1.label.tolist(), found.contested) == (["real"], 0)
    label(store, clock, "garbage")
    assert label_rows(store).contested == 1


def test_what_the_policies_discard_teaches_nothing(store, clock):
    ingest_objects(store, [api_object()], clock)
    assert score_all(store, clock, preal=0.02, pgal=0.5).discarded == 1
    assert label_rows(store).alerts == 0


def test_an_undone_decision_teaches_nothing_and_the_one_before_it_again(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock)
    label(store, clock, "garbage", author=OTHER)
    second = label(store, clock, "good")
    with transaction(store):
        undo(store, second, ME, clock())
    found = label_rows(store)
    assert found.day1.label.tolist() == ["garbage"]
    assert found.contested == 0


def test_of_two_scanners_who_disagree_the_standing_label_teaches_and_they_are_counted(store, clock):
    ingest_objects(store, [api_object(n) for n in range(2)], clock)
    score_all(store, clock)
    for number in range(2):
        label(store, clock, "garbage", number, OTHER)
    label(store, clock, "good", 0)
    label(store, clock, "garbage", 1)
    found = label_rows(store)
    assert found.day1.label.tolist() == ["good", "garbage"]
    assert found.contested == 1


def test_labels_can_be_chosen_by_time_and_scanner(store, clock):
    ingest_objects(store, [api_object(n) for n in range(3)], clock)
    score_all(store, clock)
    label(store, clock, "good", 0, OTHER)
    label(store, clock, "good", 1)
    between = label_rows(store).day1.decided_mjd.max() + 1e-6
    label(store, clock, "good", 2)
    assert label_rows(store, choice=LabelChoice(scanners=("me",))).day1.alert_id.tolist() == [
        FIRST_ID + 1,
        FIRST_ID + 2,
    ]
    assert label_rows(store, choice=LabelChoice(since_mjd=between)).day1.alert_id.tolist() == [FIRST_ID + 2]


def test_a_row_names_the_unit_that_took_most_of_its_night(store, clock):
    lc = [*quad(0), detection(1.5, expname="03a60002o0001o")]
    missed = [nondetection(1.5 + 0.01 * n, expname=f"04a60002o{n:04d}o") for n in range(2)]
    ingest_objects(store, [api_object(lc=lc, lcnondets=missed)], clock)
    score_all(store, clock)
    label(store, clock, "good")
    found = label_rows(store)
    assert found.day1.unit.tolist() == ["02a"]
    assert found.dayN.unit.tolist() == ["04a"]


def test_labels_of_alerts_that_the_store_does_not_hold_are_counted(store, clock):
    ingest_objects(store, [api_object()], clock)
    elsewhere = (new_id(clock()), FIRST_ID + 7, "good", None, "me", "there", timestamp(clock()))
    with transaction(store):
        insert_decisions(store, [elsewhere + (None,) * (len(COLUMNS) - len(elsewhere))])
    found = label_rows(store)
    assert (found.alerts, found.unknown) == (0, 1)


def test_a_store_without_labels_gives_no_rows(store):
    found = label_rows(store)
    assert (found.alerts, len(found.dayN), found.contested) == (0, 0, 0)


phases = st.lists(st.integers(-80, 150).map(lambda tenths: tenths / 10 + 0.03), max_size=12, unique=True)


# One store serves all examples, each with an alert of its own: making a store takes longer than the test.
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=phases, missed=phases, decided=st.integers(0, 15), later=phases)
def test_nothing_from_after_the_decision_ever_changes_a_row(store, clock, seen, missed, decided, later):
    number = store.execute("SELECT count(*) FROM alerts").fetchone()[0]
    lc = quad(0) + [detection(p) for p in seen if p <= decided]
    missed = [nondetection(p) for p in missed if p <= decided]
    ingest_objects(store, [api_object(number, lc=lc, lcnondets=missed)], clock)
    score_all(store, clock)
    label(store, clock, "attic", number)
    before = label_rows(store)
    last = max([before.day1.mjd[-1], *before.dayN.mjd[before.dayN.alert_id == FIRST_ID + number]])
    fresh = [detection(p, 17.0, number=99) for p in later if T0 + p > last]
    ingest_objects(store, [api_object(number, lc=fresh, lcnondets=[])], clock)
    score_all(store, clock)
    after = label_rows(store)
    assert after.alerts == number + 1
    for one, two in ((before.day1, after.day1), (before.dayN, after.dayN)):
        assert one.day.tolist() == two.day.tolist()
        assert_same_features(one.rows.table, two.rows.table)


def test_what_was_called_bad_counts_from_the_decisions_after_it_on(store, clock):
    from tests.store.test_epoch_marks import SPIKE, mark, with_spike, without_spike

    ingest_objects(store, [with_spike()], clock)
    score_all(store, clock)
    label(store, clock, "good")
    before = label_rows(store).dayN.rows.table
    mark(store, clock, SPIKE["mjd"])
    score_all(store, clock)
    assert_same_features(label_rows(store).dayN.rows.table, before)
    label(store, clock, "good")
    after = label_rows(store).dayN.rows.table
    assert not np.array_equal(after.select(DAYN_FEATURES), before.select(DAYN_FEATURES), equal_nan=True)
    at = label_rows(store).dayN.mjd
    ingest_objects(store, [without_spike(header={"id": FIRST_ID + 5})], clock)
    other = features_at(store, [FIRST_ID + 5], at[-1:])
    assert_same_features(features_at(store, [FIRST_ID], at[-1:]), other)
