"""Evaluations for others: tidy CSV for papers, a picture for slides. Files are whole or not there."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vra_tui.export.files import ExportError, replaced, replaced_bytes
from vra_tui.export.panels import Panel
from vra_tui.export.tables import write_csv

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DOTS_PER_INCH = 150
_PANEL_INCHES = (6.0, 4.5)


def write_table(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> int:
    """Write rows as CSV to a file; how many. Raises ExportError."""
    with replaced(path) as out:
        return write_csv(rows, columns, out)


def require_plots() -> None:
    """Raise ExportError where pictures cannot be made: before long work, not after it."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ExportError(
            "Pictures need matplotlib, which is not installed: `pip install 'vra-tui[plots]'` brings it. "
            "The terminal's plot, JSON and CSV work without."
        ) from None


def write_picture(path: Path, title: str, panels: Sequence[Panel]) -> None:
    """Write panels, two beside each other, as PNG, whatever the name ends in. Raises ExportError."""
    require_plots()
    # The object-oriented interface: no display is looked for, and no global state is left behind.
    from matplotlib.figure import Figure

    rows = (len(panels) + 1) // 2
    columns = min(len(panels), 2)
    figure = Figure(figsize=(columns * _PANEL_INCHES[0], rows * _PANEL_INCHES[1]), layout="constrained")
    figure.suptitle(title)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        _draw(axes, panel)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_axis_off()
    with replaced_bytes(path) as file:
        figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)


def _draw(axes: "Axes", panel: Panel) -> None:
    for one in panel.series:
        if one.low:
            axes.fill_between(one.at, one.low, one.high, alpha=0.15, linewidth=0)
        looks: dict[str, dict[str, Any]] = {
            "line": {"linewidth": 2},
            "thin": {"linewidth": 1},
            "dashed": {"linewidth": 1, "linestyle": "--", "color": "0.5"},
            "points": {"marker": "o", "linewidth": 1},
        }
        axes.plot(one.at, one.value, label=one.name, **looks[one.style])
    axes.set(title=panel.title, xlabel=panel.across, ylabel=panel.up)
    if panel.across_range:
        axes.set_xlim(*panel.across_range)
    if panel.up_range:
        axes.set_ylim(*panel.up_range)
    axes.grid(alpha=0.3)
    axes.legend(loc="best", fontsize="small")
