"""The line above an alert's pictures, and its context where there is room for three lines or five facts."""

from collections.abc import Iterable, Sequence

from vra_tui.store.detail import AlertDetail
from vra_tui.store.listing import ListRow
from vra_tui.store.viewing import Viewer
from vra_tui.text import printable
from vra_tui.tui.alert_names import NamedAlert, full_name
from vra_tui.tui.context.around import around_section
from vra_tui.tui.context.curve import MOST_DAYS, seen_parts, trend_part
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.host import absolute_words, place_words, redshift_words
from vra_tui.tui.context.others import others_section
from vra_tui.tui.context.section import Part
from vra_tui.tui.context.why import lead_words
from vra_tui.tui.context.words import labelled, share
from vra_tui.tui.list_columns import trend_sign
from vra_tui.tui.spans import Line, cut, fit_line, link, width_of
from vra_tui.tui.times import span_words

#: From so many columns on the numbers of a headline are named.
_NAMED = 56
_LABEL = 5
_GAP = "  "


def headline(
    detail: AlertDetail, width: int, viewers: Sequence[Viewer] = (), page: str | None = None
) -> Line:
    """Name, which leads to the object's ``page``, and its names elsewhere; day, latest magnitude, rank.

    Who else looks at it comes before its other names.
    """
    return row_headline(detail.row, width, detail.associations, viewers, page)


def row_headline(
    row: ListRow,
    width: int,
    others: Iterable[NamedAlert] = (),
    viewers: Sequence[Viewer] = (),
    page: str | None = None,
) -> Line:
    """The same of a row of the list, which knows no other names."""
    right = _numbers(row, is_named=width >= _NAMED)
    if width_of(right) + len(_GAP) + width_of([(full_name(row), "")]) > width:
        right = []  # a name that is cut tells no alert from its neighbours
    room = width - width_of(right) - len(_GAP) * bool(right)
    name = cut(full_name(row), max(1, room))
    left: Line = [(name, link("title", page) if page else "title")]
    room -= width_of(left)
    if viewers:
        for words in _looking(viewers):
            if width_of([(words, "news")]) <= room:
                left.append((words, "news"))
                room -= width_of([(words, "news")])
                break
    names = [full_name(one) for one in others]
    if not names and row.other_name:
        names = [printable(row.other_name, 40)]
    while names:
        words = f"{_GAP}+ {', '.join(names)}"
        if width_of([(words, "dim")]) <= room:
            left.append((words, "dim"))
            room -= width_of([(words, "dim")])
            break
        names.pop()
    return [*left, (" " * (room + len(_GAP) * bool(right)), "text"), *right]


def _looking(viewers: Sequence[Viewer]) -> tuple[str, ...]:
    """Who else looks at it, in ever fewer words."""
    names = ", ".join(printable(one.scanner, 20) for one in viewers)
    full = ", ".join(f"{printable(one.scanner, 20)} ({printable(one.host, 20)})" for one in viewers)
    verb = "is" if len(viewers) == 1 else "are"
    return (
        f"{_GAP}@ {full} {verb} looking at it",
        f"{_GAP}@ {names} {verb} looking",
        f"{_GAP}@ {names}",
        f"{_GAP}@",
    )


def _numbers(row: ListRow, *, is_named: bool) -> Line:
    magnitude: Part = []
    if row.last_mag is not None:
        magnitude = [(f"{abs(row.last_mag):.2f}{trend_sign(row)}".rstrip(), "strong")]
    day: Part = [] if row.day is None else [("day " if is_named else "d", "dim"), (str(row.day), "strong")]
    rank: Part = []
    if row.rank is not None:
        rank = [("rank ", "dim")] if is_named else []
        rank.append((f"{row.rank:.1f}", "strong"))
    parts = [day, magnitude, rank] if is_named else [magnitude, day, rank]
    return _side_by_side([part for part in parts if part], "   " if is_named else _GAP)


def three_lines(facts: AlertFacts, width: int) -> list[Line]:
    """Why, host, rise: what decides where there is no room for more."""
    room = width - _LABEL
    scores = _scores(facts)
    lead = _leading(facts, room - width_of(_side_by_side(scores)) - len(_GAP)) or _leading(facts, room)
    lines = (
        ("why", [lead, *scores]),
        _first_known(("host", _host(facts)), ("near", _near(facts))),
        _first_known(("rise", [*_rise(facts), _not_there(facts)]), ("seen", seen_parts(facts))),
    )
    return _filled(facts, lines, room)


def five_facts(facts: AlertFacts, width: int) -> list[Line]:
    """What decides, one fact a line, for a terminal as wide as a phone's."""
    room = width - _LABEL
    host = _host(facts)
    lines = (
        ("why", [_leading(facts, room)]),
        ("vra", _scores(facts)),
        _first_known(("host", host[:1]), ("near", _near(facts))),
        ("far", host[1:]),
        _first_known(("rise", [*_rise(facts), _not_there(facts)]), ("seen", seen_parts(facts))),
    )
    return _filled(facts, lines, room)


def _filled(facts: AlertFacts, lines: Sequence[tuple[str, list[Part]]], room: int) -> list[Line]:
    """As many lines as these, without those that say nothing: what classifiers say takes their place."""
    told = [line for line in lines if any(line[1])]
    if len(told) < len(lines):
        told += [("says", parts) for parts in others_section(facts).glance if any(parts)]
    return [_line(label, parts, room) for label, parts in told]


def _first_known(*lines: tuple[str, list[Part]]) -> tuple[str, list[Part]]:
    """The first of some lines that says something."""
    return next((line for line in lines if any(line[1])), lines[0])


def _near(facts: AlertFacts) -> list[Part]:
    """What stands around, for what has no host."""
    return around_section(facts).glance[0]


def _leading(facts: AlertFacts, room: int) -> Part:
    """As many of the words that decide as fit, those in bold before others."""
    words = lead_words(facts)
    ordered = sorted(words, key=lambda one: one[1].startswith("value"))
    chosen: list[tuple[str, str]] = []
    for one in ordered:
        size = sum(len(text) + 2 for text, _ in chosen) + len(one[0])
        if size <= room:
            chosen.append(one)
    part: Part = []
    for text, role in (one for one in words if one in chosen):
        part += [(", ", "dim"), (text, role)] if part else [(text, role)]
    return part


def _scores(facts: AlertFacts) -> list[Part]:
    row = facts.detail.row
    named = (("real", row.preal), ("gal", row.pgal), ("fast", row.pfast))
    return [labelled(name, share(value)) for name, value in named if value is not None]


def _host(facts: AlertFacts) -> list[Part]:
    best = facts.best
    if best is None:
        is_orphan = facts.detail.row.context_class == "ORPHAN"
        return [[("nothing catalogued near", "value")]] if is_orphan else []
    return [place_words(facts), [] if facts.is_star else redshift_words(best), absolute_words(facts)]


def _rise(facts: AlertFacts) -> list[Part]:
    part = trend_part(facts)
    if not part:
        return []
    return [[part[0], (" a day", "value")]]


def _not_there(facts: AlertFacts) -> Part:
    missed = facts.recent.missed
    if missed is None or missed.days_before > MOST_DAYS:
        return []
    # Of what is not fresh any more, how young it was is what counts.
    when = facts.when(missed.mjd) if facts.is_fresh else f"{span_words(missed.days_before)} before"
    return [("not ", "value"), (when, "strong")]


def _line(label: str, parts: Iterable[Part], room: int) -> Line:
    """As many parts as fit beside a label; of a first one that does not, as much as does."""
    line: Line = []
    left = room
    known = [part for part in parts if part]
    for part in known:
        size = width_of(part) + (len(_GAP) if line else 0)
        if size <= left:
            line += [(_GAP, "text"), *part] if line else part
            left -= size
    if not line and known:
        line = fit_line(known[0], max(0, room))
    return [(label.ljust(_LABEL), "label"), *line]


def _side_by_side(parts: Iterable[Part], gap: str = _GAP) -> Line:
    line: Line = []
    for part in parts:
        line += [(gap, "text"), *part] if line else part
    return line
