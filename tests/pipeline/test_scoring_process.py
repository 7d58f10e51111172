"""Scoring in another process: it may die, and so may its parent; nothing is lost, nothing scored twice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.factories import Clock, api_object, ingest_objects
from vra_tui.errors import VraError
from vra_tui.pipeline import scoring_process
from vra_tui.pipeline.scoring_process import ScoringProcess
from vra_tui.store import Store
from vra_tui.store.transaction import transaction

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


class Scoring(ScoringProcess):
    """One whose lines a test can read."""

    def __init__(self, path: Path, model: str | None = None) -> None:
        self.lines: list[str] = []
        self.is_ending = False
        super().__init__(
            path,
            model=model,
            is_stopped=lambda: self.is_ending,
            clock=lambda: NOW,
            say=self.lines.append,
            chance=lambda: 0.0,
        )

    def until(self, store: Store, is_so: Callable[[], bool]) -> None:
        """Go on, as a watch does, until something holds."""
        end = time.monotonic() + 300
        while not is_so():
            assert time.monotonic() < end, f"it did not come about: {self.lines}"
            self.go_on(store, True, lambda: False)
            time.sleep(0.02)


@pytest.fixture
def scoring(store_path: Path, store: Store) -> Iterator[Scoring]:
    made = Scoring(store_path)
    made.start()
    yield made
    made.close()


def ranked(store: Store) -> int:
    return int(store.execute("SELECT count(*) FROM standing WHERE rank IS NOT NULL").fetchone()[0])


def scored_twice(store: Store) -> int:
    query = "SELECT count(*) - count(DISTINCT alert_id || ' ' || visit) FROM scores"
    return int(store.execute(query).fetchone()[0])


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):  # it may end between the two
        return False
    # One that ended and was not waited for is there, too.
    return state != "Z"


def wait_for_end_of(pid: int) -> None:
    """One that hangs makes the test fail in the end; how long it may take is not what is asked."""
    end = time.monotonic() + 300
    while is_running(pid):
        assert time.monotonic() < end, "it did not end"
        time.sleep(0.02)


def test_what_comes_is_scored_in_another_process(scoring: Scoring, store: Store, clock: Clock):
    ingest_objects(store, [api_object(number) for number in range(3)], clock)
    scoring.came(3)
    scoring.until(store, lambda: scoring.scored >= 3)
    assert ranked(store) == 3
    assert scoring.pid != os.getpid()
    assert scoring.lines == []


def test_what_an_earlier_run_left_is_scored_though_nothing_comes(
    store: Store, clock: Clock, store_path: Path
):
    ingest_objects(store, [api_object(0)], clock)
    scoring = Scoring(store_path)
    scoring.start()
    scoring.until(store, lambda: ranked(store) == 1)
    scoring.close()


def test_one_that_was_killed_is_started_again_and_scores_all_once(
    scoring: Scoring, store: Store, clock: Clock
):
    for first in (0, 10, 20):
        ingest_objects(store, [api_object(number) for number in range(first, first + 10)], clock)
        scoring.came(10)
        # Somewhere between nothing and all of it.
        time.sleep(0.03 * first / 10)
        assert scoring.pid is not None
        killed = scoring.pid
        os.kill(killed, signal.SIGKILL)
        scoring.until(store, lambda killed=killed: scoring.pid not in (None, killed))
    scoring.until(store, lambda: ranked(store) == 30)
    assert scored_twice(store) == 0
    assert [line for line in scoring.lines if "was killed (signal 9): it is started again" in line]


@pytest.mark.slow
def test_of_two_for_one_store_one_scores_what_comes_to_both_and_the_other_takes_over(
    scoring: Scoring, store: Store, store_path: Path, clock: Clock
):
    second = Scoring(store_path)
    second.start()
    try:
        ingest_objects(store, [api_object(0)], clock)
        second.came(1)
        scoring.until(store, lambda: scoring.scored == 1)
        second.until(store, lambda: bool(second.lines))
        assert "another process follows streams into this store and scores" in second.lines[0]
        os.kill(scoring.pid or 0, signal.SIGKILL)
        second.until(store, lambda: len(second.lines) == 2)
        ingest_objects(store, [api_object(1)], clock)
        second.until(store, lambda: second.scored == 1)
        assert (ranked(store), scored_twice(store)) == (2, 0)
    finally:
        second.close()


def test_one_that_dies_at_once_is_not_started_without_end(
    scoring: Scoring, store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scoring_process, "_START", "raise SystemExit(3)")
    assert scoring.pid is not None
    os.kill(scoring.pid, signal.SIGKILL)
    scoring.until(store, lambda: sum("ended with code 3" in line for line in scoring.lines) >= 2)
    waits = [float(line.split(" in ")[1].split(" s")[0]) for line in scoring.lines if "again in" in line]
    assert scoring._again_at > time.monotonic()
    assert len(waits) == len(scoring.lines) == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_to_all_of_a_group_are_answered_by_its_parent_alone(
    scoring: Scoring, store: Store, clock: Clock, number: int
):
    assert scoring.pid is not None
    before = scoring.pid
    os.kill(before, number)
    ingest_objects(store, [api_object(0)], clock)
    scoring.came(1)
    scoring.until(store, lambda: ranked(store) == 1)
    assert scoring.pid == before


_PARENT = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from vra_tui.pipeline.scoring_process import ScoringProcess
made = ScoringProcess(Path(sys.argv[1]), model=None, is_stopped=lambda: False, say=print,
    clock=lambda: datetime.now(UTC))
made.start()
print(made.pid, flush=True)
time.sleep(60)
"""


def test_it_ends_with_its_parent_also_where_that_was_killed(store: Store, store_path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(store_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert is_running(worker)
        parent.kill()
    wait_for_end_of(worker)


def test_finishing_scores_and_explains_what_is_left_and_ends_it(scoring: Scoring, store: Store, clock: Clock):
    ingest_objects(store, [api_object(number) for number in range(5)], clock)
    worker = scoring.pid
    assert worker is not None
    scoring.finish(store)
    scoring.close()
    assert ranked(store) == 5
    assert store.execute("SELECT count(*) FROM insights").fetchone()[0] == 5
    assert not is_running(worker)


def test_while_the_store_is_locked_it_ends_without_the_lock_and_counts_what_it_owes(
    scoring: Scoring, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    # Less than who waits for the lock waits: one that did would be killed, and count nothing.
    monkeypatch.setattr(scoring_process, "_ENDS_WITHIN", 40.0)
    scoring.until(store, lambda: True)
    ingest_objects(store, [api_object(number) for number in range(2)], clock)
    with transaction(store):
        scoring.came(2)
        scoring.is_ending = True
        scoring.finish(store)
        scoring.close()
    assert scoring.lines[-1].endswith(
        "2 alerts that came last have no new rank yet: the next start scores them"
    )
    assert ranked(store) == 0


def test_one_that_does_not_end_is_killed_and_that_is_told(scoring: Scoring, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scoring_process, "_ENDS_WITHIN", 0.1)
    worker = scoring.pid
    assert worker is not None
    os.kill(worker, signal.SIGSTOP)
    scoring.close()
    assert not is_running(worker)
    assert "was killed" in scoring.lines[-1]


def test_a_model_that_cannot_be_used_is_told_of_before_anything_is_followed(store: Store, store_path: Path):
    scoring = Scoring(store_path, model="no-such-model")
    with pytest.raises(VraError, match="no-such-model"):
        scoring.start()
    assert scoring.pid is None
    assert scoring.lines == []


def test_orders_that_nobody_hears_keep_nobody_waiting(scoring: Scoring, store: Store, clock: Clock):
    assert scoring.pid is not None
    os.kill(scoring.pid, signal.SIGSTOP)
    for _ in range(20_000):
        scoring.came(1)
    ingest_objects(store, [api_object(0)], clock)
    os.kill(scoring.pid, signal.SIGCONT)
    scoring.came(1)
    scoring.until(store, lambda: ranked(store) == 1)


def test_the_order_to_finish_is_heard_though_the_worker_was_too_busy_at_first(
    scoring: Scoring, store: Store, clock: Clock
):
    worker = scoring.pid
    assert worker is not None
    ingest_objects(store, [api_object(0)], clock)
    os.kill(worker, signal.SIGSTOP)
    for _ in range(20_000):
        scoring.came(1)
    later = threading.Timer(0.5, os.kill, (worker, signal.SIGCONT))
    later.start()
    gives_up = threading.Timer(300, lambda: setattr(scoring, "is_ending", True))
    gives_up.start()
    scoring.finish(store)
    gives_up.cancel()
    assert not scoring.is_ending
    assert store.execute("SELECT count(*) FROM insights").fetchone()[0] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_all_of_a_group_while_the_worker_begins_does_not_end_it(
    store: Store, store_path: Path, number: int, capfd: pytest.CaptureFixture[str]
):
    scoring = Scoring(store_path)
    begun = scoring._begin

    def begin_under_fire() -> None:
        begun()
        assert scoring.pid is not None
        os.kill(scoring.pid, number)

    scoring._begin = begin_under_fire  # type: ignore[method-assign]
    scoring.start()
    scoring.close()
    assert scoring.lines == []
    assert capfd.readouterr().err == ""


def test_while_no_process_can_be_started_it_tries_again_later(
    scoring: Scoring, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    start, refused = subprocess.Popen, []

    def popen(*arguments: object, **more: object) -> object:
        if not refused:
            refused.append(1)
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return start(*arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", popen)
    ingest_objects(store, [api_object(0)], clock)
    assert scoring.pid is not None
    os.kill(scoring.pid, signal.SIGKILL)
    scoring.until(store, lambda: ranked(store) == 1)
    assert [line for line in scoring.lines if "Resource temporarily unavailable" in line]
