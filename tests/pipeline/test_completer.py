"""Completing beside a watch: again and again, in a thread of its own, whatever a source does."""

import threading
import time as clocks
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from tests.pipeline.test_completing import NOW, Made, ranked  # noqa: F401 - a fixture
from vra_tui.config.alert_sources import AlertSource
from vra_tui.pipeline.completer import Completer
from vra_tui.pipeline.sources import real_edges
from vra_tui.sources.wires.base import Delivery, Progress, SourceError, Wanted, Wire, WireFault
from vra_tui.store import Store, StoreFault
from vra_tui.store.connection import open_store
from vra_tui.store.listing import list_ids
from vra_tui.store.requests import open_requests, requests_of
from vra_tui.store.turns import Turn


class Queue(Made):
    """A source that answers later: what is wanted is ready the second time that it is looked at."""

    adds = frozenset()
    completes = ("photometry",)
    survey = "atlas"

    def complete(self, wanted: Sequence[Wanted]) -> Iterator[Delivery]:
        for one in wanted:
            if one.task is None:
                yield Delivery([], progress=[Progress(one.request_id, task="7")])
            else:
                yield Delivery([], progress=[Progress(one.request_id, came="nothing new", is_good=True)])


class Run:
    """A completer over made wires, ended once something holds of the store."""

    def __init__(self, path, wires: dict[str, Wire | Exception]) -> None:
        self.path, self.lines = path, list[str]()
        self.stop = threading.Event()

        def opener(store: Store, source: AlertSource) -> Wire:
            made = wires[source.name]
            if isinstance(made, Exception):
                raise made
            return made

        self.completer = Completer(
            path, [AlertSource(name, "made", "", {}) for name in wires], opener,
            edges=real_edges(self.stop), stop=self.stop, clock=lambda: NOW, say=self.lines.append, every=0.02,
        )  # fmt: skip

    def until(self, is_so: Callable[[Store], bool]) -> None:
        self.completer.start()
        end = clocks.monotonic() + 30
        with closing(open_store(self.path)) as store:
            while not is_so(store) and clocks.monotonic() < end:
                clocks.sleep(0.02)
            self.stop.set()
            self.completer.join(30)
            assert not self.completer.is_alive()
            assert is_so(store)


def pictured(store: Store) -> int:
    return int(store.execute("SELECT count(*) FROM stamps WHERE kind = 'context'").fetchone()[0])


def test_what_high_ranked_alerts_lack_comes_by_itself(store, store_path, ranked):  # noqa: F811
    run = Run(store_path, {"sky": Made("sky")})
    run.until(lambda store: pictured(store) == 2)
    assert (run.completer.came(), run.completer.came()) == (4, 0)


def test_another_process_of_the_store_asks_a_source_until_it_ends(store, store_path, ranked):  # noqa: F811
    """Another source, which that one does not have, is asked by this one."""
    turn = Turn(store_path, "completing-sky")
    assert turn.is_mine()
    sky = Made("sky")
    run = Run(store_path, {"sky": sky, "queue": Queue("queue")})
    asked_before: list[int] = []
    ids = list_ids(store, "all").tolist()

    def is_so(store: Store) -> bool:
        if not asked_before and any(requests_of(store, number) for number in ids):
            asked_before.append(len(sky.asked))
            turn.close()
        return pictured(store) == 2

    run.until(is_so)
    assert asked_before == [0]


def test_a_source_that_fails_is_told_of_once_and_hinders_no_other(store, store_path, ranked):  # noqa: F811
    broken = Made("broken", fault="broken: no connection.")
    wires = {"bad": SourceError("no token"), "broken": broken, "sky": Made("sky")}
    run = Run(store_path, wires)
    run.until(lambda store: pictured(store) == 2 and len(run.lines) > 0)
    assert run.lines == ["2026-11-28 03:00:00 nothing added by broken: broken: no connection."]


def test_what_a_queue_makes_is_fetched_when_it_is_ready(store, store_path, ranked):  # noqa: F811
    run = Run(store_path, {"forced": Queue("forced")})
    ids = list_ids(store, "all").tolist()

    def is_over(store: Store) -> bool:
        told = [one for number in ids for one in requests_of(store, number)]
        return bool(told) and not open_requests(store, "forced")

    run.until(is_over)
    told = [one for number in ids for one in requests_of(store, number)]
    assert {(one.what, one.came) for one in told} == {("photometry", "nothing new")}


def test_while_another_program_holds_the_store_it_waits_and_goes_on(store, store_path, ranked):  # noqa: F811
    class Locked(Made):
        def add_to(self, what, target):
            raise StoreFault("database is locked")

    run = Run(store_path, {"locked": Locked("locked")})
    run.until(lambda store: bool(run.lines))
    assert run.lines == ["2026-11-28 03:00:00 nothing added by the store: database is locked"]


def test_a_fault_whose_numbers_alone_change_is_told_once(store, store_path, ranked):  # noqa: F811
    class Busy(Made):
        asked_times = 0

        def add_to(self, what, target):
            self.asked_times += 1
            raise WireFault(f"busy: try again in {self.asked_times} s.")

    busy = Busy("busy")
    run = Run(store_path, {"busy": busy})
    # What failed is tried again an hour later: four things of two alerts, one a round.
    run.until(lambda store: busy.asked_times == 4)
    assert len(run.lines) == 1


def test_where_no_source_has_anything_to_add_it_ends(store, store_path):
    class Bare(Made):
        adds = frozenset()

    run = Run(store_path, {"bare": Bare("bare")})
    run.completer.start()
    run.completer.join(30)
    assert not run.completer.is_alive()
    assert run.lines == []
