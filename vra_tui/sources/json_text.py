"""JSON: one object, a list of them, or one a line, in bounded memory; broken pieces are refused."""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.bytes import Peekable
from vra_tui.sources.reading import Reading
from vra_tui.sources.splitter import split_objects
from vra_tui.surveys.base import Packet
from vra_tui.text import well_formed

#: An object larger than this is refused unread; real ones measure up to 1 MB.
MAX_OBJECT_BYTES = 16 << 20
#: Files up to this size are parsed in one go.
WHOLE_FILE_BYTES = 8 << 20
LINE_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")


def read_json(
    stream: Peekable, source: str, head: bytes, lines: bool, reading: Reading
) -> Iterator[Packet | Refusal]:
    """Packets of a JSON text. ``head``: its first bytes; ``lines``: it is known to hold one object a line."""
    if lines or _holds_lines(head):
        yield from _read_lines(stream, source, reading)
    elif len(head) > WHOLE_FILE_BYTES:
        yield from _read_objects(stream, source, reading)
    elif reading.is_known(digest := reading.digest(head)):
        # Nearly all such files hold one object; how many are in one that holds a list is not looked up.
        yield Packet(source, "object 1", None, digest=digest, is_repeat=True)
    elif (whole := _decode_or_none(head)) is not None:
        yield from _values(whole, source, head, reading)
    else:
        yield from _read_objects(stream, source, reading)


def decode(data: bytes) -> Any:
    """A JSON value; raises Refused.

    NaN and Infinity, which Python's writer produces, are read too, and halves of characters (lone
    surrogates) as question marks. Of a key that is there twice the last value counts.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as fault:
        try:
            return _whole_characters(json.loads(data))
        except (ValueError, RecursionError):
            raise Refused(f"not valid JSON: {str(fault)[:120]}") from None


def _whole_characters(value: Any) -> Any:
    """The value with lone surrogates, which no UTF-8 and so no store can hold, as question marks."""
    text = json.dumps(value, ensure_ascii=False)
    sound = well_formed(text)
    return value if sound == text else json.loads(sound)


def _decode_or_none(data: bytes) -> Any:
    try:
        return decode(data)
    except Refused:
        return None


def _values(whole: Any, source: str, data: bytes, reading: Reading) -> Iterator[Packet]:
    values = whole if isinstance(whole, list) else [whole]
    size = len(data) // max(len(values), 1)
    for number, value in enumerate(values, start=1):
        # A digest without a number is that of a file with one object.
        digest = reading.digest(data, 0 if len(values) == 1 else number)
        if len(values) > 1 and reading.is_known(digest):
            yield Packet(source, f"object {number}", None, digest=digest, is_repeat=True)
        else:
            yield Packet(source, f"object {number}", value, size=size, digest=digest)


def _holds_lines(head: bytes) -> bool:
    """Whether each line is an object of its own: one of the first lines is, and another line follows it."""
    if not head.lstrip().startswith(b"{"):
        return False
    for line in head.split(b"\n", 4)[:3]:
        if line.strip() and len(line.strip()) < len(head.strip()) and isinstance(_decode_or_none(line), dict):
            return True
    return False


def _read_lines(stream: Peekable, source: str, reading: Reading) -> Iterator[Packet | Refusal]:
    number = 0
    while line := stream.readline(MAX_OBJECT_BYTES + 1):
        number += 1
        position = f"line {number}"
        if len(line) > MAX_OBJECT_BYTES:
            skipped = len(line)
            while not line.endswith(b"\n") and (line := stream.readline(1 << 20)):
                skipped += len(line)
            reason = f"the line is too long: {skipped:,} bytes, of {MAX_OBJECT_BYTES:,} allowed"
            yield Refusal(source, position, reason)
        elif line.strip():
            yield _decoded(line, source, position, reading)


def _read_objects(stream: Peekable, source: str, reading: Reading) -> Iterator[Packet | Refusal]:
    is_empty = True
    for piece in split_objects(stream.read, MAX_OBJECT_BYTES):
        is_empty = False
        if isinstance(piece.data, bytes):
            yield _decoded(piece.data, source, f"byte {piece.position}", reading)
        else:
            yield Refusal(source, f"byte {piece.position}", piece.data.reason)
    if is_empty:
        yield Refusal(source, "file", "it holds no JSON object")


def _decoded(data: bytes, source: str, position: str, reading: Reading) -> Packet | Refusal:
    digest = reading.digest(data)
    if reading.is_known(digest):
        return Packet(source, position, None, digest=digest, is_repeat=True)
    try:
        return Packet(source, position, decode(data), size=len(data), digest=digest)
    except Refused as refused:
        return Refusal(source, position, str(refused))
