"""What other classifiers say, with the history of what they said as small curves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vra_tui.domain.alert import Annotation
from vra_tui.text import plain, printable
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.section import Part, Row, Section
from vra_tui.tui.context.small_curve import small_curve
from vra_tui.tui.context.words import share

#: Numbers of classifiers that are probabilities, by their names; others count alerts, days, magnitudes a day.
_PROBABILITY = re.compile(r"score|prob|vs", re.IGNORECASE)
#: Numbers that are probabilities of classes add up to 1 within this.
_SUM = 0.05
_LEAST, _NUMBERS, _TOPICS = 0.05, 3, 8
_CURVE = 8
#: A class of more characters makes no column wider.
_CLASS = 16

_CLASSES = {
    "VS": "variable star",
    "CV": "cataclysmic variable",
    "BS": "bright star",
    "AGN": "active nucleus",
    "NT": "nuclear transient",
    "SN": "supernova in a galaxy",
    "ORPHAN": "no catalogued source near",
    "UNCLEAR": "unclear",
    "HPMS": "high-proper-motion star",
}


@dataclass(frozen=True)
class _Answer:
    """What one classifier says, fit for a terminal.

    ``words``: its class, or what it explains. ``numbers``: the probabilities that are told, by their names.
    ``curve``: the history of the first one.
    """

    topic: str
    words: str
    is_class: bool
    numbers: list[tuple[str, float]]
    curve: str

    @property
    def role(self) -> str:
        """A class may decide; an explanation does not."""
        return "strong" if self.is_class else "value"

    def number(self, index: int) -> str:
        """A probability, with its name where that is not the class itself."""
        name, value = self.numbers[index]
        is_own = printable(name, 30).casefold() == self.words.casefold()
        return share(value) if is_own else f"{printable(name, 24)} {share(value)}"


def others_section(facts: AlertFacts) -> Section:
    """A part a classifier at a glance; a line each, in columns, where there is room for all."""
    topics = _by_topic(facts.detail.annotations)
    answers = [found for found in map(_answer, topics.values()) if found is not None][:_TOPICS]
    sherlock, summary = _sherlock(facts), plain(facts.detail.sherlock_summary)
    told: list[Row] = [[[(summary, "value")]]] if summary else []
    whole: list[Row] = [[part] for part in _columns(answers)]
    return Section(
        "others",
        glance=[[*map(_short, answers), sherlock]],
        # At a glance each has one number.
        rest=[*(row for row, one in zip(whole, answers, strict=True) if len(one.numbers) > 1), *told],
        whole=[*whole, [sherlock], *told],
        is_right=True,
    )


def _by_topic(annotations: Sequence[Annotation]) -> Mapping[str, list[Annotation]]:
    """Each classifier's words, the latest first; classifiers by their names, so that each keeps its place."""
    topics: dict[str, list[Annotation]] = {}
    for one in annotations:
        topics.setdefault(one.topic, []).append(one)
    return dict(sorted(topics.items(), key=lambda item: item[0].casefold()))


def _answer(told: Sequence[Annotation]) -> _Answer | None:
    latest = told[0]
    name = printable(latest.classification, 30)
    words = name or printable(latest.explanation, 40)
    numbers = _probabilities(latest)
    if not words and not numbers:
        return None
    history: list[float] = []
    if numbers:
        key = numbers[0][0]
        # The latest stands first: a curve runs the other way.
        values = (one.numbers.get(key) for one in reversed(told) if one.mjd is not None)
        history = [value for value in values if isinstance(value, float) and 0.0 <= value <= 1.0]
    return _Answer(printable(latest.topic, 24), words, bool(name), numbers, small_curve(history, _CURVE))


def _probabilities(one: Annotation) -> list[tuple[str, float]]:
    """The probabilities that are told: that of the class it names, then the greatest others.

    Of flags and counts, 0 and 1 are left out, and small ones, which say what it is not.
    """
    known = {
        name: value for name, value in one.numbers.items() if isinstance(value, float) and 0.0 <= value <= 1.0
    }
    is_whole = len(known) > 1 and len(known) == len(one.numbers) and abs(sum(known.values()) - 1.0) < _SUM
    named = (one.classification or "").casefold()
    found = [
        (name, value)
        for name, value in known.items()
        if value > _LEAST
        and (name.casefold() == named or is_whole or (value < 1.0 and _PROBABILITY.search(name)))
    ]
    return sorted(found, key=lambda pair: (pair[0].casefold() != named, -pair[1], pair[0]))[:_NUMBERS]


def _short(one: _Answer) -> Part:
    part: Part = [(one.topic, "dim")]
    if one.words:
        part.append((f" {one.words}", one.role))
    if one.numbers:
        part.append((f" {one.number(0)}", "value"))
    return [*part, (f" {one.curve}", "spark")] if one.curve else part


def _columns(answers: Sequence[_Answer]) -> list[Part]:
    """Classifiers in columns as wide as they need: topic, class, history, probabilities."""
    topic = max((len(one.topic) for one in answers), default=0)
    words = max((len(one.words) for one in answers if len(one.words) <= _CLASS), default=0)
    curve = max((len(one.curve) for one in answers), default=0)
    parts: list[Part] = []
    for one in answers:
        part: Part = [(f"{one.topic:<{topic}}  ", "value"), (f"{one.words:<{words}}", one.role)]
        if one.numbers:
            part.append((f"  {one.curve:<{curve}}" if curve else "", "spark"))
            part.append((f"  {one.number(0)}", "strong"))
            part += [(f"  {one.number(index)}", "dim") for index in range(1, len(one.numbers))]
        parts.append(part)
    return parts


def _sherlock(facts: AlertFacts) -> Part:
    """Sherlock's class; in words where it is short for them."""
    name = printable(facts.detail.row.context_class, 24)
    if not name:
        return []
    meaning = _CLASSES.get(name, "")
    part: Part = [("Sherlock ", "dim"), (name, "strong")]
    return [*part, (f" {meaning}", "value")] if meaning else part


def sherlock_section(facts: AlertFacts) -> Section:
    """All that Sherlock wrote."""
    text = plain(facts.detail.sherlock_annotation)
    return Section("context", rest=[[[(f"Sherlock: {text}", "dim")]]] if text else [], is_right=True)
