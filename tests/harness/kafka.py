"""Real Kafka brokers on loopback: librdkafka's own mock cluster, and a TCP proxy before it that can fail."""

import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from confluent_kafka import Producer

_HOST = "127.0.0.1"


class Cluster:
    """One mock broker. Its partitions keep some 5 MB: what is produced faster than it is read is lost."""

    def __init__(self) -> None:
        # The mock cluster lives in this client, and as long as it does.
        self.producer = Producer(
            {"bootstrap.servers": "unused", "test.mock.num.brokers": "1", "linger.ms": 1, "log_level": 0}
        )
        (broker,) = self.producer.list_topics(timeout=10).brokers.values()
        self.address = f"{_HOST}:{broker.port}"
        self.port = broker.port

    def make(self, topic: str) -> int:
        """Make a topic; how many partitions it has, which the mock cluster decides (4)."""
        return len(self.producer.list_topics(topic, timeout=10).topics[topic].partitions)

    def put(
        self, topic: str, values: Sequence[bytes | None], partition: int = 0, key: bytes | None = None
    ) -> None:
        """Write messages, and wait until the broker has them."""
        for value in values:
            self.producer.produce(topic, value, key, partition)
            self.producer.poll(0)
        assert self.producer.flush(30) == 0

    def close(self) -> None:
        self.producer.flush(1)


class Proxy:
    """Stands before a broker, which clients take for it: addresses in its answers lead to the proxy.

    ``mode``: `open`; `closed` hangs up and takes no connections; `silent` takes what comes and answers
    nothing, as a half-open connection does.
    """

    def __init__(self, port: int) -> None:
        self._behind = port
        self._listening = socket.create_server((_HOST, 0))
        self.port = self._listening.getsockname()[1]
        self.address = f"{_HOST}:{self.port}"
        self.mode = "open"
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._is_closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def set(self, mode: str) -> None:
        """Change how it behaves; connections that are open break when it closes."""
        self.mode = mode
        if mode == "closed":
            self._hang_up()

    def close(self) -> None:
        self._is_closed = True
        self._listening.close()
        self._hang_up()

    def _hang_up(self) -> None:
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self.mode == "closed":
                client.close()
                continue
            self.connections += 1
            broker = socket.create_connection((_HOST, self._behind))
            self._open |= {client, broker}
            for there, back in ((client, broker), (broker, client)):
                threading.Thread(target=self._pump, args=(there, back), daemon=True).start()

    def _pump(self, there: socket.socket, back: socket.socket) -> None:
        """Hand on frame by frame; each begins with its length."""
        ours = _HOST.encode() + struct.pack(">i", self.port)
        behind = _HOST.encode() + struct.pack(">i", self._behind)
        try:
            while (head := _exactly(there, 4)) and (frame := _exactly(there, *struct.unpack(">i", head))):
                while self.mode == "silent" and not self._is_closed:
                    time.sleep(0.01)
                back.sendall(head + frame.replace(behind, ours))
        except OSError:
            pass
        for one in (there, back):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _exactly(there: socket.socket, size: int) -> bytes:
    parts = []
    while size > 0:
        part = there.recv(min(size, 1 << 16))
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


@contextmanager
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    try:
        yield made
    finally:
        made.close()


@contextmanager
def proxy_before(made: Cluster) -> Iterator[Proxy]:
    proxy = Proxy(made.port)
    try:
        yield proxy
    finally:
        proxy.close()
