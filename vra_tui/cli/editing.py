"""Hand a text to the user's editor and take it back; what was written is never lost."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import typer

from vra_tui.cli.common import say
from vra_tui.errors import VraError
from vra_tui.text import printable

#: A text that is edited is at most so long.
_MOST_BYTES = 1 << 20


class EditFailed(VraError):
    """An edit that came to nothing; the message says where the text is kept."""


def edited(text: str, suffix: str, faults_of: Callable[[str], list[str]]) -> str:
    """The text as the editor left it, with which nothing is wrong.

    ``faults_of``: what of a text cannot be read. Where there is something, the editor may open again on what
    was written; else EditFailed names the file in which it is kept, as where the editor fails.
    """
    folder = Path(tempfile.mkdtemp(prefix="vra-"))  # nobody else may look into it
    path = folder / f"draft{suffix}"
    path.write_text(text, encoding="utf-8")
    while True:
        if wrong := run_editor(path):
            raise EditFailed(f"The editor did not end well ({wrong}). Nothing was changed; see {path}.")
        content = path.read_bytes()
        if len(content) > _MOST_BYTES:
            raise EditFailed(f"The text is longer than it can be. It is kept in {path}.")
        found = content.decode("utf-8", "replace")
        faults = faults_of(found)
        if not faults:
            path.unlink(missing_ok=True)
            folder.rmdir()
            return found
        for fault in faults:
            say(printable(fault, 400))
        if not (sys.stdin.isatty() and typer.confirm("Edit again?", default=True)):
            raise EditFailed(f"Nothing was changed. What you wrote is kept in {path}.")


def run_editor(path: Path) -> str | None:
    """Open a file in $VISUAL, $EDITOR or vi, and wait; what went wrong, None where nothing did."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        code = subprocess.run([*shlex.split(command), str(path)], check=False).returncode
    except (OSError, ValueError) as error:
        return f"`{printable(command, 60)}` cannot be run: {error}; set EDITOR"
    return f"`{printable(command, 60)}` ended with {code}" if code else None
