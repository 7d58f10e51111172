"""Find the line of a TOML file on which a key is set, which tomllib does not tell."""

import tomllib
from functools import cached_property

#: The names of a key and of the tables around it, outermost first: ``("screen", "theme")``.
KeyPath = tuple[str, ...]


class TomlLines:
    """Where the keys and tables of a text stand. The text is searched when it is first asked."""

    def __init__(self, text: str) -> None:
        self._text = text

    def line_of(self, path: KeyPath) -> int:
        """The line that sets the key or opens the table at ``path``, counted from 1.

        Where none does so by itself, as in a table written within one line: that of the nearest key or table
        around it; else that of the first key or table within it; else 1. A line of a text of several lines
        may be taken for one that sets a key.
        """
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        within = (line for found, line in self._lines.items() if found[: len(path)] == path)
        return next(within, 1)

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        lines: dict[KeyPath, int] = {}
        table: KeyPath = ()
        for number, line in enumerate(self._text.splitlines(), start=1):
            start = line.lstrip()[:1]
            if start == "[" and (named := _names_of(line)):
                table = named
                lines.setdefault(table, number)
            elif start not in ("", "#", "[") and (named := _key_of(line)):
                lines.setdefault(table + named, number)
        return lines


def _key_of(line: str) -> KeyPath:
    """The key that a line sets, () where it sets none: what stands before one of its equals signs."""
    end = line.find("=")
    while end >= 0:
        if named := _names_of(f"{line[:end]}= 0"):
            return named
        end = line.find("=", end + 1)
    return ()


def _names_of(line: str) -> KeyPath:
    """The names in a line of TOML that opens a table or sets a key, () where it is no such line."""
    try:
        inner: object = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    names: list[str] = []
    while isinstance(inner, dict) and inner:
        names.append(next(iter(inner)))
        inner = inner[names[-1]]
    return tuple(names)
