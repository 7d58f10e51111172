"""The lines of a form: fields with what is wrong beside them, and what the rules find; pure functions."""

from collections.abc import Collection, Mapping, Sequence

from vra_tui.export.drafts.finding import Finding, Level
from vra_tui.text import harmless, printable
from vra_tui.tui.keymap import KeyMap, keys_in_foot
from vra_tui.tui.outbox.forms import FormRow
from vra_tui.tui.spans import Line, cut, fit, fit_line, wrap

#: Columns of labels; lines of a value that has lines of its own, and of another.
_LABEL, _LONG, _SHORT = 20, 60, 2
#: The rule that repeats the faults of fields.
_FIELDS = "fields"
LEVEL_ROLES: Mapping[Level, str] = {Level.BLOCK: "bad", Level.WARN: "warn", Level.NOTE: "dim"}


def form_lines(
    rows: Sequence[FormRow], here: int, marked: Mapping[str, Level], width: int
) -> tuple[list[Line], list[int]]:
    """The rows one below the other, and at which line each begins.

    ``here``: the row under the cursor. ``marked``: what the rules find of fields, by their names.
    """
    lines: list[Line] = []
    starts = []
    longest = max((len(row.label) for row in rows), default=0)
    label = min(longest + 1, _LABEL, max(width // 3, 8))
    for number, row in enumerate(rows):
        if row.heading:
            lines += [[], [(f"  {row.heading}", "title")]]
        starts.append(len(lines))
        is_here = number == here
        base = "cursor" if is_here else ""
        level = Level.BLOCK if row.faults else _level_of(row.name, marked)
        sign = {Level.BLOCK: "! ", Level.WARN: "? ", None: "  "}.get(level, "  ")
        room = max(width - label - 5, 8)
        pieces, faults = _pieces(row, room), list(row.faults)
        for line, piece in enumerate(pieces):
            head: Line = [
                ("▸ " if is_here and not line else "  ", base or "accent"),
                (sign if not line else "  ", base or (LEVEL_ROLES[level] if level else "text")),
                (fit(row.label if not line else "", label), base or "label"),
                (" ", base or "text"),
                (piece, base or ("value" if row.text.strip() else "dim")),
            ]
            if faults and len(pieces) == 1 and len(piece) + 2 + len(faults[0]) <= room:
                head.append((f"  {printable(faults.pop(0))}", "cursor" if is_here else "bad"))
            lines.append(fit_line(head, width, base or "text"))
        for fault in faults:
            lines += [[(" " * (label + 5), "text"), (text, "bad")] for text in wrap(fault, room, 4)]
    return lines, starts


def _level_of(name: str, marked: Mapping[str, Level]) -> Level | None:
    found = [level for field, level in marked.items() if field == name or field.startswith(f"{name}.")]
    return min(found, key=list(Level).index, default=None)


def _pieces(row: FormRow, width: int) -> list[str]:
    if not row.text.strip():
        return ["–"]
    if not row.is_long:
        return wrap(printable(row.shown), width, _SHORT)
    found = []
    for text in row.text.split("\n"):
        # What is laid out in columns stays so: it is cut, not broken.
        is_table = "  " in text.strip()
        found += [cut(harmless(text), width)] if is_table else wrap(printable(text), width, _LONG) or [""]
    return found[:_LONG]


def finding_lines(findings: Sequence[Finding], reasons: Mapping[str, str], width: int) -> list[Line]:
    """What the rules find, and what was answered; what is wrong with a field stands beside that already."""
    findings = [one for one in findings if one.rule != _FIELDS]
    if not findings:
        return [[("Nothing speaks against it.", "good")]]
    lines: list[Line] = []
    for one in findings:
        reason = reasons.get(one.rule, "") if one.level is Level.WARN else ""
        role = "dim" if reason else LEVEL_ROLES[one.level]
        lines.append([(f"{one.level.value} ", role), (printable(one.rule, 30), role)])
        lines += [[("  ", "text"), (piece, "text")] for piece in wrap(printable(one.what), width - 2, 6)]
        told = f"answered: {printable(reason, 300)}" if reason else printable(one.remedy)
        lines += [[("  ", "text"), (piece, "dim")] for piece in wrap(told, width - 2, 4)]
    return lines


def verdict_line(findings: Sequence[Finding], open_ones: Collection[str]) -> Line:
    """In a few words, how far the form is from the outbox."""
    blocks = sum(one.level is Level.BLOCK for one in findings)
    warns = sum(one.level is Level.WARN and one.rule in open_ones for one in findings)
    notes = sum(one.level is Level.NOTE for one in findings)
    parts: Line = []
    for count, words, role in (
        (blocks, "to mend", "foot_warn"), (warns, "to answer", "foot_strong"), (notes, "to note", "foot_dim"),
    ):  # fmt: skip
        if count:
            parts += [(", " if parts else " ", "foot_dim"), (f"{count} {words}", role)]
    return parts or [(" ready for the outbox", "foot")]


def form_keys(row: FormRow | None, is_report: bool, is_real: bool, keys: KeyMap, width: int) -> Line:
    """The keys of a form, as many as fit, the most needed first."""
    parts = [
        ("edit", "edit" if row is None or not row.is_long else "edit in $EDITOR"),
        ("put", "into the outbox"),
        ("leave", "leave"),
        ("edit_all", "all in $EDITOR"),
        *([("real", "for the sandbox" if is_real else "for the TNS itself")] if is_report else []),
        ("further", "on in findings"),
        ("help", "help"),
    ]
    return keys_in_foot(keys, [(f"form_{name}", title) for name, title in parts], width)
