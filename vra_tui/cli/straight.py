"""Open the screen without the machinery of verbs, which takes an eighth of the time until the first list.

Typer builds the options of every verb, and imports pydantic to read the first of them. `vra` and `vra scan`
with nothing but options that are written as they should be need neither; all else goes the long way, which
knows what to say about it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from vra_tui.cli import opening

#: The options of `vra scan` with a value: the names of its parameters. Those of `vra` itself come first.
_SHARED = {"--db": "db", "--scanner": "scanner"}
_OPTIONS = {**_SHARED, "--list": "list_name", "--theme": "theme", "--images": "images"}


def scan_options(arguments: Sequence[str]) -> dict[str, Any] | None:
    """The parameters of `vra scan` that these arguments give; None where they ask for anything else."""
    found: dict[str, Any] = {}
    takes = _SHARED
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if word == "scan" and takes is _SHARED:
            takes = _OPTIONS
        elif word == "--no-mouse" and takes is _OPTIONS:
            found["no_mouse"] = True
        elif name in takes:
            value = value if equals else next(words, "")
            if not value or value.startswith("-"):
                return None
            found[takes[name]] = Path(value) if name == "--db" else value
        else:
            return None
    return found


def open_screen(options: dict[str, Any]) -> int:
    """Open the screen as `vra scan` does; the exit code."""
    try:
        opening.scan(**options)
    except typer.Exit as ended:
        return ended.exit_code
    except KeyboardInterrupt:
        return 130
    except (EOFError, typer.Abort):
        sys.stderr.write("Aborted!\n")
        return 1
    return 0
