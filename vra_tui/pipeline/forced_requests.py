"""Forced photometry and images of ATLAS alerts: asked for, waited for over restarts, taken in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from vra_tui.domain.alert import detail_key
from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline.pull import take_in
from vra_tui.sources.wires.base import Delivery, WireFault
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.curves import light_curve
from vra_tui.store.detail import alert_detail, detection_extra
from vra_tui.store.following import note_state
from vra_tui.store.objects import of_survey
from vra_tui.store.requests import Request, end_request, keep_task, open_requests, put_requests
from vra_tui.surveys.atlas.cutouts import CUTOUTS

if TYPE_CHECKING:
    from vra_tui.sources.wires.forced_queue import ForcedQueue, Target, Task

What = Literal["photometry", "cutouts"]
#: How a task is kept in a request: `light curve 12`, `images 13 of 12`.
_LIGHT_CURVE, _IMAGES = "light curve", "images"
#: Without a t0 and a detection there is no night to begin at.
_NO_NIGHT = "the alert has no detection"
#: After so many faults one after the other it is the server that is in trouble, not a task.
_GIVEN_UP_AFTER = 3


@dataclass
class Worked:
    """What came of working off a queue. ``waiting``: requests that are not over; ``fault``: the latest."""

    asked: int = 0
    came: int = 0
    failed: int = 0
    waiting: int = 0
    fault: str | None = None


def ask(
    store: Store,
    wire: "ForcedQueue",
    alert_ids: Iterable[int],
    what: What,
    *,
    clock: Callable[[], datetime],
    again_after: timedelta | None = None,
) -> int:
    """Remember that alerts of ATLAS lack forced photometry or cutouts; returns how many requests are new.

    What was asked for before is asked for anew only where it ended longer than ``again_after`` ago.
    """
    now = clock()
    before = "" if again_after is None else _iso(now - again_after)
    with transaction(store):
        return put_requests(
            store, of_survey(store, alert_ids, wire.survey), what, wire.name, _iso(now), before
        )


def work_off(
    store: Store,
    wire: "ForcedQueue",
    *,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
) -> Worked:
    """Look once at everything that was asked for: put into the server's queue, ask how it is, take in.

    Nothing is waited for: call it again after a while. Each step is kept before the next one, so that a
    program which is killed goes on with the tasks that it had put into the queue; what it had taken in and
    not noted is known by its bytes.
    """
    worked = Worked()
    waiting = open_requests(store, wire.name)
    running = sum(request.task is not None for request in waiting)
    step, faults = _Step(store, wire, clock, on_refusal, worked), 0
    for request in waiting:
        if request.task is None and running >= wire.options.most_tasks:
            break
        try:
            running += step.begin(request) if request.task is None else -step.look(request)
            faults = 0
        except WireFault as fault:
            worked.fault = str(fault)
            running -= step.give_up(request, worked.fault)
            faults += 1
            if faults >= _GIVEN_UP_AFTER:
                break
    if waiting:
        with transaction(store):
            is_up, message = faults == 0, worked.fault if faults and worked.fault else "answers"
            note_state(store, wire.name, wire.kind, is_up, message, _iso(clock()))
    worked.waiting = len(open_requests(store, wire.name))
    return worked


@dataclass
class _Step:
    """One step of one request; the methods return how many tasks began, or ended."""

    store: Store
    wire: "ForcedQueue"
    clock: Callable[[], datetime]
    on_refusal: Callable[[Refusal], None]
    worked: Worked

    def begin(self, request: Request) -> int:
        target = self._target(request)
        if target is None:
            self._end(request, _NO_NIGHT, False)
            return 0
        number = self.wire.ask_photometry(target)
        self._keep(request, f"{_LIGHT_CURVE} {number}")
        self.worked.asked += 1
        return 1

    def look(self, request: Request) -> int:
        kind, number, parent = _parsed(request.task or "")
        task = self.wire.task(number)
        if task is None:
            return self._end(request, "the server does not know the task any more", False)
        if task.fault is not None:
            return self._end(request, f"failed: {task.fault}", False)
        if not task.is_finished:
            return self.give_up(request, "the server has not got to it")
        target = self._target(request)
        if target is None:
            return self._end(request, _NO_NIGHT, False)
        if kind == _LIGHT_CURVE:
            return self._light_curve(request, task, target)
        return self._images(request, task, target, parent)

    def _light_curve(self, request: Request, task: "Task", target: "Target") -> int:
        refused = self._take_in(Delivery(list(self.wire.photometry(task, target))))
        if refused is not None:
            return self._end(request, f"not taken: {refused}", False)
        if request.what == "cutouts":
            number = self.wire.ask_images(target, task.number)
            self._keep(request, f"{_IMAGES} {number} of {task.number}")
            return 0
        return self._end(request, "light curve", True)

    def _images(self, request: Request, task: "Task", target: "Target", parent: int) -> int:
        of = self.wire.task(parent)
        text = b"" if of is None or of.result_url is None else self.wire.light_curve_text(of)
        pieces = list(self.wire.images(task, target, text))
        refused = self._take_in(Delivery(pieces))
        stamps = sum(len(piece.value[CUTOUTS]) for piece in pieces if not isinstance(piece, Refusal))
        if not stamps:
            return self._end(request, f"no image: {refused or 'none of an exposure that is known'}", False)
        return self._end(request, f"{stamps} image{'s' if stamps > 1 else ''}", True)

    def _take_in(self, delivery: Delivery) -> str | None:
        """Take in what came; why the first of it was refused."""
        reasons: list[str] = []

        def refuse(refusal: Refusal) -> None:
            reasons.append(refusal.reason)
            self.on_refusal(refusal)

        take_in(self.store, self.wire, delivery, clock=self.clock, on_refusal=refuse)
        return reasons[0] if reasons else None

    def give_up(self, request: Request, why: str) -> int:
        """End a request that waits for too long; 0 where it does not yet."""
        days = self.wire.options.patience_days
        if self.clock() - datetime.fromisoformat(request.asked_at) < timedelta(days=days):
            return 0
        ended = self._end(request, f"given up after {days:g} days: {why}", False)
        return ended if request.task is not None else 0

    def _target(self, request: Request) -> "Target | None":
        """What the task is about, as the store knows it now."""
        from vra_tui.sources.wires.forced_queue import Exposure, Target

        row = alert_detail(self.store, request.alert_id).row
        seen = light_curve(self.store, request.alert_id).detections
        if not len(seen):
            return None
        options = self.wire.options
        if request.what == "cutouts":
            begin = float(seen.mjd[-1]) - options.image_days
        else:
            begin = row.t0_mjd - options.days
        extra = detection_extra(self.store, request.alert_id)
        exposures: dict[str, Exposure] = {}
        for source_id, moment, mjd in zip(
            seen.source_id.tolist(), seen.moment.tolist(), seen.mjd.tolist(), strict=True
        ):
            for told in extra.get(detail_key(source_id, moment), ()):
                if isinstance(name := told.get("expname"), str):
                    exposures.setdefault(name, Exposure(mjd, source_id))
        return Target(row.object_id, row.ra, row.dec, begin, exposures)

    def _keep(self, request: Request, task: str) -> None:
        with transaction(self.store):
            keep_task(self.store, request.request_id, task)

    def _end(self, request: Request, came: str, is_good: bool) -> int:
        with transaction(self.store):
            end_request(self.store, request.request_id, came, _iso(self.clock()))
        if is_good:
            self.worked.came += 1
        else:
            self.worked.failed += 1
        return 1


def _parsed(task: str) -> tuple[str, int, int]:
    """What a task makes, its number, and that of the light curve whose images it makes."""
    if task.startswith(_IMAGES):
        number, _, parent = task.removeprefix(_IMAGES).partition(" of ")
        return _IMAGES, int(number), int(parent)
    return _LIGHT_CURVE, int(task.removeprefix(_LIGHT_CURVE)), 0


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
