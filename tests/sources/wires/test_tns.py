"""The Transient Name Server, asked on loopback: its list, its days, its searches, and bad answers."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from tests.harness.server import Call, Reply, serving
from tests.sources.wires.conftest import MadeTools
from vra_tui.domain.alert import Alert
from vra_tui.sources.wires.base import SourceError, SourceSettings, Target, WireFault
from vra_tui.sources.wires.kinds import open_wire

KEY = "0f9a8b7c6d5e4f30"
HEADER = (
    "objid,name_prefix,name,ra,declination,redshift,typeid,type,reporting_groupid,reporting_group,"
    "source_groupid,source_group,discoverydate,discoverymag,discmagfilter,filter,reporters,time_received,"
    "internal_names,Discovery_ADS_bibcode,Class_ADS_bibcodes,creationdate,lastmodified"
)
ROW = (
    '"{n}","SN","2026ab{n}","{ra}","-4.5","0.01","3","SN Ia","18","ATLAS","18","ATLAS",'
    '"2026-11-20 03:04:05","18.2","71","cyan-ATLAS","J. Tonry, for ATLAS","2026-11-20 09:00:00",'
    '"ATLAS26abc, ZTF26xyz","","","2026-11-20 09:00:00","2026-11-25 01:02:03"'
)


def archive(*rows: str, first: str = '"2026-11-27 00:00:00"', name: str = "tns_public_objects.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr(name, "\n".join([*([first] if first else []), HEADER, *rows]) + "\n")
    return packed.getvalue()


def row(number: int, ra: float = 10.0) -> str:
    return ROW.format(n=number, ra=ra)


class Server:
    """The TNS with a list of two objects, changes of some days, and an object that is found by searching."""

    def __init__(self) -> None:
        self.days: dict[str, bytes] = {}
        self.whole = archive(row(1), row(2))
        self.left = 5

    def __call__(self, call: Call) -> Reply:
        if call.form.get("api_key") != KEY or '"name":"vra"' not in call.headers["user-agent"]:
            return Reply(b'{"id_code": 401}', 401)
        if call.path.endswith("tns_public_objects.csv.zip"):
            return Reply(self.whole)
        if "tns_public_objects_" in call.path:
            day = call.path.partition("objects_")[2][:8]
            return Reply(self.days[day]) if day in self.days else Reply(b"<html>", 404)
        if call.path.endswith("/search"):
            self.left -= 1
            headers = {"x-rate-limit-limit": "5", "x-rate-limit-remaining": str(self.left)}
            found = [{"objname": "2026abc", "prefix": "SN", "objid": 7}]
            return Reply(
                json.dumps({"id_code": 200, "data": found}).encode(),
                headers={**headers, "x-rate-limit-reset": "41"},
            )
        told = {
            "objname": "2026abc", "name_prefix": "SN", "objid": 7, "radeg": 10.0, "decdeg": -4.5,
            "object_type": {"name": "SN Ia", "id": 3}, "redshift": 0.01,
            "discoverydate": "2026-11-20 03:04:05",
            "discoverymag": 18.2,
            "discmagfilter": {"name": "cyan"}, "reporting_group": {"group_name": "ATLAS"},
        }  # fmt: skip
        return Reply(json.dumps({"id_code": 200, "data": {"reply": told}}).encode())


def opened(url: str, tools: MadeTools, **options: object):
    tools.secrets["api_key"] = KEY
    tools.time.seconds = datetime(2026, 11, 28, 3, tzinfo=UTC).timestamp()
    own = {"url": url, "bot_id": 7, "bot_name": "vra"}
    return open_wire(SourceSettings("tns", "tns", {**own, **options}), tools.made())


def test_the_whole_list_comes_first_then_the_changes_of_each_day(tools: MadeTools):
    server = Server()
    with serving(server) as served:
        wire = opened(served.url, tools)
        (first,) = wire.query({})
        assert first.catalogue.is_whole
        one = first.catalogue.objects[0]
        server.days = {"20261127": archive(row(3)), "20261126": archive(row(9))}
        changes = list(wire.query(first.positions))
    assert (one.name, one.prefix, one.type, one.mag_band) == ("2026ab1", "SN", "SN Ia", "cyan-ATLAS")
    assert one.internal_names == "ATLAS26abc, ZTF26xyz"
    assert first.positions == {"list": "2026-11-26"}
    assert [[obj.name for obj in each.catalogue.objects] for each in changes] == [["2026ab3"]]
    assert changes[-1].positions == {"list": "2026-11-27"}


def test_days_that_are_not_there_yet_are_asked_for_again(tools: MadeTools):
    server = Server()
    server.days = {"20261125": archive(row(3))}
    with serving(server) as served:
        changes = list(opened(served.url, tools).query({"list": "2026-11-24"}))
        assert [each.positions for each in changes] == [{"list": "2026-11-25"}]
        (nothing,) = opened(served.url, tools).query({"list": "2026-11-27"})
    assert (nothing.positions, nothing.catalogue.objects) == ({}, ())


@pytest.mark.parametrize("kept", ["2026-11-02", "yesterday"])
def test_after_a_long_pause_the_whole_list_comes(kept: str, tools: MadeTools):
    with serving(Server()) as served:
        (only,) = opened(served.url, tools).query({"list": kept})
    assert only.catalogue.is_whole


def test_rows_without_a_name_or_a_place_are_left_out(tools: MadeTools):
    server = Server()
    server.whole = archive(row(1), row(2).replace("-4.5", ""), row(3, 400.0), '"5","SN"', row(4), first="")
    with serving(server) as served:
        (only,) = opened(served.url, tools).query({})
    assert [one.name for one in only.catalogue.objects] == ["2026ab1", "2026ab4"]


@pytest.mark.parametrize(
    "content",
    [
        b"<html>busy</html>", b"PK\x03\x04 cut", archive(row(1))[:200], archive(), archive(name="a.txt"),
        archive(first="").replace(b"objid", b"objix"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_a_fault_in_words_and_not_taken(content: bytes, tools: MadeTools):
    server = Server()
    server.whole = content
    with serving(server) as served, pytest.raises(WireFault) as told:
        list(opened(served.url, tools).query({}))
    assert KEY not in str(told.value)
    assert "tns" in str(told.value)


def test_an_alert_is_searched_for_by_its_place_and_gets_the_report(tools: MadeTools):
    target = Target("ztf", "ZTF21abiuvdk", 10.0, -4.5003, 61000.0)
    with serving(Server()) as served:
        (piece,) = opened(served.url, tools).add_to("tns", target)
    assert isinstance(piece.value, Alert)
    (report,) = piece.value.tns
    assert (report.designation, report.type, report.discoverer) == ("2026abc", "SN Ia", "ATLAS")
    assert report.separation_arcsec == pytest.approx(1.08, abs=0.01)
    assert piece.value.facts == {"other_name": "SN2026abc"}


def test_a_report_that_the_survey_told_of_keeps_its_spelling(tools: MadeTools):
    target = Target("ztf", "ZTF21abiuvdk", 10.0, -4.5, 61000.0, "mine", ("AT 2026abc",))
    with serving(Server()) as served:
        (piece,) = opened(served.url, tools).add_to("tns", target)
    assert piece.value.tns[0].designation == "AT 2026abc"
    assert piece.value.facts == {}


def test_the_minutes_budget_in_the_headers_is_waited_for(tools: MadeTools):
    server = Server()
    server.left = 1
    with serving(server) as served:
        opened(served.url, tools).check()
    assert tools.time.waited == [42.0]


def test_a_test_says_who_one_is_and_what_is_left_of_the_minute(tools: MadeTools):
    with serving(Server()) as served:
        answered = opened(served.url, tools).check()
    assert (answered.who, "4 of 5 searches left" in answered.message) == ("vra", True)


def test_without_a_key_it_says_where_to_put_one(tools: MadeTools):
    wire = opened("https://example.org/", tools)
    tools.secrets.clear()
    wire = open_wire(wire.settings, tools.made())
    with pytest.raises(SourceError, match="VRA_SOURCE_TNS_API_KEY"):
        list(wire.query({}))


def test_options_that_cannot_be_used_are_named(tools: MadeTools):
    with pytest.raises(SourceError, match="`bot_id` is missing"):
        open_wire(SourceSettings("tns", "tns", {"bot_name": "x"}), tools.made())
    with pytest.raises(SourceError, match="`bot_name`"):
        open_wire(SourceSettings("tns", "tns", {"bot_id": 3, "bot_name": 'x"\n'}), tools.made())


def test_nothing_that_people_try_in_the_sandbox_is_taken_for_a_report(tools):
    with serving(Server()) as served:
        wire = opened(served.url, tools, sandbox=True)
        assert wire.check().who == "vra"
        asked = len(served.calls)
        assert list(wire.query({})) == []
        assert not wire.adds_to_survey("atlas")
        assert len(served.calls) == asked
