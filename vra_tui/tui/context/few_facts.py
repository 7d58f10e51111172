"""What decides on an alert in three lines, or in five facts on a terminal as wide as a phone's."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from vra_tui.tui.context.around import around_section
from vra_tui.tui.context.curve import MOST_DAYS, seen_parts, trend_part
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.host import absolute_words, place_words, redshift_words, short_place_words
from vra_tui.tui.context.others import others_section
from vra_tui.tui.context.section import Part
from vra_tui.tui.context.why import lead_words
from vra_tui.tui.context.words import labelled, share
from vra_tui.tui.spans import Line, fit_line, joined, width_of
from vra_tui.tui.times import span_words

#: In so many lines, fewer than these columns wide, there is room for what decides alone.
_THREE, _FIVE, _FEW_COLUMNS = 3, 6, 40
_LABEL = 5
_GAP = "  "

#: Words that decide, shorter, for where they do not fit.
_SHORTER = {
    "follow-up candidate": "follow-up cand.",
    "galactic candidate": "gal. candidate",
    "looked at again since it was snoozed": "looked at again",
    "out of the model's scope": "out of scope",
    "out of the starter's scope": "out of scope",
    "to be scored anew": "to score anew",
}


@dataclass(frozen=True)
class _Fact:
    """One line: a label, parts from the most important on, and the section that tells all of it.

    ``short`` stands in place of the first part where that does not fit.
    """

    label: str
    section: str
    parts: Sequence[Part]
    short: Part = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Whether it says anything."""
        return any(self.parts)

    def line(self, room: int) -> Line:
        """As many parts as fit in ``room`` cells beside the label; of the first one as much as does."""
        first, *others = (part for part in self.parts if part)
        if width_of(first) > room:
            first = self.short or _trimmed(first, room)
        line = first if width_of(first) <= room else fit_line(first, max(0, room))
        left = room - width_of(line)
        for part in others:
            size = len(_GAP) + width_of(part)
            if size <= left:
                line = [*line, (_GAP, "text"), *part]
                left -= size
        return [(self.label.ljust(_LABEL), "label"), *line]


@dataclass(frozen=True)
class FewFacts:
    """Lines, and the labels of the sections whose first glance they are."""

    lines: Sequence[Line] = ()
    told: frozenset[str] = frozenset()


def few_facts(facts: AlertFacts, width: int, height: int) -> FewFacts:
    """What comes before the sections in a pane of this size; nothing where there is room for them."""
    if width < _FEW_COLUMNS and height <= _FIVE:
        return five_facts(facts, width)
    return three_lines(facts, width) if height <= _THREE else FewFacts()


def three_lines(facts: AlertFacts, width: int) -> FewFacts:
    """Why, host, rise: what decides where there is no room for more."""
    room = width - _LABEL
    scores = _scores(facts)
    beside = room - width_of(joined(scores, _GAP)) - len(_GAP)
    lead = _leading(facts, beside) or _leading(facts, room)
    host = _host(facts)
    lines = [
        _Fact("why", "why", [lead, *scores]),
        _known(host, _near(facts)),
        _known(_rise(facts), _seen(facts)),
    ]
    return _filled(facts, lines, room)


def five_facts(facts: AlertFacts, width: int) -> FewFacts:
    """What decides, one fact a line, for a terminal as wide as a phone's."""
    room = width - _LABEL
    host, scores = _host(facts), _scores(facts)
    lines = [
        _Fact("why", "why", [_leading(facts, room) or [lead_words(facts)[0]]]),
        _Fact("vra", "why", [joined(scores, _GAP)], _short_scores(facts)),
        _known(_Fact("host", "host", host.parts[:1], host.short), _near(facts)),
        _Fact("far", "host", host.parts[1:]),
        _known(_rise(facts), _seen(facts)),
    ]
    return _filled(facts, lines, room)


def _filled(facts: AlertFacts, lines: Sequence[_Fact], room: int) -> FewFacts:
    """As many lines as these, without those that say nothing: what classifiers say takes their place."""
    known = [line for line in lines if line.is_known]
    if len(known) < len(lines):
        said = [_Fact("says", "others", parts) for parts in others_section(facts).glance]
        known += [line for line in said if line.is_known][: len(lines) - len(known)]
    return FewFacts([line.line(room) for line in known], frozenset(line.section for line in known))


def _known(*lines: _Fact) -> _Fact:
    """The first of some lines that says something."""
    return next((line for line in lines if line.is_known), lines[0])


def _trimmed(part: Part, room: int) -> Part:
    """A part without what stands last in it, as far as that makes it fit; a name alone says nothing."""
    while len(part) > 2 and width_of(part) > room:
        part = part[:-1]
    return part


def _leading(facts: AlertFacts, room: int) -> Part:
    """As many of the words that decide as fit, those in bold before others; [] where none does."""
    words = [(_shorter(text, room), role) for text, role in lead_words(facts)]
    left = room
    chosen: list[tuple[str, str]] = []
    for one in sorted(words, key=lambda one: one[1].startswith("value")):
        size = cell_len(one[0]) + (2 if chosen else 0)
        if size <= left:
            chosen.append(one)
            left -= size
    return joined(([one] for one in words if one in chosen), ", ", "dim")


def _shorter(text: str, room: int) -> str:
    if cell_len(text) <= room:
        return text
    # Who decided, and that a designation is one of the TNS, is told elsewhere.
    text = text.partition(" by ")[0].removesuffix(" on TNS").removeprefix("host ")
    return _SHORTER.get(text, text)


def _named_scores(facts: AlertFacts) -> list[tuple[str, float]]:
    row = facts.detail.row
    named = (("real", row.preal), ("gal", row.pgal), ("fast", row.pfast), ("follow", row.pfollow))
    return [(name, value) for name, value in named if value is not None]


def _scores(facts: AlertFacts) -> list[Part]:
    return [labelled(name, share(value)) for name, value in _named_scores(facts)]


def _short_scores(facts: AlertFacts) -> Part:
    """All of them by their first letters: one that is missing would be asked for."""
    return joined(
        ([(name[0].upper(), "dim"), (share(value), "strong")] for name, value in _named_scores(facts)), " "
    )


def _host(facts: AlertFacts) -> _Fact:
    best = facts.best
    if best is None:
        is_orphan = facts.detail.row.context_class == "ORPHAN"
        parts: list[Part] = [[("nothing catalogued near", "value")]] if is_orphan else []
        return _Fact("host", "host", parts, [("nothing near", "value")])
    far = [] if facts.is_star else redshift_words(best)
    return _Fact("host", "host", [place_words(facts), far, absolute_words(facts)], short_place_words(facts))


def _near(facts: AlertFacts) -> _Fact:
    """What stands around, for what has no host."""
    return _Fact("near", "around", around_section(facts).glance[0])


def _rise(facts: AlertFacts) -> _Fact:
    """Magnitudes a day where they stand out of their error, and when it was not there."""
    trend = trend_part(facts)
    if not trend:
        return _Fact("rise", "curve", [])
    size, role = trend[0]
    per_day = (" a day", "value")
    short: Part = [(size.partition(" ± ")[0], role), per_day]
    return _Fact("rise", "curve", [[(size, role), per_day], _not_there(facts, "not there ")], short)


def _seen(facts: AlertFacts) -> _Fact:
    """When it was not there, and when it was."""
    return _Fact("seen", "curve", [_not_there(facts, "not "), *seen_parts(facts)])


def _not_there(facts: AlertFacts, words: str) -> Part:
    missed = facts.recent.missed
    if missed is None or missed.days_before > MOST_DAYS:
        return []
    # Of what is not fresh any more, how young it was is what counts.
    when = facts.when(missed.mjd) if facts.is_fresh else f"{span_words(missed.days_before)} before"
    return [(words, "value"), (when, "strong")]
