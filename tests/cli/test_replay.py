"""`vra replay` reports for people and machines, compares, and refuses in words."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from vra_tui.cli import app

pytestmark = pytest.mark.slow

SMALL = ("replay", "--alerts", "60", "--seed", "3", "--follow", "2")


@pytest.fixture(scope="module", autouse=True)
def short(tmp_path_factory):
    """A scenario of few nights, so that a replay takes a second."""
    path = tmp_path_factory.mktemp("plan") / "short.toml"
    units = ", ".join(f'{{ code = "{code}" }}' for code in ("01a", "02a", "03a", "04a"))
    path.write_text(
        f'name = "short"\nstart = 2024-06-01\nnights = 4\nalerts = 60\nhistory = 10\nunits = [{units}]\n'
        "[mixture]\ngood = 0.3\ngalactic = 0.1\ngarbage = 0.3\npm = 0.3\n"
    )
    return path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_two_policies_stand_side_by_side_with_their_difference(short):
    done = run(*SMALL, "--scenario", short, "--policy", "default", "--policy", "lean")
    assert done.exit_code == 0, done.output
    assert "good lost for ever" in done.output
    assert "lean less default, on the same alerts" in done.output
    assert "Policy lean: extragalactic_rank 6" in done.output


def test_a_threshold_is_varied_beside_the_policy(short):
    told = json.loads(run(*SMALL, "--scenario", short, "--vary", "extragalactic_rank=5,9", "--json").output)
    assert list(told["figures"]) == ["in use", "extragalactic_rank 5", "extragalactic_rank 9"]
    assert list(told["differences"]) == ["extragalactic_rank 5", "extragalactic_rank 9"]


def test_json_and_csv_tell_the_same(short, tmp_path):
    ledger = tmp_path / "ledger.csv"
    told = json.loads(run(*SMALL, "--scenario", short, "--json", "--ledger", ledger).output)
    (variant,) = told["figures"].values()
    (nightly,) = told["nightly"].values()
    assert max(nightly["purgatory"]) == variant["lists"][3]["greatest_length"]
    rows = list(csv.DictReader(io.StringIO(run(*SMALL, "--scenario", short, "--csv").output)))
    assert (
        float(next(row["value"] for row in rows if row["figure"] == "looks" and not row["group"]))
        == variant["looks"]
    )
    lines = list(csv.DictReader(ledger.open()))
    assert len(lines) == variant["alerts"] == 60
    assert sum(int(line["looks"]) for line in lines) == variant["looks"]


def test_a_store_with_its_truth_beside_it_is_a_stream(short, tmp_path):
    db = tmp_path / "practice.db"
    assert run("simulate", "--db", db, "--scenario", short, "--workers", "1").exit_code == 0
    told = json.loads(run("replay", db, "--json").output)
    assert told["streams"] == ["practice.db"]
    groups = {row["name"] for row in told["figures"]["in use"]["groups"]}
    assert {"good", "galactic", "sn_ia"} <= groups


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("replay", "nowhere.db"), "no such folder or store"),
        (("replay", "nowhere.db", "--seeds", "3"), "--seeds"),
        (("replay", "--policy", "lean", "--vary", "fast=1"), "no threshold `fast`"),
        (("replay", "--vary", "fast_rank=4,4"), "Two policies have one name"),
        (("replay", "--policy", "leen"), "There is no policy `leen`"),
        (("replay", "--scenario", "none"), "none"),
        (("replay", "--model", "none-such"), "none-such"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_words(arguments, words):
    done = run(*arguments)
    assert done.exit_code != 0
    assert words in str(done.exception)


def test_on_wish_it_is_drawn_how_soon_the_good_were_looked_at(short):
    arguments = (*SMALL, "--scenario", short, "--vary", "extragalactic_rank=5")
    drawn = run(*arguments, "--plot").stdout
    for said in (
        "somebody has looked at",
        "days from entry to the first look",
        "share of the good",
        "looks (%)",
    ):
        assert said in drawn
    assert "o extragalactic_rank 5" in drawn
    assert "looks (%)" not in run(*arguments).stdout


def test_the_curve_ends_at_the_share_of_the_good_that_were_looked_at_in_time():
    from types import SimpleNamespace as Some

    import numpy as np

    from vra_tui.cli.replay_text import panels

    days = np.array([0.5, np.nan, 3.0, 40.0, 1.0])
    ledger = Some(days_to_look=days, is_good=np.array([True, True, True, True, False]))
    looked, _ = panels({"one": Some(workload=0.4)}, {"one": ledger})
    (curve,) = looked.series
    assert list(curve.at) == [0.0, 0.5, 3.0, 14.0]
    assert list(curve.value) == [0.0, 0.25, 0.5, 0.5]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("--lost", "1%"), "--lost: of no use for a replay without --optimise"),
        (("some.db", "--seeds", "3", "--alerts", "9"), "--alerts, --seeds: of no use for a replay"),
        (("some.db", "--optimise", "--good", "9"), "--good: of no use for --optimise"),
    ],
)
def test_what_a_replay_would_pass_over_is_refused_by_name(said, words):
    done = CliRunner().invoke(app, ["replay", *said])
    assert done.exit_code != 0
    assert words in str(done.exception)
