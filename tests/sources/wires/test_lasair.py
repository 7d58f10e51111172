"""Lasair's server, asked on loopback: what is asked for, in which order, and what a bad answer does."""

import json
import os
from pathlib import Path

import pytest

from tests.harness.server import Call, Reply, serving
from tests.sources.wires.conftest import MadeTools
from tests.sources.wires.recorded import replayed
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import SourceError, SourceSettings, WireFault
from vra_tui.sources.wires.kinds import kinds, open_wire
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet

IDS = [313637921267122190 + n for n in range(3)]


def an_object(object_id: int, flux: float = 9000.0) -> dict:
    source = {
        "diaSourceId": object_id + 1, "midpointMjdTai": 60983.2, "band": "r",
        "psfFlux": flux, "psfFluxErr": 90.0, "ra": 9.05, "decl": -44.1, "reliability": 0.9, "snr": 100.0,
    }  # fmt: skip
    return {
        "diaObjectId": object_id,
        "diaObject": {"diaObjectId": object_id, "ra": 9.05, "decl": -44.1},
        "diaSourcesList": [source],
        "diaForcedSourcesList": [],
        "lasairData": {},
    }


class Server:
    """Lasair with three objects, seen one after the other."""

    def __init__(self) -> None:
        self.seen = {object_id: 60983.0 + n for n, object_id in enumerate(IDS)}
        self.objects = {str(one): json.dumps(an_object(one)).encode() for one in IDS}

    def __call__(self, call: Call) -> Reply:
        if not call.headers.get("authorization", "").startswith("Token a7f3"):
            return Reply(b'{"detail": "Invalid token."}', 401)
        if call.path.endswith("/query/"):
            first, most = int(call.form["offset"]), int(call.form["limit"])
            rows = sorted(self.seen.items(), key=lambda item: -item[1])[first : first + most]
            return Reply(json.dumps([{"diaObjectId": one, "seen_last": mjd} for one, mjd in rows]).encode())
        if call.path.endswith("/cone/"):
            near = [{"object": str(one), "separation": 9.0 - n} for n, one in enumerate(IDS)]
            return Reply(json.dumps({"nearest": near[0], "objects": near}).encode())
        return Reply(self.objects[call.form["objectId"]])


def opened(url: str, tools: MadeTools, **options: object):
    return open_wire(SourceSettings("night", "lasair", {"url": f"{url}api/", **options}), tools.made())


def ids(pieces) -> list[str]:
    survey = installed_surveys()["lsst"]
    return [survey.alert(piece).object_id for piece in pieces]


def test_what_a_query_selects_comes_the_latest_first(tools: MadeTools):
    with serving(Server()) as served:
        wire = opened(served.url, tools, query={"conditions": "nDiaSources > 1"})
        deliveries = list(wire.query({}))
    assert [ids(one.pieces) for one in deliveries] == [[str(one)] for one in reversed(IDS)]
    assert served.calls[0].form["conditions"].startswith("nDiaSources > 1")
    assert [call.path for call in served.calls] == ["/api/query/"] + ["/api/object/"] * 3


def test_only_what_was_seen_again_is_asked_for_again(tools: MadeTools):
    server = Server()
    with serving(server) as served:
        wire = opened(served.url, tools, query={"conditions": "1"})
        kept = {part: at for one in wire.query({}) for part, at in one.positions.items()}
        assert list(wire.query(kept)) == []
        server.seen[IDS[0]] += 1
        (again,) = wire.query(kept)
    assert ids(again.pieces) == [str(IDS[0])]


def test_the_same_answer_is_known_again_by_its_bytes(tools: MadeTools):
    with serving(Server()) as served:
        wire = opened(served.url, tools, objects=[str(IDS[0])])
        (first,) = wire.query({})
        (piece,) = first.pieces
        assert isinstance(piece, Packet)
        tools.known.add(piece.digest)
        (second,) = wire.query({})
    assert [one.is_repeat for one in second.pieces] == [True]  # type: ignore[union-attr]


def test_no_more_objects_are_fetched_than_asked_for(tools: MadeTools):
    with serving(Server()) as served:
        wire = opened(served.url, tools, query={"conditions": "1"}, most=2)
        deliveries = list(wire.query({}))
    assert [ids(one.pieces) for one in deliveries] == [[str(IDS[2])], [str(IDS[1])]]


def test_the_hours_calls_are_kept_to(tools: MadeTools):
    with serving(Server()) as served, pytest.raises(WireFault, match="2 calls an hour"):
        list(opened(served.url, tools, query={"conditions": "1"}, calls_an_hour=2).query({}))
    assert len(served.calls) == 2


def test_a_cone_gives_the_nearest_first(tools: MadeTools):
    with serving(Server()) as served:
        wire = opened(served.url, tools)
        assert ids(wire.cone(9.05, -44.1, 60.0)) == [str(one) for one in reversed(IDS)]


def test_one_bad_object_is_refused_and_the_others_come(tools: MadeTools):
    server = Server()
    server.objects[str(IDS[2])] = b"[1, 2"
    server.objects[str(IDS[1])] = b'{"error": "no such object"}'
    with serving(server) as served:
        wire = opened(served.url, tools, query={"conditions": "1"})
        pieces = [piece for one in wire.query({}) for piece in one.pieces]
    assert [isinstance(piece, Refusal) for piece in pieces] == [True, True, False]
    assert "no such object" in pieces[1].reason  # type: ignore[union-attr]
    assert pieces[0].object_id == str(IDS[2])  # type: ignore[union-attr]


@pytest.mark.parametrize("answer", [b'{"error": "Unknown column"}', b"[3]", b"{}", b'"text"', b"<html>"])
def test_an_answer_that_is_no_list_of_objects_is_a_fault_in_words(answer: bytes, tools: MadeTools):
    with serving(lambda call: Reply(answer)) as served, pytest.raises(WireFault, match=r"night|127"):
        list(opened(served.url, tools, query={"conditions": "1"}).query({}))


def test_without_a_token_it_says_where_to_put_one(tools: MadeTools):
    tools.secrets.clear()
    with pytest.raises(SourceError, match="VRA_SOURCE_NIGHT_TOKEN"):
        opened("https://example.org/", tools, objects=["1"]).check()


def test_a_test_tells_what_is_left_of_the_hour(tools: MadeTools):
    with serving(Server()) as served:
        answered = opened(served.url, tools).check()
    assert (answered.calls_left, answered.calls_an_hour) == (99, 100)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"querry": {}}, "is it `query`"),
        ({"query": {}}, "`query.conditions` is missing"),
        ({"cone": {"ra": 400, "dec": 0, "radius": 3}}, "`cone.ra`"),
        ({"survey": "atlas"}, "`survey`"),
        ({"every": 0}, "`every`"),
    ],
)
def test_options_that_cannot_be_used_are_named(options: dict, why: str, tools: MadeTools):
    with pytest.raises(SourceError, match=why):
        open_wire(SourceSettings("night", "lasair", options), tools.made())


def test_a_kind_that_is_none_is_named_with_the_nearest(tools: MadeTools):
    with pytest.raises(SourceError, match="Is it `lasair`"):
        open_wire(SourceSettings("night", "lasiar"), tools.made())
    assert "lasair" in kinds()


@pytest.mark.skipif("VRA_REAL_DATA" not in os.environ, reason="VRA_REAL_DATA does not name the real data")
def test_real_answers_become_alerts(tools: MadeTools):
    real = Path(os.environ["VRA_REAL_DATA"]) / "lasair" / "lsst_object_SLSN_10321.json"
    with serving(lambda call: Reply(real.read_bytes())) as served:
        (piece,) = opened(served.url, tools).object("10321")
    assert isinstance(piece, Packet)
    assert len(installed_surveys()["lsst"].alert(piece).light_curve.detections) == 116


def pictured(url: str) -> dict:
    """An object with two detections, of which the earlier one has pictures on a host of its own."""
    value = an_object(IDS[0])
    (source,) = value["diaSourcesList"]
    later = {**source, "diaSourceId": 99, "midpointMjdTai": source["midpointMjdTai"] + 1}
    named = {kind: f"{url}fits/{kind}" for kind in ("Science", "Template", "Difference")}
    lasair = {"imageUrls": [{**named, "diaSourceId": source["diaSourceId"]}]}
    return {**value, "diaSourcesList": [later, source], "lasairData": lasair}


def test_stamps_are_fetched_from_hosts_that_are_allowed_without_the_token(tools: MadeTools):
    server = Server()
    with (
        serving(lambda call: Reply(b"SIMPLE  = " + call.path.encode())) as pictures,
        serving(server) as served,
    ):
        server.objects[str(IDS[0])] = json.dumps(pictured(pictures.url)).encode()
        wire = opened(served.url, tools, picture_hosts=[pictures.url])
        (piece,) = wire.cutouts(str(IDS[0]))
    alert = installed_surveys()["lsst"].alert(piece)
    assert [stamp.data for stamp in alert.stamps] == [
        b"SIMPLE  = /fits/Science", b"SIMPLE  = /fits/Template", b"SIMPLE  = /fits/Difference",
    ]  # fmt: skip
    assert alert.stamps[0].source_id == IDS[0] + 1
    assert not any("authorization" in call.headers for call in pictures.calls)


def test_nothing_is_fetched_from_a_host_because_an_answer_says_so(tools: MadeTools):
    server = Server()
    with serving(lambda call: Reply(b"SIMPLE  =")) as pictures, serving(server) as served:
        server.objects[str(IDS[0])] = json.dumps(pictured(pictures.url)).encode()
        pieces = list(opened(served.url, tools).cutouts(str(IDS[0])))
    assert pictures.calls == []
    assert [("not configured" in piece.reason) for piece in pieces] == [True] * 3  # type: ignore[union-attr]


def test_stamps_that_expired_are_refused_one_by_one(tools: MadeTools):
    server = Server()

    def expiring(call: Call) -> Reply:
        return Reply(b"gone", 404) if call.path.endswith("Template") else Reply(b"SIMPLE  =")

    with serving(expiring) as pictures, serving(server) as served:
        server.objects[str(IDS[0])] = json.dumps(pictured(pictures.url)).encode()
        wire = opened(served.url, tools, picture_hosts=[pictures.url])
        refused, piece = wire.cutouts(str(IDS[0]))
    assert "Template" in refused.reason  # type: ignore[union-attr]
    assert len(installed_surveys()["lsst"].alert(piece).stamps) == 2


def test_an_object_without_pictures_says_so(tools: MadeTools):
    with serving(Server()) as served:
        (piece,) = opened(served.url, tools).cutouts(str(IDS[0]))
    assert isinstance(piece, Refusal)


def test_stamps_of_ztf_come_with_the_candidate_they_show(tools: MadeTools):
    server = Server()
    row = {
        "candid": 7, "jd": 2460000.5, "fid": 1, "magpsf": 18.0, "sigmapsf": 0.1, "isdiffpos": "t",
        "ra": 10.0, "dec": 5.0, "drb": 0.9,
    }  # fmt: skip
    with serving(lambda call: Reply(b"SIMPLE  =" + b" " * 80)) as pictures, serving(server) as served:
        named = {kind: f"{pictures.url}{kind}" for kind in ("Science", "Difference")}
        told = {
            "objectId": "ZTF21abiuvdk",
            "candidates": [{**row, "jd": 2459999.5}, {**row, "image_urls": named}],
        }
        server.objects["ZTF21abiuvdk"] = json.dumps(told).encode()
        wire = opened(served.url, tools, survey="ztf", picture_hosts=[pictures.url])
        (piece,) = wire.cutouts("ZTF21abiuvdk")
    alert = installed_surveys()["ztf"].alert(piece)
    assert [stamp.mjd for stamp in alert.stamps] == [60000.0, 60000.0]


def test_a_recorded_cone_names_its_objects_the_nearest_first(tools: MadeTools, real_data: Path):
    recorded = replayed(real_data / "broker_responses" / "lasair_cone.yaml")
    asked: list[str] = []

    def answer(call: Call) -> Reply:
        if call.path.endswith("/object/"):
            asked.append(call.form["objectId"])
            return Reply(b'{"error": "not recorded"}')
        return recorded(call)

    with serving(answer) as served:
        pieces = list(opened(served.url, tools, survey="ztf", calls_an_hour=10_000).cone(280.0, -5.0, 600.0))
    assert asked[:2] == ["ZTF19aaypuas", "ZTF19abiuxxz"]
    assert len(pieces) == len(asked) == len(set(asked))


def test_a_real_object_is_completed_by_the_pictures_that_it_names(tools: MadeTools, real_data: Path):
    """Its answer as recorded, with the list of pictures in the shape that the server's notebook shows."""
    value = json.loads((real_data / "lasair" / "lsst_object_SLSN_10321.json").read_bytes())
    latest = max(value["diaSourcesList"], key=lambda row: row["midpointMjdTai"])
    latest.setdefault("diaSourceId", 7)
    with serving(lambda call: Reply(b"SIMPLE  =" + b" " * 80)) as pictures:
        named = {"Science": f"{pictures.url}a", "diaSourceId": latest["diaSourceId"]}
        value["lasairData"] = {**(value.get("lasairData") or {}), "imageUrls": [named]}
        with serving(lambda call: Reply(json.dumps(value).encode())) as served:
            (piece,) = opened(served.url, tools, picture_hosts=[pictures.url]).cutouts("10321000")
    (stamp,) = installed_surveys()["lsst"].alert(piece).stamps
    assert stamp.source_id == latest["diaSourceId"]
