"""`vra simulate` writes what it is asked for, or nothing at all and says why."""

import csv
import sqlite3

import pytest
import typer
from typer.testing import CliRunner

from vra_tui.cli.simulate import simulate
from vra_tui.errors import VraError


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(simulate)

    def invoke(*arguments):
        result = CliRunner().invoke(app, [str(a) for a in arguments])
        if isinstance(result.exception, VraError):
            raise result.exception
        return result

    return invoke


def test_files_come_with_their_truth(run, tmp_path):
    assert run("--out", tmp_path / "s", "--scenario", "sample", "--alerts", 20, "--seed", 3).exit_code == 0
    with (tmp_path / "s" / "truth.csv").open(newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 20
    assert (tmp_path / "s" / "alerts.jsonl.gz").stat().st_size > 1000


def test_the_same_seed_gives_the_same_bytes(run, tmp_path):
    for name in "ab":
        run("--out", tmp_path / name, "--scenario", "sample", "--alerts", 20, "--seed", 3)
    for file in ("alerts.jsonl.gz", "truth.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_the_tired_human_is_an_option(run, tmp_path):
    run("--out", tmp_path, "--scenario", "sample", "--alerts", 20, "--tired")
    assert (tmp_path / "truth.csv").read_text().splitlines()[0].endswith(",human")


def test_a_store_is_filled(run, tmp_path):
    run("--db", tmp_path / "s.db", "--scenario", "sample", "--alerts", 20, "--workers", 1)
    store = sqlite3.connect(tmp_path / "s.db")
    assert store.execute("SELECT count(*) FROM lightcurves").fetchone()[0] == 20
    store.close()
    assert (tmp_path / "s.db.truth.csv").exists()


def test_a_store_that_is_there_is_left_alone(run, tmp_path):
    (tmp_path / "s.db").write_bytes(b"mine")
    with pytest.raises(VraError, match="is there already"):
        run("--db", tmp_path / "s.db", "--alerts", 20)
    assert (tmp_path / "s.db").read_bytes() == b"mine"


def test_a_file_in_the_place_of_the_truth_is_left_alone(run, tmp_path):
    for name in ("s.db.truth.csv", "s.db.truth.csv.part", ".alerts.jsonl.gz.part", ".truth.csv.part"):
        (tmp_path / name).write_text("mine")
    with pytest.raises(VraError, match="is there already"):
        run("--db", tmp_path / "s.db", "--alerts", 20)
    assert not (tmp_path / "s.db").exists()
    (tmp_path / "s.db.truth.csv").unlink()
    run("--db", tmp_path / "s.db", "--scenario", "sample", "--alerts", 20, "--workers", 1)
    run("--out", tmp_path, "--scenario", "sample", "--alerts", 20)
    kept = [path.read_text() for path in tmp_path.iterdir() if path.name.endswith(".part")]
    assert kept == ["mine"] * 3


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["--alerts", "0"], "alerts"),
        (["--alerts", "-5"], "alerts"),
        (["--nights", "0"], "nights"),
        (["--scenario", "bad-night", "--alerts", "100"], "alerts"),
        (["--scenario", "bad-night", "--nights", "3"], "bad_nights.0.night"),
        (["--scenario", "nowhere"], "nowhere"),
    ],
)
def test_the_impossible_is_refused_before_anything_is_written(run, tmp_path, arguments, field):
    with pytest.raises(VraError, match=field):
        run("--out", tmp_path / "s", *arguments)
    assert not (tmp_path / "s").exists()


def test_atlas_s_own_packets_are_written_on_request(run, tmp_path):
    asked = ("--out", tmp_path, "--alerts", 10, "--nights", 4, "--format", "avro", "--stamps", "last")
    assert run(*asked).exit_code == 0
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files[-1] == "truth.csv"
    assert len(files) > 3
    assert all(name.endswith(".avro") for name in files[:-1])


def test_a_format_that_a_survey_does_not_send_is_refused(run, tmp_path):
    with pytest.raises(VraError, match="lsst sends no json"):
        run("--out", tmp_path / "s", "--survey", "lsst", "--format", "json")
    assert not (tmp_path / "s").exists()


def test_where_to_must_be_said_once(run, tmp_path):
    with pytest.raises(VraError, match="--out"):
        run("--alerts", 5)
    with pytest.raises(VraError, match="--out"):
        run("--alerts", 5, "--out", tmp_path, "--db", tmp_path / "s.db")


def test_the_scenarios_are_listed(run):
    listed = run("--list").output
    for name in ("ordinary", "fifth-unit", "bad-night", "nearby-fast", "rebrightening", "conjunction"):
        assert name in listed
