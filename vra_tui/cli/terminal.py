"""Remove control sequences from everything the program prints."""

import errno
import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TextIO

from vra_tui.errors import VraError
from vra_tui.text import harmless


class ReaderGone(Exception):
    """Nobody reads standard output any more (`vra list | head`): there is nothing left to do, or to say."""


class OutputFailed(VraError):
    """Standard output cannot be written: what it holds is not whole."""


class NoTerminal(VraError):
    """The screen was asked for where there is no terminal to show it."""


class Guarded:
    """A text stream that takes out whatever a terminal would act on, but for the ends of lines.

    Foreign text is cleaned where it is laid out (`vra_tui.text.printable`); what was forgotten there, and
    what other libraries write (tracebacks, messages on wrong usage, warnings), is caught here. What draws on
    purpose uses ``draw``, or ``unguarded``.

    ``is_result``: what is written is what was asked for; where it cannot be written, ReaderGone or
    OutputFailed is raised. Messages that cannot be written are dropped: the work they tell of goes on.
    """

    def __init__(self, stream: TextIO, is_result: bool = False) -> None:
        self.unguarded = stream
        self._is_result = is_result
        # Libraries try a stream and take what comes of it for an answer: a failure is told again.
        self._failure: Exception | None = None

    def write(self, text: str) -> int:
        """Write what is harmless of the text; a carriage return may begin it, to write a line anew."""
        anew = "\r" if text.startswith("\r") else ""
        self.draw(anew + harmless(text[len(anew) :]))
        return len(text)

    def draw(self, text: str) -> None:
        """Write a text as it is: no foreign text may be in it."""
        self._tell()
        try:
            self.unguarded.write(text)
        except OSError as error:
            self._failed(error)

    def flush(self) -> None:
        """Hand on what was written."""
        self._tell()
        try:
            self.unguarded.flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        # What waits to be written is not tried again at the end, where it would be a traceback.
        with suppress(OSError, ValueError):
            number, nowhere = self.unguarded.fileno(), os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
        if not self._is_result:
            return
        self._failure = OutputFailed(
            f"Standard output cannot be written: {error.strerror}. What it holds is not whole; what was "
            "decided or written to files is kept."
        )
        if error.errno == errno.EPIPE:
            self._failure = ReaderGone()
        self._tell()

    def give_up(self) -> None:
        """Say no more of what failed: it was told, and the interpreter flushes once more as it ends."""
        self._failure, self._is_result = None, False

    def _tell(self) -> None:
        if self._failure is not None:
            raise self._failure from None

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


def guard_output() -> None:
    """From now on all that this process prints passes the gate; what the encoding lacks is spelt out."""
    _open_what_is_closed()
    sys.stdout, sys.stderr = _guarded(sys.stdout, is_result=True), _guarded(sys.stderr)


def _open_what_is_closed() -> None:
    """Let what is printed to a closed stream (`vra list >&-`) go nowhere, as its owner wanted.

    Without this, the next file to be opened would have the number of standard output.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for good


def _guarded(stream: TextIO, is_result: bool = False) -> Any:
    if isinstance(stream, io.TextIOWrapper):
        # Where the locale is plain ASCII, click would go round this stream to write UTF-8 itself.
        encoding = "utf-8" if stream.encoding.lower() in ("ascii", "us-ascii", "ansi_x3.4-1968") else None
        stream.reconfigure(encoding=encoding, errors="backslashreplace")
    return Guarded(stream, is_result)


def drawing(stream: TextIO) -> TextIO:
    """The stream for what draws on the terminal: it goes round the gate, so no foreign text may be in it."""
    unguarded: TextIO = getattr(stream, "unguarded", stream)
    return unguarded


def need_terminal() -> None:
    """Raise NoTerminal where the screen could not be shown, or its keys not be read."""
    streams = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    missing = [name for name, stream in streams.items() if stream is None or not stream.isatty()]
    if missing:
        raise NoTerminal(
            f"The screen needs a terminal, and standard {' and '.join(missing)} is none: a pipe, a file, or "
            "closed. Over ssh, `ssh -t HOST vra` makes one. Without a terminal `vra list`, `vra show` and "
            "`vra decide` do the work."
        )
