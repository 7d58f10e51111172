from dataclasses import replace

import numpy as np
import pytest

from tests.scoring.evaluation.made import drawn_sample
from vra_tui.cli.recall_plot import draw_recall, legend, shown_to
from vra_tui.scoring.evaluation.curves import SHARES, measure
from vra_tui.scoring.evaluation.report import Seen, StageReport


def report_of(apart: float = 3.0) -> StageReport:
    sample, score = drawn_sample(400, apart=apart)
    orders, _ = measure(sample, {"mine": score, "rb_pix": np.zeros(400)}, seed=1, resamples=20)
    return StageReport(
        model="mine", stage="day1", seen=Seen.UNKNOWN, rows=400, objects=400, labels={}, mixture={}, seed=1,
        resamples=20, random=0.5, perfect=0.97, share_of_good=0.055, orders=orders, differences=(),
        seen_by={}, cuts=(), kinds=(), units=(), calibrations=(), importances=(), learning=None, missed=(),
    )  # fmt: skip


def test_a_drawing_has_the_size_asked_for() -> None:
    lines = draw_recall(report_of(), width=70, height=15).splitlines()
    assert len(lines) == 15
    assert max(len(line.rstrip()) for line in lines) <= 70


def test_the_curve_stands_where_the_recall_is() -> None:
    report = report_of()
    end = shown_to(report)
    lines = draw_recall(report, width=70, height=19).splitlines()
    # A canvas of 15 rows between the frame's lines: recall 1 on the first, recall 0 on the last.
    rows = lines[1:16]
    braille = [[i for i, char in enumerate(line) if "⠀" < char <= "⣿"] for line in rows]
    crossed = next(column for row in range(7, -1, -1) for column in braille[row][:1] if braille[row])
    share = (crossed - 5 + 0.5) / 64 * end
    assert np.interp(share, SHARES, report.orders[0].stream.recall) == pytest.approx(0.5, abs=0.15)


def test_colours_are_only_there_on_wish_and_names_only_in_the_legend() -> None:
    report = report_of()
    assert "\x1b[38;5;" in draw_recall(report, colour=True)
    assert "\x1b" not in draw_recall(report)
    assert "mine" not in draw_recall(report)
    assert legend(report) == "⠤ mine   o rb_pix   - perfect   . random"


def test_the_drawing_ends_where_nearly_all_are_found() -> None:
    report = report_of(apart=30.0)
    assert shown_to(report) == 0.1
    nothing = replace(report.orders[0].stream, recall=SHARES)
    worst = replace(report, orders=(replace(report.orders[0], stream=nothing),))
    assert shown_to(worst) == 1.0


def test_one_drawing_leaves_nothing_behind_for_the_next() -> None:
    first, other = report_of(), report_of(apart=0.5)
    alone = draw_recall(first)
    draw_recall(other)
    assert draw_recall(first) == alone
