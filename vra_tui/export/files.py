"""Write output files whole or not at all: beside their place, synced, then renamed."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from vra_tui.errors import VraError
from vra_tui.store.parts import sync


class ExportError(VraError):
    """An export that could not be written; what stood at its place is untouched."""


@contextmanager
def replaced(path: Path) -> Iterator[TextIO]:
    """A text file that takes the place of ``path`` when the block ends well. Raises ExportError."""
    with _in_place_of(path) as part, part.open("x", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def replaced_bytes(path: Path) -> Iterator[BinaryIO]:
    """The same for a binary file. Raises ExportError."""
    with _in_place_of(path) as part, part.open("xb") as file:
        yield file


@contextmanager
def _in_place_of(path: Path) -> Iterator[Path]:
    # A name that nobody else has: what is written over, and removed in the end, is ours.
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        if path.exists() and not path.is_file():
            raise ExportError(f"{path} is not a file. Nothing was written.")
        yield part
        sync(part)
        part.replace(path)
        sync(path.parent)  # the new name, too, is on the disk
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written: {error.strerror or error}. What stood there before is untouched."
        ) from None
    finally:
        part.unlink(missing_ok=True)
