"""The lines at the foot: what just happened and how far the scanner is, the last decisions, the keys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vra_tui.ranking.lists import ListName
from vra_tui.store.decisions import DecisionRow
from vra_tui.store.query import ListQuery
from vra_tui.tui.alert_names import short_name
from vra_tui.tui.decided import key_of
from vra_tui.tui.outbox.counts import counts_words
from vra_tui.tui.session import ScanSession
from vra_tui.tui.spans import Line, cut, fit_line, text_of, width_of, wrap
from vra_tui.tui.tabs import LIST_TITLES, Bar, Hit

#: What stands on the foot's own ground, by what it is elsewhere.
_ON_FOOT = {
    "text": "foot", "status": "foot", "dim": "foot_dim", "label": "foot_dim", "strong": "foot_strong",
    "title": "foot_strong", "value": "foot_strong", "key": "foot_strong", "news": "foot_strong",
    "warn": "foot_warn", "bad": "foot_warn",
}  # fmt: skip
#: Cells between the parts of a line.
_GAP = 3
#: A warning or a name that is cut shorter than this says nothing, cells.
_LEAST = 16
#: Of the last decisions at least so much stands beside what else wants the line, cells.
_LEAST_RECENT = 30


def query_title(query: ListQuery) -> str:
    """Describe the query in words."""
    title = LIST_TITLES.get(query.list_name, query.list_name)
    if query.sort != "urgency":
        title += f" by {query.sort}"
    return f"{title}, {query.words}" if query.words else title


def foot_lines(
    session: ScanSession,
    message: Line,
    width: int,
    lines: int,
    progress: Line | None = None,
    outbox_key: str = "",
    *,
    is_told: bool = False,
) -> list[Bar]:
    """The lines of the foot above the keys, each over the whole width.

    ``lines``: how many the foot has together with the line of keys. Of three, the first has the message and
    how far the scanner is, the second the last decisions. Of two, one is left: a message takes it as long as
    there is one. Of one, a message takes the place of the keys, and nothing is returned where there is none.
    A message too long for its line goes on in the next, that of the last decisions or of the keys, until it
    ``is_told``.

    ``progress``: work that runs beside the screen; it and the survey's warnings stand on the right of the
    last decisions. ``outbox_key``: opens the outbox, where something waits in it.
    """
    message, progress = on_foot(message), on_foot(progress or [])
    if lines >= 2 and not is_told and width_of(message) > width - 1:
        return [Bar(_laid(part, [], width)) for part in _in_two(message, width - 1)]
    careful: Line = [("  ".join(session.warnings), "foot_warn")] if session.warnings else []
    outgoing = counts_words(session.outbox, outbox_key)
    asides = [part for part in (progress, outgoing, careful) if part]
    if lines >= 3:
        recent = _recent_bar(session, _Asides(asides), width)
        return [_message_bar(message, _Asides([], tallies(session)), width), recent]
    if lines == 2:
        # What waits in the outbox stands beside how far the scanner is where there is room for both.
        asides = [part for part in (progress, careful) if part]
        short = tallies(session)[1:]
        both = [_apart([outgoing, one]) for one in short if outgoing and one]
        right = _Asides(asides, [] if asides else [*both, *short])
        return [_message_bar(message, right, width) if message else _recent_bar(session, right, width)]
    return [_message_bar(message, _Asides([]), width)] if message else []


def on_foot(line: Line) -> Line:
    """A line in the colours of the foot's ground."""
    return [(text, _ON_FOOT.get(role, role)) for text, role in line]


def tallies(session: ScanSession) -> list[Line]:
    """How far the scanner is, in fewer and fewer words: what waits, what is decided, what is left over."""
    if ListName.EYEBALL not in session.counts:  # not counted yet
        return [[]]
    waiting = _number(session.counts[ListName.EYEBALL], " undecided")
    decided, left = len(session.decided_tonight), session.left_over
    over = f" left over rank {session.over_rank:g}"
    long = [_number(decided, " decided tonight"), _number(left, over)]
    short = [_number(decided, " decided"), _number(left, f" over {session.over_rank:g}")]
    return [_apart([waiting, *long]), _apart(long), _apart(short, _GAP - 1), short[1], []]


def _number(count: int, what: str) -> Line:
    return [(f"{count:,}", "foot_strong"), (what, "foot_dim")]


def _apart(parts: Sequence[Line], gap: int = _GAP) -> Line:
    line: Line = []
    for part in parts:
        line += [(" " * gap, "foot"), *part] if line else part
    return line


@dataclass(frozen=True)
class _Asides:
    """The right side of a line: ``words`` that can be cut, else the first of ``others`` that fits."""

    words: Sequence[Line]
    others: Sequence[Line] = ()

    def fitting(self, room: int) -> Line:
        """What fits in so many cells."""
        if self.words:
            whole = _apart(self.words)
            if width_of(whole) <= room:
                return whole
            text, role = text_of(self.words[-1]), self.words[-1][0][1]
            return [(cut(text, room), role)] if room >= _LEAST else []
        return next((line for line in self.others if width_of(line) <= room), [])


def _message_bar(message: Line, right: _Asides, width: int) -> Bar:
    """A message, whole if it fits at all, and what fits beside it."""
    return Bar(_laid(message, right.fitting(width - width_of(message) - 1 - _GAP), width))


def _in_two(message: Line, width: int) -> tuple[Line, Line]:
    """A message in two lines, broken at a blank."""
    at = len(wrap(text_of(message), width, 2)[0])
    first: Line = []
    rest: Line = []
    for text, role in message:
        first.append((text[:at], role))
        rest.append((text[at:] if rest and rest[-1][0] else text[at:].lstrip(), role))
        at = max(0, at - len(text))
    return first, rest


def _laid(left: Line, right: Line, width: int) -> Line:
    room = width - 1 - (width_of(right) + 1 if right else 0)
    return fit_line([(" ", "foot"), *fit_line(left, room, "foot"), *right], width, "foot")


def _recent_bar(session: ScanSession, right: _Asides, width: int) -> Bar:
    """The last decisions, the latest first, as many as fit; a click on one goes to its alert."""
    aside = right.fitting(width - min(_LEAST_RECENT, width // 2) - _GAP)
    room = width - 1 - (width_of(aside) + _GAP if aside else 0)
    if not session.recent:
        return Bar(_laid([("last", "foot_dim"), ("  nothing decided yet", "foot_dim")], aside, width))
    line: Line = [("last", "foot_dim"), ("  ", "foot")]
    hits = []
    for number, part in enumerate(_recent_parts(session, session.recent)):
        x = 1 + width_of(line)
        if x + width_of(part) > room:
            break
        line += [*part, ("  ", "foot")]
        hits.append(Hit(x, x + width_of(part), f"go_to_decided({number})"))
    return Bar(_laid(line, aside, width), tuple(hits))


def _recent_parts(session: ScanSession, recent: Sequence[DecisionRow]) -> Iterator[Line]:
    for decision in recent:
        key = key_of(decision.list) or "?"
        yield [(f"{key} ", "foot_strong"), (cut(short_name(session.named(decision)), 20), "foot_dim")]


#: So many keys of the footer are always shown, with short titles if need be: the decisions, undo and help.
_MUST = 10


def key_line(keys: Sequence[tuple[str, str, str]], width: int) -> Line:
    """Keys and what they do, as many as fit, in the order given; short titles where room is scarce."""
    longs = [_key(key, title) for key, title, _ in keys]
    parts = longs if _widths(longs[:_MUST]) <= width else [_key(key, short) for key, _, short in keys]
    line: Line = []
    for part in parts:
        if width_of(line) + width_of(part) > width:
            break
        line += part
    return line


def _key(key: str, title: str) -> Line:
    return [(f" {key}", "keys_key"), (f" {title} ", "keys_dim")]


def _widths(parts: Sequence[Line]) -> int:
    return sum(width_of(part) for part in parts)
