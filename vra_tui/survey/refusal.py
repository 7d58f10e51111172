"""What could not be taken in: where it stood, and why."""

from dataclasses import dataclass


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
