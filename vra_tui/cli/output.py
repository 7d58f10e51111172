"""Tables for people on standard output, and values for machines."""

import io
import math
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from vra_tui.cli.terminal import Guarded

#: Columns of a table in a pipe: as many as it needs.
_IN_A_PIPE = 240


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

    from vra_tui.text import harmless

    # Laid out in memory: rich itself would end the program where nobody reads, and can be made to colour
    # pipes by the environment.
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else _IN_A_PIPE
    laid_out = io.StringIO()
    console = Console(file=laid_out, width=width, highlight=False, force_terminal=is_terminal)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, name in enumerate(header):
        table.add_column(Text(harmless(name)), justify="right" if index in right else "left", no_wrap=True)
    for row in rows:
        # Text objects, not strings: what looks like markup in a name stays what it is.
        table.add_row(*(Text(harmless(cell)) for cell in row))
    console.print(table)
    draw(laid_out.getvalue())


def draw(text: str) -> None:
    """Write on standard output what may hold escape sequences: no foreign text that was not made harmless."""
    stream = sys.stdout
    (stream.draw if isinstance(stream, Guarded) else stream.write)(text)


def number(value: float | None, digits: int = 2) -> str:
    """A number to so many decimals; "-" where there is none."""
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}f}"
