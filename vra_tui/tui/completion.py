"""Complete the word of a filter that is being typed: pure functions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from textual.suggester import Suggester

from vra_tui.store.filter_vocabulary import FilterVocabulary

#: A text's name, a colon and the beginning of what it is to hold.
_VALUE = re.compile(r"""(?P<name>[^\s<>=:",-][^\s<>=:",]*)\s*:\s*(?P<begun>"?[^\s",]*)\Z""")
_NAME = re.compile(r"(?:^|(?<=[\s,]))-?\s*(?P<begun>[^\s<>=:\",-][^\s<>=:\",]*|)\Z")


@dataclass(frozen=True)
class Completion:
    """What may stand in a text from ``start`` to the cursor, the likeliest first, for ``begun``."""

    start: int
    begun: str
    words: Sequence[str] = ()


def complete(text: str, cursor: int, vocabulary: FilterVocabulary) -> Completion:
    """The words that go on from what stands before the cursor: names, or values behind a colon."""
    before = text[:cursor]
    value = _VALUE.search(before)
    if value is not None:
        known = [_quoted(one) for one in vocabulary.values.get(value["name"].lower(), ())]
        return Completion(value.start("begun"), value["begun"], _beginning(value["begun"], known))
    name = _NAME.search(before)
    if name is None:
        return Completion(cursor, "")
    known = [
        *vocabulary.flags,
        *(f"{one}>" for one in vocabulary.numbers),
        *(f"{one}:" for one in vocabulary.texts),
    ]
    return Completion(name.start("begun"), name["begun"], _beginning(name["begun"], known))


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s,]", value) else value


def _beginning(begun: str, known: Sequence[str]) -> list[str]:
    """Those that begin so, in either case, then those that hold it; a quote that is not closed counts not."""
    wanted = begun.lstrip('"').casefold()
    folded = [(one, one.lstrip('"').casefold()) for one in known]
    first = [one for one, text in folded if text.startswith(wanted)]
    return first + [one for one, text in folded if wanted and wanted in text and one not in first]


class WordSuggester(Suggester):
    """Shows the likeliest word in grey behind the cursor; the right arrow takes it, as Tab does."""

    def __init__(self, vocabulary: FilterVocabulary) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._vocabulary = vocabulary

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last word completed; None where nothing goes on from it."""
        found = complete(value, len(value), self._vocabulary)
        if not found.begun:
            return None
        return next(
            (value[: found.start] + word for word in found.words if word.startswith(found.begun)), None
        )
