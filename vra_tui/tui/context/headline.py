"""The line above an alert's pictures: its names, who else looks at it, and its numbers."""

from collections.abc import Iterable, Sequence

from vra_tui.store.detail import AlertDetail
from vra_tui.store.listing import ListRow
from vra_tui.store.viewing import Viewer
from vra_tui.text import printable
from vra_tui.tui.alert_names import NamedAlert, full_name
from vra_tui.tui.context.section import Part
from vra_tui.tui.list_columns import trend_sign
from vra_tui.tui.spans import Line, cut, joined, link, width_of

#: From so many columns on the numbers of a headline are named.
_NAMED = 56
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
    return joined(parts, "   " if is_named else _GAP)
