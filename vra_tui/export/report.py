"""The report on a period as sections of lines, tables and figures; as Markdown and as a record."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vra_tui.export.panels import Bars, Columns
from vra_tui.export.text_figures import text_lines
from vra_tui.ranking.label_noise import Noise
from vra_tui.store.activity import Activity
from vra_tui.store.finding import called
from vra_tui.text import printable


@dataclass(frozen=True)
class ReportSection:
    """A heading, sentences, and perhaps a table of cells under a header, and figures."""

    title: str
    lines: Sequence[str] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    figures: Sequence[Bars | Columns] = ()

    def number_columns(self) -> set[int]:
        """The places of the table's columns that hold numbers alone, to be set right."""
        columns = enumerate(zip(*self.rows, strict=True))
        return {at for at, cells in columns if all(_NUMBER.fullmatch(cell) for cell in cells)}


_NUMBER = re.compile(r"-|-?[\d,.]+( ?%| min| h| d)?")


def sections(found: Activity, warnings: Sequence[str] = ()) -> list[ReportSection]:
    """The report in the order in which it is read. ``warnings``: what else the team should know."""
    parts = [_summary(found, warnings), _flow(found), _waited(found), _by_scanner(found)]
    parts += [_discarded(found), _put_aside(found), _waiting(found), _agreement(found)]
    parts += [*_second_looks(found), _shadow(found)]
    return [part for part in parts if part is not None]


def as_markdown(title: str, parts: Sequence[ReportSection]) -> str:
    """Sections as Markdown; text from outside cannot break out of its cell."""
    lines = [f"# {_cell(title)}"]
    for part in parts:
        lines += ["", f"## {part.title}"]
        lines += [""] * bool(part.lines) + [_cell(line) + "  " for line in part.lines]
        if part.rows:
            lines += ["", "| " + " | ".join(part.header) + " |", "|" + " --- |" * len(part.header)]
            lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in part.rows]
        for figure in part.figures:
            # Indented, and so as it stands: no fence that a name within could end.
            lines += ["", f"{_cell(figure.title)}:", "", *(f"    {line}" for line in text_lines(figure))]
    return "\n".join(lines) + "\n"


def as_record(found: Activity, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """The same facts for machines."""
    return {**asdict(found), "warnings": list(warnings)}


def _cell(text: str) -> str:
    escaped = printable(text)
    for character in "\\|<>`*_[]#":
        escaped = escaped.replace(character, "\\" + character)
    return escaped


def _summary(found: Activity, warnings: Sequence[str]) -> ReportSection:
    lines = [
        f"{found.arrived} alerts arrived; {found.decided} were decided by scanners"
        + (f", {found.undone} decisions were undone." if found.undone else "."),
    ]
    if found.labels:
        shares = (f"{count} {label} ({count / found.decided:.0%})" for label, count in found.labels.items())
        lines.append("Decided as: " + ", ".join(shares) + ".")
    if found.good:
        lines.append(f"Of {found.good} good, {found.unreported} have no report in TNS.")
    if found.first_decision is not None:
        hours = found.first_decision
        lines.append(
            f"From arrival to first decision: median {_time(hours.median)}, nine in ten within "
            f"{_time(hours.nine_in_ten)} ({hours.alerts} alerts)."
        )
    warned = [f"Warning: {warning}" for warning in warnings]
    figures = [_counts("Decided by scanners, by label", found.labels)] if found.labels else []
    return ReportSection("Summary", [*lines, *warned], figures=figures)


def _counts(title: str, counts: Mapping[str, int]) -> Bars:
    return Bars(title, "alerts", {name: float(count) for name, count in counts.items()})


def _flow(found: Activity) -> ReportSection | None:
    """What came in and what left, by survey and day by day."""
    flow = found.flow
    if not flow.surveys:
        return None
    rows = [
        [
            printable(one.survey, 24),
            *(f"{count:,}" for count in (one.arrived, one.decided, one.discarded, one.left)),
        ]
        for one in flow.surveys
    ]
    explained = (
        "Decided, discarded: by the day of the first decision that nobody took back. Left: undecided now."
    )
    header = ["survey", "arrived", "decided", "discarded", "left"]
    values = {
        "arrived": [one.arrived for one in flow.spans],
        "decided": [one.decided for one in flow.spans],
        "discarded": [one.discarded for one in flow.spans],
    }
    title = {"day": "By day", "week": "By week, from its Monday", "month": "By month"}[flow.unit]
    figures = [Columns(title, "alerts", [one.span for one in flow.spans], values)] if flow.spans else []
    return ReportSection("Came in and left", [explained], header, rows, figures)


def _waited(found: Activity) -> ReportSection | None:
    """How long alerts waited for their first decision, by the list that they were decided to."""
    if not found.first_decision_by_list:
        return None
    rows = [
        [printable(name, 24), f"{one.alerts:,}", _time(one.median), _time(one.nine_in_ten)]
        for name, one in found.first_decision_by_list.items()
    ]
    explained = "From the arrival in this store to the first decision by a scanner, by the list decided to."
    figures = [_counts("How long they waited", found.first_decision_spans)]
    header = ["list", "alerts", "median", "nine in ten"]
    return ReportSection("From alert to decision", [explained], header, rows, figures)


def _by_scanner(found: Activity) -> ReportSection | None:
    if not found.scanners:
        return None
    lists = list(dict.fromkeys(name for work in found.scanners for name in work.by_list))
    rows = [
        [
            printable(work.scanner, 24),
            str(work.alerts),
            *(str(work.by_list.get(name, 0)) for name in lists),
            str(work.undone),
            "-" if work.seconds is None else f"{work.seconds:.1f}",
        ]
        for work in found.scanners
    ]
    figures = [_counts("Decided, by scanner", {work.scanner: work.alerts for work in found.scanners})]
    return ReportSection("Scanners", (), ["scanner", "alerts", *lists, "undone", "s/alert"], rows, figures)


def _discarded(found: Activity) -> ReportSection:
    discards = found.discards
    rescued = sum(one.rescued is not None for one in discards.missed)
    in_tns = sum(one.tns is not None for one in discards.missed)
    lines = [
        f"The policies discarded {discards.alerts} alerts and brought {discards.brought_back} of them back.",
        f"Potential misses: {rescued} rescued by scanners, {in_tns} found in TNS.",
    ]
    rows = [
        [
            called(one.survey, one.object_id), printable(one.name, 16) or "-", _number(one.rank),
            printable(one.reason, 40), one.rescued or "-", printable(one.tns, 24) or "-",
        ]
        for one in discards.missed
    ]  # fmt: skip
    return ReportSection("Discarded", lines, "alert name rank why rescued TNS".split(), rows)


def _put_aside(found: Activity) -> ReportSection | None:
    """What scanners put aside and the TNS knows better."""
    if not found.put_aside:
        return None
    lines = [
        "Called bogus or a moving star, and reported to the TNS; "
        "or called galactic, and of an extragalactic type there."
    ]
    rows = [
        [
            called(one.survey, one.object_id), printable(one.name, 16) or "-", _number(one.rank), one.list,
            printable(one.scanner, 24), printable(one.tns, 24),
        ]
        for one in found.put_aside
    ]  # fmt: skip
    return ReportSection(
        "Put aside, and known to the TNS", lines, "alert name rank list by TNS".split(), rows
    )


def _waiting(found: Activity) -> ReportSection:
    left = ", ".join(f"{count} {name}" for name, count in found.left.items())
    lines = [f"Still undecided: {left}." if left else "Nothing is left undecided."]
    waits = found.purgatory
    if waits.alerts:
        lines.append(
            f"In purgatory: {waits.alerts}, median {waits.median_days:.0f} days after t0, "
            f"the oldest {waits.oldest_days:.0f}."
        )
    figures = [_counts("Still undecided, by list", found.left)] if found.left else []
    return ReportSection("Waiting", lines, figures=figures)


def _agreement(found: Activity) -> ReportSection | None:
    lines = []
    if found.opinions:
        counts = ", ".join(f"{count} {state}" for state, count in found.opinions.items())
        lines.append(f"Second opinions: {counts}.")
    if found.conflicts:
        lines.append(
            f"{found.conflicts} alerts have decisions in conflict: `vra labels conflicts` shows them."
        )
    rows = [
        [
            printable(pair.first, 24), printable(pair.second, 24), str(pair.agreement.alerts),
            f"{pair.agreement.agreed / pair.agreement.alerts:.0%}", _number(pair.agreement.kappa, 2),
        ]
        for pair in found.pairs
    ]  # fmt: skip
    if not (lines or rows):
        return None
    return ReportSection("Agreement", lines, ["scanner", "and", "alerts", "agree", "kappa"], rows)


def _second_looks(found: Activity) -> list[ReportSection]:
    if not found.noise:
        return []
    rows = [
        [printable(one.scanner, 24), *(_noise(noise) for noise in (one.doubted, one.random))]
        for one in found.noise
    ]
    explained = (
        "How often a blind second look overturned a label: of those that a model contradicts, and of those "
        "drawn at random, which tells how noisy all labels are. In brackets the 95 % interval. All looks "
        "so far."
    )
    header = ["labels of", "doubted", "at random"]
    confused = [[before, after, str(count)] for before, after, count in found.confusion]
    return [
        ReportSection("Second looks", [explained], header, rows),
        ReportSection("What labels became", (), ["label", "second look", "labels"], confused),
    ]


def _noise(noise: Noise | None) -> str:
    if noise is None:
        return "-"
    return f"{noise.overturned} of {noise.looked}, {noise.share:.0%} ({noise.low:.0%} to {noise.high:.0%})"


def _shadow(found: Activity) -> ReportSection | None:
    if not found.shadows:
        return None
    rows = [
        [
            printable(one.model, 20), printable(one.in_use, 20), str(one.alerts), str(one.differ),
            f"{one.shown_by_shadow} / {one.shown}", f"{one.found_by_shadow} / {one.found} of {one.good}",
        ]
        for one in found.shadows
    ]  # fmt: skip
    header = ["shadow", "in use", "alerts", "ranks differ", "shown", "good shown"]
    explained = "Counts are shadow / in use; shown: rank above 7; differ: by more than 2."
    return ReportSection("Shadow models", [explained], header, rows)


def _time(hours: float) -> str:
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
