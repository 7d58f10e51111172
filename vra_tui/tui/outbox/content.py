"""The content of what is to leave as a form: pure functions from an item's content to lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from vra_tui.errors import VraError
from vra_tui.sources.wires.message_lines import lines as message_lines
from vra_tui.text import harmless, printable
from vra_tui.tui.spans import Line, fit, wrap

#: Columns of names before values: as many as the longest takes, within these.
_LEAST, _MOST = 8, 22
#: Lines of one value, of a list of values that stands in one line, and of all of an item.
_LINES, _LISTED, _ALL = 40, 12, 2_000
#: Names that come first, whatever order a content is kept in.
_FIRST = (
    "object_id objectId survey from list title authors abstract text topic classification rank preal pgal "
    "pfast"
).split()
#: What is said of the kinds that this program knows: their names in few words and in full.
KINDS: Mapping[str, tuple[str, str]] = {
    "atlas.list": ("move", "move between the ATLAS server's lists"),
    "atlas.comment": ("comment", "comment at the ATLAS server"),
    "atlas.scores": ("scores", "scores for the ATLAS server"),
    "atlas.rank": ("rank", "rank for the ATLAS server"),
    "lasair.annotation": ("annotation", "annotation at Lasair"),
    "tns.report": ("AT report", "AT report to the TNS"),
    "astronote": ("AstroNote", "AstroNote, which a person copies to its page"),
    "message": ("message", "message to a webhook"),
}

#: Kinds that are edited as forms.
WITH_FORM = ("tns.report", "astronote")


def short_kind(kind: str) -> str:
    """A kind in one or two words."""
    known = KINDS.get(kind)
    return known[0] if known else printable(kind, 20)


def kind_in_words(kind: str) -> str:
    """A kind for a heading."""
    known = KINDS.get(kind)
    return known[1] if known else printable(kind, 60)


def content_lines(kind: str, content: Mapping[str, Any], width: int) -> list[Line]:
    """The content of an item as it is read by people, in lines of a width."""
    if kind == "message" and _is_message(content):
        lines = [piece for line in message_lines(content) for piece in wrap(line, width, _LINES)]
        return [[(line, "value")] for line in lines]
    if kind in WITH_FORM and (found := _draft_lines(kind, content)) is not None:
        return [[(piece, "value")] for line in found for piece in (_broken(line, width) or [""])]
    return form_lines(content, width)


def _draft_lines(kind: str, content: Mapping[str, Any]) -> list[str] | None:
    """A report or a note as `vra tns report` and `vra astronote` print them; None where it cannot be read."""
    try:
        if kind == "tns.report":
            from vra_tui.export.drafts.at_draft import report_of
            from vra_tui.export.drafts.at_form import in_lines

            return list(in_lines(report_of(content)))
        from vra_tui.export.drafts.astronote import as_text, note_of

        return as_text(note_of(content)).rstrip().split("\n")
    except (VraError, KeyError, ValueError):
        return None


def _broken(line: str, width: int) -> list[str]:
    """A line that is laid out already, broken where it is too long; what follows stands in as far as it."""
    text = harmless(line)
    if len(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip())]
    return [indent + piece for piece in wrap(text.strip(), max(width - len(indent), 8), _LINES)]


def _is_message(content: Mapping[str, Any]) -> bool:
    """Whether a content holds what messages are written from: an edit may have left something out."""
    try:
        message_lines(content)
    except (KeyError, TypeError, AttributeError, ValueError):
        return False
    return True


def form_lines(content: Mapping[str, Any], width: int) -> list[Line]:
    """Names and values one below the other; what lies within something stands further in."""
    found = list(_rows(content, 0))
    longest = max((len(name) + 2 * depth for depth, name, _ in found), default=0)
    column = max(_LEAST, min(longest, _MOST, width // 2)) + 2
    lines: list[Line] = []
    for depth, name, value in found[:_ALL]:
        label = fit("  " * depth + name, column - 1) + " "
        if value is None:
            lines.append([(label.rstrip(), "label")])
            continue
        pieces = [
            piece
            for text in value.split("\n")
            for piece in (wrap(printable(text), max(width - column, 8), _LINES) or [""])
        ][:_LINES]
        lines += [
            [(label if row == 0 else " " * column, "label"), (piece, "value")]
            for row, piece in enumerate(pieces or [""])
        ]
    if len(found) > _ALL:
        lines.append([(f"… and {len(found) - _ALL:,} more lines", "dim")])
    return lines


def _rows(value: Mapping[str, Any], depth: int) -> Iterator[tuple[int, str, str | None]]:
    """Depth, name and text of each value; a name without a text has what follows below it."""
    for name in sorted(value, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST)):
        one = value[name]
        label = printable(name, 40).replace("_", " ")
        if isinstance(one, Mapping):
            yield depth, label, None if one else "–"
            yield from _rows(one, depth + 1)
        elif isinstance(one, list | tuple):
            yield from _listed(one, label, depth)
        else:
            yield depth, label, _text(one)


def _listed(values: Sequence[Any], label: str, depth: int) -> Iterator[tuple[int, str, str | None]]:
    if all(not isinstance(one, Mapping | list | tuple) for one in values) and len(values) <= _LISTED:
        yield depth, label, ", ".join(map(_text, values)) or "–"
        return
    yield depth, label, None
    for number, one in enumerate(values, start=1):
        if isinstance(one, Mapping):
            yield depth + 1, f"{number}", None
            yield from _rows(one, depth + 2)
        elif isinstance(one, list | tuple):
            yield from _listed(one, f"{number}", depth + 1)
        else:
            yield depth + 1, f"{number}", _text(one)


def _text(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def text_of_lines(lines: Iterable[Line]) -> str:
    """The bare text of lines, for the clipboard."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)
