"""Words for a list with nothing in it, and the first message of a screen: what to do next."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from vra_tui.ranking.lists import FILED_LISTS, NOT_DECIDED, ListName
from vra_tui.store.first_sight import FirstSight, first_sight
from vra_tui.store.query import ListQuery
from vra_tui.text import counted, printable
from vra_tui.tui.session import ScanSession
from vra_tui.tui.spans import Line
from vra_tui.tui.tabs import LIST_TITLES, LISTS

#: Lists that only scores fill.
_BY_SCORE = frozenset(name.value for name in FILED_LISTS)
#: Gives the key in force of an action, as people write it; "" where it has none.
KeyOf = Callable[[str], str]


def greeting(session: ScanSession, key_of: KeyOf) -> Line:
    """The first message: what keeps the scanner from deciding, else what to know of what is shown."""
    if not session.is_writable:
        return [("This store is read-only for you: look at alerts; nothing can be decided.", "failure")]
    if session.found_empty is not None:
        empty, title = LIST_TITLES[session.found_empty], LIST_TITLES[session.query.list_name]
        return [("Nothing is left in ", "status"), (empty, "strong"), (f"; this is {title}.", "status")]
    seen = first_sight(session.store)
    if seen.alerts and not seen.scores:
        score = key_of("score")
        return [(f"No alert has a score yet; {score} scores those of surveys that have a model.", "status")]
    undo, help_key = key_of("undo"), key_of("help")
    begin = f"A letter decides, {undo} takes it back, {help_key} lists all keys."
    return [] if session.recent else [(begin, "status")]


def empty_lines(session: ScanSession, key_of: KeyOf) -> list[Line]:
    """Words for the open list, which is empty: why, and where there is something to do."""
    lines = [*_words(session.query, session.counts, first_sight(session.store), key_of)]
    if session.recent:
        lines.append([(key_of("undo"), "key"), (" takes the last decision back.", "text")])
    return [[], *([("  ", "text"), *line] for line in lines)]


def _words(query: ListQuery, counts: Mapping[str, int], seen: FirstSight, key_of: KeyOf) -> Iterator[Line]:
    if not seen.alerts:
        yield from _empty_store(key_of)
        return
    title = LIST_TITLES.get(query.list_name, query.list_name)
    there = counts.get(query.list_name, 0)
    if query.words:
        words = printable(query.words, 60)
        of = f"of the {counted(there, 'alert')} in {title}" if there else f"in {title}"
        yield [(f"Nothing {of} fits the filter ", "strong"), (words, "title"), (".", "strong")]
        yield []
        yield [
            (key_of("unmark"), "key"),
            (" takes it off, ", "text"),
            (key_of("filter"), "key"),
            (" changes it.", "text"),
        ]
    elif counts and not counts.get(ListName.EYEBALL) and query.list_name in {ListName.EYEBALL, *_BY_SCORE}:
        yield [("Everything is decided.", "strong")]
        yield []
        yield [("What comes in appears here by itself. ", "text"), *_take_in(key_of)]
    else:
        yield [(f"Nothing is in {title}.", "strong")]
        yield from _why_not(query.list_name, seen, key_of)
    yield []
    waits = [name for name in LISTS if name in NOT_DECIDED or name in (ListName.EYEBALL, ListName.POSSIBLE)]
    yield from _elsewhere("Something waits in", waits, query, counts, key_of)
    yield from _elsewhere("Decided is", [one for one in LISTS if one not in waits], query, counts, key_of)
    yield [
        (key_of("previous_list"), "key"), (" ", "text"), (key_of("next_list"), "key"),
        (" go through all lists.", "text"),
    ]  # fmt: skip


def _empty_store(key_of: KeyOf) -> Iterator[Line]:
    yield [("This store is empty.", "strong")]
    yield []
    yield [("Take alerts in, and score them, in another terminal:", "text")]
    yield []
    yield [("    vra ingest FILE-OR-FOLDER …", "strong")]
    yield [("    vra score", "strong")]
    yield []
    yield [("or here: ", "text"), *_take_in(key_of), (" They appear by themselves.", "text")]
    yield []
    yield [("vra demo", "strong"), (" opens a store of simulated alerts.", "text")]


def _take_in(key_of: KeyOf) -> Line:
    return [
        (key_of("ingest"), "key"), (" takes files in, ", "text"),
        (key_of("score"), "key"), (" scores what is new.", "text"),
    ]  # fmt: skip


def _why_not(list_name: str, seen: FirstSight, key_of: KeyOf) -> Iterator[Line]:
    if list_name == ListName.GW:
        yield []
        if seen.sky_maps:
            yield [("No alert that waits or was kept lies on a sky map.", "text")]
        else:
            yield [("vra gw add FILE|SUPEREVENT", "strong"), (" takes in the sky map of an event.", "text")]
    elif list_name in _BY_SCORE and not seen.scores:
        yield []
        yield [
            ("No alert has a score yet. ", "text"), (key_of("score"), "key"),
            (" scores those of surveys that have a model; the others wait in eyeball.", "text"),
        ]  # fmt: skip


def _elsewhere(
    words: str, lists: Iterable[str], query: ListQuery, counts: Mapping[str, int], key_of: KeyOf
) -> Iterator[Line]:
    """The lists that hold something, with their keys."""
    filled = [name for name in lists if counts.get(name) and name != query.list_name]
    if not filled:
        return
    yield [(words, "label")]
    for name in filled:
        key = key_of(f"list_{LISTS.index(name) + 1}")
        yield [
            (f"  {key or ' '} ", "key"),
            (f"{LIST_TITLES[name]:<20}", "text"),
            (f"{counts[name]:>7,}", "value"),
        ]
    yield []
