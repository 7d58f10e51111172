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

import numpy as np
from numpy.typing import NDArray

from vra_tui.errors import VraError
from vra_tui.features.extinction import ebv_sfd
from vra_tui.pipeline.simulated import StoreRows, store_rows
from vra_tui.store.alerts import UnitCodes
from vra_tui.store.bulk import load_alerts
from vra_tui.store.connection import transaction
from vra_tui.survey.simulator import Scenario, prepare
from vra_tui.survey.simulator.api_json import TRUTH_COLUMNS
from vra_tui.survey.simulator.instrument import Instrument

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
    unit_codes = UnitCodes(connection)
    codes = np.array([unit_codes(unit.code) for unit in Instrument.shipped().units], dtype=np.uint8)
    partial = truth.with_name(f".{truth.name}.{secrets.token_hex(8)}.part")
    done = 0
    try:
        with (
            partial.open("x", newline="", encoding="utf-8") as text,
            closing(_made(scenario, seed, codes, tired, workers)) as batches,
        ):
            table = csv.writer(text, lineterminator="\n")
            table.writerow([*TRUTH_COLUMNS, "human"] if tired else TRUTH_COLUMNS)
            for rows in batches:
                now = clock().astimezone(UTC).isoformat(timespec="seconds")
                with transaction(connection):
                    load_alerts(connection, rows.alerts, rows.curves, rows.context, now)
                table.writerows(rows.truth)
                done += len(rows.alerts)
                on_progress(len(rows.alerts))
        partial.replace(truth)
    finally:
        partial.unlink(missing_ok=True)
    return done


def _made(
    scenario: Scenario, seed: int, codes: NDArray[np.uint8], tired: bool, workers: int
) -> Generator[StoreRows]:
    """The batches in order: process p makes every so-manieth from the p-th on."""
    workers = min(workers, scenario.batches)
    if workers == 1:
        simulation = prepare(scenario, seed, ebv_sfd)
        yield from (store_rows(batch, codes, tired) for batch in simulation)
        return
    start = get_context("spawn")
    queues: list[Queue[StoreRows | VraError]] = [start.Queue(_WAITING) for _ in range(workers)]
    processes = [
        start.Process(target=_make, args=(scenario, seed, codes, tired, part, workers, queue), daemon=True)
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


def _next(queue: "Queue[StoreRows | VraError]", process: BaseProcess) -> StoreRows:
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
    codes: NDArray[np.uint8],
    tired: bool,
    part: int,
    workers: int,
    queue: "Queue[StoreRows | VraError]",
) -> None:
    """What a process does: its share of the batches, in order."""
    try:
        simulation = prepare(scenario, seed, ebv_sfd)
        for index in range(part, scenario.batches, workers):
            queue.put(store_rows(simulation.batch(index), codes, tired))
    except VraError as error:
        queue.put(error)
