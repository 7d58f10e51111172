"""The list `teach` in a store: undecided and discarded alerts, until a scanner decides them."""

import pytest

from tests.factories import FIRST_ID, FixedModel, all_in_scope, api_object, ingest_objects, tns_report
from vra_tui.pipeline.fill_teach_list import renew_teach
from vra_tui.pipeline.score import score
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.detail import alert_detail
from vra_tui.store.listing import counts, list_ids


@pytest.fixture
def stream(store, clock):
    """Twenty alerts, discarded all: the last has a TNS report."""
    objects = [api_object(n) for n in range(20)]
    objects[-1]["tns_crossmatches"] = [tns_report()]
    ingest_objects(store, objects, clock)
    score(store, FixedModel(0.03, 0.9), clock=clock, may_discard=all_in_scope)
    return store


def test_a_quarter_of_a_short_stream_is_asked_for(stream):
    assert renew_teach(stream) == 5
    assert renew_teach(stream, length=2) == 2


def test_what_the_policies_discarded_is_asked_for_too_and_what_is_known_is_not(stream):
    renew_teach(stream)
    listed = list_ids(stream, "teach").tolist()
    assert counts(stream)["garbage"] == 19
    assert len(listed) == 5
    assert FIRST_ID + 19 not in listed


def test_the_list_is_in_the_order_of_its_worth_and_says_why(stream):
    renew_teach(stream)
    by_worth = [row[0] for row in stream.execute("SELECT alert_id FROM teach ORDER BY worth DESC")]
    assert list_ids(stream, "teach").tolist() == by_worth
    assert alert_detail(stream, by_worth[0]).teach.startswith("real or bogus?")
    assert alert_detail(stream, FIRST_ID + 19).teach is None


def test_a_scanners_decision_takes_an_alert_off_the_list_at_once_and_for_good(stream, clock):
    renew_teach(stream)
    first = list_ids(stream, "teach").tolist()[0]
    with transaction(stream):
        decide(stream, first, "garbage", Author("ada", "summit"), clock())
    assert first not in list_ids(stream, "teach")
    renew_teach(stream)
    assert first not in list_ids(stream, "teach")


def test_an_empty_store_asks_for_nothing(store):
    assert renew_teach(store) == 0
