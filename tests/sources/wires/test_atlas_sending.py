"""What leaves for the ATLAS server, sent to loopback: by its names, one object a call, asked when unsure."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.harness.atlas_server import TOKEN, AtlasServer
from tests.harness.server import Reply, Served, serving
from tests.sources.wires.conftest import MadeTools
from vra_tui.sources.wires.base import SourceError, SourceSettings
from vra_tui.sources.wires.sending import Outcome, Sender, open_sender

SCORES = {"preal": 0.9312, "pgal": 0.05, "pfast": 0.2, "rank": 9.21, "is_gal_cand": 0}
AT = "2026-11-28T03:04:05"


@contextmanager
def sending(answer: Any, tools: MadeTools, kind: str = "atlas.list", **options: Any) -> Iterator[Any]:
    with serving(answer) as served:
        settings = SourceSettings("night", "atlas", {"url": f"{served.url}sne/atlas4/api/", **options})
        sender = open_sender(kind, settings, tools.made())
        yield sender, served
        sender.close()


def paths(served: Served) -> list[str]:
    return [call.path.rpartition("/api/")[2] for call in served.calls]


def answering(*replies: Reply) -> Any:
    left = list(replies)
    return lambda call: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def server() -> AtlasServer:
    return AtlasServer()


def test_a_move_is_one_call_with_the_servers_names(server: AtlasServer, tools: MadeTools):
    object_id = server.add(0)
    with sending(server, tools) as (sender, served):
        sent = sender.send({"object_id": object_id, "list": "possible"})
    assert (sent.outcome, server.moves) == (Outcome.ACCEPTED, [(object_id, 3)])
    assert served.calls[0].form == {"objectid": object_id, "objectlist": "3"}
    assert paths(served) == ["objectdetectionlist/"]


def test_a_move_that_its_api_does_not_take_is_refused_with_the_page_to_do_it_on(
    server: AtlasServer, tools: MadeTools
):
    object_id = server.add(0)
    with sending(server, tools) as (sender, _):
        sent = sender.send({"object_id": object_id, "list": "good"})
        unknown = sender.send({"object_id": "1999999999999999999", "list": "possible"})
        foreign = sender.send({"object_id": object_id, "list": "ours"})
    assert {sent.outcome, unknown.outcome, foreign.outcome} == {Outcome.REFUSED}
    assert f"/sne/atlas4/candidate/{object_id}/" in sent.answer
    assert "Object does not exist" in unknown.answer


@pytest.mark.parametrize(("now", "outcome"), [(3, Outcome.ACCEPTED), (4, None), (0, Outcome.REFUSED)])
def test_whether_a_move_arrived_is_told_by_the_list_that_holds_the_object(
    server: AtlasServer, tools: MadeTools, now: int, outcome: Outcome | None
):
    object_id = server.add(0, now)
    with sending(server, tools) as (sender, _):
        found = sender.ask({"object_id": object_id, "list": "possible"})
    assert (found and found.outcome) == outcome


def test_a_correction_finds_the_object_where_the_move_before_put_it(server: AtlasServer, tools: MadeTools):
    object_id = server.add(0, 3)
    with sending(server, tools) as (sender, _):
        assert sender.ask({"object_id": object_id, "list": "eyeball", "from": ["possible"]}) is None


def test_a_row_of_scores_is_known_again_by_its_date_and_numbers(server: AtlasServer, tools: MadeTools):
    content = {"object_id": server.add(0), **SCORES, "at": AT}
    with sending(server, tools, "atlas.scores") as (sender, _):
        assert sender.ask(content) is None
        assert sender.send(content).outcome is Outcome.ACCEPTED
        assert sender.ask(content).outcome is Outcome.ACCEPTED
        assert sender.ask({**content, "rank": 9.3}) is None
        assert sender.ask({**content, "at": "2026-11-28T03:04:06"}) is None
        assert sender.ask({**content, "pfast": None}) is None
    (row,) = server.scores
    assert row["preal"] == pytest.approx(0.9312)
    assert row["is_gal_cand"] == 0


def test_a_rank_takes_the_place_of_the_one_before(server: AtlasServer, tools: MadeTools):
    content = {"object_id": server.add(0), "rank": 9.21, "is_gal_cand": 1, "at": AT}
    with sending(server, tools, "atlas.rank") as (sender, served):
        assert sender.send(content).outcome is Outcome.ACCEPTED
        assert sender.ask(content).outcome is Outcome.ACCEPTED
        assert sender.send({**content, "rank": 3.0}).outcome is Outcome.ACCEPTED
        assert sender.ask(content) is None
    assert paths(served) == ["vrarank/", "vraranklist/", "vrarank/", "vraranklist/"]


def test_a_comment_is_refused_with_the_page_to_write_it_on(tools: MadeTools, server: AtlasServer):
    with sending(server, tools, "atlas.comment") as (sender, served):
        sent = sender.send({"object_id": "1000000000000000000", "text": "rising"})
    assert sent.outcome is Outcome.REFUSED
    assert "no comments" in sent.answer
    assert served.calls == []


@pytest.mark.parametrize(
    ("reply", "outcome", "is_for_all"),
    [
        (Reply(b"<h1>Gateway</h1>", 504), Outcome.UNKNOWN, False),
        (Reply(b'{"objectid": 1, "info": "Row cre', cut=5), Outcome.UNKNOWN, False),
        (Reply(b'{"objectid": 1, "info": "Row cre'), Outcome.UNKNOWN, False),
        (Reply(b"<html>log in</html>"), Outcome.UNKNOWN, False),
        (Reply(b'{"detail": "Expected available in 1800 seconds."}', 429), Outcome.LATER, True),
        (Reply(b'{"detail": "Token has expired."}', 401), Outcome.LATER, True),
        (Reply(b'{"detail": "You do not have permission."}', 403), Outcome.LATER, True),
        (Reply(b'{"objectid": ["A valid integer is required."]}', 400), Outcome.REFUSED, False),
    ],
)
def test_an_answer_says_whether_it_was_taken_was_not_or_that_nobody_knows(
    tools: MadeTools, reply: Reply, outcome: Outcome, is_for_all: bool
):
    with sending(answering(reply), tools) as (sender, served):
        sent = sender.send({"object_id": "1", "list": "possible"})
    assert (sent.outcome, sent.is_for_all) == (outcome, is_for_all)
    assert len(served.calls) == 1  # nothing is tried a second time in here
    assert tools.time.waited == []


def test_a_question_without_an_answer_leaves_it_unknown(tools: MadeTools):
    for kind, content in (
        ("atlas.list", {"object_id": "1", "list": "possible"}),
        ("atlas.scores", {"object_id": "1", **SCORES, "at": AT}),
    ):
        for reply in (Reply(b"", 502), Reply(b"[{", 200), Reply(b'{"error": "no"}', 400), Reply(b"{}")):
            with sending(answering(reply), tools, kind) as (sender, _):
                assert sender.ask(content).outcome is Outcome.UNKNOWN


def test_no_server_and_no_call_left_mean_that_nothing_was_sent(tools: MadeTools, server: AtlasServer):
    with sending(server, tools) as (sender, _):
        pass
    assert sender.send({"object_id": "1", "list": "possible"}).outcome is Outcome.LATER
    tools.calls += [tools.time.seconds] * 100
    with sending(server, tools) as (sender, served):
        sent = sender.send({"object_id": "1", "list": "possible"})
    assert (sent.outcome, sent.retry_after) == (Outcome.LATER, 3600.0)
    assert served.calls == []


def test_a_token_that_the_server_repeats_is_kept_nowhere(tools: MadeTools):
    refusal = Reply(b'{"info": "Token %s may not"}' % TOKEN.encode())
    with sending(answering(refusal), tools) as (sender, _):
        sent = sender.send({"object_id": "1", "list": "possible"})
    assert (sent.outcome, sent.answer) == (Outcome.REFUSED, "the server says: Token *** may not")


def test_a_password_that_is_not_accepted_is_no_fault_of_the_item(tools: MadeTools, server: AtlasServer):
    tools.secrets = {"token": "old", "user": "ana", "password": "wrong"}
    with sending(server, tools) as (sender, _):
        sent = sender.send({"object_id": server.add(0), "list": "possible"})
    assert (sent.outcome, sent.is_for_all) == (Outcome.LATER, True)
    assert "wrong" not in sent.answer


def test_an_expired_token_is_renewed_and_the_move_made_once(tools: MadeTools, server: AtlasServer):
    tools.secrets = {"token": "0ld", "user": "ana", "password": server.password}
    object_id = server.add(0)
    with sending(server, tools) as (sender, _):
        assert sender.send({"object_id": object_id, "list": "possible"}).outcome is Outcome.ACCEPTED
    assert server.moves == [(object_id, 3)]


def test_a_kind_that_nothing_sends_is_told_with_the_nearest(tools: MadeTools):
    with pytest.raises(SourceError, match=r"Is it `atlas.list`"):
        open_sender("atlas.lists", SourceSettings("night", "atlas", {}), tools.made())


def test_senders_are_what_the_outbox_takes(tools: MadeTools):
    sender: Sender = open_sender("atlas.rank", SourceSettings("night", "atlas", {}), tools.made())
    assert sender.pace > 0
    sender.close()


def test_a_call_counts_in_the_accounts_hour(tools: MadeTools, server: AtlasServer):
    with sending(server, tools) as (sender, _):
        sender.send({"object_id": server.add(0), "list": "possible"})
        sender.ask({"object_id": server.add(0), "list": "possible"})
    assert len(tools.calls) == 2
