"""Tables for people on standard output, and values for machines."""

import io
import math
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class TableColumn:
    """A column of a table that is as wide as the terminal: of those with the least ``worth`` some are left
    out where there is no room for all. ``is_dim``: of each cell what stands before the colon.
    """

    header: str
    cells: Sequence[str]
    worth: int
    is_right: bool = False
    is_dim: bool = False

    @property
    def width(self) -> int:
        """Characters that it takes."""
        from rich.cells import cell_len

        return max(map(cell_len, (self.header, *self.cells)))


def fitting(columns: Sequence[TableColumn], width: int) -> list[TableColumn]:
    """The columns that have room beside one another, without those of least worth; never fewer than two."""
    kept = list(columns)
    while len(kept) > 2 and sum(column.width + 1 for column in kept) - 1 > width:
        kept.remove(min(kept, key=lambda column: column.worth))
    return kept


def terminal_width() -> int:
    """Characters of a line: of the terminal, else as many as a table needs."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _IN_A_PIPE


def print_columns(columns: Sequence[TableColumn]) -> None:
    """A table of those columns for which the terminal has room, all of them in a pipe."""
    kept = fitting(columns, terminal_width())
    print_table(
        [column.header for column in kept],
        list(zip(*(column.cells for column in kept), strict=True)),
        right=[i for i, column in enumerate(kept) if column.is_right],
        dim=[i for i, column in enumerate(kept) if column.is_dim],
    )


def print_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
    dim: Sequence[int] = (),
) -> None:
    """Columns aligned for a terminal; in a pipe as wide as they need to be.

    ``right``: the columns that stand to the right; ``dim``: those in which what stands before a colon is dim.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from vra_tui.text import harmless

    # Laid out in memory: rich itself would end the program where nobody reads, and can be made to colour
    # pipes by the environment.
    is_terminal = sys.stdout.isatty()
    width = terminal_width()
    # Two blanks between columns read better; one is enough where there is no room for two.
    longest = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    gap = 2 if sum(longest) + 2 * (len(longest) - 1) <= width else 1
    laid_out = io.StringIO()
    console = Console(file=laid_out, width=width, highlight=False, force_terminal=is_terminal)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, gap, 0, 0))
    for index, name in enumerate(header):
        table.add_column(Text(harmless(name)), justify="right" if index in right else "left", no_wrap=True)
    for row in rows:
        # Text objects, not strings: what looks like markup in a name stays what it is.
        texts = [Text(harmless(cell)) for cell in row]
        for index in dim:
            texts[index].stylize("dim", 0, texts[index].plain.find(":") + 1)
        table.add_row(*texts)
    console.print(table)
    draw(laid_out.getvalue())


def draw(text: str) -> None:
    """Write on standard output what may hold escape sequences: no foreign text that was not made harmless."""
    stream = sys.stdout
    (stream.draw if isinstance(stream, Guarded) else stream.write)(text)


def number(value: float | None, digits: int = 2) -> str:
    """A number to so many decimals; "-" where there is none."""
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}f}"
