"""What could not be taken in: where it stood, and why."""

import reprlib
from dataclasses import dataclass
from typing import Any

_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxlong, _SHORT.maxother = 1, 42, 42, 42


@dataclass(frozen=True)
class Refusal:
    """One piece of input that was refused.

    ``source`` is a file name or ``<stdin>``, ``position`` says where in it (``line 3``, ``object 2``,
    ``byte 81920``), ``atlas_id`` is set where the piece had a readable one.
    """

    source: str
    position: str
    reason: str
    atlas_id: int | None = None


class Refused(ValueError):
    """Raised for one object that cannot be taken in; the message is the reason, for people."""

    def __init__(self, reason: str, atlas_id: int | None = None) -> None:
        super().__init__(reason)
        self.atlas_id = atlas_id


def shown(value: Any) -> str:
    """A refused value as a message shows it: short, however long or deep it is."""
    return _SHORT.repr(value)
