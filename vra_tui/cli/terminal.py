"""The last gate before the terminal: what the program writes has nothing in it that a terminal acts on."""

import io
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from vra_tui.text import harmless


class Guarded:
    """A text stream that takes out whatever a terminal would act on, but for the ends of lines.

    Foreign text is cleaned where it is laid out (`vra_tui.text.printable`); what was forgotten there, and
    what other libraries write (tracebacks, messages on wrong usage, warnings), is caught here. What draws on
    purpose, a progress bar, writes to ``unguarded``.
    """

    def __init__(self, stream: TextIO) -> None:
        self.unguarded = stream

    def write(self, text: str) -> int:
        """Write what is harmless of the text; a carriage return may begin it, to write a line anew."""
        anew = "\r" if text.startswith("\r") else ""
        self.unguarded.write(anew + harmless(text[len(anew) :]))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


def guard_output() -> None:
    """From now on all that this process prints passes the gate; what the encoding lacks is spelt out."""
    sys.stdout, sys.stderr = _guarded(sys.stdout), _guarded(sys.stderr)


def _guarded(stream: TextIO) -> Any:
    if isinstance(stream, io.TextIOWrapper):
        # Where the locale is plain ASCII, click would go round this stream to write UTF-8 itself.
        encoding = "utf-8" if stream.encoding.lower() in ("ascii", "us-ascii", "ansi_x3.4-1968") else None
        stream.reconfigure(encoding=encoding, errors="backslashreplace")
    return None if stream is None else Guarded(stream)


def drawing(stream: TextIO) -> TextIO:
    """The stream for what draws on the terminal: it goes round the gate, so no foreign text may be in it."""
    unguarded: TextIO = getattr(stream, "unguarded", stream)
    return unguarded
