"""The tables and figures of `vra replay` as text."""

import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from vra_tui.cli.output import number, print_table
from vra_tui.export.panels import Bars, Panel, Series

if TYPE_CHECKING:
    from vra_tui.config.policies import NamedPolicy
    from vra_tui.pipeline.replay.figures import FigureDifference, Figures, Ledger
    from vra_tui.pipeline.replay.play import ScannerHabits
    from vra_tui.scoring.model.trained import Model


LIST_HEADER = ("list", "length, median", "most", "looks", "good", "real")
GROUP_HEADER = ("", "alerts", "seen", "lost", "waiting", "late", "t0", "first")


#: Lost alerts named at most.
_NAMED = 10
#: Days after entry that a figure shows: what is found later is late anyhow.
_DAYS_DRAWN = 14.0


def introduction(
    streams: Sequence[str],
    models: "Sequence[Model]",
    policies: "Sequence[NamedPolicy]",
    habits: "ScannerHabits",
) -> Iterator[str]:
    """Return what was replayed, and how, in sentences."""
    words = ", ".join(model.name for model in models)
    yield f"{'; '.join(streams)}. {habit_words(habits)}"
    yield f"Models: {words}. A look at every alert is the baseline (100 %)."
    for named in policies:
        changes = ", ".join(f"{name} {value:g}" for name, value in named.changes().items())
        yield f"Policy {named.name}: {changes or 'all thresholds at their default'}."


def print_replay(
    introduction: Iterator[str],
    found: "Mapping[str, Figures]",
    against: "Mapping[str, Sequence[FigureDifference]]",
    ledgers: "Mapping[str, Ledger]",
) -> None:
    """Print everything for the person at the terminal."""
    for sentence in introduction:
        typer.echo(textwrap.fill(sentence, shutil.get_terminal_size().columns, break_long_words=False))
    typer.echo("")
    first = next(iter(found))
    print_table(["", *found], figure_rows(found), right=range(1, len(found) + 1))
    for name, one in found.items():
        typer.echo(f"\n{name}: by list")
        print_table(LIST_HEADER, list_rows(one), right=range(1, 6))
        typer.echo(
            f"\n{name}: by kind, with median days from t0 and from the first detection to the first look"
        )
        print_table(GROUP_HEADER, group_rows(one), right=range(1, 8))
        for line in lost(ledgers[name], _NAMED):
            typer.echo(line)
    for name, rows in against.items():
        typer.echo(f"\n{name} less {first}, on the same alerts (95 % by bootstrap)")
        print_table(["", first, name, "difference", "from", "to"], difference_rows(rows), right=range(1, 6))


def panels(found: "Mapping[str, Figures]", ledgers: "Mapping[str, Ledger]") -> list[Panel | Bars]:
    """Tell how soon the good ones were looked at, and what that cost, by variant."""
    import numpy as np

    series = []
    for name, ledger in ledgers.items():
        days = np.sort(ledger.days_to_look[ledger.is_good])  # NaN, where nobody looked, last
        share = np.arange(1, len(days) + 1) / max(len(days), 1)
        soon = days <= _DAYS_DRAWN
        # The share stays what it is until the last day that is drawn.
        last = float(share[soon].max(initial=0.0))
        series.append(
            Series(name, [0.0, *days[soon].tolist(), _DAYS_DRAWN], [0.0, *share[soon].tolist(), last])
        )
    looked = Panel(
        "The good ones that somebody has looked at",
        "days from entry to the first look",
        "share of the good",
        series,
        (0.0, _DAYS_DRAWN),
        (0.0, 1.0),
    )
    cost = {name: 100 * one.workload for name, one in found.items()}
    return [looked, Bars("Workload; a look at every alert is 100", "looks (%)", cost, limit=100.0)]


def habit_words(habits: "ScannerHabits") -> str:
    """Describe how the scanner works, in a sentence."""
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


def figure_rows(found: "Mapping[str, Figures]") -> list[list[str]]:
    """A row for each figure, a column for each variant."""
    near = "fast, near or bright"
    rows: dict[str, Callable[[Figures], str]] = {
        "alerts": lambda one: f"{one.alerts:,}",
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
    found = one.group(group)
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


def difference_rows(rows: "Sequence[FigureDifference]") -> list[list[str]]:
    """A row for each paired difference."""
    return [
        [row.name, *(f"{value:.2%}" for value in (row.a, row.b)),
         *(f"{value:+.2%}" for value in (row.difference, row.low, row.high))]
        for row in rows
    ]  # fmt: skip


def lost(ledger: "Ledger", limit: int) -> list[str]:
    """The good ones that nobody ever saw, named."""
    import numpy as np

    from vra_tui.store.finding import called

    rows = np.flatnonzero(ledger.is_good & ledger.is_lost)
    if not len(rows):
        return []
    names = ", ".join(
        f"{called(ledger.survey[row], ledger.object_id[row])} {ledger.kind[row]}".strip()
        for row in rows[:limit]
    )
    more = f" and {len(rows) - limit} more" if len(rows) > limit else ""
    return ["", f"Good ones lost for ever: {names}{more}."]
