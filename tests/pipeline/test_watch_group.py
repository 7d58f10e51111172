"""Several `vra watch` of one store: each alert is there once, scored once, and no server is asked twice."""

import json
import os
import signal
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.harness.kafka import Cluster
from tests.pipeline.test_watch import Program, Run, delivery, held, wait_until
from tests.surveys.lsst import made as lsst
from vra_tui.store import Store
from vra_tui.store.connection import open_store
from vra_tui.store.following import positions_of
from vra_tui.store.turns import Turn

#: A group that misses a killed member sooner.
_SOON = "from vra_tui.sources.wires import kafka_client; kafka_client._SESSION_MS = 4_000"


def message(number: int) -> bytes:
    """Lasair's message of an object that was seen in three nights."""
    name = lsst.OBJECT + number
    place = {"ra": 10.0 + number * 0.01, "decl": -30.0}
    sources = [
        {**lsst.source(night), **place, "diaObjectId": name, "diaSourceId": name * 8 % 2**62 + night}
        for night in range(3)
    ]
    alert = {
        "diaObject": {"diaObjectId": name, **place},
        "diaSourcesList": sources,
        "diaForcedSourcesList": [],
    }
    return json.dumps({**lsst.ROW, **place, "diaObjectId": name, "alert": alert}).encode()


def has_the_turn(program: Program) -> bool:
    """Whether it is the one whose worker scores the store."""
    held = set()
    for number in os.listdir(f"/proc/{program.worker}/fd"):
        with suppress(FileNotFoundError):
            held.add(os.readlink(f"/proc/{program.worker}/fd/{number}"))
    return any(name.endswith("-scoring") for name in held)


@pytest.mark.slow
def test_they_share_the_work_and_when_one_is_killed_the_other_does_it_all(cluster: Cluster, tmp_path: Path):
    topic = group = "lasair_2shared"
    cluster.make(topic)
    two = [Program(tmp_path, cluster.address, topic, before=_SOON, group=group) for _ in range(2)]
    sent = 0

    def send() -> None:
        nonlocal sent
        for partition in range(4):
            cluster.put(topic, [message(number) for number in range(sent, sent + 10)], partition)
            sent += 10

    def is_scored() -> bool:
        with closing(open_store(tmp_path / "vra.db")) as store:
            left = "SELECT count(*) FROM standing WHERE rank IS NULL OR pending_revision IS NOT NULL"
            return held(tmp_path) == set(range(sent)) and not store.execute(left).fetchone()[0]

    wait_until(lambda: (tmp_path / "vra.db").exists())
    send()
    wait_until(is_scored)
    send()
    wait_until(is_scored)
    two.sort(key=has_the_turn)
    _, killed = two.pop().end(signal.SIGKILL)
    send()
    wait_until(is_scored)
    code, output = two.pop().end()
    assert code == 0, output
    assert "another process follows streams into this store and scores" in output
    assert "the other process ended: this one scores now" in output
    assert "refused" not in killed + output
    with closing(open_store(tmp_path / "vra.db")) as store:
        twice = "SELECT alert_id FROM scores GROUP BY alert_id, visit HAVING count(*) > 1"
        assert not store.execute(twice).fetchall()


def test_a_server_that_another_watch_of_the_store_asks_is_asked_by_this_one_when_that_ends(tmp_path: Path):
    stream = [delivery(0, str(number)) for number in range(20)]
    run = Run(tmp_path, once=False, a=stream, server=[delivery(2, "7", "server")] * 50)
    turn = Turn(run.path, "asking-server")
    assert turn.is_mine()
    came: list[dict[str, str]] = []

    def is_so(store: Store) -> bool:
        if not came and positions_of(store, "a") == {"t[0]": "19"}:
            came.append(positions_of(store, "server"))
            turn.close()
        return bool(positions_of(store, "server"))

    run.until(is_so)
    assert came == [{}]
