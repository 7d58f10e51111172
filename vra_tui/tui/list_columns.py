"""The columns of the list: choose those that fit, and draw one alert as a line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isnan

from vra_tui.lightcurve.trend import is_significant
from vra_tui.ranking.lists import ListName
from vra_tui.store.listing import ListRow
from vra_tui.store.query import REVERSED
from vra_tui.text import printable
from vra_tui.tui.alert_names import letter_of, short_name
from vra_tui.tui.decided import key_of
from vra_tui.tui.spans import Line, fit, fit_line, width_of
from vra_tui.tui.sparkline import NIGHTS

#: Eighths of a cell, none of them empty: where three stand side by side a gap would be taken for a lack.
_EIGHTHS = "▁▂▃▄▅▆▇█"


def rank_text(rank: float | None) -> str:
    """A rank in four cells."""
    return "  – " if rank is None else f"{rank:4.1f}"


def trend_sign(row: ListRow) -> str:
    """An arrow for a trend that stands out of its error; blank without one."""
    if row.rise is None or not is_significant(row.rise, row.rise_error):
        return " "
    return "↑" if row.rise > 0 else "↓"


def is_fast(row: ListRow) -> bool:
    """Tell whether the alert must be looked at now."""
    is_likely = row.pfast is not None and row.pfast > 0.5
    return row.list == ListName.FASTTRACK or row.speed == "fast" or is_likely


def flags(row: ListRow) -> str:
    """Return what is special, the most urgent first.

    ``!`` follow up now, A anomaly, F fast, 2 a second opinion wanted, X opinions or decisions that differ,
    T reported to TNS, G galactic candidate, Z back from snooze, S out of the model's scope, W on the map of
    a gravitational-wave event, N note.
    """
    signs = (
        (row.follow_up == "now", "!"),
        (row.is_anomaly, "A"),
        (is_fast(row), "F"),
        (row.opinion == "wanted", "2"),
        (row.opinion == "disagree" or row.is_in_conflict, "X"),
        (row.is_tns_match, "T"),
        (row.is_gal_cand, "G"),
        (row.is_back, "Z"),
        (row.is_outside, "S"),
        (row.gw_level is not None, "W"),
        (row.has_note, "N"),
    )
    return "".join(sign for holds, sign in signs if holds)


def decision_sign(row: ListRow) -> str:
    """The key letter of the standing decision, blank while undecided."""
    if row.is_undecided or row.decided_list is None:
        return " "
    return key_of(row.decided_list) or "?"


@dataclass(frozen=True)
class Sight:
    """What the list is looked at with: the time, MJD, and whether signs beyond ASCII may be used.

    ``fresh``: alerts that came since the scanner was here last. ``spark`` gives an alert's sparkline.
    """

    now_mjd: float
    ascii: bool = False
    fresh: frozenset[int] = frozenset()
    spark: Callable[[int], str] = lambda alert_id: ""


@dataclass(frozen=True)
class ListColumn:
    """A column: its heading, width, how much it is worth (1 is dearest), and its text for a row.

    ``role``: of its text, where the row has none of its own. ``sort``: the order that a click on its heading
    asks for. ``gap``: blanks before it.
    """

    title: str
    width: int
    worth: int
    text: Callable[[ListRow, Sight], str]
    right: bool = False
    role: str = "text"
    sort: str | None = None
    gap: int = 1

    @property
    def cells(self) -> int:
        """What it takes of a line."""
        return self.gap + self.width

    def cell(self, text: str) -> str:
        """A text in the column, with the blanks before it."""
        return " " * self.gap + fit(text, self.width, self.right)


def gauge(value: float | None, cells: int = 3, is_ascii: bool = False) -> str:
    """A probability as a line in steps of half a cell; a dot for nothing, blank where there is none."""
    if value is None:
        return ""
    halves = round(2 * cells * min(max(value, 0.0), 1.0))
    line, half, dot = ("=", "-", ".") if is_ascii else ("━", "╸", "·")
    return line * (halves // 2) + half * (halves % 2) or dot


def ago(days: float) -> str:
    """So many days as a scanner says it, in three cells: ``9h``, ``3d``, ``26w``, ``2y``; NaN is blank."""
    if isnan(days):
        return ""
    if days < 1:
        return f"{max(0, int(days * 24))}h"
    if days < 100:
        return f"{int(days)}d"
    return f"{int(days / 7)}w" if days < 700 else f"{min(99, int(days / 365.25))}y"


def _gauge(value: Callable[[ListRow], float | None]) -> Callable[[ListRow, Sight], str]:
    return lambda row, sight: gauge(value(row), is_ascii=sight.ascii)


def _three(row: ListRow, sight: Sight) -> str:
    """Real, galactic and fast in a cell each."""
    values = (row.preal, row.pgal, row.pfast)
    if sight.ascii:
        return "".join(" " if value is None else str(min(9, int(10 * value))) for value in values)
    return "".join(" " if value is None else _EIGHTHS[min(7, int(8 * value))] for value in values)


def _mag(row: ListRow, sight: Sight) -> str:
    sign = trend_sign(row)
    if sight.ascii:
        sign = {"↑": "+", "↓": "-"}.get(sign, sign)
    if row.last_mag is None:
        return "   –" + sign
    # A minus says that the flux of the difference is negative: it has no room beside the tenths.
    return (f"{row.last_mag:4.1f}" if row.last_mag >= 0 else f"{row.last_mag:4.0f}") + sign


def _separation(row: ListRow, sight: Sight) -> str:
    return "" if row.sep_arcsec is None else f"{row.sep_arcsec:.1f}"


def _level(row: ListRow, sight: Sight) -> str:
    return "" if row.gw_level is None else f"{100 * row.gw_level:.0f}%"


def _name(row: ListRow, sight: Sight) -> str:
    return letter_of(row.survey) + short_name(row)


def _age(row: ListRow, sight: Sight) -> str:
    return ago(sight.now_mjd - row.t0_mjd)


_RANK = ListColumn("rank", 4, 1, lambda row, sight: rank_text(row.rank), right=True, sort="rank")
_NAME = ListColumn("name", 10, 2, _name)
_AGE = ListColumn("age", 3, 5, _age, right=True, sort="newest")
_MAG = ListColumn(" mag", 5, 3, _mag, sort="brightest")
_SPARK = "spark"

#: The list beside a light curve on a small screen; on one of 80 columns the sign has no blank before it.
_SMALL = (
    _RANK,
    _NAME,
    ListColumn("rgf", 3, 4, _three, role="gauge"),
    replace(_AGE, worth=6),
    _MAG,
    ListColumn("", 1, 5, lambda row, sight: flags(row)[:1], gap=0),
)
COLUMNS = (
    _RANK,
    _NAME,
    ListColumn("real", 4, 6, _gauge(lambda row: row.preal), role="gauge", sort="uncertain"),
    ListColumn("gal", 3, 7, _gauge(lambda row: row.pgal), role="gauge"),
    ListColumn("fast", 4, 8, _gauge(lambda row: row.pfast), role="gauge"),
    ListColumn(_SPARK, 6, 9, lambda row, sight: sight.spark(row.alert_id), role="spark"),
    _AGE,
    _MAG,
    ListColumn("flg", 3, 4, lambda row, sight: flags(row)),
    ListColumn("host", 5, 10, _separation, right=True, sort="nearest"),
    ListColumn("class", 6, 11, lambda row, sight: printable(row.context_class)),
    ListColumn("list", 13, 12, lambda row, sight: printable(row.list)),
)

#: P(follow): only where a model tells it.
_FOLLOW = ListColumn("flw", 3, 10, _gauge(lambda row: row.pfollow), role="gauge")
#: Columns that only one list has.
_OWN_COLUMNS = {ListName.GW.value: ListColumn("gw", 4, 3, _level, right=True)}

#: A list narrower than this has the columns of a small screen.
_NARROW = 40


def lead(width: int) -> int:
    """Cells before the first column of a list of this width: for the cursor, a mark, a decision."""
    return 1 if width < _NARROW else 2


def fitting(width: int, list_name: str = "", *, has_follow_up: bool = False) -> list[ListColumn]:
    """The columns that fit into a width, dearest first chosen, in the order of `COLUMNS`.

    ``list_name``: the list, which may have a column of its own. ``has_follow_up``: whether a model tells
    P(follow). The sparkline is twice as wide where there is room.
    """
    own = _OWN_COLUMNS.get(list_name)
    usual: tuple[ListColumn, ...] = _SMALL if width < _NARROW else COLUMNS
    if has_follow_up and usual is COLUMNS:
        behind = 1 + next(place for place, column in enumerate(usual) if column.title == "fast")
        usual = (*usual[:behind], _FOLLOW, *usual[behind:])
    # Behind the name: what stands before that is drawn in another role.
    offered = usual if own is None else (*usual[:2], own, *usual[2:])
    left = width - lead(width) + 1
    chosen: list[ListColumn] = []
    for column in sorted(offered, key=lambda column: column.worth):
        if column.cells > left:
            break
        chosen.append(column)
        left -= column.cells
    nights = {column.width: column for column in chosen if column.title == _SPARK}
    for cells, column in nights.items():
        wide = 2 * cells if left >= cells else cells
        named = replace(column, title=f"{wide * NIGHTS} d", width=wide)
        chosen[chosen.index(column)] = named
        offered = tuple(named if each is column else each for each in offered)
    return sorted(chosen, key=offered.index)


def spark_cells(columns: Sequence[ListColumn]) -> int:
    """Cells of the column of sparklines; 0 without one."""
    return sum(column.width for column in columns if column.role == _SPARK)


def title_line(title: str, sort: str, words: str, place: str, width: int) -> Line:
    """The list's name, its order with the way it runs, its filter, and the cursor's place in it."""
    sign = "▴" if sort.startswith(REVERSED) else "▾"
    by = "by " if width >= _NARROW else ""
    line: Line = [(" " if width >= _NARROW else "", "text"), (title, "title"), ("  ", "text")]
    line += [(f"{by}{sort.removeprefix(REVERSED)} {sign}", "dim")]
    if words:
        line += [("  ", "text"), (words, "news")]
    room = width - len(place)
    if width_of(line) >= room:
        line = fit_line(line, max(0, room - 1))
    return [*line, (" " * max(0, room - width_of(line)), "text"), (place, "dim")]


def heading(columns: Sequence[ListColumn], width: int) -> Line:
    """The columns' titles."""
    titles = "".join(column.cell(column.title) for column in columns)[1:]
    return [(" " * lead(width) + titles.rstrip(), "label")]


def column_at(columns: Sequence[ListColumn], x: int, width: int) -> ListColumn | None:
    """The column whose heading stands at a cell of the line above the list."""
    end = lead(width) - 1
    for column in columns:
        first, end = end + column.gap, end + column.cells
        if first <= x < end:
            return column
    return None


def row_line(
    row: ListRow,
    columns: Sequence[ListColumn],
    sight: Sight,
    width: int,
    *,
    cursor: bool = False,
    marked: bool = False,
    viewed: bool = False,
) -> Line:
    """One alert as a line: what is decided is dimmed and carries the letter of its decision.

    The letter of its survey stands dim before its name; the name of what is new is bold. ``viewed``: another
    screen shows it, which an @ tells.
    """
    decided = not row.is_undecided
    sign = "*" if marked else decision_sign(row) if decided else "@" if viewed else " "
    before = sign if lead(width) == 1 else f"{sign} "
    if cursor:
        pointer = ">" if sight.ascii else "▸"
        before = (sign if sign != " " else pointer) if lead(width) == 1 else sign + pointer
    texts = [column.cell(column.text(row, sight)) for column in columns]
    head, rest = before + "".join(texts[:2])[1:], "".join(texts[2:])
    if cursor:
        return [(head, "cursor_strong"), (rest, "cursor")]
    if decided:
        return [(head + rest, "decided")]
    role = "mark" if marked else "text"
    if len(texts) < 2:
        return [(head, role)]
    name_role = "mark" if marked else "strong" if row.alert_id in sight.fresh else "text"
    line = [(before + texts[0][1:] + " ", role), (texts[1][1:2], "dim"), (texts[1][2:], name_role)]
    return line + [(text, column.role) for text, column in zip(texts[2:], columns[2:], strict=True)]
