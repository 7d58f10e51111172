"""What a user may say of a source, where its content does not tell how to read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Reading:
    """How to read, where content does not tell.

    ``format``: `json`, `avro`, `parquet`, `table`, or None to recognise it. ``columns``: for tables, our
    name by theirs (`mjd=time,mag=m`). ``name``, ``ra``, ``dec``: of the one object of a file that names none.
    ``schemas``: a folder of Avro schemas, for messages that come without theirs. ``survey``: what to
    call the survey of a table.
    """

    format: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    ra: float | None = None
    dec: float | None = None
    schemas: Path | None = None
    survey: str | None = None

    @property
    def options(self) -> dict[str, object]:
        """What surveys get to see of it."""
        said = {
            "name": self.name,
            "ra": self.ra,
            "dec": self.dec,
            "columns": dict(self.columns) or None,
            "survey": self.survey,
        }
        return {key: value for key, value in said.items() if value is not None}
