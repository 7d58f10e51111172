"""An evaluation in words and tables for people, within 80 columns."""

from textwrap import fill
from typing import TYPE_CHECKING

from vra_tui.cli.evaluate_panels import panels
from vra_tui.cli.figures import show
from vra_tui.cli.output import number, print_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vra_tui.scoring.evaluation.calibration import Calibration
    from vra_tui.scoring.evaluation.cuts import CutTable
    from vra_tui.scoring.evaluation.metrics import Interval
    from vra_tui.scoring.evaluation.report import MissedAlert, StageReport

_NAMES = {"rank": "rank", "preal": "P(real)", "pgal": "P(galactic)"}
_WIDTH = 80
_BLOCKS = " ▁▂▃▄▅▆▇█"

#: Columns shown of the importance; the rest is in JSON and CSV.
_COLUMNS_SHOWN = 12
_MISSED_SHOWN = 5


def print_report(report: "StageReport", *, with_plots: bool = False) -> None:
    """Print all figures of a stage on standard output; ``with_plots``: all its panels, else the first."""
    _print_head(report)
    recall, *others = panels(report)
    show(recall)
    _print_areas(report)
    _print_effort(report)
    for table in report.cuts:
        _print_cuts(table)
    _print_kinds(report)
    _print_units(report)
    for calibration in report.calibrations:
        _print_calibration(calibration)
    _print_importance(report)
    _print_learning(report)
    _print_missed(report)
    if with_plots:
        show(*others)
    if report.warnings:
        print()
        _print_said(report.warnings, "!")  # once more: the beginning has scrolled away


def _print_head(report: "StageReport") -> None:
    labels = ", ".join(f"{name} {rows:,}" for name, (rows, _) in report.labels.items())
    print(f"{report.model} at {report.stage}: {report.seen.value}")
    print(f"{report.rows:,} rows of {report.objects:,} objects: {labels}")
    mixture = ", ".join(f"{name} {share:.1%}" for name, share in report.mixture.items())
    print(f'"Stream" is weighted to {mixture}')
    outside = [name for name in report.labels if name not in report.mixture]
    if outside:
        print(f"({', '.join(outside)}: not in that mixture, so only in the figures of these rows)")
    for name, seen in report.seen_by.items():
        if name != report.model:
            print(f"Beside it {name}: {seen.value}")
    _print_said(report.warnings, "!")
    _print_said(report.notes, " ")


def _print_said(sentences: "Iterable[str]", mark: str) -> None:
    for sentence in sentences:
        print(fill(f"{mark} {sentence}".strip(), _WIDTH, subsequent_indent="  " if mark.strip() else ""))


def _print_areas(report: "StageReport") -> None:
    print(f"\nAuRaK with 95 % intervals ({report.resamples} resamples of the objects)")
    rows = [
        [order.name, _interval(order.stream.aurak), _interval(order.sample.aurak)] for order in report.orders
    ]
    rows.append(["perfect / random", f"{report.perfect:.3f} / {report.random:.3f}", ""])
    print_table(["ordered by", "stream", "these rows"], rows)
    if report.differences:
        print(f"\n{report.model} against each, in pairs on the same resamples")
        print_table(
            ["against", "stream", "these rows"],
            [[one.other, _signed(one.stream), _signed(one.sample)] for one in report.differences],
        )


def _print_effort(report: "StageReport") -> None:
    from vra_tui.scoring.evaluation.curves import LOOKED_AT, TO_FIND

    print("\nShare of the good found in the first part of the stream")
    rows = [[order.name, *(f"{found:.1%}" for found in order.stream.at)] for order in report.orders]
    print_table(["ordered by", *(f"{share:.0%}" for share in LOOKED_AT)], rows, right=range(1, 9))
    print("\nPart of the stream to look at, for so many of the good")
    rows = [[order.name, *(f"{share:.1%}" for share in order.stream.needed)] for order in report.orders]
    print_table(["ordered by", *(f"{share:.0%}" for share in TO_FIND)], rows, right=range(1, 9))


def _print_cuts(table: "CutTable") -> None:
    name = _NAMES[table.score]
    print(f"\nCut on {name}: completeness and purity of {_listed(table.wanted)}")
    against = [label for label in table.among if label not in table.wanted]
    print(f"{table.cuts[0].wanted:,} rows wanted, against {_listed(against)};")
    print('purity in these rows and in the stream; "above": the share of the stream that is')
    rows = [
        [
            f"> {cut.threshold:g}", f"{cut.found:,} of {cut.above:,}", _interval(cut.completeness),
            _interval(cut.purity), number(cut.purity_stream, 3), number(cut.share_stream, 3),
        ]
        for cut in table.cuts
    ]  # fmt: skip
    header = [name, "right", "completeness", "purity here", "stream", "above"]
    print_table(header, rows, right=(1,))


def _print_kinds(report: "StageReport") -> None:
    from vra_tui.scoring.evaluation.groups import DISCARDED, LISTED

    print("\nRanks of each kind: quantiles, how they are spread, shares low and high")
    rows = [
        [
            kind.label, f"{kind.rows:,}", *(f"{value:.1f}" for value in kind.quantiles),
            _histogram(kind.histogram), f"{kind.low:.1%}", f"{kind.high:.1%}",
        ]
        for kind in report.kinds
    ]  # fmt: skip
    header = ["label", "rows", "5%", "25%", "50%", "75%", "95%", "0        5        10"]
    header += [f"<{DISCARDED:g}", f">{LISTED:g}"]
    print_table(header, rows, right=(*range(1, 7), 8, 9))


def _histogram(shares: tuple[float, ...]) -> str:
    most = max(shares)
    return "".join(_BLOCKS[min(int(share / most * 8 + 0.999), 8)] for share in shares)


def _print_units(report: "StageReport") -> None:
    if not report.units:
        return
    print("\nBy telescope unit, stream; AuRaK from five good objects and five others on")
    rows = [
        [
            unit.unit, f"{unit.rows:,}", f"{unit.good:,}", number(unit.median_good, 1),
            number(unit.median_rest, 1), _interval(unit.aurak), _interval(unit.rb_pix),
        ]
        for unit in report.units
    ]  # fmt: skip
    header = ["unit", "rows", "good", "median", "others'", "AuRaK", "rb_pix"]
    print_table(header, rows, right=range(1, 5))


def _print_calibration(calibration: "Calibration") -> None:
    name = _NAMES[calibration.question]
    print(
        f"\nCalibration of {name}, {calibration.rows:,} rows. Expected error: "
        f"here {calibration.error_sample:.3f}, stream {calibration.error_stream:.3f}"
    )
    rows = [
        [
            f"{part.low:.1f}-{part.high:.1f}", f"{part.rows:,}", number(part.sample.given, 3),
            _interval(part.sample.observed), number(part.stream.given, 3), _interval(part.stream.observed),
        ]
        for part in calibration.bins
    ]  # fmt: skip
    header = [name, "rows", "given", "so it was", "stream", "so it was"]
    print_table(header, rows, right=(1,))


def _print_importance(report: "StageReport") -> None:
    if not report.importances:
        return
    print("\nLoss of AuRaK (stream) when a column is shuffled; echoes of it share the loss")
    shown = report.importances[:_COLUMNS_SHOWN]
    most = max(shown[0].drop, 1e-9)
    rows = [
        [one.column, f"{one.drop:+.4f} ± {one.spread:.4f}", "█" * max(round(24 * one.drop / most), 0)]
        for one in shown
    ]
    print_table(["column", "loss", ""], rows)
    if len(report.importances) > len(shown):
        print(f"and {len(report.importances) - len(shown)} more, each less")


def _print_learning(report: "StageReport") -> None:
    learning = report.learning
    if learning is None:
        return
    print(f"\nLearning curve: AuRaK (stream) against labelled objects, mean of {learning.splits} splits")
    if not learning.points:
        print("too few labels to learn from a part of them")
        return
    rows = [[f"{p.objects:,}", _interval(p.aurak), f"± {p.spread:.4f}"] for p in learning.points]
    if learning.ahead:
        foreseen = f"foreseen, {_signed(learning.ahead.gain)}"
        rows.append([f"{learning.ahead.objects:,}", _interval(learning.ahead.aurak), foreseen])
    print_table(["objects", "AuRaK", "over splits"], rows, right=(0,))


def _print_missed(report: "StageReport") -> None:
    if not report.missed:
        return
    print("\nThe good ones that stand lowest, by their best row")
    rows = [
        [_called(one), number(one.rank), number(one.rb_pix), f"{one.place:.1%} of the stream above it"]
        for one in report.missed[:_MISSED_SHOWN]
    ]
    print_table(["alert", "rank", "rb_pix", ""], rows, right=(1, 2), dim=(0,))


def _called(one: "MissedAlert") -> str:
    from vra_tui.store.finding import called
    from vra_tui.text import printable

    return printable(one.object_id, 200) if one.survey is None else called(one.survey, one.object_id)


def _interval(found: "Interval | None") -> str:
    if found is None or found.value != found.value:
        return "-"
    if found.low != found.low:
        return f"{found.value:.3f}"
    return f"{found.value:.3f} ({found.low:.3f}-{found.high:.3f})"


def _signed(found: "Interval") -> str:
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def _listed(names: "Iterable[str]") -> str:
    return ", ".join(names)
