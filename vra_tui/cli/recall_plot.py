"""The R@K curves of an evaluation, drawn for a terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vra_tui.scoring.evaluation.report import StageReport

#: Where a drawing of the list may end: at the first of these at which the model has found nearly all.
_ENDS = (0.1, 0.2, 0.5, 1.0)
_NEARLY_ALL = 0.99

# Signs that are told apart without colours too; the evaluated model alone has the fine dots.
_MODEL = ("braille", "blue+")
_OTHERS = (("o", "orange+"), ("+", "green+"), ("x", "red+"), ("*", "magenta+"))
_BENCHMARKS = {"perfect": ("-", "gray"), "random": (".", "gray")}


def draw_recall(report: "StageReport", *, width: int = 78, height: int = 19, colour: bool = False) -> str:
    """Recall of the good against the share of the stream: ``height`` lines of ``width``, and a legend."""
    import plotext

    from vra_tui.scoring.evaluation.curves import SHARES, perfect_recall

    end = shown_to(report)
    shown = end >= SHARES
    shares = SHARES[shown].tolist()
    plotext.terminal.limit(False, False)  # a pipe has no size, and a drawing cut short is of no use
    figure = plotext.figure
    figure.clear()
    figure.theme("simple")
    figure.plot_size(width, height)
    first, *others = report.orders
    drawn = [("random", SHARES, _BENCHMARKS["random"])]
    drawn.append(("perfect", perfect_recall(report.share_of_good), _BENCHMARKS["perfect"]))
    drawn += [(o.name, o.stream.recall, s) for o, s in zip(others, _OTHERS, strict=False)][::-1]
    drawn.append((first.name, first.stream.recall, _MODEL))
    for name, recall, (sign, colour_name) in drawn:
        marker = plotext.marker(sign, plotext.pixel(foreground=colour_name))
        signal = figure.signal(shares, recall[shown].tolist(), marker=marker)
        figure.draw(signal.label(name).lines())
    ticks = [end * step / 5 for step in range(6)]
    figure.ruler("x").lim(0, end).ticks(ticks, [f"{tick:.0%}" for tick in ticks])
    figure.ruler("y").lim(0, 1).ticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "0.25", "0.50", "0.75", "1"])
    figure.label("share of the list looked at, best rank first", "x")
    figure.legend(False)
    # The signs are the legend: they read the same without colours, and cover none of the curves.
    legend = "   ".join(f"{_shown(sign)} {name}" for name, _, (sign, _) in drawn[::-1])
    return f"{figure.build().string(not colour).rstrip()}\n     {legend}"


def _shown(sign: str) -> str:
    return "⠤" if sign == "braille" else sign


def shown_to(report: "StageReport") -> float:
    """The share of the list at which the drawing ends: what follows is flat."""
    import numpy as np

    from vra_tui.scoring.evaluation.curves import SHARES

    found = report.orders[0].stream.recall
    return next((end for end in _ENDS if np.interp(end, SHARES, found) >= _NEARLY_ALL), 1.0)
