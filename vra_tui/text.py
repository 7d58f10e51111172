"""Text from strangers made fit for a terminal, in one place."""

import html
import re
import unicodedata

# Control, format (bidirectional overrides, zero-width joiners), surrogate, private-use and unassigned
# characters, and line and paragraph separators: nothing that moves a cursor or reorders a line.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_TAG = re.compile(r"<[^<>]*>")
# Escape sequences lose their introducer with the control characters; their visible rest goes too.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links, the clipboard
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)?"  # DCS, SOS, PM, APC
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
    kept: list[str] = []
    combining = 0
    for char in _ESCAPE_SEQUENCE.sub("", raw):
        if char.isspace():
            char = " "
        category = unicodedata.category(char)
        combining = combining + 1 if category in ("Mn", "Me") else 0
        if category not in _UNWANTED and combining <= _MAX_COMBINING:
            kept.append(char)
    return _cut(" ".join("".join(kept).split()), limit)


def plain(markup: object, limit: int = 2_000) -> str:
    """Text of a piece of HTML (Sherlock's annotations): tags dropped, entities resolved, then `printable`."""
    if markup is None:
        return ""
    # Unescape once, after the tags are gone; an escaped tag then shows as the text it was meant to be.
    return printable(html.unescape(_TAG.sub("", str(markup)[: 4 * limit])), limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
