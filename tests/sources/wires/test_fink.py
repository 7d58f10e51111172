"""Fink, asked on loopback: what is selected, what an object's packet holds, what bad answers do."""

import json
from pathlib import Path

import pytest

from tests.harness.server import Call, Reply, serving
from tests.sources.wires.conftest import MadeTools
from tests.sources.wires.recorded import replayed
from vra_tui.domain.alert import StampKind
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import SourceError, SourceSettings, WireFault
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.surveys import installed_surveys

IDS = [313637921267122190 + n for n in range(3)]
FITS = b"SIMPLE  =                    T" + b" " * 50


def source(object_id: int, mjd: float, flux: float = 9000.0) -> dict:
    return {
        "r:diaObjectId": object_id, "r:diaSourceId": int(object_id + mjd), "r:midpointMjdTai": mjd,
        "r:band": "r", "r:psfFlux": flux, "r:psfFluxErr": 90.0, "r:ra": 9.05, "r:dec": -44.1,
        "r:reliability": 0.9, "f:clf_snnSnVsOthers_score": 0.7, "f:xm_tns_fullname": "AT 2026abc",
    }  # fmt: skip


class Server:
    """Fink's LSST server with three objects, of two detections and a forced measurement each."""

    def __init__(self) -> None:
        self.seen = {object_id: 60983.0 + n for n, object_id in enumerate(IDS)}
        self.answers: dict[str, bytes] = {}

    def __call__(self, call: Call) -> Reply:
        what = call.path.rpartition("/")[2]
        if what in self.answers:
            return Reply(self.answers[what])
        if what in ("tags", "conesearch") and call.query:
            rows = [{"r:diaObjectId": one, "r:midpointMjdTai": mjd} for one, mjd in self.seen.items()]
            return Reply(json.dumps([*rows, rows[0]]).encode())
        if what == "cutouts":
            return Reply(FITS + call.query["kind"].encode())
        if what in ("tags", "classes"):
            return Reply(b"{}")
        object_id = int(call.query["diaObjectId"])
        if what == "fp":
            rows = [{**source(object_id, 60970.0, 12.0), "r:diaForcedSourceId": 7}]
        elif what == "objects":
            rows = [{"r:diaObjectId": object_id, "r:nDiaSources": 9, "r:firstDiaSourceMjdTai": 60900.5}]
        else:
            rows = [source(object_id, self.seen[object_id]), source(object_id, 60980.0)]
        return Reply(json.dumps(rows).encode())


def opened(url: str, tools: MadeTools, **options: object):
    return open_wire(SourceSettings("night", "fink", {"url": f"{url}api/v1/", **options}), tools.made())


def alerts(pieces):
    return [installed_surveys()["lsst"].alert(piece) for piece in pieces]


def test_what_a_tag_selects_comes_once_the_latest_first(tools: MadeTools):
    with serving(Server()) as served:
        deliveries = list(opened(served.url, tools, tag="new").query({}))
    found = alerts([piece for one in deliveries for piece in one.pieces])
    assert [one.object_id for one in found] == [str(one) for one in reversed(IDS)]
    asked = served.calls[0].query
    assert (asked["tag"], asked["startdate"]) == ("new", "2027-01-13 08:00:00")  # two days before now


def test_an_object_is_one_packet_with_all_of_its_sections(tools: MadeTools):
    with serving(Server()) as served:
        (one,) = alerts(opened(served.url, tools).object(str(IDS[0])))
    curve = one.light_curve
    assert (len(curve.detections), len(curve.forced)) == (2, 1)
    assert one.facts["n_detections_told"] == 9
    assert one.tns[0].designation == "AT 2026abc"
    assert one.annotations[0].topic == "fink.snn"


def test_the_order_of_its_rows_does_not_matter(tools: MadeTools):
    server = Server()
    with serving(server) as served:
        (one,) = alerts(opened(served.url, tools).object(str(IDS[0])))
        server.answers["sources"] = json.dumps(
            [source(IDS[0], 60980.0), source(IDS[0], server.seen[IDS[0]])]
        ).encode()
        (other,) = alerts(opened(served.url, tools).object(str(IDS[0])))
    assert one.as_of == other.as_of
    assert one.light_curve.detections.mjd.tolist() == other.light_curve.detections.mjd.tolist()


def test_only_what_was_seen_again_is_asked_for_again(tools: MadeTools):
    server = Server()
    with serving(server) as served:
        wire = opened(served.url, tools, tag="new")
        kept = {part: at for one in wire.query({}) for part, at in one.positions.items()}
        assert list(wire.query(kept)) == []
        server.seen[IDS[0]] += 1
        (again,) = wire.query(kept)
    assert [one.object_id for one in alerts(again.pieces)] == [str(IDS[0])]


def test_the_same_answer_is_known_again_by_its_bytes(tools: MadeTools):
    with serving(Server()) as served:
        wire = opened(served.url, tools)
        (first,) = wire.object(str(IDS[0]))
        tools.known.add(first.digest)
        (second,) = wire.object(str(IDS[0]))
    assert second.is_repeat


def test_an_id_that_went_through_a_float_is_refused_by_itself(tools: MadeTools):
    server = Server()
    rows = [{"r:diaObjectId": float(IDS[0]), "r:midpointMjdTai": 60983.0}]
    rows += [{"r:diaObjectId": IDS[1], "r:midpointMjdTai": 60983.0}, {"r:midpointMjdTai": 1.0}]
    server.answers["conesearch"] = json.dumps(rows).encode()
    with serving(server) as served:
        wire = opened(served.url, tools, cone={"ra": 9.05, "dec": -44.1, "radius": 60})
        pieces = [piece for one in wire.query({}) for piece in one.pieces]
    refused = [piece for piece in pieces if isinstance(piece, Refusal)]
    assert len(refused) == 2
    assert "floating-point" in refused[0].reason
    assert [one.object_id for one in alerts(piece for piece in pieces if piece not in refused)] == [
        str(IDS[1])
    ]


@pytest.mark.parametrize(
    ("rows", "why"),
    [([], "no detection"), ([source(IDS[1], 60983.0)], "another object"), ([{"r:ra": 3}], "no detection")],
)
def test_an_object_that_does_not_come_is_refused_with_why(rows: list, why: str, tools: MadeTools):
    server = Server()
    server.answers["sources"] = json.dumps(rows).encode()
    with serving(server) as served:
        (piece,) = opened(served.url, tools).object(str(IDS[0]))
    assert isinstance(piece, Refusal)
    assert why in piece.reason
    assert piece.object_id == str(IDS[0])


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b"[3]", b'{"detail": "gone"}', b"[{", b""])
def test_an_answer_that_is_no_list_is_a_fault_in_words(answer: bytes, tools: MadeTools):
    with serving(lambda call: Reply(answer)) as served, pytest.raises(WireFault, match="night"):
        list(opened(served.url, tools, tag="new").query({}))


def test_stamps_come_with_the_detection_they_show(tools: MadeTools):
    with serving(Server()) as served:
        (one,) = alerts(opened(served.url, tools).cutouts(str(IDS[0])))
    assert [stamp.kind for stamp in one.stamps] == [
        StampKind.SCIENCE, StampKind.TEMPLATE, StampKind.DIFFERENCE,
    ]  # fmt: skip
    assert one.stamps[0].mjd == pytest.approx(one.light_curve.detections.mjd[-1], abs=1e-6)


def test_a_stamp_that_is_no_picture_is_refused_and_the_others_come(tools: MadeTools):
    def answer(call: Call) -> Reply:
        return Reply(b"<html>") if call.query.get("kind") == "Template" else Server()(call)

    with serving(answer) as served:
        pieces = list(opened(served.url, tools).cutouts(str(IDS[0])))
    (refused,) = [piece for piece in pieces if isinstance(piece, Refusal)]
    assert "Template" in refused.reason
    (one,) = alerts(piece for piece in pieces if piece is not refused)
    assert len(one.stamps) == 2


def test_it_says_what_it_can_be_asked_for(tools: MadeTools):
    with pytest.raises(SourceError, match="`tag`"):
        list(opened("https://example.org/", tools).query({}))


def test_ids_may_be_typed_with_commas_or_as_numbers(tools: MadeTools):
    with serving(Server()) as served:
        for typed in (f"{IDS[0]}, {IDS[1]}", [IDS[0], IDS[1]], [str(IDS[0]), str(IDS[1])]):
            wire = opened(served.url, tools, objects=typed)
            found = alerts([piece for one in wire.query({}) for piece in one.pieces])
            assert {one.object_id for one in found} == {str(IDS[0]), str(IDS[1])}


def test_a_real_answer_becomes_an_alert_of_ztf(tools: MadeTools, real_data: Path):
    with serving(replayed(real_data / "broker_responses" / "fink_get_alert.yaml")) as served:
        (piece,) = opened(served.url, tools, survey="ztf").object("ZTF19aaosfcb")
    one = installed_surveys()["ztf"].alert(piece)
    assert one.object_id == "ZTF19aaosfcb"
    assert len(one.light_curve.detections) >= 1
    assert one.annotations[0].topic == "fink"


def test_limits_of_ztf_are_limits_and_bad_detections_are_left_out(tools: MadeTools):
    def row(jd: float, tag: str, mag: float | None) -> dict:
        own = {"i:objectId": "ZTF21abiuvdk", "i:jd": jd, "i:fid": 1, "i:diffmaglim": 19.5, "d:tag": tag}
        place = {"i:ra": 10.0, "i:dec": 5.0, "i:isdiffpos": "t", "i:sigmapsf": 0.1, "i:candid": int(jd)}
        return {**own, "i:magpsf": mag, **(place if mag is not None else {})}

    rows = [
        row(2459400.5, "upperlim", None), row(2459401.5, "badquality", 17.0),
        row(2459403.5, "upperlim", None), row(2459402.5, "valid", 18.0),
    ]  # fmt: skip
    with serving(lambda call: Reply(json.dumps(rows).encode())) as served:
        (piece,) = opened(served.url, tools, survey="ztf").object("ZTF21abiuvdk")
    one = installed_surveys()["ztf"].alert(piece)
    assert one.light_curve.detections.mjd.tolist() == [59402.0]
    assert len(one.light_curve.nondetections) == 2
