"""The tables of `vra replay` as text."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from vra_tui.cli.output import number

if TYPE_CHECKING:
    from vra_tui.pipeline.replay.figures import Difference, Figures, Ledger
    from vra_tui.pipeline.replay.play import Habits


LIST_HEADER = ("list", "length, median", "most", "looks", "good", "real")
GROUP_HEADER = ("", "alerts", "seen", "lost", "waiting", "late", "days from entry", "from detection")


def habit_words(habits: "Habits") -> str:
    """How the scanner works, in a sentence."""
    parts = ["Every night all of fast track, extragalactic and galactic"]
    if habits.capacity is not None:
        parts = [f"Every night the top {habits.capacity} of fast track, extragalactic, galactic"]
    if habits.purgatory_days:
        older = f" older than {habits.purgatory_age:g} days" if habits.purgatory_age else ""
        parts.append(f"purgatory{older} every {habits.purgatory_days:g} days")
    else:
        parts.append("purgatory never")
    if habits.unsure:
        parts.append(f"{habits.unsure:.0%} of looks end in a snooze")
    return "; ".join(parts) + "."


def figure_rows(found: "dict[str, Figures]") -> list[list[str]]:
    """A row for each figure, a column for each variant."""
    near = "fast, near or bright"
    rows: dict[str, Callable[[Figures], str]] = {
        "looks": lambda one: f"{one.looks:,}",
        "workload against all": lambda one: f"{one.workload:.1%}",
        "saved": lambda one: f"{one.saved:.1%}",
        "looks again": lambda one: f"{one.looks_again:,}",
        "good lost for ever": lambda one: _share(one, "good", "lost"),
        "good lost for 2 days and more": lambda one: _share(one, "good", "late"),
        "good waiting at the end": lambda one: _share(one, "good", "waiting"),
        f"{near}: lost": lambda one: _share(one, near, "lost"),
        f"{near}: 2 days and more": lambda one: _share(one, near, "late"),
        "galactic lost for ever": lambda one: _share(one, "galactic", "lost"),
        "days from entry: 50, 90, 100 %": lambda one: _days(one.days_from_entry),
        "days from detection: 50, 90, 100 %": lambda one: _days(one.days_from_detection),
        "discarded by the machine": lambda one: f"{one.discarded:,}",
        "of these brought back (good)": lambda one: f"{one.brought_back:,} ({one.brought_back_good:,})",
        "left in purgatory at the end": lambda one: f"{one.left_in_purgatory:,}",
        "held back on bad nights, most": lambda one: f"{one.held_back:,}",
    }
    return [[name, *(words(one) for one in found.values())] for name, words in rows.items()]


def _share(one: "Figures", group: str, figure: str) -> str:
    found = next((row for row in one.groups if row.name == group), None)
    if found is None:
        return "-"
    count: int = getattr(found, figure)
    return f"{count:,} of {found.alerts:,}, {count / found.alerts:.2%}"


def _days(values: tuple[float, ...]) -> str:
    return " ".join(number(value, 1) for value in values)


def list_rows(one: "Figures") -> list[list[str]]:
    """A row for each list."""
    return [
        [
            row.name, number(row.median_length, 0), f"{row.greatest_length:,}", f"{row.looks:,}",
            _percent(row.good), _percent(row.real),
        ]
        for row in one.lists
    ]  # fmt: skip


def _percent(share: float) -> str:
    return "-" if share != share else f"{share:.0%}"


def group_rows(one: "Figures") -> list[list[str]]:
    """A row for each sort of alert."""
    return [
        [
            row.name,
            *(f"{count:,}" for count in (row.alerts, row.seen, row.lost, row.waiting, row.late)),
            number(row.days_from_entry, 1), number(row.days_from_detection, 1),
        ]
        for row in one.groups
    ]  # fmt: skip


def difference_rows(rows: "list[Difference]") -> list[list[str]]:
    """A row for each paired difference."""
    return [
        [row.name, *(f"{value:.2%}" for value in (row.a, row.b)),
         *(f"{value:+.2%}" for value in (row.difference, row.low, row.high))]
        for row in rows
    ]  # fmt: skip


def lost(ledger: "Ledger", limit: int) -> list[str]:
    """The good ones that nobody ever saw, named."""
    import numpy as np

    rows = np.flatnonzero(ledger.is_good & ledger.is_lost)
    if not len(rows):
        return []
    names = ", ".join(f"{ledger.atlas_id[row]} {ledger.kind[row]}".strip() for row in rows[:limit])
    more = f" and {len(rows) - limit} more" if len(rows) > limit else ""
    return ["", f"Good ones lost for ever: {names}{more}."]
