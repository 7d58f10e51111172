"""The ATLAS forced-photometry server, asked on loopback: tasks, what they end as, and what goes wrong."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.forced_server import HEADER, TOKEN, ForcedServer, image, row, zipped
from tests.harness.server import Call, Reply, Served, serving
from tests.sources.wires.conftest import MadeTools
from vra_tui.domain.alert import StampKind
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import Exposure, NotOffered, SourceError, SourceSettings, Wanted, WireFault
from vra_tui.sources.wires.forced_queue import ForcedQueue, Task
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet

NAMES = ["02a60000o0101o", "01a60001o0202c", "05r60002o0303o"]
TARGET = Wanted(
    1, "photometry", "1100000000000000000", 150.1, 2.2, 60_000.5, 60_001.4321, 1.8e9,
    exposures={NAMES[1]: Exposure(60001.4321, 77)},
)  # fmt: skip
LIGHT_CURVE = (HEADER + "".join(row(60_000.25 + n, name) for n, name in enumerate(NAMES))).encode()


@contextmanager
def queued(server: Any, tools: MadeTools, **options: Any) -> Iterator[tuple[ForcedQueue, Served]]:
    if tools.secrets == {"token": "a7f31b0c9d2e4f58"}:
        tools.secrets = {"token": TOKEN}
    with serving(server) as served:
        server.base = served.url
        settings = SourceSettings("forced", "atlas-forced", {"url": f"{served.url}forcedphot/", **options})
        wire = open_wire(settings, tools.made())
        assert isinstance(wire, ForcedQueue)
        yield wire, served
        wire.close()


def done(wire: ForcedQueue, number: int) -> Task:
    task = wire.task(number)
    assert task is not None
    assert task.is_finished
    return task


def test_a_light_curve_is_asked_for_waited_for_and_extends_its_alert(tools: MadeTools):
    server = ForcedServer()
    with queued(server, tools) as (wire, served):
        number = wire.ask_photometry(TARGET)
        assert wire.task(number) == Task(number, False)
        server.finish(number, LIGHT_CURVE)
        (packet,) = wire.photometry(done(wire, number), TARGET)
    form = served.calls[0].form
    assert (form["ra"], form["dec"], form["mjd_min"]) == ("150.1", "2.2", "59800.5")
    assert form["use_reduced"].lower() == "false"
    assert isinstance(packet, Packet)
    survey = installed_surveys().recognise(packet)
    alert = survey.alert(packet)
    assert (alert.survey, alert.object_id) == ("atlas", TARGET.object_id)
    assert (alert.facts["ra"], alert.facts["dec"]) == (150.1, 2.2)
    assert alert.light_curve.forced.flux.tolist() == [200.0] * 3
    assert [alert.instruments[code] for code in alert.light_curve.forced.instrument] == ["02a", "01a", "05r"]


def test_the_same_light_curve_is_known_again(tools: MadeTools):
    server = ForcedServer()
    with queued(server, tools) as (wire, _):
        number = wire.ask_photometry(TARGET)
        server.finish(number, LIGHT_CURVE)
        (first,) = wire.photometry(done(wire, number), TARGET)
        assert isinstance(first, Packet)
        tools.known.add(first.digest)
        (second,) = wire.photometry(done(wire, number), TARGET)
    assert isinstance(second, Packet)
    assert second.is_repeat


def test_images_become_stamps_of_detections_and_exposures(tools: MadeTools):
    server = ForcedServer()
    files = {f"{name}_diff.fits": image() for name in NAMES}
    files |= {f"{NAMES[0]}_ref.fits": image(), "job1001.txt": LIGHT_CURVE, "commandlist.sh": b"rm -rf /"}
    with queued(server, tools) as (wire, served):
        number = wire.ask_photometry(TARGET)
        server.finish(number, LIGHT_CURVE)
        images = wire.ask_images(TARGET, number)
        server.finish(images, zipped(files))
        (packet,) = wire.images(done(wire, images), TARGET, wire.light_curve_text(done(wire, number)))
    form = served.calls[1].form
    assert (form["request_type"], form["parent_task_id"]) == ("IMGZIP", "1001")
    assert isinstance(packet, Packet)
    alert = installed_surveys().recognise(packet).alert(packet)
    assert alert.object_id == TARGET.object_id
    assert len(alert.light_curve.forced) == 0
    told = {(stamp.kind, stamp.mjd, stamp.source_id) for stamp in alert.stamps}
    assert told == {
        (StampKind.DIFFERENCE, 60001.4321, 77),
        (StampKind.DIFFERENCE, 60000.25, 0), (StampKind.TEMPLATE, 60000.25, 0),
        (StampKind.DIFFERENCE, 60002.25, 0),
    }  # fmt: skip


def test_so_many_images_at_most_are_kept_those_of_detections_first(tools: MadeTools):
    server = ForcedServer()
    with queued(server, tools, most_images=2) as (wire, _):
        number = wire.ask_photometry(TARGET)
        server.finish(number, LIGHT_CURVE)
        images = wire.ask_images(TARGET, number)
        server.finish(images, zipped({f"{name}_diff.fits": image(31) for name in NAMES}))
        (packet,) = wire.images(done(wire, images), TARGET, LIGHT_CURVE)
    assert isinstance(packet, Packet)
    assert [stamp.mjd for stamp in packet.value["atlas_cutouts"]] == [60001.4321, 60002.25]


def test_a_queue_that_is_full_is_left_alone_for_as_long_as_it_says(tools: MadeTools):
    server = ForcedServer(throttled=1)
    with queued(server, tools) as (wire, served):
        wire.ask_photometry(TARGET)
    assert tools.time.waited == [24.0]
    assert len(server.tasks) == 1
    assert len(served.calls) == 2


def test_a_task_that_may_have_been_made_is_not_made_twice(tools: MadeTools):
    server = ForcedServer()

    class Slow(ForcedServer):
        def __call__(self, call: Call) -> Reply:
            made = server(call)
            return Reply(b"", 504) if call.method == "POST" else made

    with queued(Slow(), tools) as (wire, _), pytest.raises(WireFault, match="HTTP 504"):
        wire.ask_photometry(TARGET)
    assert len(server.tasks) == 1


def test_a_task_that_failed_says_why_and_one_that_is_gone_is_none(tools: MadeTools):
    server = ForcedServer()
    with queued(server, tools) as (wire, _):
        number = wire.ask_photometry(TARGET)
        server.finish(number, fault="No data returned\x1b[2J")
        task = done(wire, number)
        assert task.fault is not None
        assert task.fault.startswith("No data returned")
        assert "\x1b" not in task.fault
        assert wire.task(number + 1) is None


def test_user_and_password_give_a_token_once(tools: MadeTools):
    server = ForcedServer()
    tools.secrets = {"user": "summit", "password": server.password}
    with queued(server, tools) as (wire, served):
        wire.ask_photometry(TARGET)
        wire.ask_photometry(TARGET)
        assert wire.check().who == "summit"
    paths = [call.path.rpartition("forcedphot/")[2] for call in served.calls]
    assert paths == ["api-token-auth/", "queue/", "queue/", "queue/"]


def test_a_test_tells_whose_tasks_they_are(tools: MadeTools):
    server = ForcedServer()
    with queued(server, tools) as (wire, _):
        assert wire.check().who is None
        wire.ask_photometry(TARGET)
        answered = wire.check()
    assert answered.who == "summit"
    assert answered.calls_left == 3_597


def test_without_any_secret_it_says_where_to_put_one(tools: MadeTools):
    tools.secrets = {}
    with (
        queued(ForcedServer(), tools) as (wire, _),
        pytest.raises(SourceError, match="VRA_SOURCE_FORCED_TOKEN"),
    ):
        wire.ask_photometry(TARGET)


def test_results_on_another_host_are_not_fetched_unless_it_is_configured(tools: MadeTools):
    with serving(lambda call: Reply(LIGHT_CURVE)) as other:
        server = ForcedServer(results_at=other.url)
        with queued(server, tools) as (wire, _):
            number = wire.ask_photometry(TARGET)
            server.finish(number, LIGHT_CURVE)
            with pytest.raises(WireFault, match="not configured"):
                list(wire.photometry(done(wire, number), TARGET))
            assert not other.calls
        server = ForcedServer(results_at=other.url)
        with queued(server, tools, hosts=[other.url]) as (wire, _):
            number = wire.ask_photometry(TARGET)
            server.finish(number, LIGHT_CURVE)
            assert len(list(wire.photometry(done(wire, number), TARGET))) == 1
    assert "authorization" not in other.calls[0].headers


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"<html>Sign in</html>", "no light curve"), (HEADER.encode(), "without rows"), (b"", "no light curve")],
)
def test_a_result_that_is_no_light_curve_is_refused(content: bytes, why: str, tools: MadeTools):
    server = ForcedServer()
    with queued(server, tools) as (wire, _):
        number = wire.ask_photometry(TARGET)
        server.finish(number, content)
        (refusal,) = wire.photometry(done(wire, number), TARGET)
    assert isinstance(refusal, Refusal)
    assert why in refusal.reason


@pytest.mark.parametrize("answer", [b"[]", b"{}", b'"text"', b"<html>"])
def test_an_answer_that_is_no_task_is_a_fault_in_words(answer: bytes, tools: MadeTools):
    class Odd(ForcedServer):
        def __call__(self, call: Call) -> Reply:
            return Reply(answer)

    with queued(Odd(), tools) as (wire, _):
        with pytest.raises(WireFault, match="forced"):
            wire.ask_photometry(TARGET)
        with pytest.raises(WireFault, match="forced"):
            wire.task(3)


def test_by_itself_it_has_nothing_to_tell_but_whether_it_answers(tools: MadeTools):
    with queued(ForcedServer(), tools) as (wire, _):
        assert list(wire.query({})) == []
        tools.secrets["token"] = "other"
    with queued(ForcedServer(), tools) as (wire, _), pytest.raises(WireFault, match="Invalid token"):
        wire.query({})


def test_objects_cannot_be_asked_for_without_their_places(tools: MadeTools):
    with queued(ForcedServer(), tools) as (wire, _), pytest.raises(NotOffered, match="atlas-forced"):
        wire.object(TARGET.object_id)


@pytest.mark.skipif("VRA_REAL_DATA" not in os.environ, reason="VRA_REAL_DATA does not name the real data")
def test_recorded_light_curves_extend_an_alert(tools: MadeTools):
    real = Path(os.environ["VRA_REAL_DATA"]) / "atlas_forced" / "2018jov_i000.o.lc.txt"
    server, target = ForcedServer(), replace(TARGET, ra=120.0298, dec=58.7097)
    with queued(server, tools) as (wire, _):
        number = wire.ask_photometry(target)
        server.finish(number, real.read_bytes())
        (packet,) = wire.photometry(done(wire, number), target)
    assert isinstance(packet, Packet)
    alert = installed_surveys()["atlas"].alert(packet)
    assert alert.object_id == TARGET.object_id
    assert len(alert.light_curve.forced) > 1_000
