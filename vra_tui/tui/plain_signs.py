"""Signs for terminals whose encoding has not all of Unicode, as latin-1 on an old machine at a telescope."""

from collections.abc import Mapping
from types import MappingProxyType

from rich.cells import cell_len

#: What looks like a sign, in ASCII and in as many cells.
_LIKE: Mapping[str, str] = MappingProxyType(
    {
        "▸": ">", "▾": "v", "▐": "|", "━": "=", "╸": "-", "─": "-", "│": "|", "┊": ":", "├": "|", "┤": "|",
        "╱": "/", "…": "~", "·": ".", "↑": "^", "↓": "v", "←": "<", "→": ">", "″": '"', "′": "'", "±": "~",
        "−": "-", "–": "-", "×": "x", "⊗": "x", "●": "o", "■": "#", "▲": "A", "▼": "V", "◆": "*", "★": "*",
        "○": "o", "◇": "o", "□": "o", "≥": ">", "≤": "<", "σ": "s", "µ": "u", "⇧": "^",
    }
)  # fmt: skip


class PlainSigns(dict[int, str]):
    """What `str.translate` puts in place of each character for an encoding; found when it first comes."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    def __missing__(self, code: int) -> str:
        character = chr(code)
        try:
            character.encode(self._encoding)
        except UnicodeEncodeError:
            character = _LIKE.get(character, "?" * cell_len(character))
        self[code] = character
        return character


def plain_signs(encoding: str | None) -> PlainSigns | None:
    """The signs for an encoding; None where it has all of Unicode, or where nobody knows it."""
    return None if encoding is None or "utf" in encoding.lower() else PlainSigns(encoding)
