"""Fill templates that users may write: names in braces, and pieces that are left out without a value.

`{name}` stands for the value of a field, `{{` and `}}` for braces. A piece `[[… {name} …]]` is left out where
any field in it has no value; `{?name}` in it asks for a value and shows none. Nothing else means anything: a
value is put in as it is and never read as a template, so that what strangers wrote into it stays text.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from vra_tui.errors import VraError
from vra_tui.text import printable

_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{[^{}\n]*\}|\{|\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
#: A template has at most so many characters.
MOST_CHARACTERS = 100_000
#: What stands where a field outside of every `[[ ]]` has no value: somebody has to write it.
BLANK = "XXX"


class TemplateError(VraError):
    """A template that cannot be filled; the message names each line and what is wrong there."""


@dataclass(frozen=True)
class Missing:
    """A field without a value for which a blank was left: its name, and the template's line."""

    name: str
    line: int


@dataclass(frozen=True)
class Filled:
    """A template with its values in it, and the blanks that were left."""

    text: str
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True)
class _Text:
    text: str


@dataclass(frozen=True)
class _Field:
    name: str
    line: int
    is_shown: bool = True


_Piece = _Text | _Field


@dataclass(frozen=True)
class Template:
    """A template that was read and found right. Each part is a piece, or an optional run of pieces."""

    parts: tuple[_Piece | tuple[_Piece, ...], ...]

    def fill(self, values: Mapping[str, str]) -> Filled:
        """The template with ``values`` in it; "" is no value."""
        told, missing = "", list[Missing]()
        is_line_left_out = False
        for part in self.parts:
            if isinstance(part, tuple):
                if all(values.get(one.name) for one in part if isinstance(one, _Field)):
                    told += "".join(_told(one, values) for one in part)
                else:
                    is_line_left_out = not told or told.endswith("\n")
                continue
            text = _told(part, values)
            if isinstance(part, _Field) and not text:
                missing.append(Missing(part.name, part.line))
                text = BLANK
            # Of a line that held nothing but what was left out nothing remains.
            if is_line_left_out and text:
                text = text.removeprefix("\n")
                is_line_left_out = False
            told += text
        return Filled(told, tuple(missing))


def _told(part: _Piece, values: Mapping[str, str]) -> str:
    if isinstance(part, _Text):
        return part.text
    return values.get(part.name, "") if part.is_shown else ""


def read_template(text: str, known: Collection[str], where: str, first_line: int = 1) -> Template:
    """Read a template of these fields. ``where``: its file, for messages.

    Raises TemplateError with every fault, by line.
    """
    if len(text) > MOST_CHARACTERS:
        raise TemplateError(f"{where}: a template has at most {MOST_CHARACTERS:,} characters.")
    parts, faults = list[_Piece | tuple[_Piece, ...]](), list[str]()
    optional: list[_Piece] | None = None
    opened = 0
    for token, line in _tokens(text, first_line):
        found: _Piece | None = None
        if token == "[[":
            if optional is not None:
                faults.append(f"line {line}: a piece `[[` within the one of line {opened}; close that first")
            optional, opened = optional if optional is not None else [], line
        elif token == "]]":
            if optional is None:
                faults.append(f"line {line}: `]]` closes nothing")
            else:
                parts.append(tuple(optional))
            optional = None
        elif token in ("{{", "}}"):
            found = _Text(token[0])
        elif token in ("{", "}"):
            faults.append(f"line {line}: a single `{token}`; a brace is written `{token * 2}`")
        elif token.startswith("{") and token.endswith("}") and len(token) > 1:
            name = token[1:-1].removeprefix("?")
            is_shown = not token.startswith("{?")
            if not is_shown and optional is None:
                faults.append(f"line {line}: `{printable(token, 40)}` stands within `[[ ]]` only")
            elif _NAME.fullmatch(name) and name in known:
                found = _Field(name, line, is_shown)
            else:
                faults.append(f"line {line}: {_unknown(name, known)}")
        else:
            found = _Text(token)
        if found is not None:
            (parts if optional is None else optional).append(found)
    if optional is not None:
        faults.append(f"line {opened}: `[[` is not closed by `]]`")
    if faults:
        raise TemplateError(f"{where}: " + "; ".join(faults) + ".")
    return Template(tuple(parts))


def fill(text: str, values: Mapping[str, str], where: str) -> str:
    """A short template with its values; what has none stays empty. Raises TemplateError."""
    template = read_template(text, values.keys(), where)
    return "".join(
        "".join(_told(one, values) for one in (part if isinstance(part, tuple) else (part,)))
        for part in template.parts
    )


def _unknown(name: str, known: Collection[str]) -> str:
    shown = printable(name, 40)
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return f"there is no field `{{{shown}}}`; did you mean `{{{near[0]}}}`?"
    return f"there is no field `{{{shown}}}`; there are {', '.join(sorted(known))}"


def _tokens(text: str, line: int) -> Iterator[tuple[str, int]]:
    """The pieces of a template with their lines: marks, fields, and the text between."""
    at = 0
    for found in _TOKEN.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], line
            line += text.count("\n", at, found.start())
        yield found[0], line
        at = found.end()
    if at < len(text):
        yield text[at:], line
