"""Pictures of the field, asked on loopback: the first survey that has the place, and only pictures."""

import io

import numpy as np
import pytest
from astropy.io import fits

from tests.harness.server import Call, Reply, serving
from tests.sources.wires.conftest import MadeTools
from vra_tui.domain.alert import Alert, StampKind
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import NotOffered, SourceError, SourceSettings, Target, WireFault
from vra_tui.sources.wires.kinds import open_wire

TARGET = Target("lsst", "313637921267122190", 9.05, -44.1, 60983.2)


def picture(data: np.ndarray) -> bytes:
    written = io.BytesIO()
    fits.PrimaryHDU(data.astype("float32")).writeto(written)
    return written.getvalue()


SKY = picture(np.arange(256.0).reshape(16, 16))
EMPTY = picture(np.full((16, 16), np.nan))


def opened(url: str, tools: MadeTools, **options: object):
    own = {"url": url, "hips": ["north", "south"]}
    return open_wire(SourceSettings("sky", "hips", {**own, **options}), tools.made())


def answering(**by_name: bytes):
    return lambda call: Reply(by_name[call.query["hips"]])


def test_the_first_survey_that_has_the_place_gives_the_picture(tools: MadeTools):
    with serving(answering(north=EMPTY, south=SKY)) as served:
        (piece,) = opened(served.url, tools).add_to("picture", TARGET)
    assert isinstance(piece.value, Alert)
    (stamp,) = piece.value.stamps
    assert (stamp.kind, stamp.data, stamp.mjd) == (StampKind.CONTEXT, SKY, 60983.2)
    assert piece.value.extra["picture"]["hips"] == "south"
    asked = served.calls[0].query
    assert (asked["ra"], asked["dec"], asked["width"]) == ("9.05", "-44.1", "120")
    assert float(asked["fov"]) == pytest.approx(1 / 60)


@pytest.mark.parametrize("bad", [b"<html>", b"", b"SIMPLE  = no", SKY[:100]])
def test_what_is_no_picture_is_not_taken_and_the_next_survey_is_asked(bad: bytes, tools: MadeTools):
    with serving(answering(north=bad, south=SKY)) as served:
        pieces = list(opened(served.url, tools).add_to("picture", TARGET))
    assert [piece.value.extra["picture"]["hips"] for piece in pieces if not isinstance(piece, Refusal)] == [
        "south"
    ]


def test_a_place_that_no_survey_has_brings_nothing(tools: MadeTools):
    with serving(answering(north=EMPTY, south=picture(np.zeros((16, 16))))) as served:
        assert list(opened(served.url, tools).add_to("picture", TARGET)) == []


def test_a_picture_that_is_too_large_is_a_fault(tools: MadeTools):
    with serving(lambda call: Reply(b"SIMPLE  =" + bytes(9 << 20))) as served, pytest.raises(WireFault):
        list(opened(served.url, tools).add_to("picture", TARGET))


def test_one_picture_of_two_alerts_at_a_place_is_each_ones_own(tools: MadeTools):
    other = Target("ztf", "ZTF21abiuvdk", 9.05, -44.1, 60983.2)
    with serving(answering(north=SKY)) as served:
        wire = opened(served.url, tools)
        (first,) = wire.add_to("picture", TARGET)
        tools.known.add(first.digest)
        (same,) = wire.add_to("picture", TARGET)
        (second,) = wire.add_to("picture", other)
    assert (same.is_repeat, second.is_repeat) == (True, False)


def test_jpeg_is_kept_as_it_came(tools: MadeTools):
    def answer(call: Call) -> Reply:
        return Reply(b"\xff\xd8\xff" + call.query["format"].encode())

    with serving(answer) as served:
        (piece,) = opened(served.url, tools, format="jpg").add_to("picture", TARGET)
    assert piece.value.stamps[0].data == b"\xff\xd8\xffjpg"


def test_it_cannot_be_asked_for_what_is_new(tools: MadeTools):
    with pytest.raises(NotOffered, match="sky"):
        list(opened("https://example.org/", tools).query({}))


@pytest.mark.parametrize("options", [{"pixels": 5000}, {"arcsec": 1e6}, {"hips": []}, {"format": "png"}])
def test_options_that_cannot_be_used_are_named(options: dict, tools: MadeTools):
    with pytest.raises(SourceError, match=next(iter(options))):
        opened("https://example.org/", tools, **options)
