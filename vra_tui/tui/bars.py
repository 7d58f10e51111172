"""The bars above and below: tabs of lists, last decisions, status, and keys."""

from collections.abc import Mapping, Sequence

from vra_tui.ranking.lists import ALL, DECISIONS, ListName
from vra_tui.store.query import ListQuery
from vra_tui.tui.alert_names import short_name
from vra_tui.tui.session import ScanSession
from vra_tui.tui.spans import Line, Span, cut, width_of

LIST_TITLES = {
    ListName.EYEBALL: "eyeball",
    ListName.FASTTRACK: "fast track",
    ListName.EXTRAGALACTIC: "extragalactic",
    ListName.GALACTIC: "galactic",
    ListName.POSSIBLE: "possible",
    ListName.PURGATORY: "purgatory",
    ListName.GOOD: "good",
    ListName.FOLLOWUP: "follow-up",
    ListName.ATTIC: "attic",
    ListName.PM: "pm stars",
    ListName.GARBAGE: "garbage",
    ListName.DUPLICATES: "duplicates",
    ListName.ANOMALIES: "anomalies",
    ListName.CLOSING: "closing windows",
    ListName.TEACH: "to teach the model",
    ListName.SECOND: "second opinion",
    ListName.CONFLICTS: "conflicts",
    ListName.GW: "gw events",
    ALL: "all",
}

_SHORT = {
    ListName.EYEBALL: "eye",
    ListName.FASTTRACK: "fast",
    ListName.EXTRAGALACTIC: "xgal",
    ListName.GALACTIC: "gal",
    ListName.POSSIBLE: "poss",
    ListName.PURGATORY: "purg",
    ListName.GOOD: "good",
    ListName.FOLLOWUP: "follow",
    ListName.ATTIC: "attic",
    ListName.PM: "pm",
    ListName.GARBAGE: "garb",
    ListName.DUPLICATES: "dupl",
    ListName.ANOMALIES: "anom",
    ListName.CLOSING: "clos",
    ListName.TEACH: "teach",
    ListName.SECOND: "2nd",
    ListName.CONFLICTS: "confl",
    ListName.GW: "gw",
    ALL: "all",
}


def list_tabs(
    lists: Sequence[str], counts: Mapping[str, int | str], here: str, width: int
) -> tuple[Line, list[int]]:
    """The lists with their keys and counts, as long as they fit, and the first cell of each.

    The full names where there is room, else short ones, else the lists around the open one.
    """
    for titles in (LIST_TITLES, _SHORT):
        tabs = [_tab(number, name, titles, counts, here) for number, name in enumerate(lists, start=1)]
        if sum(width_of(tab) for tab in tabs) <= width:
            return _laid(tabs, 0)
    place = list(lists).index(here) if here in lists else 0
    first = 0
    while first < place and sum(width_of(tab) for tab in tabs[first : place + 2]) > width - 2:
        first += 1
    last = place + 1
    while last < len(tabs) and sum(width_of(tab) for tab in tabs[first : last + 1]) <= width - 2:
        last += 1
    line, starts = _laid(tabs[first:last], 1 if first else 0)
    before: Line = [("‹", "dim")] if first else []
    after: Line = [("›", "dim")] if last < len(tabs) else []
    return [*before, *line, *after], [-1] * first + starts


def _tab(
    number: int, name: str, titles: Mapping[str, str], counts: Mapping[str, int | str], here: str
) -> Line:
    count = counts.get(name)
    key = f"{number} " if number <= 9 else ""
    text = f" {key}{titles.get(name, name)}" + ("" if count is None else f" {count}") + " "
    return [(text, "tab_here" if name == here else "tab" if count or count is None else "tab_empty")]


def _laid(tabs: Sequence[Line], start: int) -> tuple[Line, list[int]]:
    line: Line = []
    starts = []
    for tab in tabs:
        starts.append(start)
        line += tab
        start += width_of(tab)
    return line, starts


def recent_line(session: ScanSession, width: int) -> Line:
    """The last decisions, newest first, as many as fit."""
    if not session.recent:
        return [(" last: nothing decided yet", "dim")]
    line: Line = [(" last: ", "label")]
    for decision in session.recent:
        key = DECISIONS[decision.list].key if decision.list in DECISIONS else "?"
        name = cut(short_name(session.named(decision)), 20)
        part: list[Span] = [(f"{key} ", "key"), (f"{name}  ", "text")]
        if width_of(line) + width_of(part) > width:
            break
        line += part
    return line


def query_title(query: ListQuery) -> str:
    """Describe the query in words."""
    title = LIST_TITLES.get(query.list_name, query.list_name)
    if query.sort != "rank":
        title += f" by {query.sort}"
    return f"{title}, {query.words}" if query.words else title


def news_line(session: ScanSession) -> Line:
    """Tell how the list differs from the plain one, and how many alerts came into it since it was opened."""
    line: Line = []
    if session.query.words or session.query.sort != "rank":
        line += [(f"[{query_title(session.query)}]", "news"), ("  ", "text")]
    if session.arrived:
        line += [(f"{session.arrived} new", "news"), ("  ", "text")]
    return line


def tally(session: ScanSession, hours: float) -> Line:
    """Tell how far the scanner is: decided in this session, per hour, and what is left."""
    decided = session.decided_here
    rate = f" ({decided / hours:.0f}/h)" if decided >= 5 and hours > 1 / 120 else ""
    left = session.counts.get(ListName.EYEBALL, 0)
    over = f"{session.left_over} over rank {session.over_rank:g}"
    return [(f"{decided} decided{rate}, {left} left, {over} ", "dim")]


#: A warning that is cut shorter than this says nothing, cells.
_LEAST = 16


def status_line(message: Line, careful: Line, news: Line, rest: Line, width: int) -> Line:
    """What just happened on the left; on the right warnings, news, and where there is room the tally."""
    for right in ([*careful, *news, *rest], [*careful, *news], careful, []):
        gap = width - width_of(message) - width_of(right) - 1
        if gap >= 1:
            break
    if careful and not right and gap > _LEAST:
        right = [(cut(careful[0][0], gap - 2), careful[0][1])]
        gap -= width_of(right)
    return [(" ", "text"), *message, (" " * max(gap, 0), "text"), *right]


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
    return [(f" {key}", "key"), (f" {title} ", "dim")]


def _widths(parts: Sequence[Line]) -> int:
    return sum(width_of(part) for part in parts)
