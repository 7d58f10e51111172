"""The ATLAS server, asked on loopback: what is asked for, in which order, and what its oddities do."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.factories import quad
from tests.harness.atlas_server import TOKEN, AtlasServer
from tests.harness.server import Call, Reply, Served, serving
from tests.sources.wires.conftest import MadeTools
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.atlas_server import AtlasServer as Wire
from vra_tui.sources.wires.base import Delivery, SourceError, SourceSettings, WireFault
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet

SINCE = {"since": 10_000.0, "decided_since": 10_000.0}


def opened(url: str, tools: MadeTools, is_patient: bool = False, **options: Any) -> Wire:
    settings = SourceSettings("night", "atlas", {"url": f"{url}sne/atlas4/api/", **SINCE, **options})
    wire = open_wire(settings, tools.made(is_patient))
    assert isinstance(wire, Wire)
    return wire


@contextmanager
def watched(server: Any, tools: MadeTools, **options: Any) -> Iterator[tuple[Wire, Served]]:
    with serving(server) as served:
        wire = opened(served.url, tools, **options)
        yield wire, served
        wire.close()


def ids(deliveries: list[Delivery]) -> list[str]:
    """The objects of packets, in order; refusals are left out."""
    survey = installed_surveys()["atlas"]
    pieces = [piece for one in deliveries for piece in one.pieces if isinstance(piece, Packet)]
    return [survey.alert(piece).object_id for piece in pieces if not piece.is_repeat]


def refusals(deliveries: list[Delivery]) -> list[Refusal]:
    return [piece for one in deliveries for piece in one.pieces if isinstance(piece, Refusal)]


def behind(deliveries: list[Delivery]) -> dict[str, str]:
    return {part: at for one in deliveries for part, at in one.positions.items()}


def taken_in(wire: Wire, kept: dict[str, str]) -> None:
    """Ask once, and keep each position as it comes."""
    for one in wire.query(kept):
        kept |= one.positions


def filled(count: int, list_id: int = 4) -> tuple[AtlasServer, list[str]]:
    server = AtlasServer()
    return server, [
        server.add(n, list_id, f"2023-03-01T{n // 60:02d}:{n % 60:02d}:00Z") for n in range(count)
    ]


def asked_ids(served: Served) -> list[list[str]]:
    return [call.form["objects"].split(",") for call in served.calls if call.path.endswith("/objects/")]


def test_what_stands_on_its_lists_comes_the_latest_changed_first(tools: MadeTools):
    server, all_ids = filled(3)
    server.add(7, 2, "2023-03-05T00:00:00Z")
    with watched(server, tools) as (wire, served):
        deliveries = list(wire.query({}))
    assert ids(deliveries) == all_ids[::-1]
    lists = [call.form["objectlistid"] for call in served.calls if call.path.endswith("/objectlist/")]
    assert lists == ["4", "8", "12"]
    assert all(call.method == "POST" for call in served.calls)


def test_only_what_changed_is_asked_for_again(tools: MadeTools):
    server, all_ids = filled(3)
    with watched(server, tools) as (wire, _):
        kept = behind(list(wire.query({})))
        assert list(wire.query(kept)) == []
        server.objects[all_ids[0]]["lc"] += quad(5)
        again = list(wire.query(kept))
        assert ids(again) == [all_ids[0]]
        kept |= behind(again)
        server.objects[all_ids[1]]["object"]["date_modified"] = "2022-01-01T00:00:00Z"
        assert ids(list(wire.query(kept))) == [all_ids[1]]


def test_an_object_of_several_lists_costs_one_place_in_a_call(tools: MadeTools):
    server, all_ids = filled(3)
    server.custom[72] = all_ids[:2]
    with watched(server, tools, custom_lists=[72]) as (wire, served):
        assert sorted(ids(list(wire.query({})))) == sorted(all_ids)
    assert [len(set(one)) for one in asked_ids(served)] == [3]


def test_lists_go_by_name_or_number(tools: MadeTools):
    server, all_ids = filled(2, 11)
    with watched(server, tools, lists=["pm", 2]) as (wire, _):
        assert ids(list(wire.query({}))) == all_ids[::-1]
    with pytest.raises(SourceError, match="there is no list 'goood'"):
        opened("http://127.0.0.1:1/", tools, lists=["goood"])


def test_so_much_at_most_is_fetched_and_the_next_time_goes_on(tools: MadeTools):
    server, all_ids = filled(25)
    with watched(server, tools, most=10, chunk=4) as (wire, served):
        seen, kept = [], {}
        for _ in range(3):
            deliveries = list(wire.query(kept))
            seen += ids(deliveries)
            kept |= behind(deliveries)
        assert seen == all_ids[::-1]
        assert list(wire.query(kept)) == []
    assert [len(one) for one in asked_ids(served)] == [4, 4, 2, 4, 4, 2, 4, 1]


def test_a_delivery_that_was_not_taken_in_comes_again(tools: MadeTools):
    server, _all_ids = filled(25)
    with watched(server, tools) as (wire, _):
        deliveries = list(wire.query({}))
        assert [len(one.pieces) for one in deliveries] == [10, 10, 5]
        kept = behind([deliveries[0], deliveries[2]])
        assert ids(list(wire.query(kept))) == ids([deliveries[1]])


def test_what_is_known_by_its_bytes_is_a_repeat(tools: MadeTools):
    server, _all_ids = filled(3)
    with watched(server, tools) as (wire, _):
        for one in wire.query({}):
            tools.known |= {piece.digest for piece in one.pieces if isinstance(piece, Packet)}
        (again,) = wire.query({})
    assert [isinstance(piece, Packet) and piece.is_repeat for piece in again.pieces] == [True] * 3
    assert len(again.positions) == 3


def test_an_unknown_object_is_refused_by_its_id_and_the_others_come(tools: MadeTools):
    server, all_ids = filled(5)
    server.unknown = {all_ids[2]}
    with watched(server, tools) as (wire, _):
        deliveries = list(wire.query({}))
    assert ids(deliveries) == [all_ids[4], all_ids[3], all_ids[1], all_ids[0]]
    (refusal,) = refusals(deliveries)
    assert refusal.object_id == all_ids[2]
    assert "does not know it" in refusal.reason
    assert set(behind(deliveries)) == set(all_ids)


def test_sections_may_be_missing_or_null(tools: MadeTools):
    server, (first, second) = filled(2)
    del server.objects[first]["fp"], server.objects[first]["sherlock_crossmatches"]
    server.objects[second] |= dict.fromkeys(("lcnondets", "fp", "sherlock_classifications"))
    with watched(server, tools) as (wire, _):
        assert ids(list(wire.query({}))) == [second, first]


def test_an_object_that_the_answer_leaves_out_is_asked_for_once_more(tools: MadeTools):
    server, all_ids = filled(5)

    def forgetful(call: Call) -> Reply:
        reply = server(call)
        if call.path.endswith("/objects/") and len(call.form["objects"].split(",")) > 2:
            return Reply(json.dumps(json.loads(reply.content)[1:]).encode())
        return reply

    with watched(forgetful, tools) as (wire, served):
        assert sorted(ids(list(wire.query({})))) == sorted(all_ids)
    assert asked_ids(served)[1:] == [[all_ids[4]]]


@pytest.mark.parametrize("part", [0.35, 0.8])
def test_of_an_answer_that_breaks_off_the_whole_objects_count(part: float, tools: MadeTools):
    server, all_ids = filled(5)
    broken: list[int] = []

    def breaking(call: Call) -> Reply:
        reply = server(call)
        if call.path.endswith("/objects/") and not broken:
            broken.append(1)
            return Reply(reply.content[: int(len(reply.content) * part)])
        return reply

    with watched(breaking, tools) as (wire, served):
        deliveries = list(wire.query({}))
    assert sorted(ids(deliveries)) == sorted(all_ids)
    assert set(behind(deliveries)) == set(all_ids)
    assert len(asked_ids(served)) == 2


def test_a_chunk_that_is_too_much_is_halved_and_stays_so(tools: MadeTools):
    server, all_ids = filled(60)
    server.too_big = 16
    with watched(server, tools) as (wire, served):
        assert ids(list(wire.query({}))) == all_ids[::-1]
    assert [len(one) for one in asked_ids(served)] == [60, 30, 15, 15, 15, 15]


def test_an_answer_that_is_cut_off_on_the_way_is_asked_for_in_halves(tools: MadeTools):
    server, all_ids = filled(12)

    def far(call: Call) -> Reply:
        reply = server(call)
        is_long = len(call.form.get("objects", "")) > 7 * 20
        return replace(reply, cut=len(reply.content) // 2) if is_long else reply

    with watched(far, tools) as (wire, served):
        assert ids(list(wire.query({}))) == all_ids[::-1]
    assert [len(one) for one in asked_ids(served)] == [12, 6, 6]


def test_a_server_that_is_restarted_is_waited_for_and_asked_the_same(tools: MadeTools):
    server, all_ids = filled(12)
    down = [Reply(b"", 503)] * 3

    def restarting(call: Call) -> Reply:
        reply = server(call)
        return down.pop() if down and call.path.endswith("/objects/") else reply

    with watched(restarting, tools) as (wire, served):
        assert ids(list(wire.query({}))) == all_ids[::-1]
    assert [len(one) for one in asked_ids(served)] == [12, 12, 12, 12]
    assert len(tools.time.waited) == 3


def test_one_object_on_which_the_server_fails_does_not_keep_the_others(tools: MadeTools):
    server, all_ids = filled(60)
    server.poison = {all_ids[30]}
    with watched(server, tools) as (wire, served):
        deliveries = list(wire.query({}))
        assert ids(deliveries) == [one for one in all_ids[::-1] if one != all_ids[30]]
        (refusal,) = refusals(deliveries)
        assert refusal.object_id == all_ids[30]
        assert len(asked_ids(served)) <= 20
        # It is asked for alone from then on, and taken as soon as the server can give it.
        kept, before = behind(deliveries), len(asked_ids(served))
        assert len(refusals(list(wire.query(kept)))) == 1
        assert asked_ids(served)[before:] == [[all_ids[30]]]
        server.poison = set()
        assert ids(list(wire.query(kept))) == [all_ids[30]]


def test_a_server_that_fails_on_everything_is_told_before_the_hour_is_used_up(tools: MadeTools):
    server, all_ids = filled(60)
    server.poison = set(all_ids)
    with watched(server, tools) as (wire, served), pytest.raises(WireFault, match="HTTP 500") as fault:
        list(wire.query({}))
    assert fault.value.status == 500
    assert len(served.calls) < 30


def test_a_hundred_calls_an_hour_are_kept_to_over_restarts(tools: MadeTools):
    server, all_ids = filled(30)
    kept: dict[str, str] = {}
    with serving(server) as served:
        for _ in range(2):  # two programs, one account
            wire = opened(served.url, tools, chunk=1, calls_an_hour=20)
            with pytest.raises(WireFault, match="20 calls an hour"):
                taken_in(wire, kept)
        assert server.calls == 20
        tools.time.seconds += 3600
        patient = opened(served.url, tools, is_patient=True, chunk=1, calls_an_hour=20)
        taken_in(patient, kept)
    assert set(kept) == set(all_ids)
    assert sum(tools.time.waited) == pytest.approx(3600)


def test_calls_that_others_made_of_the_account_are_told_with_how_long(tools: MadeTools):
    server, _ = filled(3)
    server.left = 2
    with watched(server, tools) as (wire, served), pytest.raises(WireFault, match="30 minutes") as fault:
        list(wire.query({}))
    assert fault.value.retry_after == 1800
    assert len(served.calls) == 3


def test_an_expired_token_is_told_with_what_to_do(tools: MadeTools):
    server, _ = filled(1)
    tools.secrets["token"] = "0ldt0ken"
    with watched(server, tools) as (wire, served), pytest.raises(WireFault) as fault:
        list(wire.query({}))
    told = str(fault.value)
    assert "Token has expired." in told
    assert "/auth-token/" in told
    assert "VRA_SOURCE_NIGHT_TOKEN" in told
    assert "0ldt0ken" not in told
    assert len(served.calls) == 1


@pytest.mark.parametrize("token", ["0ldt0ken", None])
def test_a_token_is_renewed_with_user_and_password(token: str | None, tools: MadeTools):
    server, all_ids = filled(2)
    tools.secrets = {"user": "scanner", "password": server.password} | ({"token": token} if token else {})
    with watched(server, tools) as (wire, served):
        assert ids(list(wire.query({}))) == all_ids[::-1]
        assert wire.check().who == "scanner"
    assert sum(call.path.endswith("/auth-token/") for call in served.calls) == 1


def test_a_wrong_password_is_told_without_it(tools: MadeTools):
    server, _ = filled(1)
    tools.secrets = {"user": "scanner", "password": "wr0ng"}
    with (
        watched(server, tools) as (wire, _),
        pytest.raises(WireFault, match="Unable to log in") as fault,
    ):
        list(wire.query({}))
    assert "wr0ng" not in str(fault.value)


def test_without_a_token_it_says_where_to_put_one(tools: MadeTools):
    tools.secrets = {}
    with pytest.raises(SourceError, match="VRA_SOURCE_NIGHT_TOKEN"):
        opened("http://127.0.0.1:1/", tools).check()


def test_a_test_tells_what_is_left_of_the_hour(tools: MadeTools):
    server, _ = filled(1)
    with watched(server, tools) as (wire, served):
        answered = wire.check()
    assert (answered.calls_left, answered.calls_an_hour) == (99, 100)
    assert len(served.calls) == 1


def test_a_cone_gives_the_nearest_first(tools: MadeTools):
    server, all_ids = filled(3)
    with watched(server, tools) as (wire, served):
        assert ids([Delivery(list(wire.cone(150.1, 2.2, 900.0)))]) == all_ids[::-1]
    assert float(served.calls[0].form["radius"]) == 300.0


def test_objects_and_a_cone_of_the_configuration_are_asked_for_each_time(tools: MadeTools):
    server, all_ids = filled(3, 2)
    options = {"lists": [], "objects": [all_ids[0]], "cone": {"ra": 150.1, "dec": 2.2, "radius": 60}}
    with watched(server, tools, **options) as (wire, _):
        assert sorted(ids(list(wire.query({})))) == sorted(all_ids)
        assert sorted(ids(list(wire.query({})))) == sorted(all_ids)


def test_what_was_decided_there_comes_for_objects_that_came_before_and_no_others(tools: MadeTools):
    server, all_ids = filled(3)
    for number in range(100, 130):
        server.add(number, 0)
    with watched(server, tools) as (wire, _):
        kept = behind(list(wire.query({})))
        server.move(all_ids[1], 0, "michael.fulton", "2023-03-02T00:00:00Z")
        deliveries = list(wire.query(kept))
    assert ids(deliveries) == [all_ids[1]]


@pytest.mark.parametrize("list_id", [0, 2, 7, 9])
def test_what_waits_there_no_more_comes_first_wherever_it_went(list_id: int, tools: MadeTools):
    server, all_ids = filled(4)
    with watched(server, tools, decided=[]) as (wire, _):
        kept = behind(list(wire.query({})))
        server.move(all_ids[0], list_id, "michael.fulton", "2023-02-02T00:00:00Z")
        server.objects[all_ids[1]]["lc"] += quad(5)
        deliveries = list(wire.query(kept))
        assert ids(deliveries) == [all_ids[0], all_ids[1]]
        kept |= behind(deliveries)
        assert list(wire.query(kept)) == []
        server.move(all_ids[0], 4, "michael.fulton", "2023-02-03T00:00:00Z")
        assert ids(list(wire.query(kept))) == [all_ids[0]]


def test_what_is_older_than_the_window_is_asked_for_once_more_and_then_left(tools: MadeTools):
    server, all_ids = filled(2)
    with watched(server, tools, since=2_000.0) as (wire, _):
        kept = behind(list(wire.query({})))
        server.objects[all_ids[0]]["object"]["followup_flag_date"] = "2017-01-01T00:00:00"
        deliveries = list(wire.query(kept))
        assert ids(deliveries) == [all_ids[0]]
        assert list(wire.query(kept | behind(deliveries))) == []


def test_another_host_is_not_asked(tools: MadeTools):
    with serving(lambda call: Reply(b"[]")) as other:

        def away(call: Call) -> Reply:
            return Reply(b"", 302, {"location": f"{other.url}api/objectlist/"})

        with watched(away, tools) as (wire, _), pytest.raises(WireFault, match="not configured"):
            list(wire.query({}))
    assert not other.calls


@pytest.mark.parametrize(
    "answer", [b'{"info": "Max number of objects is 50,000"}', b"[3]", b"{}", b'"text"', b"<html>", b"[{}"]
)
def test_an_answer_that_is_no_list_of_objects_is_a_fault_in_words(answer: bytes, tools: MadeTools):
    with watched(lambda call: Reply(answer), tools) as (wire, _), pytest.raises(WireFault, match="night"):
        list(wire.query({}))
    with watched(lambda call: Reply(answer), tools) as (wire, _), pytest.raises(WireFault, match="night"):
        list(wire.object("1000005291314656200"))


@pytest.mark.skipif("VRA_REAL_DATA" not in os.environ, reason="VRA_REAL_DATA does not name the real data")
def test_recorded_objects_become_alerts(tools: MadeTools):
    server = AtlasServer()
    for path in sorted((Path(os.environ["VRA_REAL_DATA"]) / "atlas_api").glob("*.json")):
        value = json.loads(path.read_bytes())
        server.objects[str(value["object"]["id"])] = value
    with watched(server, tools, lists=["good", "pm"]) as (wire, served):
        deliveries = list(wire.query({}))
    survey = installed_surveys()["atlas"]
    alerts = [survey.alert(piece) for one in deliveries for piece in one.pieces if isinstance(piece, Packet)]
    assert [alert.facts["name"] for alert in alerts] == ["ATLAS23vpx", "ATLAS20bbfr"]
    assert [len(alert.light_curve.detections) for alert in alerts] == [9, 21]
    assert TOKEN in served.calls[0].headers["authorization"]
