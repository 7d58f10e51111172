"""Byte streams: looked at before they are read, counted, and unpacked within bounds."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, cast

GZIP_MAGIC = b"\x1f\x8b"
#: What unpacks to more than so many times its size is no survey's data (whose factor is 4 to 20), but made to
#: fill memory or time. Counted once so many bytes are unpacked.
MAX_UNPACKING = 200
UNPACKED_FREELY = 64 << 20


class UnpacksTooLarge(ValueError):
    """Packed data that unpack to more than can be meant; the message says so."""


#: What reading a stream may raise.
FAULTS = (OSError, EOFError, zlib.error, UnpacksTooLarge)


class Unpacked:
    """The unpacked bytes of a gzip stream. Raises UnpacksTooLarge when they are out of proportion."""

    def __init__(self, packed: "Peekable") -> None:
        self._packed = packed
        self._stream = gzip.GzipFile(fileobj=cast(BinaryIO, packed))
        self._size = 0
        self._fault: Exception | None = None

    def read(self, size: int) -> bytes:
        """Up to ``size`` unpacked bytes; what comes before damaged data is given before they are reported."""
        parts, missing = [], size
        try:
            if self._fault:
                raise self._fault
            while missing > 0 and (data := self._stream.read1(missing)):
                parts.append(data)
                missing -= len(data)
        except FAULTS as fault:
            self._fault = fault
            if not parts:
                raise
        return self._counted(b"".join(parts))

    def readline(self, limit: int) -> bytes:
        """A line of the unpacked text, or its first ``limit`` bytes."""
        return self._counted(self._stream.readline(limit))

    def _counted(self, data: bytes) -> bytes:
        self._size += len(data)
        if self._size > max(UNPACKED_FREELY, MAX_UNPACKING * self._packed.position):
            raise UnpacksTooLarge(f"it unpacks to more than {MAX_UNPACKING} times its size")
        return data


class Counted:
    """A byte stream that tells how much of it was read."""

    def __init__(self, stream: BinaryIO, on_bytes: Callable[[int], None]) -> None:
        self._stream = stream
        self._on_bytes = on_bytes

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes."""
        data = self._stream.read(size)
        self._on_bytes(len(data))
        return data

    def readline(self, limit: int) -> bytes:
        """A line, or its first ``limit`` bytes."""
        line = self._stream.readline(limit)
        self._on_bytes(len(line))
        return line


class Peekable:
    """A byte stream whose first bytes can be looked at before they are read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._ahead = b""
        self._taken = 0  # of what is ahead; cutting it off each time would copy megabytes a line
        self._fault: Exception | None = None  # behind what is ahead
        self.position = 0

    def peek(self, size: int) -> bytes:
        """Up to ``size`` bytes, which stay unread; only before anything is read."""
        parts = [self._ahead]
        missing = self._taken + size - len(self._ahead)
        try:
            while missing > 0 and not self._fault and (more := self._stream.read(min(1 << 20, missing))):
                parts.append(more)
                missing -= len(more)
        except FAULTS as fault:
            self._fault = fault
        self._ahead = b"".join(parts)
        return self._ahead[self._taken : self._taken + size]

    def drop(self, size: int) -> None:
        """Leave out bytes that were looked at."""
        self._taken += size

    def read(self, size: int = 1 << 20) -> bytes:
        """Up to ``size`` bytes (all where it is negative); empty at the end."""
        if size < 0:
            return b"".join(iter(self.read, b""))
        taken = self._ahead[self._taken : self._taken + size]
        self._taken += len(taken)
        if len(taken) < size and not (taken and self._fault):
            self.raise_fault()
            taken += self._stream.read(size - len(taken))
        self.position += len(taken)
        return taken

    def unread(self, data: bytes) -> None:
        """Put back what was read last."""
        self._ahead = data + self._ahead[self._taken :]
        self._taken = 0
        self.position -= len(data)

    def readline(self, limit: int) -> bytes:
        """Up to and with the next newline, but no more than ``limit`` bytes; empty at the end."""
        newline = self._ahead.find(b"\n", self._taken, self._taken + limit)
        end = newline + 1 if newline >= 0 else self._taken + limit
        line = self._ahead[self._taken : end]
        self._taken += len(line)
        if newline < 0 and len(line) < limit:
            self.raise_fault()
            line += self._stream.readline(limit - len(line))
        self.position += len(line)
        return line

    def raise_fault(self) -> None:
        """Raise what went wrong while looking ahead, if anything did."""
        if self._fault:
            raise self._fault
