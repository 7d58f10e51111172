"""`vra replay --optimise` draws the front, checks it on other alerts, prints and writes what was chosen."""

import json
import re
import tomllib

import pytest

from tests.cli.test_replay import run, short
from vra_tui.cli.replay_optimise import share_of
from vra_tui.config.policies import load_policy
from vra_tui.errors import VraError

pytestmark = pytest.mark.slow
__all__ = ["short"]  # the fixture of a short scenario

FIND = ("replay", "--optimise", "--seed", "3", "--follow", "2", "--good", "12", "--tries", "40")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def find(short, kept):
    return lambda *more: run(*FIND, "--scenario", short, "--keep", kept, *more)


def test_the_front_is_drawn_checked_and_printed_as_lines_of_a_policy(find, kept, tmp_path):
    done = find("--lost", "20%", "--write", tmp_path / "mine")
    assert done.exit_code == 0, done.output
    for words in ("Chosen on", "checked on", "good never seen (%)", "looks saved (%)", "may be lost", "lean"):
        assert words in done.stdout
    assert "too few to tell" not in done.stdout or "could still be" in " ".join(done.stdout.split())
    lines = done.stdout[done.stdout.index("[policy]") :]
    written = load_policy(str(tmp_path / "mine.toml"))
    assert tomllib.loads(lines)["policy"] == written.changes()
    assert len(list(kept.glob("tape-*.npz"))) == 2


def test_one_is_chosen_by_hand_from_the_same_front(find):
    told = json.loads(find("--lost", "0%", "--json").stdout)
    assert [one["name"] for one in told["front"]] == [str(n + 1) for n in range(len(told["front"]))]
    last = told["front"][-1]
    done = find("--choose", last["name"])
    assert re.search(rf"^\s*\* {last['name']} ", done.stdout, re.M)
    values = tomllib.loads(done.stdout[done.stdout.index("[policy]") :])["policy"]
    assert values.items() <= last["policy"].items()
    low, high = last["checked_on"]["unseen_95"]
    assert low <= last["checked_on"]["unseen_share"] <= high
    assert {one["name"] for one in told["known"]} == {"in use", "lean"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--choose", "999"), "none of number 999"),
        (("--lost", "much"), "no share"),
        (("--mixture", "good=1,garbage"), "no share of a label"),
        (("--mixture", "good=1,good=2"), "no share of a label"),
        (("--seeds", "3"), "--good"),
        (("--csv", "--plot"), "--csv, --plot: of no use for --optimise"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(find, more, words):
    done = find(*more)
    assert done.exit_code != 0
    assert words in str(done.exception)


def test_a_policy_file_that_is_there_is_refused_before_the_search(find, tmp_path):
    (tmp_path / "mine.toml").write_text("")
    done = find("--write", tmp_path / "mine")
    assert "there already" in str(done.exception)
    assert done.stdout == ""


@pytest.mark.parametrize(("text", "share"), [("0.1%", 0.001), ("0.1 %", 0.001), ("0.001", 0.001), ("0", 0.0)])
def test_shares_are_read_as_people_write_them(text, share):
    assert share_of(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["", "%", "-1%", "101%", "1%%", "nan", "1% of all"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(VraError, match="no share"):
        share_of(text)
