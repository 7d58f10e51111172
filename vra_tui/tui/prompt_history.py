"""What was typed into the prompts before, kept from one start to the next in one small file."""

import json
import os
from contextlib import suppress
from pathlib import Path

from vra_tui.private import make_private
from vra_tui.text import printable

#: So many lines of each kind are kept, none of more characters than this.
AT_MOST, LONGEST = 100, 500
#: A file that is larger was written by something else, bytes.
_LARGEST = 1_000_000


class PromptHistory:
    """Lines by kind (``filter``, ``find``, ``why``), the latest last. Losing the file loses nothing but them.

    ``path``: None keeps them for this session alone. The file is the user's alone to read.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lines: dict[str, list[str]] = {}

    def lines(self, kind: str) -> list[str]:
        """The lines of a kind, the latest last; those of other sessions too."""
        return self._all().get(kind, [])

    def add(self, kind: str, line: str) -> None:
        """Keep a line as the latest of its kind. A file that cannot be written is let be."""
        if not line or len(line) > LONGEST:  # cut, it would mean something else when it comes back
            return
        line = printable(line, LONGEST)
        everything = self._all()
        kept = [one for one in everything.get(kind, []) if one != line]
        everything[kind] = [*kept, line][-AT_MOST:]
        self._lines = everything
        if self._path is None:
            return
        with suppress(OSError):
            make_private(self._path.parent)
            beside = self._path.with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(everything, file, indent=1)
            beside.replace(self._path)

    def _all(self) -> dict[str, list[str]]:
        """All lines as the file has them now: another session may have added some."""
        if self._path is None:
            return dict(self._lines)
        try:
            if self._path.stat().st_size > _LARGEST:
                return dict(self._lines)
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return dict(self._lines)
        if not isinstance(content, dict):
            return dict(self._lines)
        return {
            str(kind): [printable(one, LONGEST) for one in lines if isinstance(one, str)][-AT_MOST:]
            for kind, lines in content.items()
            if isinstance(lines, list)
        }
