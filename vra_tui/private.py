"""Folders and files that only the user may read."""

import stat
from pathlib import Path


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the user alone. Raises OSError."""
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def mode_of(file: Path) -> int:
    """Who may do what with a file: its permission bits, 0o600 where only the user reads and writes it."""
    return stat.S_IMODE(file.stat().st_mode)
