"""Surveys are found by entry point; a packet goes to the first that knows it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import vra_tui
from tests.harness.in_turn import in_turn
from tests.surveys.lsst.made import packet_value
from vra_tui.domain.alert import Refused
from vra_tui.domain.site import Site
from vra_tui.surveys import UnknownSurvey, installed_surveys
from vra_tui.surveys.base import EpochTable, Packet

MADE_UP = '''
from vra_tui.domain.alert import Alert, Refused
from vra_tui.domain.building import build_light_curve
from vra_tui.surveys.base import Label, Survey

class Gotham(Survey):
    """A survey of another package."""

    name, title, bands = "gotham", "GOTHAM", ("L",)
    labels = (Label("variable", "v", 1.0, 1.0), Label("agn", "n", 1.0), Label("good", "q", 0.0))

    def recognises(self, packet):
        return isinstance(packet.value, dict) and "gotham_id" in packet.value

    def alert(self, packet):
        rows = packet.value["rows"]
        if not rows:
            raise Refused("no rows")
        nan = [float("nan")] * len(rows)
        curve, instruments, bands = build_light_curve({
            "mjd": [row[0] for row in rows], "mag": [row[1] for row in rows], "magerr": nan, "limit": nan,
            "ra": nan, "dec": nan, "instrument": ["tower"] * len(rows), "band": ["L"] * len(rows)})
        name = packet.value["gotham_id"]
        facts = {"ra": 10.0, "dec": 20.0}
        return Alert(self.name, name, facts=facts, light_curve=curve, instruments=instruments, bands=bands)

class Thief(Gotham):
    name = "ztf"

    def recognises(self, packet):
        return True
'''

ASK = """
import io, sys
from vra_tui.sources.files import read_stream
from vra_tui.sources.reading import Reading
from vra_tui.surveys import installed_surveys

surveys = installed_surveys()
print(*surveys)
print(type(surveys["ztf"]).__module__)
data = b'{"gotham_id": "G1", "rows": [[60000.5, 18.0], [60001.5, 19.0]]}'
(packet,) = read_stream(io.BytesIO(data), "x", Reading())
alert = surveys.recognise(packet).alert(packet)
print(alert.survey, alert.object_id, len(alert.light_curve.detections), *alert.bands, *alert.instruments)
"""


@pytest.fixture
def other_package(tmp_path: Path) -> Path:
    """A folder with an installed package that adds one survey and tries to take another's name."""
    (tmp_path / "gotham_survey.py").write_text(MADE_UP)
    about = tmp_path / "gotham_survey-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: gotham-survey\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[vra_tui.surveys]\ngotham = gotham_survey:Gotham\n"
        "ztf = gotham_survey:Thief\ntable = gotham_survey:Thief\n"
    )
    return tmp_path


def test_a_survey_of_another_package_takes_its_packets_in_and_none_takes_the_place_of_ours(other_package):
    path = os.pathsep.join([str(other_package), str(Path(vra_tui.__file__).parents[1])])
    environment = {**os.environ, "PYTHONPATH": path}
    said = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True
    )
    names, ztfs_module, taken = said.stdout.splitlines()
    assert names.split() == ["atlas", "ztf", "lsst", "gotham", "table"]
    assert ztfs_module.startswith("vra_tui.surveys.ztf")
    assert taken == "gotham G1 2 L tower"


@pytest.mark.slow
def test_a_surveys_own_labels_are_decided_listed_exported_merged_and_teach(other_package, tmp_path):
    """With the commands, as its scanners would; a label that is one of the common ones is refused."""
    path = os.pathsep.join([str(other_package), str(Path(vra_tui.__file__).parents[1])])
    environment = {**os.environ, "PYTHONPATH": path, "VRA_SCANNER": "bruce"}
    packets = tmp_path / "night.json"
    packets.write_text('{"gotham_id": "G1", "rows": [[60000.5, 18.0], [60001.5, 19.0]]}')

    here, there = tmp_path / "here.db", tmp_path / "there.db"
    verbs = [
        ["ingest", packets],
        ["list", "variable"],
        ["decide", "gotham:G1", "variable"],
        ["list", "variable", "--json"],
        ["list", "nothing"],
        ["labels", "export"],
        ["labels", "export", "--history"],
    ]
    told = in_turn([[*verb, "--db", here] for verb in verbs], environment)
    ingested, empty, decided, listed, unknown, exported, history = told
    assert [code for code, _, _ in told] == [0, 0, 0, 0, 2, 0, 0]
    assert "survey gotham: label good: it is one of the common labels" in ingested[2]
    assert "empty" in empty[2]
    assert "gotham:G1 is variable" in decided[1]
    (row,) = json.loads(listed[1])
    assert (row["survey"], row["object_id"], row["list"]) == ("gotham", "G1", "variable")
    assert "agn, variable" in unknown[2]
    standing = exported[1].splitlines()
    assert standing[1].split(",")[1:5] == ["gotham", "G1", "galactic", "variable"]
    (tmp_path / "history.csv").write_text(history[1])
    verbs = [["ingest", packets], ["labels", "import", tmp_path / "history.csv"], ["labels", "export"]]
    told = in_turn([[*verb, "--db", there] for verb in verbs], environment)
    assert [code for code, _, _ in told] == [0, 0, 0]
    assert "1 decisions" in told[1][1]
    assert told[2][1].splitlines() == standing


def test_the_surveys_that_come_with_the_program_stand_in_order():
    assert list(installed_surveys()) == ["atlas", "ztf", "lsst", "table"]


def test_an_unknown_name_is_answered_with_those_that_are_known():
    with pytest.raises(UnknownSurvey, match="Known are: atlas, ztf, lsst, table"):
        installed_surveys()["gotham"]


def test_every_survey_says_what_it_must():
    surveys = installed_surveys()
    for name in surveys:
        survey = surveys[name]
        assert survey.name == name
        assert survey.title
        assert survey.links("1", {"name": None, "other_name": "SN 2020x"}) is not None
        assert len({site.instrument for site in survey.sites}) == len(survey.sites)


def test_a_packet_goes_to_the_survey_that_knows_it():
    assert installed_surveys().recognise(Packet("x", "1", packet_value())).name == "lsst"
    table = EpochTable("A", {"mjd": [1], "mag": [2]})
    assert installed_surveys().recognise(Packet("x", "1", table, "table")).name == "table"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "no object but list"),
        ({"a": 1, "b": 2}, "its keys are a, b"),
        ({"cells": [], "nbformat": 4}, "Jupyter"),
        ({"type": "record", "fields": []}, "Avro schema"),
        (EpochTable("A", {"x": [1]}), "columns x"),
        ({"k" * 1000: 1}, "its keys are k"),
    ],
)
def test_what_no_survey_knows_is_refused_with_what_it_looks_like(value, said):
    with pytest.raises(Refused, match=said) as refused:
        installed_surveys().recognise(Packet("x", "1", value))
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(("north", "east"), [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0)])
def test_a_site_that_is_not_on_earth_is_refused(north, east):
    with pytest.raises(ValueError, match="must lie"):
        Site("x", "Nowhere", north, east, 0.0)
