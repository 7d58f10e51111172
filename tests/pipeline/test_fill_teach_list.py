"""The list `teach` in a store: undecided and discarded alerts, until a scanner decides them."""

import pytest

from tests.factories import (
    FIRST_ID,
    FixedModel,
    all_in_scope,
    api_object,
    ingest_objects,
    put_alert,
    tns_report,
)
from vra_tui.pipeline.fill_teach_list import renew_teach
from vra_tui.pipeline.score import score
from vra_tui.scoring.model.starter import Starter
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


def test_before_there_is_a_model_the_starter_s_ranks_fill_the_list_and_each_survey_has_its_turn(store, clock):
    ingest_objects(store, [api_object(n) for n in range(8)], clock)
    for number in range(24):
        facts = {"real_bogus": number / 24, "ra": 10.0 + number, "dec": -5.0}
        put_alert(store, "ztf", f"ZTF26{number:05d}", clock, **facts)
    judges = [FixedModel(0.03, 0.9), Starter.shipped("ztf")]
    score(store, judges, clock=clock, may_discard=all_in_scope)
    assert renew_teach(store) == 2 + 6
    listed = list_ids(store, "teach").tolist()
    surveys = [alert_detail(store, number).survey for number in listed]
    assert surveys == ["atlas", "ztf", "atlas", "ztf", "ztf", "ztf", "ztf", "ztf"]
    reasons = [
        alert_detail(store, number).teach for number in listed if alert_detail(store, number).survey == "ztf"
    ]
    assert [("the starter is sure of it" in reason) for reason in reasons] == [
        True,
        False,
        True,
        False,
        True,
        False,
    ]
    assert not any("starter" in alert_detail(store, number).teach for number in listed[0:3:2])
