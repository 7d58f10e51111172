"""Forced photometry and images: asked for alerts of the store, waited for over restarts, taken in once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import FIRST_ID, T0, Clock, api_object, forced, ingest_objects, quad
from tests.harness.forced_server import HEADER, TOKEN, ForcedServer, image, row, zipped
from tests.harness.server import Served, serving
from tests.sources.wires.conftest import MadeTime, MadeTools
from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline import pull as pulling
from vra_tui.pipeline.requests import Worked, ask, work_off
from vra_tui.sources.wires.base import NotOffered, SourceSettings
from vra_tui.sources.wires.forced_queue import ForcedQueue
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.store import Store
from vra_tui.store.curves import light_curve
from vra_tui.store.detail import alert_detail
from vra_tui.store.following import source_states
from vra_tui.store.requests import open_requests, requests_of

NOW = datetime(2023, 3, 10, 3, tzinfo=UTC)
ALERT = FIRST_ID
#: An exposure in which the alert was detected, and one in which it was not.
SEEN, MISSED = quad(0)[-1], f"01a{int(T0)}o0999o"
LIGHT_CURVE = (
    HEADER
    + row(T0 - 3.25, "02a59997o0001o", -4.0)
    + row(SEEN["mjd"], SEEN["expname"])
    + row(T0 - 0.4, MISSED)
).encode()


class Desk:
    """A store, the server, and what one asks for; each call opens a wire of its own, as a restart does."""

    def __init__(self, store: Store, served: Served, server: ForcedServer) -> None:
        self.store, self.served, self.server, self.now = store, served, server, NOW
        self.tools = MadeTools(MadeTime(), {"token": TOKEN})
        self.refused: list[Refusal] = []

    def wire(self, **options: object) -> ForcedQueue:
        given = {"url": f"{self.served.url}forcedphot/", **options}
        wire = open_wire(SourceSettings("forced", "atlas-forced", given), self.tools.made())
        assert isinstance(wire, ForcedQueue)
        return wire

    def ask(self, what: str, *alerts: int, **how: timedelta) -> int:
        return ask(self.store, self.wire(), alerts or [ALERT], what, clock=lambda: self.now, **how)

    def work(self, **options: object) -> Worked:
        self.tools.time.seconds = self.now.timestamp()
        wire = self.wire(**options)
        worked = work_off(self.store, wire, clock=lambda: self.now, on_refusal=self.refused.append)
        wire.close()
        return worked

    @property
    def came(self) -> list[str | None]:
        return [one.came for one in requests_of(self.store, ALERT)]

    @property
    def posts(self) -> int:
        return sum(call.method == "POST" for call in self.served.calls)


@pytest.fixture
def desk(store: Store, clock: Clock) -> Iterator[Desk]:
    ingest_objects(store, [api_object(number) for number in range(4)], clock)
    server = ForcedServer()
    with serving(server) as served:
        server.base = served.url
        yield Desk(store, served, server)


def test_photometry_comes_over_three_runs_of_the_program(desk: Desk):
    assert desk.ask("photometry") == 1
    assert desk.work() == Worked(asked=1, waiting=1)
    assert desk.work() == Worked(waiting=1)
    desk.server.finish(1001, LIGHT_CURVE)
    assert desk.work() == Worked(came=1)
    assert desk.came == ["light curve"]
    assert light_curve(desk.store, ALERT).forced.flux.tolist() == [-4.0, 200.0, 200.0]
    row = alert_detail(desk.store, ALERT).row
    # What the table says of the object is older than what the survey says of it.
    assert (row.name, row.ra, row.dec) == ("ATLAS23t000", 150.1, 2.2)
    assert desk.work() == Worked()
    assert desk.posts == 1


def test_an_exposure_whose_time_the_server_rounds_does_not_count_twice(desk: Desk, clock: Clock):
    known = [forced(-0.51234567), forced(-1.27654321)]
    ingest_objects(desk.store, [api_object(0, fp=known)], clock)
    before = light_curve(desk.store, ALERT).forced.mjd.tolist()
    desk.ask("photometry")
    desk.work()
    rows = [row(one["mjd_obs"], one["expname"], 321.0) for one in known]
    desk.server.finish(1001, (HEADER + "".join(rows) + row(T0 - 0.9, "01a60000o0001o")).encode())
    assert desk.work() == Worked(came=1)
    after = light_curve(desk.store, ALERT).forced.mjd.tolist()
    assert len(after) == 3
    assert set(before) <= set(after)


def test_a_light_curve_begins_before_t0(desk: Desk):
    desk.ask("photometry")
    desk.work(days=100.0)
    assert float(desk.server.tasks[1001]["mjd_min"]) == pytest.approx(T0 - 100.0)


def test_images_are_asked_for_of_the_last_nights_alone_and_join_their_detections(desk: Desk):
    desk.ask("cutouts")
    desk.work()
    assert float(desk.server.tasks[1001]["mjd_min"]) == pytest.approx(SEEN["mjd"] - 3.0, abs=1e-4)
    desk.server.finish(1001, LIGHT_CURVE)
    assert desk.work() == Worked(asked=1, waiting=1)
    files = {f"{name}_diff.fits": image(61) for name in (SEEN["expname"], MISSED, "03a59000o0001o")}
    desk.server.finish(1002, zipped(files))
    assert desk.work() == Worked(came=1)
    assert desk.came == ["2 images"]
    seen = light_curve(desk.store, ALERT).detections
    held = alert_detail(desk.store, ALERT).stamps
    assert [stamp.kind for stamp in held] == ["difference"] * 2
    assert [stamp.mjd for stamp in held] == pytest.approx([T0 - 0.4, float(seen.mjd[-1])], abs=1e-6)
    assert float(seen.mjd[-1]) in [stamp.mjd for stamp in held]


def test_what_is_asked_for_twice_is_asked_once_and_again_only_after_a_while(desk: Desk):
    assert desk.ask("photometry", ALERT, ALERT + 1) == 2
    assert desk.ask("photometry", ALERT, ALERT + 1) == 0
    desk.work()
    desk.server.finish(1001, LIGHT_CURVE)
    desk.server.finish(1002, LIGHT_CURVE)
    desk.work()
    assert desk.ask("photometry") == 0
    desk.now += timedelta(days=2)
    assert desk.ask("photometry", again_after=timedelta(days=1)) == 1


def test_no_more_tasks_are_put_into_the_queue_than_configured(desk: Desk):
    desk.ask("photometry", *(ALERT + n for n in range(4)))
    assert desk.work(most_tasks=2) == Worked(asked=2, waiting=4)
    desk.server.finish(1001, LIGHT_CURVE)
    assert desk.work(most_tasks=2) == Worked(asked=1, came=1, waiting=3)


def test_a_task_that_failed_ends_with_the_servers_words(desk: Desk):
    desk.ask("photometry")
    desk.work()
    desk.server.finish(1001, fault="No data returned")
    assert desk.work() == Worked(failed=1)
    assert desk.came == ["failed: No data returned"]


def test_a_task_that_the_server_lost_ends(desk: Desk):
    desk.ask("photometry")
    desk.work()
    desk.server.tasks.clear()
    assert desk.work() == Worked(failed=1)


def test_a_result_that_is_no_light_curve_is_refused_and_told(desk: Desk):
    desk.ask("photometry")
    desk.work()
    desk.server.finish(1001, b"<html>Sign in</html>")
    assert desk.work() == Worked(failed=1)
    assert desk.came == ["not taken: it is no light curve: `<html>Sign in</html>`"]
    assert len(desk.refused) == 1


def test_a_zip_that_is_none_ends_with_why(desk: Desk):
    desk.ask("cutouts")
    desk.work()
    desk.server.finish(1001, LIGHT_CURVE)
    desk.work()
    desk.server.finish(1002, b"PK\x03\x04")
    assert desk.work() == Worked(failed=1)
    assert str(desk.came[0]).startswith("no image: it is no whole zip")


def test_what_waits_for_days_is_given_up(desk: Desk):
    desk.ask("photometry")
    desk.work()
    desk.now += timedelta(days=2.9)
    assert desk.work() == Worked(waiting=1)
    desk.now += timedelta(days=0.2)
    assert desk.work() == Worked(failed=1)
    assert desk.came == ["given up after 3 days: the server has not got to it"]


def test_results_that_cannot_be_fetched_hold_up_no_others(desk: Desk, clock: Clock):
    ingest_objects(desk.store, [api_object(number) for number in range(4, 9)], clock)
    desk.ask("photometry", *(ALERT + number for number in range(9)))
    desk.work()
    for number in range(1001, 1010):
        desk.server.finish(number, LIGHT_CURVE)
    desk.server.lost = {1001, 1003, 1005, 1007}
    worked = desk.work()
    assert (worked.came, worked.waiting, worked.fault) == (5, 4, None)
    # Now there is nothing but those.
    assert "does not know" in str(desk.work().fault)
    (state,) = source_states(desk.store)
    assert not state.is_up
    desk.now += timedelta(days=4)
    desk.work()
    desk.work()
    assert open_requests(desk.store, "forced") == []
    assert str(desk.came[0]).startswith("given up after 3 days")


def test_a_server_that_is_down_is_told_and_what_was_asked_for_stays(desk: Desk):
    desk.ask("photometry", *(ALERT + n for n in range(4)))
    desk.work()
    desk.server.token = "other"
    worked = desk.work()
    assert worked.waiting == 4
    assert "Invalid token" in str(worked.fault)
    (state,) = source_states(desk.store)
    assert not state.is_up


def test_killed_after_the_alerts_were_in_it_is_known_again_by_its_bytes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    class Killed(BaseException):
        """As a signal ends the program."""

    def kill(*arguments: object) -> None:
        raise Killed

    desk.ask("photometry")
    desk.work()
    desk.server.finish(1001, LIGHT_CURVE)
    with monkeypatch.context() as patched:
        patched.setattr(pulling, "keep_progress", kill)
        with pytest.raises(Killed):
            desk.work()
    assert len(light_curve(desk.store, ALERT).forced) == 3
    assert desk.work() == Worked(came=1)
    assert len(light_curve(desk.store, ALERT).forced) == 3
    assert desk.posts == 1


def test_what_a_source_does_not_have_cannot_be_asked_of_it(desk: Desk):
    with pytest.raises(NotOffered, match="it has photometry, cutouts"):
        desk.ask("spectrum")
    assert open_requests(desk.store, "forced") == []


def test_alerts_of_other_surveys_are_not_asked_about(desk: Desk):
    assert ask(desk.store, desk.wire(), [12345], "photometry", clock=lambda: NOW) == 0
