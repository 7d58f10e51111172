"""GCN by the real protocol: alerts of events in any order, what is not wanted, what is broken, and tokens."""

import base64
import json
import threading
from contextlib import closing

import pytest
from pydantic import SecretStr

from tests.factories import api_object, ingest_objects
from tests.harness.server import Call, Reply, serving
from tests.sources.test_sky_maps import flat
from vra_tui.pipeline.pull import take_in
from vra_tui.pipeline.sources import real_edges
from vra_tui.sources.reading import Reading
from vra_tui.sources.wires.base import SourceError, SourceSettings, Tools, WireFault
from vra_tui.sources.wires.budget import unlimited
from vra_tui.sources.wires.gcn import Gcn
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.store.following import positions_of
from vra_tui.store.sky_maps import count_places, newest_maps


def opened(secrets: dict[str, str] | None = None, **options: object) -> Gcn:
    found = {word: SecretStr(value) for word, value in (secrets or {}).items()}
    tools = Tools(real_edges(threading.Event()), found.get, lambda limit: unlimited(), Reading())
    wire = open_wire(SourceSettings("gcn", "gcn", {"timeout": 2, **options}), tools)
    assert isinstance(wire, Gcn)
    return wire


def message(kind: str, minute: int, event: str = "S230224ab", order: int = 2, **more: object) -> bytes:
    body = {
        "time": "2023-02-24T12:00:00Z", "significant": True,
        "skymap": base64.b64encode(flat(order)[0]).decode(), **more,
    }  # fmt: skip
    told = {"superevent_id": event, "alert_type": kind, "time_created": f"2023-02-24T12:{minute:02d}:00Z"}
    return json.dumps({**told, "event": None if kind == "RETRACTION" else body}).encode()


def followed(store, clock, wire: Gcn, refused: list) -> None:
    """Take in what a topic holds, until nothing is left."""
    with closing(wire.follow(positions_of(store, wire.name))) as coming:
        for delivery in coming:
            if delivery.is_quiet:
                return
            take_in(store, wire, delivery, clock=clock, on_refusal=refused.append)


def test_an_event_is_followed_from_its_first_alert_to_its_retraction(cluster, topic, store, clock):
    ingest_objects(store, [api_object(n) for n in range(3)], clock)
    told = [message("PRELIMINARY", 5), message("UPDATE", 9, order=3), message("RETRACTION", 30)]
    refused: list = []
    for number, one in enumerate(told):
        cluster.put(topic, [one], partition=number)
        followed(store, clock, opened(brokers=cluster.address, topic=topic), refused)
        (event,) = newest_maps(store)
        assert (event.version, event.is_retracted) == (number + 1, number == 2)
        assert count_places(store).get("S230224ab", (0, 0))[0] == (0 if number == 2 else 3)
    assert refused == []
    assert positions_of(store, "gcn") == {f"{topic}[{number}]": "1" for number in range(3)}


def test_in_whatever_order_and_however_often_what_was_told_last_counts(cluster, topic, store, clock, chance):
    told = [message("PRELIMINARY", 5), message("UPDATE", 9), message("UPDATE", 20, order=1)] * 2
    chance.shuffle(told)
    cluster.put(topic, told)
    followed(store, clock, opened(brokers=cluster.address, topic=topic), [])
    (event,) = newest_maps(store)
    assert store.execute("SELECT count(*) FROM sky_maps").fetchone()[0] == 3
    (counting,) = store.execute("SELECT told_at FROM sky_maps WHERE version = ?", (event.version,)).fetchone()
    assert counting.startswith("2023-02-24T12:20")


@pytest.mark.parametrize(
    ("options", "events"),
    [
        ({}, {"S230224ab"}),
        ({"drills": True}, {"S230224ab", "MS230224c"}),
        ({"significant": False}, {"S230224ab", "S230224d"}),
    ],
)
def test_drills_and_faint_candidates_are_taken_only_when_asked_for(
    cluster, topic, store, clock, options, events
):
    told = [
        message("INITIAL", 1),
        message("INITIAL", 2, "MS230224c"),
        message("INITIAL", 3, "S230224d", significant=False),
    ]
    cluster.put(topic, told)
    refused: list = []
    followed(store, clock, opened(brokers=cluster.address, topic=topic, **options), refused)
    assert {one.event for one in newest_maps(store)} == events
    assert refused == []


def test_a_broken_message_is_refused_with_its_bytes_and_the_stream_goes_on(cluster, topic, store, clock):
    broken = message("INITIAL", 1).replace(b'"skymap": "U0', b'"skymap": "!!')
    no_map = message("EARLYWARNING", 2, "S230224x", skymap=None)
    cluster.put(topic, [broken, b"\xff\x00", no_map, message("INITIAL", 3)])
    refused: list = []
    followed(store, clock, opened(brokers=cluster.address, topic=topic), refused)
    assert [one.event for one in newest_maps(store)] == ["S230224ab"]
    assert [one.position for one in refused] == [f"{topic}[0]@{n}" for n in range(3)]
    kept = [row[0] for row in store.execute("SELECT content FROM rejected_packets ORDER BY position")]
    assert kept == [broken, b"\xff\x00", no_map]


def test_without_a_client_or_its_secret_it_says_where_to_get_one():
    with pytest.raises(SourceError, match=r"gcn\.nasa\.gov/quickstart"):
        opened().client_options()
    with pytest.raises(SourceError, match="VRA_SOURCE_GCN_CLIENT_SECRET"):
        opened(client_id="me").client_options()
    with pytest.raises(SourceError, match="https"):
        opened({"client_secret": "x"}, client_id="me", token_url="http://auth.example/").client_options()


def test_the_client_asks_for_a_token_with_its_credentials(cluster):
    def answer(call: Call) -> Reply:
        return Reply(b'{"error": "invalid_client"}', 401, {"content-type": "application/json"})

    with serving(answer) as served:
        wire = opened({"client_secret": "s3cret"}, client_id="me", token_url=f"{served.url}token",
                      brokers=cluster.address, timeout=1)  # fmt: skip
        with pytest.raises(WireFault) as told:
            wire.check()
    basic = base64.b64encode(b"me:s3cret").decode()
    assert served.calls[0].form["grant_type"] == "client_credentials"
    assert served.calls[0].headers["authorization"] == f"Basic {basic}"
    assert "s3cret" not in str(told.value)
