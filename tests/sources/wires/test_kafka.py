"""Kafka by its real protocol: nothing lost, the newest first, whoever comes, goes, hangs or breaks."""

import json
import sys
import threading
import time as clock
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.harness.kafka import Cluster, Proxy, proxy_before
from tests.harness.server import Call, Reply, serving
from tests.sources.wires import test_messages as messages_test
from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline.sources import real_edges
from vra_tui.sources.reading import Reading
from vra_tui.sources.wires import kafka_client, kafka_reader
from vra_tui.sources.wires.base import SourceError, SourceSettings, Stopped, Tools, WireFault
from vra_tui.sources.wires.budget import unlimited
from vra_tui.sources.wires.kafka import Kafka
from vra_tui.sources.wires.kinds import open_wire

pytestmark = pytest.mark.slow


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a backlog is, and a delivery, in numbers that a test produces in no time."""
    monkeypatch.setattr(kafka_reader, "AT_MOST", 40)
    monkeypatch.setattr(kafka_reader, "_DELIVERED", 15)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that misses a member sooner: the mock broker waits for those that left, too."""
    monkeypatch.setattr(kafka_client, "_SESSION_MS", 6_000)


def values(first: int, last: int) -> list[bytes]:
    return [json.dumps({"diaObjectId": n, "note": "x" * (n % 50)}).encode() for n in range(first, last)]


def opened(address: str, topic: object, stop: threading.Event | None = None, **options: object) -> Kafka:
    tools = Tools(real_edges(stop), lambda word: None, lambda limit: unlimited(), Reading())
    settings = SourceSettings(
        "night", "lasair-kafka", {"brokers": address, "topic": topic, "timeout": 2, **options}
    )
    wire = open_wire(settings, tools)
    assert isinstance(wire, Kafka)
    return wire


def taken(wire: Kafka, positions: dict[str, str], deliveries: int | None = None) -> list[int]:
    """The objects that come until nothing is left, in order; what was delivered is kept as a store does.

    After so many ``deliveries`` the last is not kept, as when the program is killed before it could.
    """
    found = []
    with closing(wire.follow(positions)) as coming:
        for number, one in enumerate(coming, start=1):
            found += [piece.value["diaObjectId"] for piece in one.pieces if not isinstance(piece, Refusal)]
            if not one.pieces or number == deliveries:
                return found
            positions.update(one.positions)
    return found


def test_what_a_topic_holds_comes_once_and_what_comes_later_follows(cluster: Cluster, topic: str):
    for partition in range(4):
        cluster.put(topic, values(50 * partition, 50 * partition + 50), partition)
    positions: dict[str, str] = {}
    assert sorted(taken(opened(cluster.address, topic), positions)) == list(range(200))
    assert positions == {f"{topic}[{number}]": "50" for number in range(4)}
    assert taken(opened(cluster.address, topic), positions) == []
    cluster.put(topic, values(200, 210))
    assert taken(opened(cluster.address, topic), positions) == list(range(200, 210))


@pytest.mark.usefixtures("few")
def test_of_a_backlog_the_newest_come_first(cluster: Cluster, topic: str):
    cluster.put(topic, values(0, 200))
    came = taken(opened(cluster.address, topic), {})
    assert sorted(came) == list(range(200))
    assert [min(came[first : first + 40]) for first in range(0, 200, 40)] == [160, 120, 80, 40, 0]


@pytest.mark.usefixtures("few")
def test_the_newest_come_first_although_their_connection_is_slow(
    cluster: Cluster, topic: str, monkeypatch: pytest.MonkeyPatch
):
    cluster.put(topic, values(0, 200))
    real, slow = kafka_client.Broker.messages, []

    def messages(broker: kafka_client.Broker, most: int, seconds: float):
        slow.append(broker)
        return ([], []) if broker is slow[0] and len(slow) < 6 else real(broker, most, seconds)

    monkeypatch.setattr(kafka_client.Broker, "messages", messages)
    assert min(taken(opened(cluster.address, topic), {})[:40]) == 160


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("killed_at", range(1, 14, 3))
def test_killed_amid_a_backlog_it_goes_on_where_the_store_stands(
    cluster: Cluster, topic: str, killed_at: int
):
    cluster.put(topic, values(0, 130), 0)
    cluster.put(topic, values(130, 200), 1)
    positions: dict[str, str] = {}
    came = taken(opened(cluster.address, topic), positions, killed_at)
    cluster.put(topic, values(200, 230), 1)
    came += taken(opened(cluster.address, topic), positions)
    assert set(came) == set(range(230))
    # Only the delivery that was not kept comes again.
    assert len(came) <= 230 + 15


@pytest.mark.usefixtures("few")
def test_what_runs_far_ahead_is_read_at_its_end_first(
    cluster: Cluster, topic: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kafka_reader, "_FAR_BEHIND", 60)
    cluster.put(topic, values(0, 10))
    came: list[int] = []
    positions: dict[str, str] = {}
    with closing(opened(cluster.address, topic).follow(positions)) as coming:
        for one in coming:
            came += [piece.value["diaObjectId"] for piece in one.pieces]
            positions.update(one.positions)
            if came[-1:] == [9] and len(came) == 10:
                cluster.put(topic, values(10, 300))
            if not one.pieces and len(came) > 10:
                break
    assert sorted(came) == list(range(300))
    assert came.index(299) < came.index(150)
    assert positions == {f"{topic}[0]": "300"}


def test_of_a_new_topic_only_what_comes_where_that_is_asked_for(cluster: Cluster, topic: str):
    cluster.put(topic, values(0, 20))
    positions: dict[str, str] = {}
    with closing(opened(cluster.address, topic, start="latest").follow(positions)) as coming:
        assert not next(coming).pieces
        cluster.put(topic, values(20, 25))
        one = next(one for one in coming if one.pieces)
    assert [piece.value["diaObjectId"] for piece in one.pieces] == list(range(20, 25))


def test_poison_is_refused_with_its_place_and_its_bytes_and_the_stream_goes_on(cluster: Cluster, topic: str):
    cluster.put(topic, [*values(0, 2), b"{poison", None, *values(2, 4)])
    with closing(opened(cluster.address, topic).follow({})) as coming:
        one = next(one for one in coming if one.pieces)
    refused = [piece for piece in one.pieces if isinstance(piece, Refusal)]
    assert [(piece.source, piece.position) for piece in refused] == [("night", f"{topic}[0]@2")]
    assert one.contents[f"{topic}[0]@2"] == b"{poison"
    assert len(one.pieces) == 5
    assert one.positions == {f"{topic}[0]": "6"}


def test_a_topic_that_was_made_anew_is_read_from_its_beginning_and_told_of(cluster: Cluster, topic: str):
    cluster.put(topic, values(0, 5))
    with closing(opened(cluster.address, topic).follow({f"{topic}[0]": "900"})) as coming:
        pieces = [piece for one in (next(coming), next(coming)) for piece in one.pieces]
    assert any(isinstance(piece, Refusal) and "made anew" in piece.reason for piece in pieces)
    assert sum(not isinstance(piece, Refusal) for piece in pieces) == 5


def test_what_the_broker_deleted_before_it_was_read_is_told(cluster: Cluster, topic: str):
    cluster.put(topic, values(0, 10))
    positions = {f"{topic}[0]": "10"}
    # More than the mock broker keeps of a partition.
    cluster.put(topic, [b'{"diaObjectId": 77, "x": "%s"}' % (b"y" * 90_000)] * 120)
    reasons: list[str] = []
    came = 0
    with closing(opened(cluster.address, topic).follow(positions)) as coming:
        for one in coming:
            reasons += [piece.reason for piece in one.pieces if isinstance(piece, Refusal)]
            came += sum(not isinstance(piece, Refusal) for piece in one.pieces)
            positions.update(one.positions)
            if not one.pieces:
                break
    assert 0 < came < 120
    assert reasons == [f"{120 - came:,} messages were deleted by the broker before they were read"]
    assert positions == {f"{topic}[0]": "130"}


class Process(threading.Thread):
    """One of several programs on a topic, with positions that they share as they share a store."""

    def __init__(self, wire: Kafka, stop: threading.Event, positions: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.wire, self.stop, self.positions = wire, stop, positions
        self.came: list[int] = []

    def run(self) -> None:
        try:
            with closing(self.wire.follow(self.positions)) as coming:
                for one in coming:
                    self.came += [piece.value["diaObjectId"] for piece in one.pieces]
                    self.positions.update(one.positions)
        except Stopped:
            pass


def wait_until(is_so, seconds: float = 45.0) -> None:
    until = clock.monotonic() + seconds
    while not is_so():
        assert clock.monotonic() < until, "it did not come about"
        clock.sleep(0.05)


@pytest.mark.usefixtures("soon")
def test_two_of_a_group_share_a_topic_and_one_takes_over_when_the_other_goes(cluster: Cluster, topic: str):
    positions: dict[str, str] = {}
    stops = [threading.Event(), threading.Event()]
    two = [Process(opened(cluster.address, topic, stop, group=topic), stop, positions) for stop in stops]
    for one in two:
        one.start()
    sent = 0
    # Until both got something: the group settles in its own time.
    until = clock.monotonic() + 45
    while not all(one.came for one in two) and clock.monotonic() < until:
        for partition in range(4):
            cluster.put(topic, values(sent, sent + 5), partition)
            sent += 5
        clock.sleep(0.2)
    assert all(one.came for one in two)
    wait_until(lambda: {*two[0].came, *two[1].came} == set(range(sent)))
    stops[0].set()
    two[0].join(20)
    for partition in range(4):
        cluster.put(topic, values(sent, sent + 5), partition)
        sent += 5
    wait_until(lambda: {*two[0].came, *two[1].came} == set(range(sent)))
    stops[1].set()
    two[1].join(20)
    assert positions == {f"{topic}[{number}]": str(sent // 4) for number in range(4)}


def test_without_a_group_each_reads_all(cluster: Cluster, topic: str):
    cluster.put(topic, values(0, 30))
    assert taken(opened(cluster.address, topic), {}) == taken(opened(cluster.address, topic), {})


@pytest.mark.usefixtures("soon")
def test_a_store_that_is_new_to_a_group_begins_where_the_group_stands(cluster: Cluster, topic: str):
    cluster.put(topic, values(0, 10))
    stop = threading.Event()
    first = opened(cluster.address, topic, stop, group=f"g{topic}")
    assert len(taken(first, {})) == 10
    cluster.put(topic, values(10, 12))
    assert taken(opened(cluster.address, topic, group=f"g{topic}"), {}) == [10, 11]


@pytest.fixture
def proxy(cluster: Cluster) -> Iterator[Proxy]:
    with proxy_before(cluster) as found:
        yield found


@pytest.mark.parametrize("mode", ["closed", "silent"])
def test_a_broker_that_is_lost_is_told_of_and_nothing_is_lost_with_it(
    cluster: Cluster, topic: str, proxy: Proxy, mode: str
):
    cluster.put(topic, values(0, 30))
    positions: dict[str, str] = {}
    came: list[int] = []

    def follow_and_lose() -> None:
        with closing(opened(proxy.address, topic).follow(positions)) as coming:
            for one in coming:
                came.extend(piece.value["diaObjectId"] for piece in one.pieces)
                positions.update(one.positions)
                if len(came) == 30 and proxy.mode == "open":
                    proxy.set(mode)
                    cluster.put(topic, values(30, 60))

    with pytest.raises(WireFault, match=rf"`night`: {proxy.address}: (no connection|it does not answer)"):
        follow_and_lose()
    proxy.set("open")
    came += taken(opened(proxy.address, topic), positions)
    assert came == list(range(60))


def test_a_short_break_is_not_noticed(cluster: Cluster, topic: str, proxy: Proxy):
    cluster.put(topic, values(0, 30))
    positions: dict[str, str] = {}
    came: list[int] = []
    was_lost = False
    with closing(opened(proxy.address, topic).follow(positions)) as coming:
        for one in coming:
            came += [piece.value["diaObjectId"] for piece in one.pieces]
            positions.update(one.positions)
            if len(came) == 30 and not was_lost:
                was_lost = True
                proxy.set("closed")
                proxy.set("open")
                cluster.put(topic, values(30, 60))
            if len(came) == 60:
                break
    assert came == list(range(60))


def test_a_broker_that_is_not_there_is_a_fault_with_its_address(topic: str):
    with pytest.raises(WireFault, match=r"`night`: 127\.0\.0\.1:1: no connection"):
        next(opened("127.0.0.1:1", topic).follow({}))
    with pytest.raises(WireFault, match="127"):
        opened("127.0.0.1:1", topic).check()


def test_a_topic_that_is_not_there_is_a_fault_with_its_name(cluster: Cluster):
    with pytest.raises(WireFault, match="has no topic lasair_2nothing"):
        next(opened(cluster.address, "lasair_2nothing").follow({}))


def test_a_test_says_how_much_the_topics_hold(cluster: Cluster, topic: str):
    cluster.put(topic, values(0, 7))
    assert "holds 7 messages in 4 partitions" in opened(cluster.address, topic).check().message
    assert "holds 7 messages" in opened(cluster.address, f"^{topic[:-1]}.$").check().message


def test_the_end_is_told_amid_waiting(cluster: Cluster, topic: str):
    stop = threading.Event()
    with closing(opened(cluster.address, topic, stop).follow({})) as coming:
        assert not next(coming).pieces
        stop.set()
        with pytest.raises(Stopped):
            next(coming)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"topic": []}, "`topic`"),
        ({"start": "yesterday"}, "`start`"),
        ({"sasl": "SCRAM-SHA-512"}, "`sasl` and `username`"),
        ({"username": "ann"}, "`sasl` and `username`"),
        ({"grop": "x"}, "is it `group`"),
        ({"topic": "^lasair_("}, r"`topic\.0`: \^lasair_\( is no pattern"),
    ],
)
def test_options_that_cannot_be_used_are_named(options: dict, why: str):
    with pytest.raises(SourceError, match=why):
        opened("127.0.0.1:1", options.pop("topic", "t"), **options)


def test_a_password_is_asked_for_by_name_and_given_to_the_client_alone():
    secrets: dict[str, SecretStr] = {}
    settings = SourceSettings(
        "fink",
        "kafka",
        {"brokers": "127.0.0.1:1", "topic": "t", "sasl": "SCRAM-SHA-512", "username": "ann", "timeout": 1},
    )
    wire = open_wire(settings, Tools(real_edges(), secrets.get, lambda limit: unlimited()))
    with pytest.raises(SourceError, match="VRA_SOURCE_FINK_PASSWORD"):
        wire.check()
    secrets["password"] = SecretStr("hunter2")
    with pytest.raises(WireFault) as raised:
        wire.check()
    assert "hunter2" not in str(raised.value)


def test_only_where_one_logs_in_there_is_a_password_to_ask_for():
    assert not opened("127.0.0.1:1", "t").secrets
    assert opened("127.0.0.1:1", "t", sasl="PLAIN", username="ann").secrets == ("password",)


def test_a_folder_of_schemas_may_begin_with_the_users_home():
    assert opened("127.0.0.1:1", "t", schemas="~/schemas").options.schemas == Path.home() / "schemas"


def test_without_the_client_it_says_which_extra_brings_it(monkeypatch: pytest.MonkeyPatch, topic: str):
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(SourceError, match=r"vra-tui\[kafka\]"):
        opened("127.0.0.1:1", topic).check()


@pytest.mark.usefixtures("few")
def test_a_store_that_takes_its_time_is_no_silence_of_the_broker(cluster: Cluster, topic: str):
    cluster.put(topic, values(0, 200))
    came: list[int] = []
    with closing(opened(cluster.address, topic, timeout=1).follow({})) as coming:
        for one in coming:
            came += [piece.value["diaObjectId"] for piece in one.pieces]
            if not one.pieces:
                break
            if len(came) in (30, 90):
                clock.sleep(2.5)
    assert sorted(came) == list(range(200))


def test_schemas_come_from_the_registry_that_the_user_names_and_from_there_alone(
    cluster: Cluster, topic: str
):
    value, number = {"diaSourceId": 7, "band": "r"}, 1_000
    schema = json.dumps(messages_test.SCHEMA)

    def answer(call: Call) -> Reply:
        if call.path.endswith(f"/schemas/ids/{number}"):
            return Reply(json.dumps({"schema": schema}).encode())
        return Reply(b'{"error_code": 40403, "message": "Schema not found"}', 404)

    framed = [b"\x00" + one.to_bytes(4, "big") + messages_test.bare(value) for one in (number, 9, 9, number)]
    cluster.put(topic, framed)
    with serving(answer) as served:
        wire = opened(cluster.address, topic, registry=served.url)
        with closing(wire.follow({})) as coming:
            pieces = [piece for one in (next(coming),) for piece in one.pieces]
        wire.close()
    assert [piece.reason if isinstance(piece, Refusal) else piece.value for piece in pieces] == [
        value, "the registry holds no schema 9", "the registry holds no schema 9", value,
    ]  # fmt: skip
    assert len(served.calls) == 2


def test_while_the_registry_is_away_no_message_is_refused_for_want_of_its_schema(
    cluster: Cluster, topic: str
):
    cluster.put(topic, [b"\x00" + (1_000).to_bytes(4, "big") + messages_test.bare()])
    with serving(lambda call: Reply(b'{"schema": 3}')) as served:
        coming = opened(cluster.address, topic, registry=served.url).follow({})
        with closing(coming), pytest.raises(WireFault, match="holds no schema"):
            next(coming)
