"""Messages: each alert once a rule, together where many come, not in quiet hours, and nothing is lost."""

import json
import platform
import threading
from datetime import timedelta

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from vra_tui.config.message_rules import MessageRule, QuietHours
from vra_tui.pipeline.messages import Teller, check_messages, query_of, tell
from vra_tui.pipeline.outbox.drafting import Rules
from vra_tui.pipeline.outbox.running import Outgoing
from vra_tui.sources.wires.base import Edges
from vra_tui.sources.wires.sending import Outcome, Sent
from vra_tui.store.connection import open_store
from vra_tui.store.filter_words import FilterError
from vra_tui.store.outbox import State, items
from vra_tui.store.outbox_sending import begin, settle
from vra_tui.store.query import ListQuery


def rule(when="all points>0", to=("team",), **more):
    return MessageRule("r", when, to, **more)


@pytest.fixture
def begun(store, clock):
    """A store in which the rule has begun, with nothing in it."""
    assert len(tell(store, [rule()], clock())) == 1
    send_all(store, clock)
    clock.now += timedelta(hours=1)
    return store


def add(store, clock, *numbers):
    ingest_objects(store, [api_object(number) for number in numbers], clock)


def send_all(store, clock):
    for item in items(store, states=[State.APPROVED]):
        assert begin(store, item.item_id, owner="t", now=clock()) is not None
        settle(store, item.item_id, State.ACCEPTED, "ok", owner="t", now=clock())


def told(store):
    """The object ids that each message names, the first message of the rule left out."""
    return [[one["object_id"] for one in item.content["alerts"]] for item in items(store)[1:]]


def test_what_is_there_when_a_rule_begins_is_counted_and_not_told(store, clock):
    add(store, clock, 0, 1)
    tell(store, [rule()], clock())
    (first,) = items(store)
    assert (first.state, first.kind, first.target, first.rule) == ("approved", "message", "team", "r")
    assert "2 alerts are among them already" in first.content["text"]
    assert tell(store, [rule()], clock() + timedelta(days=1)) == []


def test_what_strangers_wrote_is_a_line_without_control_characters(begun, clock):
    hostile = "\x1b]0;t\x07SN\x9b31m\u202e\r\nx"
    ingest_objects(
        begun, [api_object(0, header={"other_designation": hostile, "atlas_designation": hostile})], clock
    )
    tell(begun, [rule()], clock())
    name = items(begun)[-1].content["alerts"][0]["name"]
    assert name.startswith("SN")
    assert name.isprintable()


def test_an_alert_is_told_once_however_often_it_is_looked_at_and_comes_again(begun, clock):
    add(begun, clock, 0)
    assert len(tell(begun, [rule()], clock())) == 1
    for _ in range(3):
        clock.now += timedelta(hours=1)
        send_all(begun, clock)
        add(begun, clock, 0)
        assert tell(begun, [rule()], clock()) == []
    assert told(begun) == [[str(FIRST_ID)]]


def test_what_comes_within_the_time_between_two_messages_is_told_together(begun, clock):
    add(begun, clock, 0)
    tell(begun, [rule(every=600.0)], clock())
    send_all(begun, clock)
    for number in (1, 2):
        add(begun, clock, number)
        assert tell(begun, [rule(every=600.0)], clock()) == []
    clock.now += timedelta(minutes=11)
    tell(begun, [rule(every=600.0)], clock())
    assert [len(names) for names in told(begun)] == [1, 2]


def test_what_comes_in_quiet_hours_is_told_after_them(begun, clock):
    now = clock.now.time()
    quiet = rule(quiet=QuietHours(now, now.replace(hour=now.hour + 3), "UTC"))
    add(begun, clock, 0)
    assert tell(begun, [quiet], clock()) == []
    clock.now += timedelta(hours=4)
    assert len(tell(begun, [quiet], clock())) == 1


def test_while_a_message_has_not_left_what_comes_waits_for_the_next(begun, clock):
    add(begun, clock, 0)
    tell(begun, [rule()], clock())
    for number in range(1, 6):
        clock.now += timedelta(hours=1)
        add(begun, clock, number)
        tell(begun, [rule()], clock())
    assert [len(names) for names in told(begun)] == [1]
    send_all(begun, clock)
    tell(begun, [rule()], clock())
    assert [len(names) for names in told(begun)] == [1, 5]


def test_a_digest_counts_and_names_nobody(begun, clock):
    add(begun, clock, *range(12))
    tell(begun, [rule(most=0, title="objects above 7")], clock())
    content = items(begun)[-1].content
    assert (content["text"], content["alerts"], content["more"]) == ("objects above 7: 12 new", [], 0)


def test_a_message_names_a_few_and_counts_the_others(begun, clock):
    add(begun, clock, *range(12))
    tell(begun, [rule(most=5)], clock())
    content = items(begun)[-1].content
    assert (len(content["alerts"]), content["more"], content["count"]) == (5, 7, 12)


def test_a_rule_with_other_words_begins_anew(begun, clock):
    add(begun, clock, 0)
    changed = rule("all points>0 -tns")
    tell(begun, [changed], clock())
    assert "among them already" in items(begun)[-1].content["text"]
    clock.now += timedelta(hours=1)
    send_all(begun, clock)
    add(begun, clock, 1)
    tell(begun, [changed], clock())
    assert told(begun)[-1] == [str(FIRST_ID + 1)]


def test_who_is_told_at_several_places_is_told_the_same_everywhere(begun, clock):
    add(begun, clock, 0)
    tell(begun, [rule(to=("team", "other", "bell"))], clock())
    first, second = items(begun)[1:]
    assert {first.target, second.target} == {"team", "other"}
    assert first.content == second.content


def test_a_rule_for_the_terminal_alone_puts_nothing_into_the_outbox(store, clock):
    add(store, clock, 0)
    assert tell(store, [rule(to=("bell",))], clock()) == []
    assert items(store) == []


def test_what_stops_fulfilling_a_rule_while_it_waits_is_told_when_it_does_again(store, clock):
    wanted = rule("undecided rank>7", every=600.0)
    tell(store, [wanted], clock())
    send_all(store, clock)
    add(store, clock, 0)
    score_all(store, clock, preal=0.95, pgal=0.05)
    tell(store, [wanted], clock())
    assert told(store) == [[str(FIRST_ID)]]


def test_two_programs_that_look_at_once_tell_once(begun, clock, store_path):
    add(begun, clock, 0)
    other = open_store(store_path, durable=False)
    assert len(tell(begun, [rule()], clock())) + len(tell(other, [rule()], clock())) == 1
    other.close()


def test_what_leaves_names_nothing_of_this_machine(begun, clock, store_path, monkeypatch):
    monkeypatch.setenv("USER", "loginname")
    add(begun, clock, 0)
    tell(begun, [rule()], clock())
    text = json.dumps([item.content for item in items(begun)])
    for secret in (str(store_path.parent), "loginname", platform.node()):
        assert secret not in text


def test_the_page_of_an_alert_is_its_survey_s_own(begun, clock):
    add(begun, clock, 0)
    tell(begun, [rule()], clock())
    assert items(begun)[-1].content["alerts"][0]["url"].startswith("https://")


@pytest.mark.parametrize(
    ("when", "query"),
    [
        ("fasttrack rank>9", ListQuery("fasttrack", words="rank>9")),
        ("fasttrack and rank > 9", ListQuery("fasttrack", words="and rank > 9")),
        ("rank>9 -tns", ListQuery("all", words="rank>9 -tns")),
        ("galactic rank>5", ListQuery("all", words="galactic rank>5")),
        ("purgatory", ListQuery("purgatory")),
    ],
)
def test_a_rule_is_made_of_filter_words_and_perhaps_a_list(when, query):
    assert query_of(rule(when)) == query


@pytest.mark.parametrize("when", ["rnk>9", "good attic", "and", "host:"])
def test_a_rule_that_cannot_be_understood_is_told_with_its_name(when):
    with pytest.raises(FilterError, match=r"message\.r\.when"):
        check_messages({"r": rule(when)})


def test_rules_are_looked_at_again_after_a_rest(begun, clock):
    ticks = [0.0]
    teller = Teller([rule()], clock, lambda: ticks[0])
    add(begun, clock, 0)
    assert len(teller.go_on(begun)) == 1
    send_all(begun, clock)
    clock.now += timedelta(hours=1)
    add(begun, clock, 1)
    assert teller.go_on(begun) == []
    ticks[0] += 5.0
    assert len(teller.go_on(begun)) == 1


def test_beside_a_watch_messages_leave_by_themselves(begun, clock, store_path):
    sent = []

    class Sender:
        pace = 0.0

        def send(self, content):
            sent.append(content["text"])
            return Sent(Outcome.ACCEPTED, "ok")

        def close(self):
            pass

    add(begun, clock, 0)
    outgoing = Outgoing(
        store_path, Rules((), {}), lambda store: lambda kind, target: Sender(),
        edges=Edges(lambda: 0.0, lambda seconds: None, lambda: 0.5), stop=threading.Event(), clock=clock,
        say=lambda line: None, teller=Teller([rule()], clock),
    )  # fmt: skip
    outgoing.once()
    assert sent == ["all points>0: 1 new"]
