import csv
import io
import json
import sys
from pathlib import Path

import pytest

from tests.scoring.synthetic import labelled_rows, write_tables
from vra_tui.cli import main
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.trained import load_model

HEADER = ["atlas_id", "preal", "pgal", "pfast", "rank", "is_gal_cand"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_tables(tmp_path, labelled_rows(40), "day1")[0]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of `vra` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["vra", *arguments])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_scores_come_as_csv_one_row_an_alert_in_the_order_given(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "predict", str(table), "--stage", "day1") == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    scores = load_model(default_model()).scores(labelled_rows(40).table, "day1")
    assert rows[0] == HEADER
    assert [int(row[0]) for row in rows[1:]] == labelled_rows(40).table.alert_id.tolist()
    assert [float(row[4]) for row in rows[1:]] == pytest.approx(scores.rank, abs=1e-5)
    assert {row[3] for row in rows[1:]} == {""}
    assert {row[5] for row in rows[1:]} <= {"0", "1"}


IDS = [
    "ZTF18abcdefg",
    "0012",
    "313888635492728976",
    "1.5e3",
    " spaced ",
    'a "quoted, one"',
    "=1+1",
    "名前",
    "ZTF18abcdefg",
]


@pytest.mark.parametrize("column", ["object_id", "objectId", "diaObjectId", "id", "atlas_id"])
def test_any_text_is_an_id_and_comes_out_as_it_went_in_in_the_same_order(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], column: str
) -> None:
    header, *rows = csv.reader(io.StringIO(table.read_text()))
    at = header.index(next(name for name in ("atlas_id", "ATLAS_ID", "id") if name in header))
    header[at] = column
    with table.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(header)
        out.writerows([*row[:at], name, *row[at + 1 :]] for row, name in zip(rows, IDS, strict=False))
    assert run(monkeypatch, "predict", str(table), "--stage", "day1") == 0
    first, *found = csv.reader(io.StringIO(capsys.readouterr().out))
    assert first[0] == ("atlas_id" if column == "atlas_id" else "object_id")
    assert [row[0] for row in found] == IDS
    scores = load_model(default_model()).scores(labelled_rows(40).table, "day1").rank[: len(IDS)]
    assert [float(row[4]) for row in found] == pytest.approx(scores, abs=1e-5)
    assert run(monkeypatch, "predict", str(table), "--stage", "day1", "--json") == 0
    assert [row[first[0]] for row in json.loads(capsys.readouterr().out)] == IDS


@pytest.mark.parametrize("bad", ["", "  ", "a\tb", "a\nb", "\x1b[2J", "a\u202eb", "x" * 1_001])
def test_an_id_that_could_not_come_out_as_it_went_in_costs_its_row(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bad: str
) -> None:
    header, first, second, *_ = csv.reader(io.StringIO(table.read_text()))
    first[next(header.index(name) for name in ("atlas_id", "ATLAS_ID", "id") if name in header)] = bad
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([header, first, second])
    assert run(monkeypatch, "predict", str(table), "--stage", "day1") == 1
    written = capsys.readouterr()
    assert len(written.out.splitlines()) == 2
    assert "line 2, column id" in written.err


def test_json_holds_the_same_with_null_for_what_is_not_known(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "predict", str(table), "--stage", "day1", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [list(row) for row in rows] == [HEADER] * 40
    assert all(row["pfast"] is None and 0 <= row["rank"] <= 10 for row in rows)


def test_a_table_comes_through_a_pipe(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(table.read_text(), newline=""))
    assert run(monkeypatch, "predict", "-", "--stage", "day1") == 0
    assert len(capsys.readouterr().out.splitlines()) == 41


def test_a_bad_row_is_named_and_the_rest_scored(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = table.read_text().splitlines()
    lines[3] = lines[3].replace(",", ",oops", 1)
    table.write_text("\n".join(lines))
    assert run(monkeypatch, "predict", str(table), "--stage", "day1") == 1
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 40
    assert "line 4, column Nnondet_std" in shown.err
    assert "1 of 40 rows refused" in shown.err


def test_a_missing_column_is_named_and_nothing_is_printed(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "predict", str(table), "--stage", "dayN") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "max_mag_day" in shown.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.csv", "--stage", "day1"], "nowhere.csv"),
        (["{folder}", "--stage", "day1"], "cannot be read"),
        (["{table}", "--stage", "day1", "--model", "goose"], "no model 'goose'"),
        (["{table}", "--stage", "day2"], "day2"),
        (["{table}"], "--stage"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_sentence(
    arguments: list[str],
    said: str,
    table: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled = [argument.format(table=table, folder=table.parent) for argument in arguments]
    assert run(monkeypatch, "predict", *filled) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.err


def test_a_binary_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "table.csv").write_bytes(bytes(range(256)) * 50)
    assert run(monkeypatch, "predict", str(tmp_path / "table.csv"), "--stage", "day1") == 2
    assert "\x1b" not in capsys.readouterr().err


def with_survey(table: Path, surveys: list[str]) -> Path:
    """The table with a column that says whose alerts the rows are."""
    header, *rows = table.read_text().splitlines()
    header = f"object_id,{header.partition(',')[2]}"
    named = [f"{surveys[number % len(surveys)]},{row}" for number, row in enumerate(rows)]
    table.write_text("\n".join([f"survey,{header}", *named]) + "\n")
    return table


def test_rows_of_another_survey_are_refused_and_the_rest_scored(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "predict", str(with_survey(table, ["atlas", "ztf"])), "--stage", "day1") == 1
    out, err = capsys.readouterr()
    assert {row[0] for row in list(csv.reader(io.StringIO(out)))[1:]} == {"atlas"}
    assert "is for alerts of atlas" in err
    assert "20 of 40 rows refused" in err


def test_a_table_of_another_survey_is_refused_with_what_to_do(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "predict", str(with_survey(table, ["ztf"])), "--stage", "day1") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "is for alerts of atlas" in err
    assert "--model" in err


def test_a_table_of_another_feature_set_is_refused_with_the_one_that_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "stream.csv"
    table.write_text("object_id,n_nights\nZTF18abcdefg,2\n")
    assert run(monkeypatch, "predict", str(table), "--stage", "day1") == 2
    assert "on features of vra-day1-1" in capsys.readouterr().err
