"""The sample that comes with the program is small, whole, shows every main kind, and is of three surveys."""

import csv
import gzip
import json

import pytest

from vra_tui.config.locations import shipped
from vra_tui.domain.alert import NotAnAlert
from vra_tui.domain.sky import separation
from vra_tui.pipeline.ingest import read_paths
from vra_tui.simulator.api_json import ALERTS_FILE, TRUTH_FILE
from vra_tui.surveys import installed_surveys

PARTS = {"atlas": ".", "ztf": "ztf", "lsst": "lsst"}


def told(survey):
    with (shipped("sample_data") / PARTS[survey] / TRUTH_FILE).open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def truth():
    return told("atlas")


@pytest.fixture(scope="module")
def packets():
    """Alerts of ZTF's and LSST's packets by survey, in the order of the files."""
    surveys, found = installed_surveys(), {}
    for survey in ("ztf", "lsst"):
        files = sorted((shipped("sample_data") / survey).glob("*.avro"))
        found[survey] = []
        for packet in read_paths(files):
            try:
                found[survey].append(surveys[survey].alert(packet))
            except NotAnAlert:
                assert survey == "lsst"
    return found


def test_it_is_below_eight_megabytes():
    files = [path for path in shipped("sample_data").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 8_000_000


def test_the_truth_is_that_of_the_alerts(truth):
    with gzip.open(shipped("sample_data") / ALERTS_FILE) as lines:
        ids = [json.loads(line)["object"]["id"] for line in lines]
    assert ids == [int(row["object_id"]) for row in truth]


def test_every_packet_has_its_truth(packets):
    for survey, alerts in packets.items():
        known = {row["object_id"] for row in told(survey)}
        assert {alert.object_id for alert in alerts} <= known
        assert len({alert.object_id for alert in alerts}) > 0.8 * len(known)


def test_every_main_kind_is_in_it(truth):
    kinds = {row["kind"] for row in truth}
    assert kinds >= {
        "sn_ia", "sn_ii", "sn_iin", "sn_iib", "slsn", "fast_blue", "kilonova", "tde", "nova", "cv",
        "m_dwarf_flare",
        "variable_star", "agn", "pm_star", "asteroid", "bright_star", "bad_subtraction", "trailed_night",
    }  # fmt: skip


@pytest.mark.parametrize("survey", ["ztf", "lsst"])
def test_the_main_contaminants_of_every_survey_are_in_it(survey):
    kinds = {row["kind"] for row in told(survey)}
    assert kinds >= {
        "sn_ia", "tde", "kilonova", "cv", "agn", "variable_star", "asteroid", "pm_star", "bad_subtraction",
        "bright_star", "cosmic_ray",
    }  # fmt: skip


def test_every_object_of_ztf_and_lsst_has_stamps(packets):
    for alerts in packets.values():
        with_stamps = {alert.object_id for alert in alerts if len(alert.stamps) == 3}
        assert with_stamps == {alert.object_id for alert in alerts}


def test_the_last_night_has_something_new_of_every_survey(packets, truth):
    for alerts in packets.values():
        last = max(alert.as_of for alert in alerts) - 1.0
        before = {alert.object_id for alert in alerts if alert.as_of <= last}
        assert {alert.object_id for alert in alerts} - before


def test_some_sources_are_seen_by_several_surveys(packets, truth):
    with gzip.open(shipped("sample_data") / ALERTS_FILE) as lines:
        headers = [json.loads(line)["object"] for line in lines]
    kinds = {row["object_id"]: row["kind"] for survey in PARTS for row in told(survey)}
    places = {("atlas", str(one["id"])): (one["ra"], one["dec"]) for one in headers}
    for survey, alerts in packets.items():
        places |= {(survey, a.object_id): (a.facts["ra"], a.facts["dec"]) for a in alerts}
    names = list(places)
    pairs = [
        (one, two)
        for i, one in enumerate(names)
        for two in names[i + 1 :]
        if one[0] != two[0]
        and abs(places[one][1] - places[two][1]) < 0.001
        and separation(*places[one], *places[two]) < 1.5
    ]
    assert len(pairs) >= 8
    assert {frozenset((one[0], two[0])) for one, two in pairs} == {
        frozenset(pair) for pair in (("atlas", "ztf"), ("atlas", "lsst"), ("ztf", "lsst"))
    }
    # One source is one kind, whoever sees it.
    assert all(kinds[one[1]] == kinds[two[1]] for one, two in pairs)


def test_it_has_fast_normal_and_slow_sources_and_an_early_peak(truth):
    assert {row["speed"] for row in truth} >= {"fast", "normal", "slow"}
    assert any(row["early_peak"] == "1" for row in truth)


def test_a_readme_says_how_to_make_it_again():
    made = (shipped("sample_data") / "README.md").read_text()
    rules = (shipped("sample_data").parent / "Makefile").read_text()
    commands = [line.strip() for line in made.splitlines() if line.strip().startswith("vra simulate")]
    assert len(commands) == 3
    assert all(command in rules for command in commands)
