import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scoring.synthetic import FIRST_ID, labelled_rows, write_tables
from vra_tui.cli import main

QUICK = ("--resamples", "20", "--shuffles", "0")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def day1(tmp_path: Path) -> list[str]:
    features, labels = write_tables(tmp_path, labelled_rows(80), "day1")
    return ["--features", str(features), "--labels", str(labels), "--stage", "day1"]


@pytest.fixture
def visits(tmp_path: Path) -> list[str]:
    features, labels = write_tables(tmp_path, labelled_rows(40, visits=2), "dayN")
    return ["--features", str(features), "--labels", str(labels), "--stage", "dayN"]


def test_a_report_for_people_fits_eighty_columns(evaluate: Run, day1: list[str]) -> None:
    code, out, _ = evaluate("duck-1", *day1, "--resamples", "20", "--shuffles", "1")
    assert code == 0
    assert [line for line in out.splitlines() if len(line.rstrip()) > 80] == []
    for said in (
        "duck-1 at day1", "80 rows of 80 objects: good 20", "Beside it duck-2", "AuRaK", "logistic", "rb_pix",
        "Cut on rank", "Cut on P(galactic)", "Ranks of each kind", "Calibration of P(real)", "is shuffled",
        "stand lowest", "┤",
    ):  # fmt: skip
        assert said in out


def test_without_colours_the_curves_are_told_apart_by_signs(
    evaluate: Run, day1: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    _, out, _ = evaluate(*day1, *QUICK)
    assert "\x1b" not in out
    plot = out[out.index("recall at K") : out.index("share of the stream looked at")]
    legend = out[out.index("share of the stream looked at") : out.index("AuRaK with 95 %")]
    for sign in ("o", "+", "-", "."):
        assert f"{sign} " in legend
        assert sign * 2 in plot


def test_on_wish_all_figures_are_drawn(evaluate: Run, day1: list[str]) -> None:
    plain, drawn = (evaluate(*day1, *QUICK, *more)[1] for more in ((), ("--plot",)))
    assert "recall at K" in plain
    for title in ("day1: cut on the rank", "day1: calibration"):
        assert title in drawn
        assert title not in plain
    assert max(map(len, drawn.splitlines())) <= 80


def test_json_and_csv_hold_the_same_figures(evaluate: Run, day1: list[str], tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    code, out, err = evaluate(*day1, *QUICK, "--json", "--csv", path)
    assert code == 0
    (report,) = json.loads(out)
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert f"{len(rows):,} figures" in err
    (aurak,) = [r for r in rows if (r["figure"], r["of"], r["by"]) == ("aurak", "duck-2", "stream")]
    assert float(aurak["value"]) == report["orders"][0]["stream"]["aurak"]["value"]


def test_a_picture_is_written(evaluate: Run, day1: list[str], tmp_path: Path) -> None:
    code, _, err = evaluate(*day1, *QUICK, "--picture", tmp_path / "slide.png")
    assert code == 0
    assert "The picture is in" in err
    assert (tmp_path / "slide.png").read_bytes().startswith(b"\x89PNG")


def test_a_file_that_cannot_be_written_costs_no_figure(
    evaluate: Run, day1: list[str], tmp_path: Path
) -> None:
    code, out, err = evaluate(*day1, *QUICK, "--csv", tmp_path / "no" / "figures.csv")
    assert code == 2
    assert "cannot be written" in err
    assert "AuRaK" in out


def test_rows_that_trained_the_model_are_said_first_and_last(
    evaluate: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    features, labels = write_tables(tmp_path, labelled_rows(), "day1")
    tables = ["--features", str(features), "--labels", str(labels), "--stage", "day1"]
    monkeypatch.setattr(sys, "argv", ["vra", "train", "--name", "mine", "--repeats", "0", *tables])
    with pytest.raises(SystemExit):
        main()
    capsys.readouterr()
    _, out, _ = evaluate("mine", *tables, *QUICK)
    assert "TRAINED ON THESE ROWS" in out.splitlines()[0]
    assert out.count("by heart") == 2
    _, out, _ = evaluate("mine", *tables, *QUICK, "--cross-validate")
    assert "out of fold" in out.splitlines()[0]
    assert "by heart" not in out
    code, _, err = evaluate("mine", *tables, *QUICK, "--trained-on", features)
    assert code == 2
    assert "120 of 120 rows" in err
    assert "Nothing was evaluated" in err


@pytest.mark.slow
def test_a_learning_curve_is_drawn_on_wish(evaluate: Run, tmp_path: Path) -> None:
    features, labels = write_tables(tmp_path, labelled_rows(40), "day1")
    day1 = ("--features", str(features), "--labels", str(labels), "--stage", "day1")
    code, out, _ = evaluate(*day1, *QUICK, "--learning-curve", "--splits", "1")
    assert code == 0
    assert "Learning curve" in out
    assert "over splits" in out


def test_units_come_from_a_table_of_their_own(evaluate: Run, day1: list[str], tmp_path: Path) -> None:
    units = tmp_path / "units.csv"
    units.write_text("atlas_id,unit\n" + "".join(f"{FIRST_ID + n},0{1 + n % 2}a\n" for n in range(40)))
    _, out, _ = evaluate(*day1, *QUICK, "--units", units)
    assert "By telescope unit" in out
    assert "\n01a " in out


def test_another_mixture_changes_the_stream_and_not_the_rows(evaluate: Run, day1: list[str]) -> None:
    published, other = (
        json.loads(evaluate(*day1, *QUICK, "--json", *mixture)[1])[0]["orders"][0]
        for mixture in ((), ("--mixture", "good=50,pm=50"))
    )
    assert published["sample"] == other["sample"]
    assert published["stream"]["aurak"] != other["stream"]["aurak"]


@pytest.mark.slow
def test_day_n_is_grown_anew_only_with_the_rows_of_the_first_look(
    evaluate: Run, visits: list[str], tmp_path: Path
) -> None:
    code, _, err = evaluate(*visits, *QUICK, "--cross-validate")
    assert code == 2
    assert "--day1-features" in err
    features, labels = write_tables(tmp_path, labelled_rows(40), "first")
    first = ("--day1-features", str(features), "--day1-labels", str(labels))
    code, out, _ = evaluate(*visits, *QUICK, "--cross-validate", *first)
    assert code == 0
    assert "duck-2 at dayN: out of fold" in out


@pytest.mark.parametrize(
    ("leave_out", "says"), [("--stage", "--stage"), ("--labels", "--labels"), ("--features", "--features")]
)
def test_what_a_table_needs_is_said(leave_out: str, says: str, evaluate: Run, day1: list[str]) -> None:
    at = day1.index(leave_out)
    code, _, err = evaluate(*day1[:at], *day1[at + 2 :])
    assert code == 2
    assert says in err


def test_a_refused_row_leaves_the_rest_evaluated_and_is_told(evaluate: Run, day1: list[str]) -> None:
    path = Path(day1[1])
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, "short,row"]) + "\n")
    code, out, err = evaluate(*day1, *QUICK)
    assert code == 1
    assert "80 rows of 80 objects" in out
    assert "line 82" in err


def test_tables_and_a_store_are_not_mixed(evaluate: Run, day1: list[str], tmp_path: Path) -> None:
    code, _, err = evaluate(*day1, "--db", tmp_path / "vra.db")
    assert code == 2
    assert "--db: of no use for tables" in err
