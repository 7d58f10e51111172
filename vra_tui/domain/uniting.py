"""Unite all packets of an object, in any order.

Everything that a packet says has the packet's time. Of two words on the same thing the newer one stands; of
two of the same time one that says that it is empty, else the one whose content sorts last: the result depends
on the set of packets alone. A packet that does not name a thing says nothing of it; one that names it and
leaves it empty says that it is empty.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from typing import Any

import orjson

from vra_tui.domain.alert import (
    Alert,
    Annotation,
    CatalogueMatch,
    ContextNote,
    ExternalMatch,
    Fact,
    TnsReport,
)
from vra_tui.domain.light_curve import TimedLightCurve

#: A word on a thing, and when it was said.
Word = tuple[float, Any]


@dataclass(frozen=True)
class KnownObject:
    """All that is known of one object; empty at first.

    ``facts``, ``extra``: words by name; ``matches`` by their source. ``context``, ``external``: the word on
    each section, or None where nobody spoke of it. ``tns``: words on reports by designation; none is ever
    taken back.
    ``details``: other keys of detections by `detail_key`. ``annotations``: all that were ever made.
    """

    facts: Mapping[str, Word] = field(default_factory=dict)
    curve: TimedLightCurve = field(default_factory=TimedLightCurve.empty)
    matches: Mapping[str, Word] = field(default_factory=dict)
    context: Word | None = None
    external: Word | None = None
    tns: Mapping[str, Word] = field(default_factory=dict)
    annotations: frozenset[str] = frozenset()
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    extra: Mapping[str, Word] = field(default_factory=dict)

    @classmethod
    def of(cls, alert: Alert, curve: TimedLightCurve) -> "KnownObject":
        """What one packet says. ``curve``: the alert's light curve in the store's codes."""
        time = alert.as_of
        return cls(
            facts={
                name: (time, int(fact) if isinstance(fact, bool) else fact)
                for name, fact in alert.facts.items()
            },
            curve=curve,
            matches={source: (time, found) for source, found in _by_source(alert.matches).items()},
            context=None if alert.context is None else (time, alert.context),
            external=None if alert.external is None else (time, alert.external),
            tns={name: (time, report) for name, report in _by_designation(alert.tns).items()},
            annotations=frozenset(map(annotation_text, alert.annotations)),
            details=alert.details,
            extra={name: (time, value) for name, value in alert.extra.items()},
        )

    def united(self, other: "KnownObject") -> "KnownObject":
        """Both together; the order of the two makes no difference."""
        if self is NOTHING_KNOWN:
            return other
        return replace(
            self,
            facts=_newest_of_each(self.facts, other.facts),
            curve=self.curve.united(other.curve),
            matches=_newest_of_each(self.matches, other.matches),
            context=newest(self.context, other.context),
            external=newest(self.external, other.external),
            tns=_newest_of_each(self.tns, other.tns),
            annotations=self.annotations | other.annotations,
            details=_details(self.details, other.details),
            extra=_newest_of_each(self.extra, other.extra),
        )

    def fact(self, name: str) -> Fact:
        """The value of a fact; None where nobody named it or it is said to be empty."""
        word = self.facts.get(name)
        return None if word is None else word[1]


#: Of an object that is new.
NOTHING_KNOWN = KnownObject()


def newest(a: Word | None, b: Word | None) -> Word | None:
    """The word that stands of two, see the module."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] != b[0]:
        return a if a[0] > b[0] else b
    if a[1] is b[1]:
        return a
    return max(a, b, key=lambda word: (word[1] is None or word[1] == (), _content(word[1])))


def annotation_text(annotation: Annotation) -> str:
    """An annotation as canonical JSON: two that say the same are the same."""
    return orjson.dumps(annotation, option=orjson.OPT_SORT_KEYS).decode()


def annotation_of_text(text: str) -> Annotation:
    """The annotation that `annotation_text` wrote."""
    return Annotation(**orjson.loads(text))


def _newest_of_each(a: Mapping[str, Word], b: Mapping[str, Word]) -> Mapping[str, Word]:
    if not b or a is b:
        return a
    united = dict(a)
    for name, word in b.items():
        mine = united.get(name)
        united[name] = word if mine is None else newest(mine, word) or word
    return united


def _details(
    a: Mapping[str, Mapping[str, Any]], b: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Mapping[str, Any]]:
    """Details of a detection are what any packet says of it; contradictions are settled by content."""
    if not b:
        return a
    united = dict(a)
    for key, said in b.items():
        mine = united.get(key)
        if mine is None:
            united[key] = said
        if mine is None or _content(mine) == _content(said):
            continue
        both = {**mine, **said}
        for name in mine.keys() & said.keys():
            both[name] = max(mine[name], said[name], key=_content)
        united[key] = both
    return united


def _by_source(matches: tuple[CatalogueMatch, ...] | None) -> dict[str, tuple[CatalogueMatch, ...]]:
    if matches is None:
        return {}
    sources = dict.fromkeys(match.source for match in matches) or {"sherlock": None}
    return {source: tuple(match for match in matches if match.source == source) for source in sources}


def _by_designation(reports: tuple[TnsReport, ...]) -> dict[str, TnsReport]:
    found: dict[str, TnsReport] = {}
    for number, report in enumerate(reports, start=1):
        name = report.designation or f"unnamed {number}"
        mine = found.get(name)
        found[name] = report if mine is None else max(mine, report, key=_content)
    return found


def _content(
    value: Fact | tuple[CatalogueMatch | ExternalMatch, ...] | ContextNote | TnsReport | Any,
) -> bytes:
    # Not by `==`, for which 1, 1.0 and True are one.
    try:
        return orjson.dumps(
            value, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
        )
    except TypeError:  # a whole number of more than 64 bits
        return json.dumps(value, sort_keys=True, default=_fields).encode()


def _fields(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else repr(value)
