"""Take the filter words of a text apart, as people type them: with blanks, commas and `≥`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vra_tui.errors import VraError

#: A filter longer than this was pasted by accident, characters.
LONGEST = 2_000

_WORD = re.compile(
    r"""(?P<minus>[-\u2212]\s*)?
    (?P<name>[^\s<>=\u2264\u2265:",]+)
    (?: \s*(?P<operator><\s*=|>\s*=|=\s*<|=\s*>|==|[<>=\u2264\u2265:])
        (?: \s*(?P<value>"[^"]*"?|[-+\u2212]?\s*\.?\d[^\s,<>=]*|[^\s,]+))? )?
    | (?P<odd>[^\s,]+)""",
    re.VERBOSE,
)
_OPERATORS = {"\u2264": "<=", "\u2265": ">=", "=<": "<=", "=>": ">=", "==": "="}
#: Words that say what stands between two others anyway: all must hold.
_AND = frozenset(("and", "&", "&&"))


@dataclass(frozen=True)
class FilterWord:
    """One word of a filter, as `rank>7` is written without blanks, and where it stands in the text."""

    text: str
    start: int
    end: int


class FilterError(VraError):
    """A filter that cannot be understood; the message names the word.

    ``place``: where that stands in the text of the filter, from and to; None where no one word is at fault.
    """

    def __init__(self, message: str, place: tuple[int, int] | None = None) -> None:
        super().__init__(message)
        self.place = place


def filter_words(text: str) -> list[FilterWord]:
    """The words of a filter in the order in which they stand.

    Blanks around a comparison or a colon, commas between words, `≤ ≥ => =<` and an `and` count for nothing
    more: `rank > 7, note : NEEDLE` is `rank>7 note:NEEDLE`. What stands in double quotes is one text:
    `host:"NGC 4993"`. Raises FilterError for a text that is too long to be a filter.
    """
    if len(text) > LONGEST:
        raise FilterError(f"A filter has at most {LONGEST:,} characters; this one has {len(text):,}.")
    return list(_words(text))


def _words(text: str) -> Iterator[FilterWord]:
    for found in _WORD.finditer(text):
        if found["odd"] is not None:
            yield FilterWord(found["odd"], found.start(), found.end())
        elif found[0].lower() not in _AND:
            yield FilterWord(_written(found), found.start(), found.end())


def _written(found: re.Match[str]) -> str:
    """The word without blanks; the text in quotes keeps its own."""
    minus = "-" if found["minus"] else ""
    operator = re.sub(r"\s", "", found["operator"] or "")
    value = found["value"] or ""
    if value.startswith('"'):
        value = value.strip('"')
    elif operator != ":":
        value = re.sub(r"\s", "", value).replace("\u2212", "-")
    return f"{minus}{found['name']}{_OPERATORS.get(operator, operator)}{value}"
