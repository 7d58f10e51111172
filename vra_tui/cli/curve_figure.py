"""The light curve of `vra show --plot`: drawn by the screen's own canvas, in the terminal's own colours."""

from typing import TYPE_CHECKING

from vra_tui.cli.figures import Paper
from vra_tui.text import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vra_tui.domain.light_curve import LightCurve
    from vra_tui.store.curves import SurveyCurve

#: Lines of the curve at the most: higher, it is not easier to read.
_HIGHEST = 24
#: The theme of the screen that has no background of its own, and so suits any terminal.
_THEME = "terminal"


def curve_lines(
    curve: "LightCurve",
    t0_mjd: float,
    bands: "Mapping[int, str]",
    on: Paper,
    survey: str = "",
    others: "Sequence[SurveyCurve]" = (),
    bad: "LightCurve | None" = None,
) -> list[str]:
    """Magnitudes against the days from ``t0_mjd``, with a legend above; ``bands``: names by their codes.

    ``others``: those of other surveys at the same place; ``bad``: epochs that a scanner called bad. Days are
    counted from t0, never back from now: what is printed may be read next week.
    """
    from vra_tui.tui.codebook import CodeBook
    from vra_tui.tui.curve.draw import CurveStyle, Subject, draw_curve
    from vra_tui.tui.curve.points import points_of
    from vra_tui.tui.palette import styles_of

    surveys = [survey, *(one.survey for one in others)] if survey else []
    drawn = draw_curve(
        points_of(curve, t0_mjd, others=[one.curve for one in others], bad=bad),
        Subject(t0_mjd, surveys=surveys, codes=CodeBook(bands=bands)),
        on.width,
        min(on.height, _HIGHEST),
        CurveStyle(ascii=on.is_ascii),
    )
    styles = styles_of(_THEME)
    lines = [[(harmless(text).replace("\n", " "), styles[role]) for text, role in line] for line in drawn]
    return [
        "".join(style.render(text) if on.has_colour else text for text, style in line).rstrip()
        for line in lines
    ]
