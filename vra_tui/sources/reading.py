"""Options for reading a source whose content does not tell how."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vra_tui import __version__

if TYPE_CHECKING:
    from vra_tui.sources.positions import Positions


@dataclass(frozen=True)
class Reading:
    """How to read, where content does not tell.

    ``format``: `json`, `avro`, `parquet`, `table`, or None to recognise it. ``columns``: for tables, our
    name by theirs (`mjd=time,mag=m`). ``name``, ``ra``, ``dec``: of the one object of a file that names none.
    ``schemas``: a folder of Avro schemas, for messages that come without theirs. ``survey``: what to
    call the survey of a table. ``positions``: of the objects of a table that has none. ``is_known``:
    whether the packet of a digest was taken in before: then it is not decoded again.
    """

    format: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    ra: float | None = None
    dec: float | None = None
    schemas: Path | None = None
    survey: str | None = None
    positions: "Positions | None" = None
    is_known: Callable[[bytes], bool] = lambda digest: False
    #: Avro schemas that were parsed while reading, by their text.
    parsed_schemas: dict[bytes, Any] = field(default_factory=dict, compare=False, repr=False)

    def digest(self, data: bytes, number: int = 0) -> bytes:
        """BLAKE2b of a packet's raw bytes, or of the ``number``-th packet in them; 16 bytes.

        What was said of the source counts too, and the program's version: another one may read more out of
        the same bytes.
        """
        return hashlib.blake2b(data, digest_size=16, key=self._key, salt=number.to_bytes(8, "big")).digest()

    @cached_property
    def _key(self) -> bytes:
        said = repr((__version__, self.format, sorted(self.options.items()), str(self.schemas)))
        return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=32).digest()

    @property
    def options(self) -> dict[str, object]:
        """What surveys get to see of it."""
        said = {
            "name": self.name,
            "ra": self.ra,
            "dec": self.dec,
            "columns": dict(self.columns) or None,
            "survey": self.survey,
            "positions": self.positions,
        }
        return {key: value for key, value in said.items() if value is not None}
