"""The R@K curves of an evaluation, drawn for a terminal."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vra_tui.scoring.evaluation.report import StageReport

#: Where a drawing of the list may end: at the first of these at which the model has found nearly all.
_ENDS = (0.1, 0.2, 0.5, 1.0)
_NEARLY_ALL = 0.99

# Signs that are told apart without colours too; the evaluated model alone has the fine dots.
_MODEL = ("braille", "blue+")
_OTHERS = (("o", "orange+"), ("+", "green+"), ("x", "red+"), ("*", "magenta+"))


def draw_recall(report: "StageReport", *, width: int = 78, height: int = 19, colour: bool = False) -> str:
    """Recall of the good against the share of the stream, in ``height`` lines of ``width`` cells.

    There is no text from outside in it: names stand in the `legend`.
    """
    import plotext

    from vra_tui.scoring.evaluation.curves import SHARES

    end = shown_to(report)
    shown = end >= SHARES
    shares = SHARES[shown].tolist()
    plotext.terminal.limit(False, False)  # a pipe has no size, and a drawing cut short is of no use
    figure = plotext.figure
    figure.clear()
    figure.theme("simple")
    figure.plot_size(width, height)
    for curve in _curves(report)[::-1]:  # what is drawn last stands above the rest
        marker = plotext.marker(curve.sign, plotext.pixel(foreground=curve.colour))
        figure.draw(figure.signal(shares, curve.recall[shown].tolist(), marker=marker).lines())
    ticks = [end * step / 5 for step in range(6)]
    figure.ruler("x").lim(0, end).ticks(ticks, [f"{tick:.0%}" for tick in ticks])
    figure.ruler("y").lim(0, 1).ticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "0.25", "0.50", "0.75", "1"])
    figure.label("share of the list looked at, best rank first", "x")
    return str(figure.build().string(not colour)).rstrip()


def legend(report: "StageReport") -> str:
    """Which sign is whose; with and without colours the same."""
    return "   ".join(f"{_shown(curve.sign)} {curve.name}" for curve in _curves(report))


@dataclass(frozen=True)
class _Curve:
    name: str
    recall: "NDArray[np.float64]"
    sign: str
    colour: str


def _curves(report: "StageReport") -> list[_Curve]:
    """The evaluated model first, then what it is held against, then the benchmarks that need no rows."""
    from vra_tui.scoring.evaluation.curves import SHARES, perfect_recall

    first, *others = report.orders
    found = [_Curve(first.name, first.stream.recall, *_MODEL)]
    found += [_Curve(o.name, o.stream.recall, *signs) for o, signs in zip(others, _OTHERS, strict=False)]
    found.append(_Curve("perfect", perfect_recall(report.share_of_good), "-", "gray"))
    return [*found, _Curve("random", SHARES, ".", "gray")]


def _shown(sign: str) -> str:
    return "⠤" if sign == "braille" else sign


def shown_to(report: "StageReport") -> float:
    """The share of the list at which the drawing ends: what follows is flat."""
    import numpy as np

    from vra_tui.scoring.evaluation.curves import SHARES

    found = report.orders[0].stream.recall
    return next((end for end in _ENDS if np.interp(end, SHARES, found) >= _NEARLY_ALL), 1.0)
