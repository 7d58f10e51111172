"""Remove from text of unknown origin whatever a terminal would act on."""

import html
import re
import unicodedata

# Control, format (bidirectional overrides, zero-width joiners), surrogate, private-use and unassigned
# characters, and line and paragraph separators: nothing that moves a cursor or reorders a line.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that Unicode calls ignorable (fillers, variation selectors): they show nothing, or change
# the width of what stands before them; and the halves of flags and the skin tones, whose width together is
# not the sum of their widths. A line that holds them is not as wide as it was counted.
_UNCOUNTABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
_TAG = re.compile(r"<[^<>]*>")
# Escape sequences lose their introducer with the control characters; the rest of them goes too, up to the
# end of the line where they have no end of their own.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links, the clipboard
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c\n]*(?:\x1b\\|\x9c)?"  # DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor moves
    r"|\x1b[ -/]*[0-~]?"
)
_MAX_COMBINING = 2


def printable(text: object, limit: int = 2_000) -> str:
    """``text`` on one line, without escape sequences, control and bidirectional characters; "" for None.

    White space is folded, more than two combining marks in a row are dropped, and what is longer than
    ``limit`` characters ends in an ellipsis.
    """
    if text is None:
        return ""
    raw = str(text)[: 4 * limit]
    if raw.isascii() and raw.isprintable() and "  " not in raw:
        return _cut(raw.strip(), limit)
    return _cut(" ".join(_shown(raw).split()), limit)


def plain(markup: object, limit: int = 2_000) -> str:
    """Text of a piece of HTML (Sherlock's annotations): tags dropped, entities resolved, then `printable`."""
    if markup is None:
        return ""
    # Unescape once, after the tags are gone; an escaped tag then shows as the text it was meant to be.
    return printable(html.unescape(_TAG.sub("", str(markup)[: 4 * limit])), limit)


def harmless(text: str) -> str:
    """``text`` with its lines and blanks as they are, and nothing in it that a terminal would act on.

    For what is laid out already, on its way to the terminal; foreign text in it should have passed
    `printable` before, and costs little here then.
    """
    if text.isprintable():
        return text
    return "\n".join(line if line.isprintable() else _shown(line) for line in text.split("\n"))


def well_formed(text: str) -> str:
    """``text`` with lone surrogates, which no UTF-8 and so no store can hold, as question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def counted(count: int, one: str, more: str | None = None) -> str:
    """A number with what it counts: ``1 alert``, ``2,431 alerts``; ``more``: a plural without a plain s."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def _shown(raw: str) -> str:
    kept: list[str] = []
    combining = 0
    for char in _UNCOUNTABLE.sub("", _ESCAPE_SEQUENCE.sub("", raw)):
        if char.isspace():
            char = " "
        category = unicodedata.category(char)
        combining = combining + 1 if category in ("Mn", "Me") else 0
        if category not in _UNWANTED and combining <= _MAX_COMBINING:
            kept.append(char)
    return "".join(kept)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
