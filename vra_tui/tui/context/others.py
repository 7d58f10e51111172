"""What other classifiers say, with the history of what they said as small curves."""

import re
from collections.abc import Mapping, Sequence

from vra_tui.domain.alert import Annotation
from vra_tui.text import plain, printable
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.section import Part, Row, Section
from vra_tui.tui.context.small_curve import small_curve
from vra_tui.tui.context.words import share
from vra_tui.tui.spans import fit

#: Numbers of classifiers that are probabilities, by their names; others count alerts, days, magnitudes a day.
_PROBABILITY = re.compile(r"score|prob|vs", re.IGNORECASE)
#: Numbers that are probabilities of classes add up to 1 within this.
_SUM = 0.05
_LEAST, _NUMBERS, _TOPICS = 0.05, 3, 8
_CURVE = 8
_TOPIC, _CLASS = 10, 12

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


def others_section(facts: AlertFacts) -> Section:
    """A part a classifier at a glance; a line each, in columns, where there is room for all."""
    topics = _by_topic(facts.detail.annotations)
    said = [found for found in map(_answer, topics.values()) if found is not None][:_TOPICS]
    sherlock = _sherlock(facts)
    short: Row = [_short(*one) for one in said]
    if sherlock:
        short.append(sherlock)
    has_history = any(len(one[-1]) > 1 for one in said)
    whole: list[Row] = [[_line(*one, curve=_CURVE if has_history else 0)] for one in said]
    return Section(
        "others",
        glance=[short],
        # At a glance each has one number.
        rest=[*(row for row, one in zip(whole, said, strict=True) if len(one[3]) > 1), *_summary(facts)],
        whole=[*whole, [sherlock] if sherlock else [], *_summary(facts)],
        is_right=True,
    )


def _by_topic(annotations: Sequence[Annotation]) -> Mapping[str, list[Annotation]]:
    """Each classifier's words, the latest first; classifiers by their names, so that each keeps its place."""
    topics: dict[str, list[Annotation]] = {}
    for one in annotations:
        topics.setdefault(one.topic, []).append(one)
    return dict(sorted(topics.items(), key=lambda item: item[0].casefold()))


#: Topic, class or words, whether that is a class, the numbers that are told, the history of the first one.
_Answer = tuple[str, str, bool, list[tuple[str, float]], list[float]]


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
    return printable(latest.topic, 24), words, bool(name), numbers, history


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


def _number_words(words: str, name: str, value: float) -> str:
    """A number, with its name where that is not the class itself."""
    return share(value) if name.casefold() == words.casefold() else f"{printable(name, 24)} {share(value)}"


def _short(
    topic: str, words: str, is_class: bool, numbers: list[tuple[str, float]], history: list[float]
) -> Part:
    part: Part = [(topic, "dim")]
    if words:
        part.append((f" {words}", "strong" if is_class else "value"))
    if numbers:
        part.append((f" {_number_words(words, *numbers[0])}", "value"))
    curve = small_curve(history, _CURVE)
    return [*part, (f" {curve}", "spark")] if curve else part


def _line(
    topic: str,
    words: str,
    is_class: bool,
    numbers: list[tuple[str, float]],
    history: list[float],
    *,
    curve: int,
) -> Part:
    """The same in columns; ``curve``: cells of the one with the history."""
    part: Part = [
        (fit(topic, _TOPIC), "value"),
        (f" {fit(words, _CLASS) if len(words) <= _CLASS else words}", "strong" if is_class else "value"),
    ]
    if numbers:
        part.append((f" {fit(small_curve(history, curve), curve)}" if curve else "", "spark"))
        part.append((" ", "text"))
        part.append((_number_words(words, *numbers[0]), "strong"))
        more = "  ".join(_number_words(words, *one) for one in numbers[1:])
        if more:
            part.append((f"  {more}", "dim"))
    return part


def _sherlock(facts: AlertFacts) -> Part:
    """Sherlock's class; in words where it is short for them."""
    name = printable(facts.detail.row.context_class, 24)
    if not name:
        return []
    meaning = _CLASSES.get(name, "")
    part: Part = [("Sherlock ", "dim"), (name, "strong")]
    return [*part, (f" {meaning}", "value")] if meaning else part


def _summary(facts: AlertFacts) -> list[Row]:
    summary = plain(facts.detail.sherlock_summary)
    return [[[(summary, "value")]]] if summary else []


def sherlock_section(facts: AlertFacts) -> Section:
    """All that Sherlock wrote."""
    text = plain(facts.detail.sherlock_annotation)
    return Section("context", rest=[[[(f"Sherlock: {text}", "dim")]]] if text else [], is_right=True)
