"""Messages of a broker as packets: JSON, Avro files, Confluent framing, and Avro whose key is its schema."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.avro import MAGIC, framed_schema, name_of, read_container, read_record
from vra_tui.sources.bytes import Peekable
from vra_tui.sources.json_text import decode
from vra_tui.sources.reading import Reading
from vra_tui.surveys.base import Packet

#: The first byte of a message in Confluent framing; the schema's number takes the next four.
_FRAMED = b"\x00"
_FRAME = 5
#: So many schemas are kept; a stream has a few.
_KEPT = 32
#: A message larger than this is refused unread.
MAX_BYTES = 16 << 20


@dataclass
class Messages:
    """Turns the messages of one source into packets, and keeps the schemas that they came with.

    ``registry``: asks for the schema of a number, where the user names a registry; else schemas are looked
    for in the folder of ``reading``. It may raise Refused.
    """

    source: str
    reading: Reading
    registry: Callable[[int], Any] | None = None
    _schemas: dict[object, Any] = field(default_factory=dict)

    def pieces(self, value: bytes, key: bytes | None, position: str) -> Iterator[Packet | Refusal]:
        """What a message holds: one packet, or those of an Avro file."""
        if len(value) > MAX_BYTES:
            reason = f"the message is too long: {len(value):,} bytes, of {MAX_BYTES:,} allowed"
            yield Refusal(self.source, position, reason)
            return
        yield from self._pieces(value, key, position)

    def _pieces(self, value: bytes, key: bytes | None, position: str) -> Iterator[Packet | Refusal]:
        """What a message of an allowed size holds."""
        digest = self.reading.digest(value)
        if self.reading.is_known(digest):
            yield Packet(self.source, position, None, digest=digest, is_repeat=True)
            return
        if value.startswith(MAGIC):
            yield from self._container(value, position, digest)
            return
        try:
            if key is not None and key.startswith(b"{") and b'"type"' in key:
                schema, data = self._schema(key, lambda: parsed_schema(key)), value
            elif value.startswith(_FRAMED):
                number = int.from_bytes(value[1:_FRAME], "big")
                schema, data = self._schema(number, lambda: self._framed(number)), value[_FRAME:]
            else:
                yield Packet(self.source, position, decode(value), size=len(value), digest=digest)
                return
            record = read_record(schema, data)
            yield Packet(self.source, position, record, "avro", name_of(schema), len(value), digest=digest)
        except Refused as refused:
            yield Refusal(self.source, position, str(refused))

    def _container(self, value: bytes, position: str, digest: bytes) -> Iterator[Packet | Refusal]:
        pieces = list(read_container(Peekable(io.BytesIO(value)), self.source, self.reading))
        if len(pieces) == 1 and isinstance(pieces[0], Packet):
            # Known by the message's bytes, so that a repeat is not even unpacked.
            yield replace(pieces[0], position=position, digest=digest)
            return
        for piece in pieces:
            yield replace(piece, position=f"{position}, {piece.position}")

    def _framed(self, number: int) -> Any:
        if self.registry is None:
            return framed_schema(number, self.reading.schemas)
        return self.registry(number)

    def _schema(self, name: object, made: Callable[[], Any]) -> Any:
        """A schema by its number or its text; one that cannot be had is asked for again the next time."""
        if name not in self._schemas:
            schema = made()
            if len(self._schemas) >= _KEPT:
                self._schemas.pop(next(iter(self._schemas)))
            self._schemas[name] = schema
        return self._schemas[name]


def parsed_schema(text: bytes | str) -> Any:
    """The Avro schema that a JSON text holds. Raises Refused."""
    import orjson
    from fastavro import parse_schema

    try:
        return parse_schema(orjson.loads(text))
    except Exception as error:  # whatever fastavro finds wrong in the text of a stranger
        words = " ".join(str(error).split())[:160]
        raise Refused(f"its schema cannot be read: {words or type(error).__name__}") from None
