"""Processes of one Kafka group with a store each: what one of them took in, another does not read again."""

from collections.abc import Mapping

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition

from tests.harness.kafka import Cluster
from tests.sources.wires.test_kafka import opened, taken, values
from vra_tui.sources.wires import kafka_client
from vra_tui.sources.wires.base import SourceError
from vra_tui.sources.wires.kafka_client import Broker

pytestmark = pytest.mark.slow


def read_by_another(cluster: Cluster, topic: str, group: str, offset: int) -> None:
    """Let the group say that a process of it, with a store of its own, read so far."""
    other = Consumer({"bootstrap.servers": cluster.address, "group.id": group, "log_level": 0})
    other.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
    other.close()


@pytest.mark.parametrize(("options", "first"), [({"positions": "group"}, 12), ({}, 5)])
def test_a_partition_that_comes_back_is_read_on_from_where_the_other_store_stands(
    cluster: Cluster, options: dict[str, str], first: int
):
    """The default trusts the store alone: one that was brought back from a backup has to read again."""
    topic = group = f"lasair_2back{first}"
    cluster.make(topic)
    cluster.put(topic, values(0, 15))
    read_by_another(cluster, topic, group, 12)
    store = {f"{topic}[0]": "5"}
    assert taken(opened(cluster.address, topic, group=group, **options), store) == list(range(first, 15))
    assert store == {f"{topic}[0]": "15"}


def test_what_only_the_own_store_took_in_is_not_read_again_though_the_group_does_not_know_it(
    cluster: Cluster,
):
    topic = group = "lasair_2own"
    cluster.make(topic)
    cluster.put(topic, values(0, 15))
    read_by_another(cluster, topic, group, 3)
    store = {f"{topic}[0]": "2,6-10"}
    wire = opened(cluster.address, topic, group=group, positions="group")
    assert taken(wire, store) == [10, 11, 12, 13, 14, 3, 4, 5]


def test_what_the_group_did_not_hear_amid_a_change_it_is_told_again(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    topic = group = "lasair_2unheard"
    cluster.make(topic)
    cluster.put(topic, values(0, 15))
    heard: list[object] = []

    def commit(
        broker: kafka_client.Broker, offsets: Mapping[tuple[str, int], int], tell=Broker.commit
    ) -> None:
        heard.append(offsets)
        if len(heard) == 1:
            broker._on_commit(KafkaError(KafkaError.REBALANCE_IN_PROGRESS), [])
        else:
            tell(broker, offsets)

    monkeypatch.setattr(kafka_client.Broker, "commit", commit)
    assert taken(opened(cluster.address, topic, group=group), {}) == list(range(15))
    asking = Consumer({"bootstrap.servers": cluster.address, "group.id": group, "log_level": 0})
    assert asking.committed([TopicPartition(topic, 0)], timeout=10)[0].offset == 15
    asking.close()


def test_positions_of_a_group_want_a_group():
    with pytest.raises(SourceError, match="`positions` can be those of a `group` only where it is named"):
        opened("nowhere:1", "lasair_2none", positions="group")
