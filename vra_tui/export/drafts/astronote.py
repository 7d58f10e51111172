"""Draft AstroNotes: title, abstract and text from one or several alerts, by templates that users may change.

The page on which AstroNotes are handed in has no interface for programs: a draft is printed and copied.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from vra_tui.errors import VraError
from vra_tui.export.drafts.at_form import Field
from vra_tui.export.drafts.facts import AlertFacts
from vra_tui.export.drafts.fill import BLANK, MOST_CHARACTERS, Missing, Template, TemplateError, read_template
from vra_tui.export.drafts.note_values import FIELDS, NoteObject, object_row, values_of
from vra_tui.store.outbox import Draft
from vra_tui.text import printable

KIND = "astronote"
#: No server takes it: a person does.
TARGET = "copy"
#: Characters of an abstract, as the form counts them (`form_length`).
MOST_ABSTRACT = 1_000
_MOST_TITLE = 255
PARTS = ("title", "abstract", "text")
_HEADING = re.compile(r"^===[ \t]*([a-z]+)[ \t]*===[ \t]*$", re.MULTILINE)
#: What Markdown would act on.
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|!~])")
_LISTS = re.compile(r"^(\s{0,3})([-+]|\d+[.)])(?=\s)", re.MULTILINE)


@dataclass(frozen=True)
class AstroNote:
    """A note as its form has it. ``missing``: fields of its template for which a blank was left."""

    title: str
    abstract: str
    text: str
    authors: str = ""
    objects: tuple[NoteObject, ...] = ()
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True)
class NoteTemplate:
    """A template of notes: one for each part of the form."""

    title: Template
    abstract: Template
    text: Template


def read_note_template(source: str, is_one: bool) -> NoteTemplate:
    """The template in a file, or that of the program for ``source`` "". Raises TemplateError, by line."""
    if source:
        path = Path(source).expanduser()
        try:
            text = path.read_bytes()[: 4 * MOST_CHARACTERS].decode("utf-8")
        except (OSError, UnicodeError) as error:
            raise TemplateError(f"The template {source} cannot be read: {error}.") from None
        return note_template(text, source)
    name = "one.txt" if is_one else "many.txt"
    return note_template(
        resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8"), name
    )


def note_template(text: str, where: str) -> NoteTemplate:
    """A template from its text: a line `=== title ===`, its part, and so on for `PARTS`.

    Raises TemplateError with every fault, by line.
    """
    found, faults = dict[str, Template](), list[str]()
    for name, heading, line, part in _parts(text):
        if name not in PARTS:
            faults.append(
                f"line {heading}: there is no part `{printable(name, 30)}`; there are {', '.join(PARTS)}"
            )
        elif name in found:
            faults.append(f"line {heading}: the part `{name}` stands there twice")
        else:
            try:
                found[name] = read_template(part, FIELDS, where, line)
            except TemplateError as error:
                faults.append(str(error).removeprefix(f"{where}: ").removesuffix("."))
                found[name] = Template(())
    faults += [f"the part `=== {name} ===` is missing" for name in PARTS if name not in found]
    if faults:
        raise TemplateError(f"{where}: {'; '.join(faults)}.")
    return NoteTemplate(**found)


def _parts(text: str) -> list[tuple[str, int, int, str]]:
    """The parts of a text with headings: name, the heading's line, that of the content, the content."""
    heads = [*_HEADING.finditer(text)]
    ends = [*(one.start() for one in heads), len(text)][1:]
    found = []
    for head, end in zip(heads, ends, strict=True):
        part = text[head.end() : end]
        began = len(part) - len(part.lstrip("\n"))
        heading = text.count("\n", 0, head.start()) + 1
        found.append((head[1], heading, heading + began, part.strip("\n")))
    return found


def make_note(facts: Sequence[AlertFacts], template: NoteTemplate, authors: str) -> AstroNote:
    """The note on one or several alerts."""
    values = values_of(facts, authors)
    filled = {name: getattr(template, name).fill(values) for name in PARTS}
    return AstroNote(
        **{name: _tidy(one.text, is_line=name == "title") for name, one in filled.items()},
        authors=values["authors"],
        objects=tuple(object_row(one) for one in facts),
        missing=tuple(one for part in filled.values() for one in part.missing),
    )


def _tidy(text: str, is_line: bool) -> str:
    """A part without what pieces that were left out leave behind: blanks, empty lines."""
    if is_line:
        return " ".join(text.split())
    # A single blank stood before a sentence that is the first one now; tables stand in by more.
    lines = [re.sub(r"^ (?! )", "", line.rstrip()) for line in text.strip("\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def form_length(text: str) -> int:
    """How many characters the form counts: units of UTF-16, a line's end as two."""
    lines = text.replace("\r\n", "\n").split("\n")
    return sum(len(line.encode("utf-16-le", "replace")) // 2 for line in lines) + 2 * (len(lines) - 1)


def fields(note: AstroNote) -> list[Field]:
    """The form of a note: what stands in each field, and what is wrong with it."""
    length = form_length(note.abstract)
    too_long = None
    if length > MOST_ABSTRACT:
        too_long = f"has {length:,} characters, {length - MOST_ABSTRACT:,} more than the form takes"
    title = "is empty" if not note.title.strip() else None
    if form_length(note.title) > _MOST_TITLE:
        title = f"is longer than {_MOST_TITLE} characters"
    text = "is empty" if not note.text.strip() else None
    return [
        Field("title", "title", note.title, "one line", title or _blank(note.title)),
        Field("authors", "authors", note.authors, "tns.reporter of the configuration"),
        Field(
            "abstract", "abstract", note.abstract, f"{length:,} of {MOST_ABSTRACT:,} characters",
            too_long or ("is empty" if not note.abstract.strip() else _blank(note.abstract)),
        ),
        Field("text", "text", note.text, "", text or _blank(note.text)),
    ]  # fmt: skip


def _blank(text: str) -> str | None:
    count = len(re.findall(rf"\b{BLANK}\b", text))
    return f"holds {count} of the blanks {BLANK}: fill them" if count else None


def changed(note: AstroNote, name: str, text: str) -> AstroNote:
    """The note with another text in one field. Raises KeyError for a name that no field has."""
    if name not in (*PARTS, "authors"):
        raise KeyError(name)
    told: dict[str, Any] = {name: text}
    return replace(note, **told)


def as_text(note: AstroNote) -> str:
    """A note as plain text, part by part; `of_text` reads it again."""
    # A line that looks like a heading of ours is none.
    parts = {name: _HEADING.sub(r" \g<0>", getattr(note, name)) for name in PARTS}
    return "\n\n".join(f"=== {name} ===\n{text}" for name, text in parts.items()) + "\n"


def of_text(text: str, before: AstroNote) -> tuple[AstroNote, list[str]]:
    """The note that an edited text tells, and what of it cannot be read.

    A part that is not there is as it was ``before``.
    """
    found, faults = dict[str, Any](), list[str]()
    heads = _parts(text)
    for name, heading, _, part in heads:
        if name not in PARTS:
            faults.append(f"line {heading}: there is no part `{printable(name, 30)}` in a note")
        elif name in found:
            faults.append(f"line {heading}: the part `{name}` stands there twice")
        else:
            found[name] = " ".join(part.split()) if name == "title" else part
    if not heads:
        faults.append(f"there is no line `=== {PARTS[0]} ===`, by which the parts are told")
    return replace(before, **found), faults


def as_markdown(note: AstroNote) -> str:
    """A note as Markdown: what would be a mark in it is text; tables, which stand in, stay as they are."""
    body = "\n".join(line if line.startswith("    ") else _escaped(line) for line in note.text.split("\n"))
    authors = f"\n*{_escaped(note.authors)}*\n" if note.authors else ""
    return f"# {_escaped(note.title)}\n{authors}\n**Abstract.** {_escaped(note.abstract)}\n\n{body}\n"


def _escaped(text: str) -> str:
    return _LISTS.sub(lambda found: f"{found[1]}\\{found[2]}", _MARKS.sub(r"\\\1", text))


def as_record(note: AstroNote) -> dict[str, Any]:
    """A note as its form's fields, for programs."""
    return {
        "title": note.title,
        "authors": note.authors,
        "abstract": note.abstract,
        "text": note.text,
        "objects": [asdict(one) for one in note.objects],
    }


def draft_of(note: AstroNote, about: Mapping[str, int], follows: str | None = None) -> Draft:
    """The draft of a note for the outbox: approved there, it is copied by a person.

    ``about``: the numbers of its alerts by their names (`AlertFacts.name`).
    """
    subject = f"AstroNote: {printable(note.title, 120)}"
    identity = " ".join(sorted(about))
    return Draft(KIND, TARGET, subject, as_record(note), identity, [*about.values()], follows=follows)


def note_of(content: Mapping[str, Any]) -> AstroNote:
    """The note that an item of the outbox holds. Raises VraError where it holds none."""
    texts = {name: content.get(name) for name in (*PARTS, "authors")}
    rows = content.get("objects")
    if not all(isinstance(one, str) for one in texts.values()) or not isinstance(rows, list):
        raise VraError("This item of the outbox holds no AstroNote that can be read.")
    known = NoteObject.__dataclass_fields__
    objects = tuple(
        NoteObject(**{name: str(row.get(name) or "") for name in known})
        for row in rows
        if isinstance(row, dict)
    )
    told: dict[str, Any] = {name: str(text) for name, text in texts.items()}
    return AstroNote(**told, objects=objects)
