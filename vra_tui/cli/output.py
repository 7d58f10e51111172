"""Tables for people on standard output, and values for machines."""

import math
import sys
from collections.abc import Sequence
from typing import Any


def without_nan(value: Any) -> Any:
    """The value with NaN and infinities, which JSON does not know, as None, in nested lists and dicts."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(inner) for inner in value]
    return value


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Columns aligned for a terminal; in a pipe as wide as they need to be."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from vra_tui.cli.terminal import drawing
    from vra_tui.text import harmless

    width = None if sys.stdout.isatty() else 240
    console = Console(file=drawing(sys.stdout), width=width, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, name in enumerate(header):
        table.add_column(Text(harmless(name)), justify="right" if index in right else "left", no_wrap=True)
    for row in rows:
        # Text objects, not strings: what looks like markup in a name stays what it is.
        table.add_row(*(Text(harmless(cell)) for cell in row))
    console.print(table)


def number(value: float | None, digits: int = 2) -> str:
    """A number to so many decimals; "-" where there is none."""
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}f}"
