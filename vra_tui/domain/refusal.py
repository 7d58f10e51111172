"""Pieces of input, and refusals of pieces: the place in the input, and the reason."""

import reprlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class InputPiece:
    """One decoded value of a source, where it stood, and how many bytes it took.

    ``source`` is a file name or ``<stdin>``, ``position`` says where in it (``line 3``, ``record 2``).
    """

    source: str
    position: str
    value: Any
    size: int = 0


@dataclass(frozen=True)
class Refusal:
    """One piece of input that was refused.

    ``source`` and ``position`` as in `InputPiece`; ``object_id`` is set where the piece had a readable one.
    """

    source: str
    position: str
    reason: str
    object_id: str | None = None


def shown(value: Any) -> str:
    """A refused value as a message shows it: short, however long or deep it is."""
    short = reprlib.Repr()
    short.maxlevel, short.maxstring, short.maxlong, short.maxother = 1, 42, 42, 42
    return short.repr(value)
