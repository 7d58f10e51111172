"""Simulating straight into a store: some processes make batches of alerts, this one writes them."""

import csv
import secrets
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty

from vra_tui.domain.alert import Alert
from vra_tui.errors import VraError
from vra_tui.features.extinction import ebv_sfd
from vra_tui.pipeline.simulated import alerts_of
from vra_tui.simulator import Batch, Scenario, prepare
from vra_tui.simulator.api_json import TRUTH_COLUMNS, truth_rows
from vra_tui.store.codes import Codes
from vra_tui.store.intake import put_alerts

#: What a batch becomes: its alerts, and the rows of its truth.
Made = tuple[list[Alert], list[list[object]]]

#: Alerts written in one transaction.
_AT_ONCE = 500
#: Finished batches that may wait for the writer, for each process: bounds the memory.
_WAITING = 1
#: How often a process that says nothing is looked at, seconds.
_PATIENCE = 5.0


def fill_store(
    connection: sqlite3.Connection,
    scenario: Scenario,
    seed: int,
    truth: Path,
    *,
    tired: bool = False,
    workers: int = 2,
    clock: Callable[[], datetime],
    on_progress: Callable[[int], None] = lambda alerts: None,
) -> int:
    """Simulate a scenario straight into a store that holds none of its alerts; how many there are.

    Batches are made by ``workers`` processes and written here, one transaction each; the same seed gives the
    same alerts whatever their number. ``truth`` becomes the truth file when all is written. Raises
    ScenarioError when a kind of alert cannot be found, sqlite3.Error, OSError.
    """
    codes = Codes(connection)
    partial = truth.with_name(f".{truth.name}.{secrets.token_hex(8)}.part")
    done = 0
    try:
        with (
            partial.open("x", newline="", encoding="utf-8") as text,
            closing(_made(scenario, seed, tired, workers)) as batches,
        ):
            table = csv.writer(text, lineterminator="\n")
            table.writerow([*TRUTH_COLUMNS, "human"] if tired else TRUTH_COLUMNS)
            for alerts, told in batches:
                now = clock().astimezone(UTC).isoformat(timespec="seconds")
                for first in range(0, len(alerts), _AT_ONCE):
                    part = alerts[first : first + _AT_ONCE]
                    put_alerts(connection, part, now, ebv_sfd, codes)
                table.writerows(told)
                done += len(alerts)
                on_progress(len(alerts))
        partial.replace(truth)
    finally:
        partial.unlink(missing_ok=True)
    return done


def _made(scenario: Scenario, seed: int, tired: bool, workers: int) -> Generator[Made]:
    """The batches in order: process p makes every so-manieth from the p-th on."""
    workers = min(workers, scenario.batches)
    if workers == 1:
        simulation = prepare(scenario, seed, ebv_sfd)
        yield from (_made_of(batch, tired) for batch in simulation)
        return
    start = get_context("spawn")
    queues: list[Queue[Made | VraError]] = [start.Queue(_WAITING) for _ in range(workers)]
    processes = [
        start.Process(target=_make, args=(scenario, seed, tired, part, workers, queue), daemon=True)
        for part, queue in enumerate(queues)
    ]
    for process in processes:
        process.start()
    try:
        for index in range(scenario.batches):
            yield _next(queues[index % workers], processes[index % workers])
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _made_of(batch: Batch, tired: bool) -> Made:
    return alerts_of(batch), truth_rows(batch, tired)


def _next(queue: "Queue[Made | VraError]", process: BaseProcess) -> Made:
    while True:
        try:
            result = queue.get(timeout=_PATIENCE)
        except Empty:
            if not process.is_alive():
                raise VraError(
                    f"A process that makes alerts ended (exit code {process.exitcode}), perhaps for want of "
                    "memory. The whole batches before are kept; try --workers 1."
                ) from None
        else:
            if isinstance(result, VraError):
                raise result
            return result


def _make(
    scenario: Scenario,
    seed: int,
    tired: bool,
    part: int,
    workers: int,
    queue: "Queue[Made | VraError]",
) -> None:
    """What a process does: its share of the batches, in order."""
    try:
        simulation = prepare(scenario, seed, ebv_sfd)
        for index in range(part, scenario.batches, workers):
            queue.put(_made_of(simulation.batch(index), tired))
    except VraError as error:
        queue.put(error)
