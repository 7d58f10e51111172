"""The columns of the list: choose those that fit, and draw one alert as a line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vra_tui.lightcurve.trend import is_significant
from vra_tui.ranking.lists import DECISIONS, ListName
from vra_tui.store.listing import ListRow
from vra_tui.text import printable
from vra_tui.tui.alert_names import letter_of, short_name
from vra_tui.tui.spans import Line, fit

_BLOCKS = " ▁▂▃▄▅▆▇█"


def bar(value: float | None) -> str:
    """A probability as a column of eighths in one cell."""
    return " " if value is None else _BLOCKS[min(8, max(0, round(value * 8)))]


def percent(value: float | None) -> str:
    """A probability as two digits, 99 at the most; a dash when there is none."""
    return " –" if value is None else f"{min(99, int(value * 100)):2d}"


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


def extragalactic(row: ListRow) -> float | None:
    """P(extragalactic): what P(galactic) leaves."""
    return None if row.pgal is None else 1 - row.pgal


def decision_sign(row: ListRow) -> str:
    """The key letter of the standing decision, blank while undecided."""
    if row.is_undecided or row.decided_list is None:
        return " "
    decision = DECISIONS.get(row.decided_list)
    return decision.key if decision else "?"


@dataclass(frozen=True)
class ListColumn:
    """A column: its heading, width, how much it is worth (1 is dearest), and its text for a row."""

    title: str
    width: int
    worth: int
    text: Callable[[ListRow], str]
    right: bool = False


def _probability(value: Callable[[ListRow], float | None]) -> Callable[[ListRow], str]:
    return lambda row: bar(value(row)) + percent(value(row))


def _mag(row: ListRow) -> str:
    return ("   –" if row.last_mag is None else f"{row.last_mag:4.1f}") + trend_sign(row)


def _separation(row: ListRow) -> str:
    return "" if row.sep_arcsec is None else f'{row.sep_arcsec:.1f}"'


def _level(row: ListRow) -> str:
    return "" if row.gw_level is None else f"{100 * row.gw_level:.0f}%"


COLUMNS = (
    ListColumn("rank", 4, 1, lambda row: rank_text(row.rank), right=True),
    ListColumn("name", 11, 2, lambda row: letter_of(row.survey) + short_name(row)),
    ListColumn("real", 4, 5, _probability(lambda row: row.preal)),
    ListColumn("xgal", 4, 6, _probability(extragalactic)),
    ListColumn("fast", 4, 9, _probability(lambda row: row.pfast)),
    ListColumn("day", 3, 7, lambda row: "" if row.day is None else str(row.day), right=True),
    ListColumn("  mag", 5, 3, _mag),
    ListColumn("flags", 5, 4, flags),
    ListColumn("class", 6, 10, lambda row: printable(row.context_class)),
    ListColumn("   sep", 6, 8, _separation, right=True),
    ListColumn("host", 12, 11, lambda row: printable(row.host)),
    ListColumn("list", 13, 12, lambda row: printable(row.list)),
)

#: Columns that only one list has.
_OWN_COLUMNS = {ListName.GW.value: ListColumn("gw", 4, 3, _level, right=True)}

#: Cells before the first column: the cursor's sign, the mark or decision, who else looks at it.
LEAD = 3


def fitting(width: int, list_name: str = "") -> list[ListColumn]:
    """The columns that fit into a width, dearest first chosen, in the order of `COLUMNS`.

    ``list_name``: the list, which may have a column of its own.
    """
    own = _OWN_COLUMNS.get(list_name)
    # Behind the name: what stands before that is drawn in another role.
    offered = COLUMNS if own is None else (*COLUMNS[:2], own, *COLUMNS[2:])
    left = width - LEAD
    chosen: list[ListColumn] = []
    for column in sorted(offered, key=lambda column: column.worth):
        if column.width + 1 <= left + 1:
            chosen.append(column)
            left -= column.width + 1
        else:
            break
    return sorted(chosen, key=offered.index)


def heading(columns: Sequence[ListColumn], cursor: int, length: int, width: int) -> Line:
    """The line above the list: the columns' titles, and the cursor's place where there is room."""
    titles = " " * LEAD + " ".join(fit(column.title, column.width, column.right) for column in columns)
    place = f"{cursor + 1}/{length} " if length else ""
    gap = width - len(titles.rstrip()) - len(place)
    return [(titles.rstrip() + " " * gap + place if gap > 0 else titles, "label")]


def row_line(
    row: ListRow,
    columns: Sequence[ListColumn],
    *,
    cursor: bool = False,
    marked: bool = False,
    viewed: bool = False,
) -> Line:
    """One alert as a line: what is decided is dimmed and carries the letter of its decision.

    The letter of its survey stands dim before its name.

    ``viewed``: another screen shows it, which an @ tells.
    """
    sign = decision_sign(row)
    decided = not row.is_undecided
    lead = (">" if cursor else " ") + ("*" if marked else sign) + ("@" if viewed else " ")
    texts = [fit(column.text(row), column.width, column.right) for column in columns]
    head, tail = lead + " ".join(texts[:2]), "".join(" " + text for text in texts[2:])
    if cursor:
        return [(head, "cursor" if decided else "cursor_strong"), (tail, "cursor")]
    if decided:
        return [(head + tail, "decided")]
    role = "mark" if marked else "strong"
    if len(texts) < 2:
        return [(head, role)]
    before, name = lead + texts[0] + " ", texts[1]
    return [(before, role), (name[:1], "dim"), (name[1:], role), (tail, "text")]
