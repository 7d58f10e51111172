"""Speak with the other end of a pipe: one JSON object a line, after a greeting that says who speaks."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import IO, Any

import orjson

from vra_tui.errors import VraError
from vra_tui.pipeline.sync.differences import Span
from vra_tui.text import printable

#: What the first line begins with; what stands before it was printed by the login, and is passed over.
_GREETING = b"vra-sync "
#: The language that is spoken. Another number is another language.
PROTOCOL = 1
#: Bytes of a line at most, and of what a login may print.
_LONGEST = 64 << 20
_NOISE = 256 << 10
#: Bytes of a file that go in one line.
_PART = 1 << 20


class SyncError(VraError):
    """Two stores cannot be brought together, or no further; what was exchanged before stays."""


class Hung(SyncError):
    """The other end has gone."""


@dataclass(frozen=True)
class Greeting:
    """Who speaks: the language, the program's version, the schema of its store, its clock (ISO 8601)."""

    protocol: int
    version: str
    schema: int
    now: str


class Pipe:
    """A pipe to the other end."""

    def __init__(self, reader: IO[bytes], writer: IO[bytes]) -> None:
        self._reader, self._writer = reader, writer

    def greet(self, greeting: Greeting) -> None:
        """Say who speaks, first of all."""
        self._write(_GREETING + orjson.dumps(greeting) + b"\n")

    def greeted(self) -> Greeting:
        """Hear who speaks. Raises SyncError where nobody does, or in another language."""
        heard = 0
        while heard <= _NOISE:
            line = self._line()
            heard += len(line)
            if line.startswith(_GREETING):
                try:
                    greeting = Greeting(**orjson.loads(line.removeprefix(_GREETING)))
                    if not (isinstance(greeting.protocol, int) and isinstance(greeting.version, str)):
                        raise TypeError
                    return replace(greeting, version=printable(greeting.version, 40))
                except (ValueError, TypeError):
                    raise SyncError("the other end greets in words that this vra does not know") from None
        raise SyncError("the other end prints much, and no greeting of vra among it")

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message."""
        self._write(orjson.dumps(message) + b"\n")

    def receive(self) -> dict[str, Any]:
        """Wait for a message. Raises SyncError with what the other end says went wrong there, and `Hung`."""
        line = self._line()
        try:
            message = orjson.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            raise SyncError("the other end said what cannot be understood")
        if "fault" in message:
            raise SyncError(f"the other end says: {printable(str(message['fault']), 500)}")
        return message

    def ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Send a message, and wait for the answer."""
        self.send(message)
        return self.receive()

    def send_file(self, file: IO[bytes]) -> None:
        """Send the bytes of a file."""
        while part := file.read(_PART):
            self.send({"part": base64.b64encode(part).decode("ascii")})
        self.send({"end": True})

    def receive_file(self) -> Iterator[bytes]:
        """The bytes of a file that the other end sends."""
        while not (message := self.receive()).get("end"):
            try:
                yield base64.b64decode(message["part"], validate=True)
            except (KeyError, TypeError, binascii.Error):
                raise SyncError("the other end said what cannot be understood") from None

    def _line(self) -> bytes:
        line = self._reader.readline(_LONGEST)
        if not line.endswith(b"\n"):
            raise Hung("the line broke") if len(line) < _LONGEST else SyncError("a line without an end came")
        return line

    def _write(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            self._writer.flush()
        except (BrokenPipeError, ConnectionError):
            raise Hung("the line broke") from None


def keys_text(keys: Iterable[bytes]) -> str:
    """Keys as a text."""
    return b"".join(keys).hex()


def keys_of(text: object, width: int) -> list[bytes]:
    """The keys of a text. Raises SyncError where it is none."""
    try:
        data = bytes.fromhex(text) if isinstance(text, str) else None
    except ValueError:
        data = None
    if data is None or len(data) % width:
        raise SyncError("the other end said what cannot be understood")
    return [data[place : place + width] for place in range(0, len(data), width)]


def span_json(span: Span) -> list[Any]:
    """A range of keys as JSON: its bounds, its count, and its fingerprint as a text for its 64 bits."""
    return [span.low.hex(), span.high.hex(), span.count, str(span.fingerprint)]


def spans_of(rows: Iterable[Any]) -> list[Span]:
    """The ranges that `span_json` wrote. Raises ValueError or TypeError for anything else."""
    return [
        Span(bytes.fromhex(low), bytes.fromhex(high), int(count), int(fingerprint))
        for low, high, count, fingerprint in rows
    ]
