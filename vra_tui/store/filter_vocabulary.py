"""Words that a filter may hold in this store, for whoever completes what is being typed."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from vra_tui.ranking.lists import ListName
from vra_tui.store.annotation_filter import numbers_given, topics_given
from vra_tui.store.label_names import own_labels
from vra_tui.store.query import FLAGS, NUMBERS, OTHER_TEXTS, TEXTS
from vra_tui.text import printable

#: So many values of one kind are offered.
_AT_MOST = 200
_VALUES = {
    "survey": "SELECT DISTINCT survey FROM objects",
    "by": "SELECT DISTINCT scanner FROM decisions",
    "class": "SELECT DISTINCT context_class FROM alerts",
    "unit": "SELECT DISTINCT name FROM instruments",
    "gw": "SELECT DISTINCT event FROM sky_map_places",
}


@dataclass(frozen=True)
class FilterVocabulary:
    """What may be typed: flags, numbers (classifiers' too), texts, and the values that a text may have."""

    flags: tuple[str, ...] = tuple(FLAGS)
    numbers: tuple[str, ...] = tuple(NUMBERS)
    texts: tuple[str, ...] = (*TEXTS, *OTHER_TEXTS)
    values: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {"list": tuple(name.value for name in ListName)}
    )


def filter_vocabulary(connection: sqlite3.Connection) -> FilterVocabulary:
    """The words of this store: its surveys, scanners, lists, classes, topics and classifiers' numbers."""
    values = {name: _values(connection, query) for name, query in _VALUES.items()}
    values["voted"] = values["by"]
    values["list"] = (*(name.value for name in ListName), *own_labels(connection))
    values["note"] = _fit(topics_given(connection))
    return FilterVocabulary(
        numbers=(*NUMBERS, *_fit(numbers_given(connection))),
        values={name: found for name, found in values.items() if found},
    )


def _values(connection: sqlite3.Connection, query: str) -> tuple[str, ...]:
    return _fit([row[0] for row in connection.execute(f"{query} ORDER BY 1 LIMIT ?", (_AT_MOST,))])


def _fit(found: list[str]) -> tuple[str, ...]:
    """Those that can be typed into a filter as they stand; what a terminal would act on cannot."""
    return tuple(text for text in found if text and text == printable(text, 60) and '"' not in text)
