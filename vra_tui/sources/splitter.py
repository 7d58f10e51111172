"""Cuts a long JSON text into its top-level objects while it is read, without holding it whole."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

_CHUNK = 1 << 20
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_QUOTE, _OPEN, _CLOSE = b'"'[0], b"{"[0], b"}"[0]
_BETWEEN = b" \t\r\n,[]\x00"


@dataclass(frozen=True)
class BrokenJson:
    """A stretch of the text that holds no readable object."""

    reason: str


@dataclass(frozen=True)
class JsonPiece:
    """The bytes of one top-level object, or why there is none, and the byte at which it begins."""

    position: int
    data: bytes | BrokenJson


def split_objects(read: Callable[[int], bytes], max_bytes: int) -> Iterator[JsonPiece]:
    """Objects of a stream of objects or of a list of them, in order.

    Memory stays below ``max_bytes`` and a few chunks; a longer object is skipped and reported. An object
    that does not end before the text does is reported with the byte at which it began.
    """
    state = _Scanner(max_bytes)
    carry = b""
    while chunk := read(_CHUNK):
        chunk = carry + chunk
        # A backslash at the end of a chunk escapes the first byte of the next.
        carry = chunk[-1:] if _ends_in_open_escape(chunk) else b""
        yield from state.feed(chunk[: len(chunk) - len(carry)])
    yield from state.feed(carry)
    yield from state.end()


def _ends_in_open_escape(chunk: bytes) -> bool:
    return (len(chunk) - len(chunk.rstrip(b"\\"))) % 2 == 1


class _Scanner:
    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.offset = 0  # of the chunk in the text
        self.depth = 0
        self.in_string = False
        self.started_at = 0
        self.parts: list[bytes] = []
        self.size = 0
        self.junk_reported = False

    def feed(self, chunk: bytes) -> Iterator[JsonPiece]:
        if not chunk:
            return
        # Escapes are blanked in a copy of the same length, so that every quote left is a real one.
        text = np.frombuffer(_ESCAPED.sub(b"  ", chunk) if b"\\" in chunk else chunk, dtype=np.uint8)
        quotes = np.flatnonzero(text == _QUOTE)
        braces = np.flatnonzero((text == _OPEN) | (text == _CLOSE))
        outside = (np.searchsorted(quotes, braces) + self.in_string) % 2 == 0
        braces = braces[outside]
        steps = np.where(text[braces] == _OPEN, 1, -1)
        depths = self.depth + np.cumsum(steps)
        edges = np.flatnonzero(((depths == 1) & (steps == 1)) | ((depths == 0) & (steps == -1)))
        begin = 0
        inside = self.depth > 0
        for edge in edges:
            at = int(braces[edge])
            if steps[edge] == 1:
                yield from self._between(chunk[begin:at], begin)
                self.started_at, self.parts, self.size = self.offset + at, [], 0
                self.junk_reported = False
                begin, inside = at, True
            elif inside:
                self._keep(chunk[begin : at + 1])
                yield self._finished()
                begin, inside = at + 1, False
        if inside:
            self._keep(chunk[begin:])
        else:
            yield from self._between(chunk[begin:], begin)
        self.depth = max(0, int(depths[-1])) if len(depths) else self.depth
        self.in_string = (len(quotes) + self.in_string) % 2 == 1
        self.offset += len(chunk)

    def end(self) -> Iterator[JsonPiece]:
        if self.depth > 0:
            read = f"{self.offset - self.started_at:,} bytes"
            reason = f"the object does not end: {read} read, the file is cut off or its braces do not match"
            yield JsonPiece(self.started_at, BrokenJson(reason))

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        if self.size <= self.max_bytes:
            self.parts.append(data)
        else:
            self.parts.clear()

    def _finished(self) -> JsonPiece:
        if self.size > self.max_bytes:
            reason = f"the object is too large: {self.size:,} bytes, of {self.max_bytes:,} allowed"
            return JsonPiece(self.started_at, BrokenJson(reason))
        return JsonPiece(self.started_at, b"".join(self.parts))

    def _between(self, data: bytes, begin: int) -> Iterator[JsonPiece]:
        """Only commas, brackets and white space may stand between objects; anything else, said once."""
        if not self.junk_reported and data.strip(_BETWEEN):
            self.junk_reported = True
            yield JsonPiece(self.offset + begin, BrokenJson("expected a JSON object; this is something else"))
