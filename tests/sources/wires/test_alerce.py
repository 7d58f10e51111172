"""ALeRCE, asked on loopback: pages, sections, stamps, and what bad answers do."""

import json
from pathlib import Path

import pytest

from tests.harness.server import Call, Reply, serving
from tests.sources.wires.conftest import MadeTools
from tests.sources.wires.recorded import replayed
from tests.surveys.lsst.test_alerce import ID, row
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import SourceError, SourceSettings, WireFault
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.surveys import installed_surveys

NAMES = ["ZTF18abcgqmz", "ZTF21abiuvdk"]
FITS = b"SIMPLE  =                    T" + b" " * 50


def detection(oid: str, mjd: float) -> dict:
    return {
        "oid": oid, "tid": "ztf", "mjd": mjd, "candid": str(int(mjd)), "fid": 1, "isdiffpos": 1,
        "magpsf": 18.5, "sigmapsf": 0.1, "ra": 279.9, "dec": -4.87, "rb": 0.5, "drb": 0.9, "drbversion": "1",
        "has_stamp": mjd < 59000, "diffmaglim": 20.0,
    }  # fmt: skip


class Server:
    """ALeRCE's ZTF server with two objects, or the LSST one with one."""

    def __init__(self) -> None:
        self.answers: dict[str, Reply] = {}
        self.missing = "nothing"

    def __call__(self, call: Call) -> Reply:
        if self.missing in call.path:
            return Reply(b'{"detail": "no such page"}', 404)
        what = call.path.rstrip("/").rpartition("/")[2]
        if "/v2/" in call.path:
            what = "forced"
        if what in self.answers:
            return self.answers[what]
        return Reply(json.dumps(self.lsst(what) if "_api" in call.path else self.ztf(call, what)).encode())

    def ztf(self, call: Call, what: str):
        oid = next((name for name in NAMES if name in call.path), "")
        if what == "objects":
            rows = [{"oid": name, "lastmjd": 59001.0 + n} for n, name in enumerate(NAMES)]
            return {"items": rows if call.query.get("page") == "1" else []}
        if what == "lightcurve":
            rows = [detection(oid, 59001.0), detection(oid, 58990.0)]
            return {"detections": rows, "non_detections": [{"mjd": 58980.0, "fid": 1, "diffmaglim": 19.5}]}
        if what == "forced":
            own = {
                "oid": oid,
                "mjd": 58970.0,
                "fid": 1,
                "mag": 20.0,
                "e_mag": 0.2,
                "isdiffpos": 1,
                "aid": "x",
            }
            return [{**own, "extra_fields": {"rfid": 3}}]
        if what == "probabilities":
            return [{"classifier_name": "stamp", "class_name": "SN", "probability": 0.8}]
        return {"oid": oid, "meanra": 279.9, "meandec": -4.87, "ndethist": "2"}

    def lsst(self, what: str):
        if what == "list_objects":
            return {"items": [{"oid": ID, "lastmjd": 60983.2}]}
        if what == "lightcurve":
            return {"detections": [row()], "non_detections": [], "forced_photometry": [row(60970.0)]}
        return {"oid": ID, "ra": 9.05, "dec": -44.1} if what == "object" else []


def opened(url: str, tools: MadeTools, **options: object):
    own = {"url": url, **({"stamps_url": url} if options.get("survey") != "lsst" else {})}
    return open_wire(SourceSettings("night", "alerce", {**own, **options}), tools.made())


def alerts(pieces, survey: str = "ztf"):
    return [installed_surveys()[survey].alert(piece) for piece in pieces]


def without_forced(server: Server) -> Server:
    server.missing = "/v2/lightcurve/forced-photometry/"
    return server


def test_what_a_classifier_says_selects_the_latest_first(tools: MadeTools):
    with serving(without_forced(Server())) as served:
        wire = opened(served.url, tools, classifier="stamp_classifier", class_name="SN", probability=0.5)
        found = alerts([piece for one in wire.query({}) for piece in one.pieces])
    assert [one.object_id for one in found] == list(reversed(NAMES))
    asked = served.calls[0].query
    assert (asked["class"], asked["probability"], asked["order_mode"]) == ("SN", "0.5", "DESC")


def test_an_object_of_ztf_is_one_packet_and_a_section_that_it_lacks_is_left_out(tools: MadeTools):
    with serving(without_forced(Server())) as served:
        (one,) = alerts(opened(served.url, tools).object(NAMES[0]))
    assert (len(one.light_curve.detections), len(one.light_curve.nondetections)) == (2, 1)
    assert one.annotations[0].classification == "SN"
    assert one.facts["n_detections_told"] == 2


def test_forced_photometry_of_ztf_comes_from_the_other_version_of_the_interface(tools: MadeTools):
    with serving(Server()) as served:
        (one,) = alerts(opened(f"{served.url}ztf/v1/", tools).object(NAMES[0]))
    assert len(one.light_curve.forced) == 1


def test_an_object_of_lsst_is_one_packet_with_forced_photometry(tools: MadeTools):
    with serving(Server()) as served:
        (one,) = alerts(opened(served.url, tools, survey="lsst").object(str(ID)), "lsst")
        listed = list(opened(served.url, tools, survey="lsst", classifier="stamp").query({}))
    assert (len(one.light_curve.detections), len(one.light_curve.forced)) == (1, 1)
    assert [list(one.positions) for one in listed] == [[str(ID)]]


def test_the_same_answer_is_known_again_by_its_bytes(tools: MadeTools):
    with serving(without_forced(Server())) as served:
        wire = opened(served.url, tools)
        (first,) = wire.object(NAMES[0])
        tools.known.add(first.digest)
        (second,) = wire.object(NAMES[0])
    assert second.is_repeat


@pytest.mark.parametrize("survey", ["ztf", "lsst"])
def test_stamps_are_those_of_the_latest_detection_that_has_some(survey: str, tools: MadeTools):
    server = without_forced(Server())
    server.answers["get_stamp"] = server.answers["stamp"] = Reply(FITS)
    name = NAMES[0] if survey == "ztf" else str(ID)
    with serving(server) as served:
        (one,) = alerts(opened(served.url, tools, survey=survey).cutouts(name), survey)
    assert len(one.stamps) == 3
    assert one.stamps[0].mjd == pytest.approx(58990.0 if survey == "ztf" else 60983.2, abs=1e-3)


def test_a_stamp_that_is_no_picture_is_refused(tools: MadeTools):
    server = without_forced(Server())
    server.answers["get_stamp"] = Reply(b"<html>")
    with serving(server) as served:
        pieces = list(opened(served.url, tools).cutouts(NAMES[0]))
    assert [isinstance(piece, Refusal) for piece in pieces] == [True] * 3


def test_an_object_that_is_unknown_is_refused_by_itself(tools: MadeTools):
    server = without_forced(Server())
    server.answers["lightcurve"] = Reply(b'{"detail": "not found"}', 404)
    with serving(server) as served:
        (piece,) = opened(served.url, tools).object(NAMES[0])
    assert isinstance(piece, Refusal)
    assert "404" in piece.reason


@pytest.mark.parametrize("answer", [b"[1", b"[3]", b"<html>"])
def test_a_broken_light_curve_is_refused_by_itself(answer: bytes, tools: MadeTools):
    server = without_forced(Server())
    server.answers["lightcurve"] = Reply(answer)
    with serving(server) as served:
        (piece,) = opened(served.url, tools).object(NAMES[0])
    assert isinstance(piece, Refusal)


@pytest.mark.parametrize("answer", [b"{}", b"[3]", b"<html>", b'{"items": 3}'])
def test_a_list_that_is_none_is_a_fault_in_words(answer: bytes, tools: MadeTools):
    with serving(lambda call: Reply(answer)) as served, pytest.raises(WireFault, match=r"night|127"):
        list(opened(served.url, tools, classifier="stamp").query({}))


def test_it_says_what_it_can_be_asked_for(tools: MadeTools):
    with pytest.raises(SourceError, match="`classifier`"):
        list(opened("https://example.org/", tools).query({}))


def test_recorded_answers_become_an_alert(tools: MadeTools, real_data: Path):
    recorded = replayed(real_data / "broker_responses" / "alerce_get_alert.yaml")

    def answer(call: Call) -> Reply:
        # The recording holds the object and its detections; the light curve is those and what else there is.
        if call.path.endswith("/lightcurve"):
            rows = recorded(Call("GET", call.path.replace("lightcurve", "detections"), {}, {}, {})).content
            return Reply(b'{"detections": ' + rows + b', "non_detections": []}')
        return recorded(call)

    with serving(answer) as served:
        url = f"{served.url}ztf/v1/"
        (one,) = alerts(opened(url, tools).object("ZTF18abcgqmz"))
    assert len(one.light_curve.detections) == 2
    assert one.facts["n_detections_told"] == 2
