"""Check a scanner's name: one rule for the command line, the environment, imports and the store."""

import unicodedata

from vra_tui.errors import VraError
from vra_tui.ranking.lists import MACHINE
from vra_tui.text import printable

#: A name has at most so many characters.
MAX_NAME = 100
#: Characters that Unicode counts as signs and that show nothing.
_BLANK_SIGNS = "\u2800"


class ScannerNameError(VraError):
    """A name under which nobody can decide; nothing was written."""


def fault_of(name: str) -> str | None:
    """Say why nobody can be called so, as the end of a sentence; None for a name that will do.

    A name is seen as it is written: two that look alike in the log must be the same one. So there are no
    characters in it that show nothing (zero width, control, fillers), turn the line around or fold away, and
    it is not the policies' own name, whatever its case or width.
    """
    if not any(_is_seen(char) for char in name):
        return "it is empty, or holds nothing that can be seen"
    if len(name) > MAX_NAME:
        return f"it has {len(name):,} characters, of {MAX_NAME} allowed"
    if printable(name, MAX_NAME) != name:
        return "it holds characters that cannot be seen, or blanks at its ends or in a row"
    if unicodedata.normalize("NFKC", name).casefold() == MACHINE:
        return f"`{MACHINE}` is the name under which the policies decide"
    return None


def scanner_called(name: str, said_by: str) -> str:
    """The name in its composed form (NFC), without blanks at its ends. Raises ScannerNameError.

    ``said_by``: where it comes from, for the message.
    """
    name = unicodedata.normalize("NFC", name.strip(" "))
    why = fault_of(name)
    if why:
        shown = printable(name, 40)
        raise ScannerNameError(
            f"{said_by}{f' {shown!r}' if shown else ''} is no scanner's name: {why}. Nothing was written; "
            "say who decides with --scanner NAME."
        )
    return name


def _is_seen(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNPS" and char not in _BLANK_SIGNS and bool(printable(char))
