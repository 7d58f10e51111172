"""AT reports sent to a TNS on loopback: accepted and lost, 504 after success, slow, refused."""

import json
from collections.abc import Callable

import pytest

from tests.harness.server import serving
from tests.harness.tns_server import KEY, TnsServer
from tests.sources.wires.conftest import MadeTools
from vra_tui.sources.wires.base import SourceError, SourceSettings
from vra_tui.sources.wires.sending import Outcome, open_sender
from vra_tui.sources.wires.tns_sending import AtReports

CONTENT = {
    "server": "sandbox", "survey": "atlas", "object_id": "1", "internal_name": "ATLAS26abc",
    "at_report": {"0": {"internal_name": "ATLAS26abc", "photometry": {"0": {"flux_unitid": "1"}}}},
}  # fmt: skip


@pytest.fixture
def sender(tools: MadeTools) -> Callable[..., AtReports]:
    tools.secrets["api_key"] = KEY

    def sender(url: str, **options: object) -> AtReports:
        own = {"url": url, "bot_id": 7, "bot_name": "vra", "sandbox": True, **options}
        made = open_sender("tns.report", SourceSettings("tns-sandbox", "tns", own), tools.made())
        assert isinstance(made, AtReports)
        return made

    return sender


def test_a_report_is_accepted_when_its_reply_says_so(sender):
    server = TnsServer()
    with serving(server) as served:
        sent = sender(served.url).send(CONTENT)
    assert (sent.outcome, sent.answer) == (Outcome.ACCEPTED, "report 100: it is AT 2026abc")
    assert json.loads(served.calls[0].form["data"]) == {"at_report": CONTENT["at_report"]}
    assert '"type":"bot"' in served.calls[0].headers["user-agent"]


def test_what_the_tns_finds_wrong_is_told_in_its_words(sender):
    refusal = {"discovery_datetime": {"value": {"5": {"message": "The date \x1b[31mis after now"}}}}
    server = TnsServer(refusal=refusal)
    with serving(server) as served:
        sent = sender(served.url).send(CONTENT)
    assert sent.outcome is Outcome.REFUSED
    assert "The date is after now" in sent.answer
    assert server.objects == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("504", Outcome.UNKNOWN),
        ("before", Outcome.UNKNOWN),
        ("cut", Outcome.UNKNOWN),
        ("garbled", Outcome.UNKNOWN),
        ("lost", Outcome.UNKNOWN),
        ("429", Outcome.LATER),
    ],
)
def test_after_each_fault_asking_and_sending_again_make_one_object(sender, fault, outcome):
    server = TnsServer(faults=[("bulk-report", fault)])
    with serving(server) as served:
        first = sender(served.url).send(CONTENT)
        assert first.outcome is outcome
        # Another process goes on: it knows nothing but the content.
        again = sender(served.url)
        came = again.ask(CONTENT) if outcome is Outcome.UNKNOWN else None
        if came is None:
            came = again.send(CONTENT)
    assert came.outcome is Outcome.ACCEPTED
    assert server.objects == ["ATLAS26abc"]
    # Sent again only where it had not arrived.
    arrived = fault in ("504", "cut", "garbled")
    assert sum(call.path.endswith("bulk-report") for call in served.calls) == (1 if arrived else 2)


def test_a_reply_that_is_slow_is_learnt_later(sender):
    server = TnsServer(slow=9)
    with serving(server) as served:
        one = sender(served.url)
        sent = one.send(CONTENT)
        assert (sent.outcome, sent.answer) == (
            Outcome.UNKNOWN, "report 100 was taken, its reply did not come yet",
        )  # fmt: skip
        assert sent.retry_after == 120.0
        waits = one.ask(CONTENT)
        assert (waits.outcome, "not worked on yet" in waits.answer) == (Outcome.UNKNOWN, True)
        server.slow = 0
        assert one.ask(CONTENT).outcome is Outcome.ACCEPTED
    assert server.objects == ["ATLAS26abc"]
    assert sum(call.path.endswith("bulk-report") for call in served.calls) == 1


def test_another_program_learns_the_number_from_what_was_said_and_sends_nothing_twice(sender):
    server, said = TnsServer(slow=30), []
    with serving(server) as served:
        said.append(sender(served.url).send(CONTENT).answer)
        for _ in range(3):
            another = sender(served.url)
            another.recall(CONTENT, ["rule own", *said, "asking whether it arrived"])
            said.append(another.ask(CONTENT).answer)
        server.slow = 0
        another = sender(served.url)
        another.recall(CONTENT, said)
        assert another.ask(CONTENT).outcome is Outcome.ACCEPTED
    assert sum(call.path.endswith("bulk-report") for call in served.calls) == 1


def test_programs_that_each_ask_once_believe_a_lost_report_lost_in_the_end(sender):
    server = TnsServer(faults=[("bulk-report", "lost")])
    with serving(server) as served:
        said = [sender(served.url).send(CONTENT).answer]
        for number in range(5):
            another = sender(served.url)
            another.recall(CONTENT, said)
            came = another.ask(CONTENT)
            assert (came is None) == (number == 4)
            said += [] if came is None else [came.answer]
        another.recall(CONTENT, said)
        assert another.send(CONTENT).outcome is Outcome.ACCEPTED
    assert server.objects == ["ATLAS26abc"]


def test_a_report_that_was_acknowledged_and_lost_is_sent_again_in_the_end(sender):
    server = TnsServer(faults=[("bulk-report", "lost")])
    with serving(server) as served:
        one = sender(served.url)
        assert one.send(CONTENT).outcome is Outcome.UNKNOWN
        asked = [one.ask(CONTENT) for _ in range(5)]
        assert [came and came.outcome for came in asked] == [Outcome.UNKNOWN] * 4 + [None]
        assert one.send(CONTENT).outcome is Outcome.ACCEPTED
    assert server.objects == ["ATLAS26abc"]


def test_asking_while_the_tns_is_away_neither_accepts_nor_sends_again(sender):
    with serving(TnsServer(faults=[("search", "before")] * 9)) as served:
        assert sender(served.url).ask(CONTENT).outcome is Outcome.LATER


def test_a_key_that_the_tns_repeats_is_kept_nowhere(sender):
    server = TnsServer(refusal={"reporter": {"5": {"message": f"{'x' * 195}{KEY} may not report"}}})
    with serving(server) as served:
        sent = sender(served.url).send(CONTENT)
    assert sent.outcome is Outcome.REFUSED
    assert KEY[:4] not in sent.answer


def test_a_wrong_key_holds_up_all_reports_and_is_in_no_message(sender, tools):
    with serving(TnsServer()) as served:
        one = sender(served.url)
        tools.secrets["api_key"] = "another-key-0000"
        sent = sender(served.url).send(CONTENT)
        one.close()
    assert (sent.outcome, sent.is_for_all) == (Outcome.LATER, True)
    assert "another-key" not in sent.answer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"server": "real"}, "it was made for the TNS itself"),
        ({"at_report": {}}, "it holds no report"),
        ({"at_report": {**CONTENT["at_report"], "1": {}}}, "or several"),
        ({"at_report": {"0": {"photometry": {"0": {"flux_units": "34"}}}}}, "not in AB magnitudes"),
    ],
)
def test_what_may_not_leave_for_this_server_does_not(sender, change, said):
    with serving(TnsServer()) as served:
        one = sender(served.url)
        for sent in (one.send({**CONTENT, **change}), one.ask({**CONTENT, **change})):
            assert sent.outcome is Outcome.REFUSED
            assert said in sent.answer
    assert served.calls == []


def test_a_draft_for_the_sandbox_never_reaches_the_tns_itself(sender):
    with serving(TnsServer()) as served:
        sent = sender(served.url, sandbox=False).send(CONTENT)
    assert "it was made for the sandbox" in sent.answer
    assert served.calls == []


def test_any_run_of_faults_makes_one_object_or_a_refusal(sender, chance):
    """As the outbox does it: send; where nobody knows, ask first; at times in a new process."""
    for _ in range(12):
        kinds = ["504", "before", "cut", "garbled", "lost"]
        faults = [("bulk-report", chance.choice(kinds)) for _ in range(chance.randrange(4))]
        faults += [("bulk-report-reply", chance.choice(kinds[:4])) for _ in range(chance.randrange(3))]
        faults += [("search", "before") for _ in range(chance.randrange(2))]
        server = TnsServer(faults=faults, slow=chance.randrange(8))
        with serving(server) as served:
            one, must_ask = sender(served.url), False
            for _ in range(60):
                came = one.ask(CONTENT) if must_ask else None
                came = one.send(CONTENT) if came is None else came
                if came.outcome is Outcome.ACCEPTED:
                    break
                must_ask = must_ask or came.outcome is Outcome.UNKNOWN
                if chance.random() < 0.5:
                    one = sender(served.url)
        assert came.outcome is Outcome.ACCEPTED
        assert server.objects == ["ATLAS26abc"]


def test_each_call_is_made_once_and_no_sender_opens_without_a_key(sender, tools):
    with serving(TnsServer(faults=[("search", "before")] * 9)) as served:
        sender(served.url).ask(CONTENT)
    assert len(served.calls) == 1
    del tools.secrets["api_key"]
    with pytest.raises(SourceError, match="VRA_SOURCE_TNS_SANDBOX_API_KEY"):
        sender(served.url)
