"""Write the context with ASCII alone, for terminals and fonts that have no more."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from vra_tui.tui.context.section import Row, Section
from vra_tui.tui.spans import Line

_BRAILLE, _CELLS = 0x2800, 256
#: Signs for a braille cell by how many of its dots are set, and for eighths of a block.
_RAMP, _BLOCKS = " ..--==##", "▁▂▃▄▅▆▇█"

_TABLE: Mapping[int, str] = MappingProxyType(
    {
        **{ord(block): str(number) for number, block in enumerate(_BLOCKS, 1)},
        **{_BRAILLE + dots: _RAMP[dots.bit_count()] for dots in range(_CELLS)},
        **str.maketrans({"″": '"', "′": "'", "±": "+-", "−": "-", "–": "-", "↑": "^", "↓": "v"}),
        **str.maketrans({"≥": ">=", "≤": "<=", "━": "=", "╸": "-", "─": ".", "·": ".", "…": "."}),
        **str.maketrans({"₀": "0", "°": " deg", "σ": "sigma"}),
    }
)


def ascii_text(text: str) -> str:
    """A text in ASCII: signs of ours by words or signs that look alike, letters of strangers by ``?``."""
    return text if text.isascii() else text.translate(_TABLE).encode("ascii", "replace").decode("ascii")


def ascii_line(line: Line) -> Line:
    """A line in ASCII; roles stay."""
    return [(ascii_text(text), role) for text, role in line]


def ascii_sections(sections: Iterable[Section]) -> Iterator[Section]:
    """Sections in ASCII, before they are laid out: some signs take more cells."""
    for one in sections:
        whole = None if one.whole is None else _rows(one.whole)
        yield replace(one, glance=_rows(one.glance), rest=_rows(one.rest), whole=whole)


def _rows(rows: Iterable[Row]) -> list[Row]:
    return [type(row)(ascii_line(part) for part in row) for row in rows]
