"""Output files that are either whole or not there: written beside their place, synced, renamed into it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from vra_tui.errors import VraError


class ExportError(VraError):
    """An export that could not be written; what stood at its place is untouched."""


@contextmanager
def replaced(path: Path) -> Iterator[TextIO]:
    """A text file that takes the place of ``path`` when the block ends well. Raises ExportError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written: {error.strerror or error}. What stood there before is untouched."
        ) from None
    finally:
        beside.unlink(missing_ok=True)
