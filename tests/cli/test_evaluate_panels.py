from dataclasses import replace

import numpy as np

from tests.scoring.evaluation.made import drawn_sample
from vra_tui.cli.evaluate_panels import recall_panel, shown_to
from vra_tui.scoring.evaluation.curves import SHARES, measure
from vra_tui.scoring.evaluation.report import StageReport, TrainingOverlap


def report_of(apart: float = 3.0) -> StageReport:
    sample, score = drawn_sample(400, apart=apart)
    orders, _ = measure(sample, {"mine": score, "rb_pix": np.zeros(400)}, seed=1, resamples=20)
    return StageReport(
        model="mine", stage="day1", seen=TrainingOverlap.UNKNOWN, rows=400, objects=400,
        labels={}, mixture={}, seed=1, resamples=20, random=0.5, perfect=0.97, share_of_good=0.055,
        orders=orders, differences=(),
        seen_by={}, cuts=(), kinds=(), units=(), calibrations=(), importances=(), learning=None, missed=(),
    )  # fmt: skip


def test_the_model_comes_first_then_what_it_is_held_against_then_chance() -> None:
    series = recall_panel(report_of()).series
    assert [one.name.partition(" (")[0] for one in series] == ["mine", "rb_pix", "perfect", "random"]
    assert [one.style for one in series] == ["line", "line", "dashed", "dashed"]


def test_the_drawing_ends_where_nearly_all_are_found() -> None:
    report = report_of(apart=30.0)
    assert shown_to(report) == 0.1
    nothing = replace(report.orders[0].stream, recall=SHARES)
    worst = replace(report, orders=(replace(report.orders[0], stream=nothing),))
    assert shown_to(worst) == 1.0
