"""SkyBoT, asked on loopback: the objects then and there, or that there are none."""

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


def test_all_objects_are_kept_with_their_places_the_nearest_first(tools: MadeTools):
    # The alert stands at 0 36 12.0 +4 06 00.0.
    alert, _ = completed(TEXT, tools)
    near, far = alert.extra["solar_system"]["objects"]
    assert near == {
        "name": "2020 AB1", "kind": "NEA>Apollo", "mag": 20.3, "arcsec": 1.75,
        "east_arcsec": pytest.approx(1.5, abs=0.02), "north_arcsec": pytest.approx(1.0, abs=0.02),
    }  # fmt: skip
    # What is written of its place contradicts its separation of 21.5 arcsec.
    assert (far["name"], far["east_arcsec"], far["north_arcsec"]) == ("(12345) Faraway", None, None)
    nothing, _ = completed(NONE, tools)
    assert nothing.extra["solar_system"]["objects"] == []


@pytest.mark.parametrize(
    ("dec", "written", "north"),
    [(-0.05, "-00 03 10.0", -10.0), (-0.05, "-0 02 50.0", 10.0), (4.1, "04 06 05.0", 5.0)],
)
def test_places_south_of_the_equator_are_south(dec: float, written: str, north: float, tools: MadeTools):
    line = f"7 | Iris | 0 36 12.0 | {written} | MB | 9.0 | 0.1 | {abs(north)}\n".encode()
    head = b"".join(TEXT.splitlines(keepends=True)[:3])
    with serving(lambda call: Reply(head + line)) as served:
        target = Target("ztf", "Z", 9.05, dec, 60983.25)
        (piece,) = opened(served.url, tools).add_to("solar", target)
    (one,) = piece.value.extra["solar_system"]["objects"]
    assert one["north_arcsec"] == pytest.approx(north, abs=0.05)
    assert one["east_arcsec"] == pytest.approx(0.0, abs=0.05)


def test_a_crowd_of_objects_is_bounded(tools: MadeTools):
    head = b"".join(TEXT.splitlines(keepends=True)[:3])
    rows = b"".join(
        f"{n} | A{n} | 0 36 12.0 | +04 06 00.0 | MB | 20 | 1 | {n}.5\n".encode() for n in range(90)
    )
    alert, _ = completed(head + rows, tools)
    assert len(alert.extra["solar_system"]["objects"]) == 20


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
