"""Kafka brokers: topics of any survey, followed from where the store stands, the newest messages first."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from vra_tui.sources.wires.base import (
    Answered,
    Delivery,
    SourceError,
    SourceSettings,
    Tools,
    Wire,
    WireFault,
    WireOptions,
    options_of,
)
from vra_tui.sources.wires.messages import Messages, parsed_schema

_LASAIR_BROKER = "lasair-lsst-kafka_pub.lsst.ac.uk:9092"


def listed(value: Any) -> Any:
    """A text as the only one of a list."""
    return [value] if isinstance(value, str) else value


def _checked_pattern(topic: str) -> str:
    """A name of a topic, or a pattern that can be used. Raises ValueError."""
    if topic.startswith("^"):
        try:
            re.compile(topic)
        except re.error as error:
            raise ValueError(f"{topic} is no pattern: {error}") from None
    return topic


#: Names of topics and patterns of them; one alone may be given as a text.
Topics = Annotated[
    tuple[Annotated[str, AfterValidator(_checked_pattern)], ...], BeforeValidator(listed), Field(min_length=1)
]


class KafkaOptions(WireOptions):
    """What is followed, where, and how one gets in.

    ``topic``: a name, several, or a pattern of them that begins with `^` (ZTF has a topic a night).
    ``group``: processes of one group share the partitions; without it each reads all. ``positions``: who
    says how far a partition was read, the `store`, or where the group's processes have a store each the
    `group` too. ``start``: of a topic that was never read, whether what it holds is read or only what comes.
    ``schemas``, ``registry``: a folder, or the address of a registry, for messages in Confluent framing.
    """

    brokers: str
    topic: Topics
    group: str | None = None
    positions: Literal["store", "group"] = "store"
    start: Literal["earliest", "latest"] = "earliest"
    tls: bool = False
    sasl: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    username: str | None = None
    schemas: Annotated[Path, AfterValidator(Path.expanduser)] | None = None
    registry: str | None = None
    #: Seconds after which a silent broker is asked whether it is still there, and may take to answer.
    timeout: Annotated[float, Field(ge=1, le=300)] = 20.0


class LasairOptions(KafkaOptions):
    """Lasair's broker: anybody may read the topics of active filters."""

    brokers: str = _LASAIR_BROKER


class Kafka(Wire):
    """Topics of a broker. What was taken in is known by the store, not by the broker."""

    kind: ClassVar[str] = "kafka"
    _options_of: ClassVar[type[KafkaOptions]] = KafkaOptions

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self.options = options_of(settings, self._options_of)
        if (self.options.sasl is None) != (self.options.username is None):
            raise SourceError(
                f"[source.{self.name}]: `sasl` and `username` are given together or not at all."
            )
        if self.options.positions == "group" and self.options.group is None:
            raise SourceError(
                f"[source.{self.name}]: `positions` can be those of a `group` only where it is named."
            )
        if self.options.sasl is not None:
            self.secrets = ("password",)
        self._registry: Any = None
        self._unknown: set[int] = set()

    def check(self) -> Answered:
        """Ask for the topics and how much they hold."""
        from vra_tui.sources.wires.kafka_client import Broker

        with Broker(self.name, self.options.brokers, self.client_options(), self.options.timeout) as broker:
            partitions = broker.partitions(self.options.topic)
            if not partitions:
                raise WireFault(f"`{self.name}`: {self.options.brokers} has no topic {self._topics()}.")
            held = sum(high - low for low, high in map(broker.bounds, partitions))
        return Answered(
            f"{self.options.brokers} answers; {self._topics()} holds {held:,} messages in "
            f"{len(partitions)} partitions",
            who=self.options.username,
        )

    def follow(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """What the topics hold and what comes; see `vra_tui.sources.wires.kafka_reader`."""
        from dataclasses import replace

        from vra_tui.sources.wires.kafka_reader import Reader

        reading = replace(self.tools.reading, schemas=self.options.schemas)
        registry = self._schema if self.options.registry else None
        messages = Messages(self.name, reading, registry)
        reader = Reader(self.name, self.options, self.client_options(), messages, positions, self.tools.edges)
        try:
            yield from reader.deliveries()
        finally:
            reader.close()

    def close(self) -> None:
        """Let go of the registry; readers close with their `follow`."""
        if self._registry is not None:
            self._registry.close()

    def client_options(self) -> dict[str, Any]:
        """What the client is told besides the brokers' addresses: how one gets in."""
        options = self.options
        protocol = ("sasl_" if options.sasl else "") + ("ssl" if options.tls else "plaintext")
        told: dict[str, Any] = {"security.protocol": protocol}
        if options.tls and options.ca_file:
            told["ssl.ca.location"] = options.ca_file
        if options.sasl:
            told |= {
                "sasl.mechanism": options.sasl,
                "sasl.username": options.username,
                "sasl.password": self._secret("password", "a password"),
            }
        return told

    def _secret(self, word: str, what: str) -> str:
        """A secret of the source. Raises SourceError where there is none, with ``what`` it is in words."""
        found = self.tools.secret(word)
        if found is None:
            from vra_tui.sources.wires.credentials import variable

            raise SourceError(
                f"`{self.name}` wants {what}: put it into {variable(self.name, word)}, or as `{word}` under "
                f"[{self.name}] into credentials.toml (mode 0600) beside the configuration."
            )
        return found.get_secret_value()

    def _topics(self) -> str:
        return ", ".join(self.options.topic)

    def _schema(self, number: int) -> Any:
        """The schema of a number, from the registry that the user names."""
        from vra_tui.domain.alert import Refused
        from vra_tui.sources.wires.http import Http

        if number in self._unknown:
            raise Refused(f"the registry holds no schema {number}")
        if self._registry is None:
            address = f"{(self.options.registry or '').rstrip('/')}/"
            self._registry = Http(address, self.tools.edges, ca_file=self.options.ca_file)
        try:
            answer = self._registry.get(f"schemas/ids/{number}")
        except WireFault as fault:
            if fault.status != 404:
                raise
            # The number of a broken message: the registry is not asked for each of them again.
            self._unknown.add(number)
            raise Refused(f"the registry holds no schema {number}") from None
        told = answer.json(f"The registry's answer for schema {number}")
        if not isinstance(told, Mapping) or not isinstance(told.get("schema"), str):
            raise WireFault(f"`{self.name}`: the registry's answer for schema {number} holds no schema.")
        return parsed_schema(told["schema"])


class LasairKafka(Kafka):
    """Lasair's stream: JSON, without authentication, a topic for each active filter."""

    kind: ClassVar[str] = "lasair-kafka"
    _options_of: ClassVar[type[KafkaOptions]] = LasairOptions
