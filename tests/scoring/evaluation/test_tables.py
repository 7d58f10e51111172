from pathlib import Path

import numpy as np
import pytest

from tests.scoring.synthetic import FIRST_ID, labelled_rows, write_tables
from vra_tui.features.csv_table import FeatureTableError
from vra_tui.features.table import DAY1_FEATURES
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE
from vra_tui.scoring.evaluation.report import EvaluationError
from vra_tui.scoring.evaluation.tables import parse_mixture, read_ids, read_rows, read_units
from vra_tui.scoring.model.library import checksum


def test_rows_come_with_their_labels_and_the_checksum_of_their_table(tmp_path: Path) -> None:
    rows = labelled_rows(12)
    features, labels = write_tables(tmp_path, rows, "day1")
    read = read_rows(features, labels, DAY1_FEATURES, print)
    assert np.array_equal(read.rows.table.values, rows.table.values, equal_nan=True)
    assert read.rows.label.tolist() == rows.label.tolist()
    assert read.sha256 == checksum(features.read_bytes())
    assert read.refused == 0


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    features, labels = write_tables(tmp_path, labelled_rows(4), "day1")
    lines = labels.read_text().splitlines()
    labels.write_text("\n".join([lines[0], lines[1].replace("good", "asteroid"), *lines[2:4]]) + "\n")
    cells = features.read_text().splitlines()
    cells[3] = cells[3].replace(cells[3].split(",")[11], "bright")
    features.write_text("\n".join(cells) + "\n")
    said: list[str] = []
    read = read_rows(features, labels, DAY1_FEATURES, said.append)
    assert len(read.rows) == 1
    assert read.refused == 1
    assert ["line 4" in said[0], "no label" in said[1], "other than" in said[2]] == [True] * 3


def test_units_are_found_by_id(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text(f"unit,atlas_id\n05r,{FIRST_ID + 1}\n01a,{FIRST_ID}\n")
    ids = np.array([FIRST_ID, FIRST_ID + 2, FIRST_ID + 1, FIRST_ID])
    assert read_units(path, ids).tolist() == ["01a", "", "05r", "01a"]
    path.write_text(f"atlas_id,unit\n{FIRST_ID},\x1b]0;title\x07 01a\n")
    assert read_units(path, ids[:1]).tolist() == ["01a"]
    path.write_text("atlas_id,telescope\n")
    with pytest.raises(FeatureTableError, match="unit"):
        read_units(path, ids)


def test_ids_of_several_tables_are_united(tmp_path: Path) -> None:
    first, _ = write_tables(tmp_path, labelled_rows(4), "a")
    second, _ = write_tables(tmp_path, labelled_rows(6), "b")
    assert read_ids([first, second]).tolist() == [FIRST_ID + number for number in range(6)]
    assert len(read_ids([])) == 0


def test_a_mixture_is_made_to_add_up_and_the_published_one_is_the_default() -> None:
    assert parse_mixture("good=1, garbage=3") == {"good": 0.25, "garbage": 0.75}
    assert parse_mixture(None) == STREAM_MIXTURE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "good",
        "good=x,pm=1",
        "good=-1,pm=1",
        "nova=1,good=1",
        "good=1,good=2",
        "pm=1",
        "good=1",
        "good=nan,pm=1",
    ],
)
def test_a_mixture_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(EvaluationError, match="--mixture"):
        parse_mixture(text)
