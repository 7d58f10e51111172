"""The Kafka client of this program: one connection to the brokers of a source, its faults in words."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vra_tui.sources.wires.base import SourceError, WireFault
from vra_tui.text import printable

if TYPE_CHECKING:
    from confluent_kafka import Message, TopicPartition

#: The client reads ahead, in kB, and the most that it takes at once, in bytes. Bounds memory.
_AHEAD_KB = 16 << 10
_AT_ONCE = 4 << 20
#: Members of a group that are silent for longer than the first lose their partitions; one that takes longer
#: than the second between two reads does too, ms.
_SESSION_MS, _BETWEEN_READS_MS = 30_000, 600_000


class Broker:
    """A consumer of the brokers that a source names; close it, or use it as a context.

    Raises WireFault wherever the brokers do not answer, and SourceError where the client is not installed or
    does not take its options.
    """

    def __init__(
        self,
        name: str,
        addresses: str,
        options: Mapping[str, Any],
        timeout: float,
        group: str | None = None,
    ) -> None:
        try:
            import confluent_kafka
        except ImportError:
            raise SourceError(
                f"`{name}` needs the Kafka client, which is an extra: install vra-tui[kafka]."
            ) from None
        self._kafka = confluent_kafka
        self._name, self._addresses, self._timeout = name, addresses, timeout
        self._said: Any = None
        #: Whether the client lost all brokers, or did not get through with a `commit`, since these were last
        #: set to False.
        self.is_in_doubt = self.is_commit_lost = False
        #: So long it was listened to without a sign of it, seconds; see `messages`.
        self.silence = 0.0
        told: dict[str, Any] = {
            "bootstrap.servers": addresses,
            # Without a group none is joined and nothing is kept there: the client only wants a name.
            "group.id": group or "vra-tui",
            "client.id": "vra-tui",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "socket.keepalive.enable": True,
            # A connection that is half open is cut after this; fetches are answered within half a second.
            "socket.timeout.ms": int(1_000 * timeout),
            "socket.connection.setup.timeout.ms": int(1_000 * min(timeout, 10.0)),
            "fetch.wait.max.ms": 500,
            "reconnect.backoff.ms": 100,
            "reconnect.backoff.max.ms": 10_000,
            "session.timeout.ms": _SESSION_MS,
            "max.poll.interval.ms": _BETWEEN_READS_MS,
            "queued.max.messages.kbytes": _AHEAD_KB,
            "fetch.message.max.bytes": _AT_ONCE,
            "allow.auto.create.topics": False,
            # It would write to the terminal; what matters is told by the errors.
            "log_level": 0,
            "error_cb": self._on_error,
            "on_commit": self._on_commit,
            **options,
        }
        try:
            self._consumer = confluent_kafka.Consumer(told)
        except confluent_kafka.KafkaException as error:
            raise SourceError(f"[source.{name}]: {self._words(error.args[0])}.") from None

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the group, where there is one, and let go of the connections."""
        self._consumer.close()

    def partitions(self, patterns: Sequence[str]) -> list[tuple[str, int]]:
        """Topic and number of all partitions of the topics that are named, or that a `^` pattern matches."""
        metadata = self._asked(lambda: self._consumer.list_topics(timeout=self._timeout))
        found = []
        for topic, told in sorted(metadata.topics.items()):
            is_ours = any(re.match(one, topic) if one.startswith("^") else one == topic for one in patterns)
            if is_ours and told.error is None:
                found += [(topic, number) for number in sorted(told.partitions)]
        return found

    def bounds(self, partition: tuple[str, int]) -> tuple[int, int]:
        """The first offset that a partition holds, and the one behind its last; asked of the broker."""
        low, high = self._asked(
            lambda: self._consumer.get_watermark_offsets(self._place(*partition), timeout=self._timeout)
        )
        return int(low), int(high)

    def known_end(self, partition: tuple[str, int]) -> int | None:
        """The offset behind a partition's last as the client saw it last; None where it saw none."""
        found = self._consumer.get_watermark_offsets(self._place(*partition), cached=True)
        return int(found[1]) if found is not None and found[1] >= 0 else None

    def committed(self, partition: tuple[str, int]) -> int | None:
        """The offset up to which the group read a partition; None where it says nothing."""
        asked = self._asked(
            lambda: self._consumer.committed([self._place(*partition)], timeout=self._timeout)
        )
        return int(asked[0].offset) if asked[0].offset >= 0 else None

    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Tell the group up to where was read. Only told: what counts is kept by the store."""
        places = [self._place(*partition, offset) for partition, offset in offsets.items()]
        try:
            self._consumer.commit(offsets=places, asynchronous=True)
        except self._kafka.KafkaException:
            self.is_commit_lost = True

    def join(
        self,
        topics: Sequence[str],
        given: Callable[[Sequence[tuple[str, int]]], Mapping[tuple[str, int], int]],
        taken: Callable[[Sequence[tuple[str, int]]], None],
    ) -> None:
        """Join the group: ``given`` partitions are read from the offsets that it returns, until ``taken``."""

        def on_assign(consumer: Any, places: "list[TopicPartition]") -> None:
            starts = given([(place.topic, place.partition) for place in places])
            consumer.assign([self._place(*partition, offset) for partition, offset in starts.items()])

        def on_revoke(consumer: Any, places: "list[TopicPartition]") -> None:
            taken([(place.topic, place.partition) for place in places])
            consumer.unassign()

        self._consumer.subscribe(list(topics), on_assign=on_assign, on_revoke=on_revoke, on_lost=on_revoke)

    def read_from(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Read these partitions from these offsets, and no others."""
        self._consumer.assign([self._place(*partition, offset) for partition, offset in offsets.items()])

    def seek(self, partition: tuple[str, int], offset: int) -> bool:
        """Go on at another offset of a partition; whether the client could."""
        try:
            self._consumer.seek(self._place(*partition, offset))
        except self._kafka.KafkaException:
            return False
        return True

    def messages(self, most: int, seconds: float) -> "tuple[list[Message], list[Event]]":
        """Up to ``most`` messages that come within so many seconds, and what else the client tells of."""
        begin = time.monotonic()
        try:
            told = self._consumer.consume(most, seconds)
        except self._kafka.KafkaException as raised:
            raise self._fault(raised.args[0]) from None
        messages: list[Message] = []
        events: list[Event] = []
        for one in told:
            error: Any = one.error()
            place = (str(one.topic()), int(one.partition() or 0))
            if error is None:
                messages.append(one)
            elif error.code() == self._kafka.KafkaError._PARTITION_EOF:
                events.append(("end", place, int(one.offset() or 0)))
            elif error.code() in (
                self._kafka.KafkaError._AUTO_OFFSET_RESET,
                self._kafka.KafkaError.OFFSET_OUT_OF_RANGE,
            ):
                events.append(("out of range", place, -1))
            elif error.fatal() or not self._passes(error.code()):
                raise self._fault(error)
            else:
                self._said = error
        # Time that goes by between two reads, while the store is written, says nothing of the broker.
        self.silence = 0.0 if messages or events else self.silence + time.monotonic() - begin
        return messages, events

    def _passes(self, code: int) -> bool:
        """Whether the client goes on by itself after an error."""
        never = self._kafka.KafkaError
        return code not in (
            never.UNKNOWN_TOPIC_OR_PART,
            never._UNKNOWN_TOPIC,
            never._UNKNOWN_PARTITION,
            never.TOPIC_AUTHORIZATION_FAILED,
            never.GROUP_AUTHORIZATION_FAILED,
            never._AUTHENTICATION,
        )

    def _asked(self, ask: Callable[[], Any]) -> Any:
        try:
            found = ask()
        except self._kafka.KafkaException as error:
            raise self._fault(error.args[0]) from None
        if found is None:
            raise self._fault(None)
        self._said = None
        return found

    def _on_commit(self, error: Any, places: "list[TopicPartition]") -> None:
        """The client tells what came of a commit: amid a change of the group it is refused."""
        if error is not None or any(place.error is not None for place in places):
            self.is_commit_lost = True

    def _on_error(self, error: Any) -> None:
        """The client tells of what befell a connection; it tries again by itself."""
        if self._said is None or error.code() != self._kafka.KafkaError._ALL_BROKERS_DOWN:
            self._said = error
        if error.code() in (
            self._kafka.KafkaError._ALL_BROKERS_DOWN,
            self._kafka.KafkaError._AUTHENTICATION,
        ):
            self.is_in_doubt = True

    def _fault(self, error: Any) -> WireFault:
        # What befell the connection says more than that the answer to a question did not come.
        vague = (self._kafka.KafkaError._TIMED_OUT, self._kafka.KafkaError._TRANSPORT)
        if self._said is not None and (error is None or error.code() in vague):
            error = self._said
        words = "it does not answer" if error is None else self._words(error)
        return WireFault(f"`{self._name}`: {self._addresses}: {words}.")

    def _words(self, error: Any) -> str:
        known = {
            self._kafka.KafkaError._TIMED_OUT: "it does not answer",
            self._kafka.KafkaError._TRANSPORT: "no connection",
            self._kafka.KafkaError._ALL_BROKERS_DOWN: "no connection",
            self._kafka.KafkaError._RESOLVE: "no host of this name",
            self._kafka.KafkaError._AUTHENTICATION: "it does not accept the name or the password",
            self._kafka.KafkaError._SSL: "no secure connection",
            self._kafka.KafkaError.UNKNOWN_TOPIC_OR_PART: "it has no such topic",
        }
        told = printable(" ".join(str(error.str()).split()), 200)
        plain = known.get(error.code())
        return f"{plain} ({told})" if plain else told

    def _place(self, topic: str, number: int, offset: int = -1001) -> "TopicPartition":
        return self._kafka.TopicPartition(topic, number, offset)


#: What the client tells of besides messages: `end` (with the offset) or `out of range`, of a partition.
Event = tuple[str, tuple[str, int], int]
