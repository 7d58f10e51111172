"""Names of alerts on the screen: the name or the survey's id, never the store's number."""

import re
from collections.abc import Iterable
from typing import Protocol

from vra_tui.store.listing import ListRow
from vra_tui.text import counted, printable

#: So many of the last characters of a long id tell it from its neighbours.
_TAIL = 8
_LONG = 14
_LETTER = re.compile(r"[^\W\d_]")


class NamedAlert(Protocol):
    """An object with a survey, an id there, and perhaps a name."""

    @property
    def survey(self) -> str:
        """Whose it is."""

    @property
    def object_id(self) -> str:
        """Its id there."""

    @property
    def name(self) -> str | None:
        """Its name for people."""


def letter_of(survey: str) -> str:
    """One letter for a survey, for lists: A for ATLAS, Z for ZTF, L for LSST."""
    found = _LETTER.search(printable(survey, 40))
    return found[0].upper()[0] if found else "?"


def survey_word(survey: str) -> str:
    """A survey's name as it is written on the screen."""
    return printable(survey, 20).upper()


def short_name(one: NamedAlert) -> str:
    """A name without the survey before it; of an id as long as a number, its end: ``…44130521``."""
    name = printable(one.name, 40)
    text = name or printable(one.object_id, 80)
    bare = text[len(one.survey) :] if text.casefold().startswith(one.survey.casefold()) else text
    text = bare.lstrip(" _-:") or text
    return text if name or len(text) <= _LONG else f"…{text[-_TAIL:]}"


def full_name(one: NamedAlert) -> str:
    """What to call an alert in a message: its name, or its id, with the survey before a bare number."""
    name = printable(one.name) or printable(one.object_id, 80)
    return f"{survey_word(one.survey)} {name}" if name[:1].isdigit() and not one.name else name


def names_in_few_words(alerts: Iterable[ListRow]) -> str:
    """One alert by its name, several by their number."""
    rows = list(alerts)
    return full_name(rows[0]) if len(rows) == 1 else counted(len(rows), "alert")
