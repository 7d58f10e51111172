"""Readers of API responses: files, folders, ``.jsonl``, ``.gz`` and standard input, in bounded memory.

A file may hold one object, a list of them, or one a line. Small files are parsed whole; large ones are cut
into their objects while they are read. What is broken is refused object by object.
"""

import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from vra_tui.survey.refusal import Refusal, Refused
from vra_tui.survey.splitter import split_objects
from vra_tui.text import printable, well_formed

#: An object larger than this is refused unread; real ones measure 0.7 to 0.9 MB.
MAX_OBJECT_BYTES = 16 << 20
#: What unpacks to more than so many times its size is no survey's data (whose factor is 4 to 20), but made to
#: fill memory or time. Counted once so many bytes are unpacked.
MAX_UNPACKING = 200
_UNPACKED_FREELY = 64 << 20
#: Files up to this size are parsed in one go.
_WHOLE_FILE_BYTES = 8 << 20
_SUFFIXES = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")
_LINE_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: First bytes of what is not read, and what is said of it.
_FOREIGN = {
    _GZIP_MAGIC: "it is gzip inside gzip: unpack it once",
    b"PK\x03\x04": "it is a zip archive: unpack it and give the folder",
    b"\xff\xfe": "it is UTF-16: JSON is read as UTF-8",
    b"\xfe\xff": "it is UTF-16: JSON is read as UTF-8",
}


@dataclass(frozen=True)
class RawObject:
    """One decoded JSON value that should be an API object, where it stood, and how many bytes it took."""

    source: str
    position: str
    value: Any
    size: int = 0


def find_files(paths: Iterable[Path]) -> Iterator[Path | Refusal]:
    """The files that ``paths`` name, folders searched for responses in the order of their names."""
    for path in paths:
        try:
            if path.is_dir():
                yield from _inside(path)
            elif path.exists():
                yield path
            else:
                yield Refusal(printable(path), "file", "there is no such file or folder")
        except OSError as error:
            yield Refusal(printable(path), "file", f"it cannot be looked at: {error.strerror or error}")


def _inside(folder: Path) -> Iterator[Path | Refusal]:
    # Links to folders are not followed, and what is no plain file (a pipe, a device) is left alone: named by
    # itself it is read, found in a folder it could hold the program up for ever.
    inside = sorted(p for p in folder.rglob("*") if p.is_file() and p.name.endswith(_SUFFIXES))
    if not inside:
        yield Refusal(printable(folder), "folder", f"it holds no file that ends in {', '.join(_SUFFIXES)}")
    yield from inside


def read_file(
    path: Path, on_bytes: Callable[[int], None] = lambda size: None
) -> Iterator[RawObject | Refusal]:
    """Objects of one file, gzip recognised by its first bytes; what cannot be read comes as refusals.

    ``on_bytes`` is told how many bytes of the file each step has read.
    """
    source = printable(path)
    try:
        with path.open("rb") as file:
            counted = _Counted(file, on_bytes)
            yield from read_stream(cast(BinaryIO, counted), source, lines=path.name.endswith(_LINE_SUFFIXES))
    except OSError as error:
        yield Refusal(source, "file", f"it cannot be read: {error.strerror or error}")


def read_stdin() -> Iterator[RawObject | Refusal]:
    """Objects from standard input, see `read_file`."""
    return read_stream(sys.stdin.buffer, "<stdin>")


def read_stream(stream: BinaryIO, source: str, lines: bool = False) -> Iterator[RawObject | Refusal]:
    """Objects of a byte stream. ``lines``: it is known to hold one object a line."""
    buffered = _Peekable(stream)
    if buffered.peek(2) == _GZIP_MAGIC:
        buffered = _Peekable(_Unpacked(buffered))
    try:
        if buffered.peek(3) == _BYTE_ORDER_MARK:
            buffered.drop(3)
        head = buffered.peek(_WHOLE_FILE_BYTES + 1)
        if not head.strip():
            yield Refusal(source, "file", "it is empty")
        elif foreign := next((said for first, said in _FOREIGN.items() if head.startswith(first)), None):
            yield Refusal(source, "file", foreign)
        elif b"\x00" in head[:_WHOLE_FILE_BYTES]:
            yield Refusal(source, "file", "it is not JSON but a binary file")
        elif lines or _holds_lines(head):
            yield from _read_lines(buffered, source)
        elif len(head) <= _WHOLE_FILE_BYTES and (whole := _decode_or_none(head)) is not None:
            yield from _values(whole, source, len(head))
        else:
            yield from _read_objects(buffered, source)
    except _Bomb as bomb:
        yield Refusal(source, f"byte {buffered.position}", f"the rest is not read: {bomb}")
    except (OSError, EOFError, zlib.error) as error:
        yield Refusal(source, f"byte {buffered.position}", f"the compressed data are damaged: {error}")


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


def _values(whole: Any, source: str, size: int) -> Iterator[RawObject]:
    values = whole if isinstance(whole, list) else [whole]
    for number, value in enumerate(values, start=1):
        yield RawObject(source, f"object {number}", value, size // len(values))


def _holds_lines(head: bytes) -> bool:
    """Whether each line is an object of its own: one of the first lines is, and another line follows it."""
    if not head.lstrip().startswith(b"{"):
        return False
    for line in head.split(b"\n", 4)[:3]:
        if line.strip() and len(line.strip()) < len(head.strip()) and isinstance(_decode_or_none(line), dict):
            return True
    return False


def _read_lines(stream: "_Peekable", source: str) -> Iterator[RawObject | Refusal]:
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
            yield _decoded(line, source, position)


def _read_objects(stream: "_Peekable", source: str) -> Iterator[RawObject | Refusal]:
    is_empty = True
    for piece in split_objects(stream.read, MAX_OBJECT_BYTES):
        is_empty = False
        if isinstance(piece.data, bytes):
            yield _decoded(piece.data, source, f"byte {piece.position}")
        else:
            yield Refusal(source, f"byte {piece.position}", piece.data.reason)
    if is_empty:
        yield Refusal(source, "file", "it holds no JSON object")


def _decoded(data: bytes, source: str, position: str) -> RawObject | Refusal:
    try:
        return RawObject(source, position, decode(data), len(data))
    except Refused as refused:
        return Refusal(source, position, str(refused))


class _Bomb(ValueError):
    """Packed data that unpack to more than can be meant; the message says so."""


class _Unpacked:
    """The unpacked bytes of a gzip stream. Raises _Bomb when they are out of proportion."""

    def __init__(self, packed: "_Peekable") -> None:
        self._packed = packed
        self._stream = gzip.GzipFile(fileobj=cast(BinaryIO, packed))
        self._size = 0

    def read(self, size: int) -> bytes:
        return self._counted(self._stream.read(size))

    def readline(self, limit: int) -> bytes:
        return self._counted(self._stream.readline(limit))

    def _counted(self, data: bytes) -> bytes:
        self._size += len(data)
        if self._size > max(_UNPACKED_FREELY, MAX_UNPACKING * self._packed.position):
            raise _Bomb(f"it unpacks to more than {MAX_UNPACKING} times its size")
        return data


class _Counted:
    """A byte stream that tells how much of it was read."""

    def __init__(self, stream: BinaryIO, on_bytes: Callable[[int], None]) -> None:
        self._stream = stream
        self._on_bytes = on_bytes

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._on_bytes(len(data))
        return data

    def readline(self, limit: int) -> bytes:
        line = self._stream.readline(limit)
        self._on_bytes(len(line))
        return line


class _Peekable:
    """A byte stream whose first bytes can be looked at before they are read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._ahead = b""
        self._taken = 0  # of what is ahead; cutting it off each time would copy megabytes a line
        self.position = 0

    def peek(self, size: int) -> bytes:
        """Up to ``size`` bytes, which stay unread; only before anything is read."""
        parts = [self._ahead]
        missing = self._taken + size - len(self._ahead)
        while missing > 0 and (more := self._stream.read(min(1 << 20, missing))):
            parts.append(more)
            missing -= len(more)
        self._ahead = b"".join(parts)
        return self._ahead[self._taken : self._taken + size]

    def drop(self, size: int) -> None:
        """Leave out bytes that were looked at."""
        self._taken += size

    def read(self, size: int = 1 << 20) -> bytes:
        """Up to ``size`` bytes; empty at the end."""
        taken = self._ahead[self._taken : self._taken + size]
        self._taken += len(taken)
        taken = taken or self._stream.read(size)
        self.position += len(taken)
        return taken

    def readline(self, limit: int) -> bytes:
        """Up to and with the next newline, but no more than ``limit`` bytes; empty at the end."""
        newline = self._ahead.find(b"\n", self._taken, self._taken + limit)
        end = newline + 1 if newline >= 0 else self._taken + limit
        line = self._ahead[self._taken : end]
        self._taken += len(line)
        if newline < 0 and len(line) < limit:
            line += self._stream.readline(limit - len(line))
        self.position += len(line)
        return line
