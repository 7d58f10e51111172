"""What a user may say of a source, and what a reader says of a piece of it that it could not read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Reading:
    """How to read, where content does not tell.

    ``format``: `json`, `avro`, `parquet`, `table`, or None to recognise it. ``columns``: for tables, our
    name by theirs (`mjd=time,mag=m`). ``name``, ``ra``, ``dec``: of the one object of a file that names none.
    ``schemas``: a folder of Avro schemas, for messages that come without theirs.
    """

    format: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    ra: float | None = None
    dec: float | None = None
    schemas: Path | None = None

    @property
    def options(self) -> dict[str, object]:
        """What surveys get to see of it."""
        said = {"name": self.name, "ra": self.ra, "dec": self.dec, "columns": dict(self.columns) or None}
        return {key: value for key, value in said.items() if value is not None}


@dataclass(frozen=True)
class Refusal:
    """One piece of input that was refused.

    ``source`` is a file name or ``<stdin>``, ``position`` says where in it (``line 3``, ``record 2``,
    ``byte 81920``), ``object_id`` is set where the piece had a readable one.
    """

    source: str
    position: str
    reason: str
    object_id: str | None = None
