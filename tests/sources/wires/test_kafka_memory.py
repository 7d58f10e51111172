"""What a source has in hand at once is bounded by bytes, whatever the size of its messages."""

import json
from contextlib import closing

import pytest

from tests.harness.kafka import Cluster
from tests.sources.wires.test_kafka import opened
from vra_tui.sources.wires import kafka_reader

pytestmark = pytest.mark.slow

_BOUND, _LARGE = 100_000, 20_000


def test_a_delivery_of_large_messages_holds_no_more_than_one_of_small_ones(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    """A hundred packets of Rubin with long histories, unpacked, are a fifth of a gigabyte."""
    monkeypatch.setattr(kafka_reader, "_DELIVERED_BYTES", _BOUND)
    topic = "lasair_2large"
    cluster.make(topic)
    cluster.put(topic, [json.dumps({"diaObjectId": n, "note": "x" * _LARGE}).encode() for n in range(60)])
    came: list[int] = []
    with closing(opened(cluster.address, topic).follow({})) as deliveries:
        for one in deliveries:
            if one.is_quiet:
                break
            came += [piece.value["diaObjectId"] for piece in one.pieces]
            assert sum(map(len, one.contents.values())) < _BOUND + 2 * _LARGE
    assert came == list(range(60))
