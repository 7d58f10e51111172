"""The sample that comes with the program is small, whole, and shows every main kind."""

import csv
import gzip
import json

import pytest

from vra_tui.locations import shipped
from vra_tui.simulator.api_json import ALERTS_FILE, TRUTH_FILE


@pytest.fixture(scope="module")
def truth():
    with (shipped("sample_data") / TRUTH_FILE).open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_it_is_below_three_megabytes():
    assert sum(path.stat().st_size for path in shipped("sample_data").iterdir()) < 3_000_000


def test_the_truth_is_that_of_the_alerts(truth):
    with gzip.open(shipped("sample_data") / ALERTS_FILE) as lines:
        ids = [json.loads(line)["object"]["id"] for line in lines]
    assert ids == [int(row["object_id"]) for row in truth]


def test_every_main_kind_is_in_it(truth):
    kinds = {row["kind"] for row in truth}
    assert kinds >= {
        "sn_ia", "sn_ii", "sn_iin", "sn_iib", "slsn", "fast_blue", "kilonova", "tde", "nova", "cv",
        "m_dwarf_flare",
        "variable_star", "agn", "pm_star", "asteroid", "bright_star", "bad_subtraction", "trailed_night",
    }  # fmt: skip


def test_it_has_fast_normal_and_slow_sources_and_an_early_peak(truth):
    assert {row["speed"] for row in truth} >= {"fast", "normal", "slow"}
    assert any(row["early_peak"] == "1" for row in truth)


def test_a_readme_says_how_to_make_it_again():
    assert "vra simulate --scenario sample" in (shipped("sample_data") / "README.md").read_text()
