"""What stands where a list is empty: what to do next."""

from collections.abc import Mapping

from vra_tui.ranking.lists import FILED_LISTS
from vra_tui.tui.bars import LIST_TITLES
from vra_tui.tui.spans import Line


def empty_lines(list_name: str, counts: Mapping[str, int]) -> list[Line]:
    """Words for an empty list: a new store, one that waits to be scored, or simply nothing left here."""
    return [[], *([("  ", "text"), *line] for line in _words(list_name, counts))]


def _words(list_name: str, counts: Mapping[str, int]) -> list[Line]:
    title = LIST_TITLES.get(list_name, list_name)
    total = sum(count for name, count in counts.items() if name != "eyeball") + counts.get("eyeball", 0)
    if not total:
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
    filled = [name.value for name in FILED_LISTS if counts.get(name.value)]
    if filled:
        lines.append([("Still undecided: ", "text")])
        lines += [[(f"    {counts[name]:>6} {LIST_TITLES[name]}", "value")] for name in filled]
        lines.append([])
    lines.append([("[ and ] go through the lists, 1 to 9 open one, u takes the last decision back.", "text")])
    return lines
