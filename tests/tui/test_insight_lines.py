"""Reasons, kind and observability stand beside an alert in words, and only what there is to say."""

from dataclasses import replace

import numpy as np

from vra_tui.domain.observability import Nights, nights_at
from vra_tui.store.insight_table import Insight
from vra_tui.surveys.atlas import Atlas
from vra_tui.tui.insight_lines import label_lines, reason_lines, window_line
from vra_tui.tui.spans import text_of, width_of


def reason(question: str, effect: float, text: str) -> dict:
    return {
        "question": question,
        "feature": "x",
        "value": 1.0,
        "effect": effect,
        "rank_effect": 1,
        "text": text,
    }


PLAIN = Insight(
    1, 1, 60_000.0, "m",
    [reason("preal", 0.5, "weak: more real"), reason("pgal", -2.0, "strong: less galactic")],
    0.5, [], "too early to say", None, "too early to say", None, None, None, None, None, None, None,
)  # fmt: skip


def words(lines) -> str:
    return "\n".join(text_of(line) for line in lines)


def test_the_strongest_reason_comes_first():
    text = words(reason_lines(PLAIN, None, 80))
    assert text.index("strong") < text.index("weak")


def test_why_an_alert_is_not_fast_is_told_only_where_it_might_be():
    slow = replace(PLAIN, reasons=[*PLAIN.reasons, reason("pfast", -3.0, "rises slowly: less fast")])
    assert "fast" not in words(reason_lines(slow, 0.05, 80))
    assert "less fast" in words(reason_lines(slow, 0.6, 80))


def test_without_insights_there_are_no_lines():
    assert reason_lines(None, None, 80) == label_lines(None) == []
    assert window_line(None, None, 10.0, 10.0, 80) == []


def test_reasons_fit_into_two_lines_of_the_width():
    long = replace(PLAIN, reasons=[reason("preal", 1.0, "word " * 30 + "\x1b[2J") for _ in range(6)])
    lines = reason_lines(long, None, 60)
    assert len(lines) == 2
    assert all(width_of(line) <= 60 for line in lines)
    assert "\x1b" not in words(lines)


def test_labels_follow_up_anomaly_and_scope_are_told():
    told = replace(
        PLAIN, speed="fast", duration_days=8.2, luminosity="bright", absolute_mag=-20.3, structure="one peak",
        follow_up="now", follow_up_rule="rank 9.0 > 7", anomaly="brighter by 0.6 mag",
        outside=["500 detections"],
    )  # fmt: skip
    text = words(label_lines(told))
    for part in ("fast (8 d above half of peak)", "luminosity bright", "one peak", "now", "rank 9.0 > 7"):
        assert part in text
    assert "brighter by 0.6 mag" in text
    assert "500 detections" in text
    assert "-20.3" not in text  # the one M of the screen is that of the brightest detection


def test_the_coming_nights_are_a_strip_that_says_when_the_window_ends():
    nights: Nights = nights_at(Atlas.sites, 60_000, 70)
    ending = replace(PLAIN, window_ends_mjd=60_012.0)
    (line,) = window_line(ending, nights, 75.0, 10.0, 80)
    assert "ends in 12 nights" in text_of(line)
    assert width_of(line) <= 80
    assert np.any([char in "▁▂▃▄▅▆▇█" for char in text_of(line)])
