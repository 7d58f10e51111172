"""The tabs on top: lists in the order of the night, each with its key, its count, and what is new in it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from vra_tui.ranking.lists import ALL, LIST_ORDER, ListName
from vra_tui.text import printable
from vra_tui.tui.spans import Line, Span, fit_line, width_of

#: The lists in the order in which a night's work comes. The first ten have the keys 1 to 9 and 0; `]` and
#: `[` go through all of them. A list keeps its key whether or not its tab is shown.
LISTS: tuple[str, ...] = (
    ListName.FASTTRACK.value,
    ListName.EXTRAGALACTIC.value,
    ListName.GALACTIC.value,
    ListName.POSSIBLE.value,
    ListName.SECOND.value,
    ListName.PURGATORY.value,
    ListName.GOOD.value,
    ListName.FOLLOWUP.value,
    ListName.ATTIC.value,
    ListName.EYEBALL.value,
    ListName.CONFLICTS.value,
    ListName.CLOSING.value,
    ListName.GW.value,
    ListName.ANOMALIES.value,
    ListName.TEACH.value,
    ListName.DOUBT.value,
    ListName.PM.value,
    ListName.DUPLICATES.value,
    ListName.GARBAGE.value,
    ALL,
)
#: So many lists have a key of their own.
WITH_KEYS = 10
#: Nobody waits for what is new in these: the policies fill the one all the time, the other holds everything.
UNTOLD = frozenset({ListName.GARBAGE.value, ALL})

LIST_TITLES: Mapping[str, str] = {
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
    ListName.DOUBT: "second looks",
    ListName.SECOND: "second opinion",
    ListName.CONFLICTS: "conflicts",
    ListName.GW: "gw events",
    ALL: "all",
}

_SHORT: Mapping[str, str] = {
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
    ListName.DOUBT: "doubt",
    ListName.SECOND: "2nd",
    ListName.CONFLICTS: "confl",
    ListName.GW: "gw",
    ALL: "all",
}
assert set(LISTS) == {*LIST_ORDER, ALL}, "every list has a place among the tabs"

#: From this width on, tabs stand further apart.
_ROOMY = 160
#: From this count on, thousands are told: `48k` alerts.
_MANY = 10_000


@dataclass(frozen=True)
class Hit:
    """Cells of a line that can be clicked, from ``first`` up to, not with, ``end``, and what a click does."""

    first: int
    end: int
    action: str


@dataclass(frozen=True)
class Bar:
    """A line over the whole width of the screen, and where it can be clicked."""

    line: Line
    hits: tuple[Hit, ...] = ()

    def action_at(self, x: int) -> str | None:
        """The action of a click on a cell; None where there is none."""
        return next((hit.action for hit in self.hits if hit.first <= x < hit.end), None)


def tabs_line(
    counts: Mapping[str, int | str],
    fresh: Callable[[str], int],
    here: str,
    width: int,
    keys: Sequence[str] = "1234567890",
    more_key: str = "]",
) -> Bar:
    """The tabs that fit, the open list's among them.

    ``counts``: by list, as far as they are known; ``fresh``: how many alerts of a list are new; ``here``: the
    open list; ``keys``: those of the first lists, "" where one has none; ``more_key``: that of the next list.

    Where there is too little room, empty lists are left out first, then the least urgent. Where there is
    more, lists without a key that hold something follow. The list of a survey's own label has a tab while it
    is open.
    """
    lists = LISTS if here in LISTS else (*LISTS, here)
    gap = 1 if width < _ROOMY else 2
    tabs = {
        name: _tab(name, counts.get(name), fresh(name), keys[number] if number < len(keys) else "", here, gap)
        for number, name in enumerate(lists)
    }
    more: Line = [(" " * gap, "tab"), (more_key, "tab_key"), (" more", "tab_dim"), (" " * gap, "tab")]
    chosen = _chosen(tabs, counts, here, width - width_of(more))
    line: Line = []
    hits = []
    x = 0
    for name in chosen:
        line += tabs[name]
        first, x = x, x + width_of(tabs[name])
        if name in LISTS:
            hits.append(Hit(first, x, f"open_list({LISTS.index(name)})"))
    if len(chosen) < len(lists) and x + width_of(more) <= width:
        line += more
        hits.append(Hit(x, x + width_of(more), "step_list(1)"))
    return Bar(fit_line(line, width, "tab"), tuple(hits))


def _chosen(tabs: Mapping[str, Line], counts: Mapping[str, int | str], here: str, room: int) -> Sequence[str]:
    """The lists whose tabs are shown, in their order."""
    lists = list(tabs)
    chosen = {*lists[:WITH_KEYS], here}
    is_empty = {name: counts.get(name) in (0, "0") for name in lists}

    def fits(names: Iterable[str]) -> bool:
        return sum(width_of(tabs[name]) for name in names) <= room

    for name in sorted(lists[::-1], key=lambda name: not is_empty[name]):
        if name in chosen and name != here and not fits(chosen):
            chosen.remove(name)
    if chosen.issuperset(lists[:WITH_KEYS]):
        for name in lists[WITH_KEYS:]:
            if name in counts and not is_empty[name] and fits({*chosen, name}):
                chosen.add(name)
    return [name for name in lists if name in chosen]


def _tab(name: str, count: int | str | None, fresh: int, key: str, here: str, gap: int) -> Line:
    is_here = name == here
    plain, dim, accent, new = (
        ("tab_here", "tab_here_dim", "tab_here_key", "tab_here")
        if is_here
        else ("tab", "tab_dim", "tab_key", "tab_new")
    )
    if count in (0, "0") and not is_here:
        plain = "tab_dim"
    tab: list[Span] = [(" " * gap, plain)]
    if key:
        tab += [(key, accent), (" ", plain)]
    tab.append((_SHORT.get(name) or printable(name, 20), plain))
    if count is not None:
        tab.append((f" {_short_count(count)}", plain if is_here else dim))
    if fresh:
        tab.append((f" +{_short_count(fresh)}", new))
    return [*tab, (" " * gap, plain)]


def _short_count(count: int | str) -> str:
    return f"{count // 1000}k" if isinstance(count, int) and count >= _MANY else f"{count}"
