import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests.scoring.evaluation.made import shortened
from tests.scoring.synthetic import labelled_rows
from vra_tui.scoring.evaluation.report import (
    EvaluatedModel,
    EvaluationOptions,
    StageReport,
    TrainingOverlap,
    evaluate,
)
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.scorers import model_scorer
from vra_tui.scoring.evaluation.tidy import TIDY_COLUMNS, record, tidy
from vra_tui.scoring.model.trained import load_model


@pytest.fixture(scope="module")
def report(trained: Path) -> StageReport:
    model = load_model(trained)
    sample = EvaluationSample("day1", labelled_rows(120, seed=5), np.array(["01a", "02a"] * 60))
    evaluated = EvaluatedModel("made-up", model_scorer(model, "day1"), TrainingOverlap.UNKNOWN)
    return evaluate(
        sample,
        (evaluated,),
        shortened(model.card.stages["day1"]),
        EvaluationOptions(resamples=20, shuffles=1, splits=1),
    )


def test_every_figure_is_a_row_of_the_same_columns(report: StageReport) -> None:
    rows = list(tidy(report))
    assert all(tuple(row) == TIDY_COLUMNS for row in rows)
    assert {row["figure"] for row in rows} == {
        "labels", "labelled_objects", "aurak", "aurak_gain_over", "recall", "share_needed", "completeness",
        "purity", "purity_stream", "share_of_stream", "rank_quantile", "share_below", "share_above",
        "unit_aurak", "observed_share",
        "expected_calibration_error", "importance", "learning_curve", "lowest_good",
    } | {row["figure"] for row in rows if row["figure"].startswith("learning_")}  # fmt: skip
    assert not any(isinstance(cell, float) and math.isnan(cell) for row in rows for cell in row.values())


def test_no_two_rows_say_the_same_thing(report: StageReport) -> None:
    keys = [(row["figure"], row["of"], row["by"], row["at"]) for row in tidy(report)]
    # Two bins may give the same mean probability; nothing else may be told twice.
    keys = [key for key in keys if key[0] != "observed_share"]
    assert len(keys) == len(set(keys))


def test_json_holds_the_report_and_where_its_curves_are(report: StageReport) -> None:
    again = json.loads(json.dumps(record(report)))
    assert again["orders"][0]["stream"]["aurak"]["value"] == report.orders[0].stream.aurak.value
    assert len(again["shares"]) == len(again["orders"][0]["stream"]["recall"])
    assert again["seen"] == "unknown"
    assert again["labels"]["good"] == [30, 30]


def test_the_curve_in_a_table_is_the_curve_of_the_report(report: StageReport, tmp_path: Path) -> None:
    from vra_tui.export.evaluation_files import write_table

    path = tmp_path / "figures.csv"
    count = write_table(path, tidy(report), TIDY_COLUMNS)
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == count
    curve = [
        float(r["value"]) for r in rows if (r["figure"], r["of"], r["by"]) == ("recall", "rb_pix", "stream")
    ]
    assert curve == report.orders[-1].stream.recall.tolist()
