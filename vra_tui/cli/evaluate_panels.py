"""An evaluation as panels, for a picture and for the terminal: recall, cuts, calibration, learning curve."""

from typing import TYPE_CHECKING

from vra_tui.export.panels import Panel, Series

if TYPE_CHECKING:
    from vra_tui.scoring.evaluation.metrics import Interval
    from vra_tui.scoring.evaluation.report import StageReport

#: Where a drawing of the list may end: at the first of these at which the model has found nearly all.
_ENDS = (0.1, 0.2, 0.5, 1.0)
_NEARLY_ALL = 0.99

_NAMES = {"preal": "P(real)", "pgal": "P(galactic)"}


def panels(report: "StageReport") -> list[Panel]:
    """The panels of one stage."""
    found = [recall_panel(report), _cuts(report), _calibration(report)]
    if report.learning is not None and report.learning.points:
        found.append(_learning(report))
    return found


def recall_panel(report: "StageReport") -> Panel:
    """Recall of the good against the share of the stream: the model, what it is held against, and chance."""
    from vra_tui.scoring.evaluation.curves import SHARES, perfect_recall

    shares = SHARES.tolist()
    series = [
        Series(f"{order.name} (AuRaK {order.stream.aurak.value:.3f})", shares, order.stream.recall.tolist())
        for order in report.orders
    ]
    series.append(Series("perfect", shares, perfect_recall(report.share_of_good).tolist(), style="dashed"))
    series.append(Series("random", shares, shares, style="dashed"))
    return Panel(
        title=f"{report.stage}: recall at K, {report.rows:,} rows of {report.objects:,} objects",
        across="share of the stream looked at, best first",
        up="recall of the good",
        series=series,
        across_range=(0, shown_to(report)),
        up_range=(0, 1.02),
    )


def _cuts(report: "StageReport") -> Panel:
    cuts = next(table for table in report.cuts if table.score == "rank").cuts
    at = [cut.threshold for cut in cuts]
    return Panel(
        title=f"{report.stage}: cut on the rank, {cuts[0].wanted:,} good rows",
        across="rank above",
        up="share",
        series=[
            _with_intervals("completeness", at, [cut.completeness for cut in cuts]),
            _with_intervals("purity in these rows", at, [cut.purity for cut in cuts]),
            Series("purity in the stream", at, [cut.purity_stream for cut in cuts], style="points"),
            Series("share of the stream above", at, [cut.share_stream for cut in cuts], style="dashed"),
        ],
        up_range=(0, 1.02),
    )


def _with_intervals(name: str, at: list[float], values: "list[Interval]") -> Series:
    return Series(
        name,
        at,
        [one.value for one in values],
        [one.low for one in values],
        [one.high for one in values],
        style="points",
    )


def _calibration(report: "StageReport") -> Panel:
    series = [Series("as it should be", [0, 1], [0, 1], style="dashed")]
    for found in report.calibrations:
        name = _NAMES[found.question]
        for words, sides in (
            (f"{name} in these rows", [part.sample for part in found.bins]),
            (f"{name} in the stream", [part.stream for part in found.bins]),
        ):
            given, observed = [side.given for side in sides], [side.observed.value for side in sides]
            series.append(Series(words, given, observed, style="points"))
    return Panel(
        f"{report.stage}: calibration",
        "probability given",
        "share that was so",
        series,
        across_range=(0, 1),
        up_range=(0, 1.02),
    )


def _learning(report: "StageReport") -> Panel:
    assert report.learning is not None
    points, ahead = report.learning.points, report.learning.ahead
    at = [float(point.objects) for point in points]
    areas = [point.aurak for point in points]
    ends = ([area.low for area in areas], [area.high for area in areas])
    series = [Series("learned", at, [area.value for area in areas], *ends, style="points")]
    if ahead is not None:
        # The law is drawn where it foretells, and over what it was fitted to, so that its fit can be seen.
        steps = [at[0] + (ahead.objects - at[0]) * step / 60 for step in range(61)]
        series.append(Series("power law", steps, [ahead.law.at(step) for step in steps], style="dashed"))
        series.append(
            Series(
                "foreseen",
                [float(ahead.objects)] * 2,
                [ahead.aurak.low, ahead.aurak.high],
                style="thin",
            )
        )
    return Panel(f"{report.stage}: learning curve", "labelled objects", "AuRaK in the stream", series)


def shown_to(report: "StageReport") -> float:
    """The share of the list at which the drawing ends: what follows is flat."""
    import numpy as np

    from vra_tui.scoring.evaluation.curves import SHARES

    found = report.orders[0].stream.recall
    return next((end for end in _ENDS if np.interp(end, SHARES, found) >= _NEARLY_ALL), 1.0)
