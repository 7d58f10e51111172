"""Lines of the context about reasons, light-curve labels and observing window."""

from vra_tui.domain.observability import Nights, hours_up, strip
from vra_tui.ranking.followup import FollowUp
from vra_tui.store.insight_table import Insight
from vra_tui.text import printable
from vra_tui.tui.spans import Line, wrap

_LABEL = 9
#: Reasons beyond these say little: they are the weaker ones.
_REASONS, _LINES = 4, 2
_SMALL = 0.3
#: Nights of the strip of observability: the coming weeks.
_NIGHTS = 60

FOLLOW_UP_WORDS: dict[FollowUp, str] = {
    "now": "fast follow-up candidate, now",
    "candidate": "follow-up candidate",
}


def reason_lines(insight: Insight | None, pfast: float | None, width: int) -> list[Line]:
    """The features that pushed the scores most, strongest first, in words; two lines at the most.

    Nine in ten alerts are not fast: why one is not is told only where P(fast) is no longer small.
    """
    reasons = insight.reasons if insight is not None else []
    if pfast is None or pfast < _SMALL:
        reasons = [reason for reason in reasons if reason["question"] != "pfast"]
    if not reasons:
        return []
    strongest = sorted(reasons, key=lambda reason: -abs(reason["effect"]))[:_REASONS]
    text = "; ".join(printable(reason["text"], 120) for reason in strongest)
    pieces = wrap(text, width - _LABEL, _LINES)
    return [[_label("because" if not n else ""), (piece, "value")] for n, piece in enumerate(pieces)]


def label_lines(insight: Insight | None) -> list[Line]:
    """Speed, luminosity and structure of the light curve, and whether to follow it up, by what rule."""
    if insight is None:
        return []
    parts = [f"speed {_or_early(insight.speed)}"]
    if insight.duration_days is not None:
        parts[0] += f" ({insight.duration_days:.0f} d above half of peak)"
    if insight.luminosity is not None:
        # Of the fitted peak; the one M of the screen is that of the brightest detection.
        parts.append(f"luminosity {_or_early(insight.luminosity)}")
    parts.append(f"structure {_or_early(insight.structure)}")
    lines: list[Line] = [[_label("kind"), (", ".join(parts), "value")]]
    if insight.follow_up in FOLLOW_UP_WORDS:
        words = FOLLOW_UP_WORDS["now" if insight.follow_up == "now" else "candidate"]
        lines.append([_label("follow"), (words, "strong"), (f"  {insight.follow_up_rule}", "dim")])
    if insight.anomaly:
        lines.append([_label("anomaly"), (printable(insight.anomaly), "news")])
    return lines + [[_label("scope!"), (printable(outside), "news")] for outside in insight.outside[:2]]


def window_line(
    insight: Insight | None, nights: Nights | None, ra: float, dec: float, width: int
) -> list[Line]:
    """Hours above airmass 2 in the dark at the best site, night by night, and when that ends."""
    if nights is None:
        return []
    hours = hours_up(nights, [ra], [dec])[:, 0, :_NIGHTS].max(axis=0)
    line: Line = [_label("nights"), (strip(hours, max(10, min(_NIGHTS, width - _LABEL - 22))), "value")]
    if insight is not None and insight.window_ends_mjd is not None:
        left = insight.window_ends_mjd - nights.first_night
        line.append((f"  ends in {left:.0f} nights" if left > 0 else "  not up now", "dim"))
    return [line]


def _or_early(label: str | None) -> str:
    return "–" if label is None else label


def _label(text: str) -> tuple[str, str]:
    return (text.ljust(_LABEL), "label")
