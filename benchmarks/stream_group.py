"""A Kafka group on loopback for `benchmarks.whole_stream`: a mock cluster, fed as it is read, and members."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from tests.harness.kafka import Cluster, cluster
from vra_tui.store.connection import open_store

#: The mock broker keeps some 5 MB of a partition, and has four a topic: so much may lie there unread, bytes.
_UNREAD, _TOPICS, _PARTITIONS = 3_500_000, 4, 4
#: The mock broker keeps a group waiting for its session's length when one joins, seconds.
_SETTLES = 9.0
_LOOKS = 0.03
_HANGS = 300.0


@dataclass(frozen=True)
class Taken:
    """What came of a run: in how many ``seconds`` all was read, from the first message on.

    ``cpu``: seconds of each member, of the process itself and of the one that scores for it. ``memory``: the
    most that each of these held, MB. ``said``: what each member said in the end.
    """

    seconds: float
    cpu: list[list[float]]
    memory: list[float]
    said: list[dict[str, Any]]


class Group:
    """Members of one group, each a process; their stores are ``stores``, one for all or one each."""

    def __init__(
        self,
        made: Cluster,
        folder: Path,
        schemas: Path,
        how: str,
        members: int,
        is_each: bool = False,
        options: str = "",
    ) -> None:
        self._made = made
        topics = [f"lsst-{number}" for number in range(_TOPICS)]
        for topic in topics:
            made.make(topic)
        self._places = [(topic, number) for topic in topics for number in range(_PARTITIONS)]
        self._sizes = {place: [0] for place in self._places}
        self.stores = [folder / f"{number}.db" for number in range(members if is_each else 1)]
        positions = 'positions = "group"\n' if is_each else ""
        config = folder / "config.toml"
        config.write_text(
            f'[source.rubin]\nkind = "kafka"\nbrokers = "{made.address}"\ntopic = {json.dumps(topics)}\n'
            f'schemas = "{schemas}"\ngroup = "whole"\n{positions}timeout = 10\n{options}'
        )
        self._asking = Consumer({"bootstrap.servers": made.address, "group.id": "whole", "log_level": 0})
        self._members = []
        for number in range(members):
            store = self.stores[number % len(self.stores)]
            open_store(store, durable=False).close()
            self._members.append(
                subprocess.Popen(
                    [sys.executable, "-m", "benchmarks.stream_member", how],
                    env={
                        **os.environ,
                        "VRA_CONFIG": str(config),
                        "VRA_DB": str(store),
                        "XDG_DATA_HOME": str(folder),
                    },
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )

    def settle(self, messages: Sequence[bytes]) -> None:
        """Send a few messages, until all members have their partitions and have imported what they need."""
        half = len(messages) // 2
        self.send(messages[:half])
        time.sleep(_SETTLES if len(self._members) > 1 else 1.0)
        self.send(messages[half:])
        self._wait_until_scored()
        time.sleep(1.0)

    def run(self, messages: Sequence[bytes]) -> Taken:
        """Send all as they are read, and end the members."""
        before = self._cpu()
        begin = time.perf_counter()
        self.send(messages)
        seconds = time.perf_counter() - begin
        self._wait_until_scored()
        cpu = [
            [now - then for now, then in zip(mine, was, strict=True)]
            for mine, was in zip(self._cpu(), before, strict=True)
        ]
        memory = [_peak_mb(process) for one in self._members for process in _processes(one.pid)]
        return Taken(seconds, cpu, memory, self.end())

    def end(self) -> list[dict[str, Any]]:
        """End the members; what they said last, where that is JSON."""
        said = []
        for one in self._members:
            one.send_signal(signal.SIGTERM)
        for one in self._members:
            output, _ = one.communicate(timeout=60)
            lines = [line for line in output.splitlines() if line.startswith("{")]
            said.append(json.loads(lines[-1]) if lines else {})
        self._members.clear()
        self._asking.close()
        return said

    def send(self, messages: Sequence[bytes]) -> None:
        """Send messages no faster than they are read, and wait until all of them are."""
        sent, hangs_at = 0, time.monotonic() + _HANGS
        while True:
            read = self._read()
            unread = {place: sizes[-1] - sizes[read[place]] for place, sizes in self._sizes.items()}
            if sent == len(messages) and not any(unread.values()):
                return
            assert time.monotonic() < hangs_at, "the group does not read"
            while sent < len(messages):
                place = min(unread, key=lambda one: unread[one])
                size = len(messages[sent])
                if unread[place] + size > _UNREAD:
                    break
                self._made.producer.produce(place[0], messages[sent], None, place[1])
                self._made.producer.poll(0)
                unread[place] += size
                self._sizes[place].append(self._sizes[place][-1] + size)
                sent += 1
            self._made.producer.flush(30)
            time.sleep(_LOOKS)

    def _read(self) -> dict[tuple[str, int], int]:
        """Up to where the group says that it read each partition."""
        asked = self._asking.committed([TopicPartition(*place) for place in self._places], timeout=10)
        return {(one.topic, one.partition): max(0, one.offset) for one in asked}

    def _wait_until_scored(self) -> None:
        """Wait until nothing waits for a rank, where somebody scores."""
        if not any(len(_processes(one.pid)) > 1 for one in self._members):
            return
        for path in self.stores:
            with closing(open_store(path)) as store:
                waiting = "SELECT EXISTS (SELECT 1 FROM standing WHERE pending_revision IS NOT NULL)"
                while store.execute(waiting).fetchone()[0]:
                    time.sleep(0.1)

    def _cpu(self) -> list[list[float]]:
        return [[_cpu_of(process) for process in _processes(one.pid)] for one in self._members]


def _processes(own: int) -> list[int]:
    return [own, *map(int, Path(f"/proc/{own}/task/{own}/children").read_text().split())]


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def run_group(
    folder: Path,
    schemas: Path,
    how: str,
    members: int,
    messages: Sequence[bytes],
    is_each: bool = False,
    options: str = "",
) -> tuple[Taken, list[Path]]:
    """Let a group read messages, the first tenth to settle; what came of it, and the stores."""
    folder.mkdir()
    warm = len(messages) // 10
    with cluster() as made:
        group = Group(made, folder, schemas, how, members, is_each, options)
        group.settle(messages[:warm])
        return group.run(messages[warm:]), group.stores
