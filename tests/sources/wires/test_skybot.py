"""SkyBoT, asked on loopback: the nearest object then and there, or that there is none."""

import pytest

from tests.harness.server import Reply, serving
from tests.sources.wires.conftest import MadeTools
from vra_tui.sources.wires.base import SourceSettings, Target, WireFault
from vra_tui.sources.wires.kinds import open_wire

TARGET = Target("ztf", "ZTF21abiuvdk", 9.05, 4.1, 60983.25)
TEXT = b"""# Flag: 1
# Ticket: 137
# Num | Name | RA(h) | DE(deg) | Class | Mv | Err(arcsec) | d(arcsec)
12345 | Faraway | 0 36 12.0 | +04 06 00.0 | MB>Inner | 17.1 | 0.05 | 21.50
- | 2020 AB1 | 0 36 12.1 | +04 06 01.0 | NEA>Apollo | 20.3 | 1.2 | 1.75
"""
NONE = b"# Flag: 0\n# No solar system object was found in the requested FOV\n"


def opened(url: str, tools: MadeTools, **options: object):
    return open_wire(SourceSettings("rocks", "skybot", {"url": url, **options}), tools.made())


def completed(text: bytes, tools: MadeTools):
    with serving(lambda call: Reply(text)) as served:
        (piece,) = opened(served.url, tools).add_to("solar", TARGET)
    return piece.value, served.calls[0].query


def test_the_nearest_object_then_and_there_is_a_fact_of_the_alert(tools: MadeTools):
    alert, asked = completed(TEXT, tools)
    assert alert.facts == {"solar_arcsec": 1.75, "solar_mag": 20.3, "solar_name": "2020 AB1"}
    assert alert.as_of == pytest.approx(60983.25, abs=1e-4)
    assert alert.as_of > 60983.25
    assert (float(asked["-ep"]), asked["-loc"], asked["-rs"]) == (2460983.75, "I41", "30.0")


def test_that_nothing_is_near_is_said(tools: MadeTools):
    alert, _ = completed(NONE, tools)
    assert set(alert.facts.values()) == {None}


def test_a_numbered_object_is_called_by_its_number(tools: MadeTools):
    alert, _ = completed(TEXT.rpartition(b"- |")[0], tools)
    assert alert.facts["solar_name"] == "(12345) Faraway"


@pytest.mark.parametrize("text", [b"<html>busy</html>", b"", b"# Flag: -1\n# Server overload\n"])
def test_an_answer_that_is_no_list_is_a_fault_in_words(text: bytes, tools: MadeTools):
    with pytest.raises(WireFault, match="rocks"):
        completed(text, tools)


def test_rows_that_are_cut_off_are_left_out(tools: MadeTools):
    alert, _ = completed(TEXT + b"9 | Cut | 0 36\n7 | Odd | 0 | 0 | MB | ? | 1 | near\n", tools)
    assert alert.facts["solar_name"] == "2020 AB1"
