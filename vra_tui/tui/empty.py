"""The text in place of an empty list: what to do next."""

from collections.abc import Mapping

from vra_tui.ranking.lists import FILED_LISTS, ListName
from vra_tui.store.query import ListQuery
from vra_tui.tui.bars import LIST_TITLES, query_title
from vra_tui.tui.spans import Line


def empty_lines(query: ListQuery, counts: Mapping[str, int]) -> list[Line]:
    """Words for an empty list: a new store, one that waits to be scored, or simply nothing left here."""
    return [[], *([("  ", "text"), *line] for line in _words(query, counts))]


def _words(query: ListQuery, counts: Mapping[str, int]) -> list[Line]:
    title = query_title(query)
    total = sum(count for name, count in counts.items() if name != "eyeball") + counts.get("eyeball", 0)
    if counts and not total:
        return [
            [("This store is empty.", "strong")],
            [],
            [("Leave with q, then take alerts in and score them:", "text")],
            [],
            [("    vra ingest FILE-OR-FOLDER …", "key")],
            [("    vra score", "key")],
            [],
            [("They appear here by themselves. `vra demo` opens a store of simulated alerts.", "text")],
        ]
    lines: list[Line] = [[(f"Nothing in the list {title}.", "strong")], []]
    if query.words:
        lines += [[("/ and an empty line take the filter off.", "text")], []]
    if query.list_name == ListName.GW:
        maps = "`vra gw add` takes in the sky map of an event; `vra gw list` names them."
        lines += [[(maps, "text")], []]
    filled = [name.value for name in FILED_LISTS if counts.get(name.value)]
    if filled:
        lines.append([("Still undecided: ", "text")])
        lines += [[(f"    {counts[name]:>6} {LIST_TITLES[name]}", "value")] for name in filled]
        lines.append([])
    lines.append([("[ and ] go through the lists, 1 to 9 open one, u takes the last decision back.", "text")])
    return lines
