"""Annotations sent to a Lasair server on loopback: harmless for it, one an object and topic."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.harness.lasair_server import TOKEN, LasairServer
from tests.harness.server import Reply, serving
from tests.sources.wires.conftest import MadeTools
from vra_tui.sources.wires.base import SourceError, SourceSettings
from vra_tui.sources.wires.sending import Outcome, open_sender

CONTENT = {
    "object_id": "313637921267122191", "topic": "our_vra", "version": "duck-2",
    "classification": "likely extragalactic", "explanation": "two detections; a galaxy 3 arcsec away",
    "classdict": {"preal": 0.93, "rank": 9.2}, "url": "https://example.org/313637921267122191",
}  # fmt: skip


@pytest.fixture
def server() -> LasairServer:
    return LasairServer()


@contextmanager
def annotating(answer: Any, tools: MadeTools) -> Iterator[Any]:
    tools.secrets = {"token": TOKEN}
    with serving(answer) as served:
        settings = SourceSettings("las", "lasair", {"url": f"{served.url}api/"})
        sender = open_sender("lasair.annotation", settings, tools.made())
        yield sender, served
        sender.close()


def test_an_annotation_arrives_as_it_was_made_and_is_known_again(server: LasairServer, tools: MadeTools):
    with annotating(server, tools) as (sender, served):
        assert sender.ask(CONTENT) is None
        assert sender.send(CONTENT).outcome is Outcome.ACCEPTED
        assert sender.ask(CONTENT).outcome is Outcome.ACCEPTED
        assert sender.ask({**CONTENT, "version": "duck-3"}) is None
        assert sender.ask({**CONTENT, "classdict": {"preal": 0.5}}) is None
    (row,) = server.written
    assert row == {**{k: v for k, v in CONTENT.items() if k != "object_id"}, "objectId": CONTENT["object_id"]}
    assert [call.path for call in served.calls].count("/api/annotate/") == 1
    assert served.calls[0].form["conditions"] == "objects.diaObjectId = 313637921267122191"
    assert served.calls[0].form["tables"] == "objects, annotator:our_vra"


def test_what_would_change_the_question_is_refused(server: LasairServer, tools: MadeTools):
    with annotating(server, tools) as (sender, served):
        for hostile in ({"object_id": "1 OR 1=1"}, {"topic": "a, b"}, {"object_id": ""}):
            assert sender.ask({**CONTENT, **hostile}).outcome is Outcome.REFUSED
            assert sender.send({**CONTENT, **hostile}).outcome is Outcome.REFUSED
    assert served.calls == []


def test_text_that_would_end_the_servers_statement_is_made_harmless(server: LasairServer, tools: MadeTools):
    hostile = "'); DROP TABLE annotations; -- \\' <script>\x1b[2J"
    content = {**CONTENT, "explanation": hostile, "classdict": {"it's": hostile}}
    with annotating(server, tools) as (sender, _):
        assert sender.send(content).outcome is Outcome.ACCEPTED
        assert sender.ask(content).outcome is Outcome.ACCEPTED
    said = server.written[0]["explanation"]
    assert not set("'\\<>\x1b") & set(said)


def test_what_lasair_does_not_take_is_refused_with_its_words(server: LasairServer, tools: MadeTools):
    with annotating(server, tools) as (sender, served):
        foreign = sender.send({**CONTENT, "topic": "theirs"})
        long = sender.send({**CONTENT, "explanation": "x" * 1_025})
        server.is_active = False
        asleep = sender.send(CONTENT)
    assert [one.outcome for one in (foreign, long, asleep)] == [Outcome.REFUSED] * 3
    assert "does not exist" in foreign.answer
    assert "longer" in long.answer
    assert "not active" in asleep.answer
    assert len(served.calls) == 2


@pytest.mark.parametrize("reply", [Reply(b"", 504), Reply(b'{"stat', 200), Reply(b'{"status": "?"}')])
def test_no_answer_leaves_it_unknown(tools: MadeTools, reply: Reply):
    with annotating(lambda call: reply, tools) as (sender, _):
        assert sender.send(CONTENT).outcome is Outcome.UNKNOWN


def test_a_query_without_an_answer_leaves_it_unknown(tools: MadeTools):
    for reply in (
        Reply(b"", 502),
        Reply(b'{"annotations": [', 200),
        Reply(b'{"error": "no such object"}', 400),
    ):
        with annotating(lambda call, reply=reply: reply, tools) as (sender, _):
            assert sender.ask(CONTENT).outcome is Outcome.UNKNOWN


def test_without_a_token_it_is_said_where_to_put_it(tools: MadeTools):
    tools.secrets = {}
    with pytest.raises(SourceError, match="VRA_SOURCE_LAS_TOKEN"):
        open_sender("lasair.annotation", SourceSettings("las", "lasair", {}), tools.made())


def test_a_token_that_the_server_repeats_is_kept_nowhere(tools: MadeTools):
    refusal = Reply(b'{"error": "Token %s may not write our_vra"}' % TOKEN.encode())
    with annotating(lambda call: refusal, tools) as (sender, _):
        sent = sender.send(CONTENT)
    assert (sent.outcome, sent.answer) == (Outcome.REFUSED, "Lasair says: Token *** may not write our_vra")


def test_an_annotation_takes_the_token_of_another_server_nowhere(tools: MadeTools):
    tools.secrets = {"token": TOKEN}
    with pytest.raises(SourceError, match="it is of the kind `atlas`"):
        open_sender("lasair.annotation", SourceSettings("night", "atlas", {}), tools.made())
    with pytest.raises(SourceError, match="it is of the kind `lasair`"):
        open_sender("atlas.list", SourceSettings("las", "lasair", {}), tools.made())
