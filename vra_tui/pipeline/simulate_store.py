"""Simulating straight into a store: some processes make batches of alerts, this one writes them."""

import csv
import secrets
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from io import BytesIO
from itertools import islice
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty

from vra_tui.domain.alert import Alert, NotAnAlert
from vra_tui.domain.refusal import Refusal
from vra_tui.domain.times import utc_text
from vra_tui.errors import VraError
from vra_tui.features.dust_map import DustMap
from vra_tui.simulator import Scenario, Simulation, prepare
from vra_tui.simulator.api_json import TRUTH_COLUMNS, objects, truth_rows
from vra_tui.simulator.formats import FileFormat, file_format
from vra_tui.simulator.packets import SCHEMAS, SimulatedPacket, Stamps, packets_of
from vra_tui.sources.avro import read_container
from vra_tui.sources.bytes import Peekable
from vra_tui.store import Store
from vra_tui.store.codes import Codes
from vra_tui.store.intake import put_alerts
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet

#: What a batch becomes: its alerts, and the rows of its truth.
Made = tuple[list[Alert], list[list[object]]]

#: Alerts written in one transaction.
_AT_ONCE = 500
#: Finished batches that may wait for the writer, for each process: bounds the memory.
_WAITING = 1
#: How often a process that says nothing is looked at, seconds.
_PATIENCE = 5.0


def fill_store(
    store: Store,
    scenario: Scenario,
    seed: int,
    truth: Path,
    *,
    tired: bool = False,
    stamps: Stamps = "all",
    form: FileFormat | None = None,
    workers: int = 2,
    clock: Callable[[], datetime],
    on_progress: Callable[[int], None] = lambda alerts: None,
) -> int:
    """Simulate a scenario straight into a store that holds none of its alerts; how many there are.

    Their packets go the way of real ones: through the survey's module. Batches are made by ``workers``
    processes and written here; the same seed gives the same alerts whatever their number. ``stamps``: which
    packets carry them. ``form``: that of the packets, the survey's usual one where none is named.
    ``truth`` becomes the truth file when all is written. Raises
    ScenarioError when a kind of alert cannot be found, StoreFault, OSError.
    """
    codes, dust = Codes(store), DustMap()
    form = file_format(scenario.survey, form)
    partial = truth.with_name(f".{truth.name}.{secrets.token_hex(8)}.part")
    done = 0
    try:
        with (
            partial.open("x", newline="", encoding="utf-8") as text,
            closing(_made(scenario, seed, tired, stamps, form, workers)) as batches,
        ):
            table = csv.writer(text, lineterminator="\n")
            table.writerow([*TRUTH_COLUMNS, "human"] if tired else TRUTH_COLUMNS)
            for alerts, told in batches:
                now = utc_text(clock())
                for first in range(0, len(alerts), _AT_ONCE):
                    part = alerts[first : first + _AT_ONCE]
                    put_alerts(store, part, now, dust, codes)
                table.writerows(told)
                done += len(told)
                on_progress(len(told))
        partial.replace(truth)
    finally:
        partial.unlink(missing_ok=True)
    return done


def _made(
    scenario: Scenario, seed: int, tired: bool, stamps: Stamps, form: FileFormat, workers: int
) -> Generator[Made]:
    """The batches in order, piece by piece; of n ``workers`` process p makes p, p + n, p + 2 n …"""
    workers = min(workers, scenario.batches)
    if workers == 1:
        simulation = prepare(scenario, seed, DustMap())
        for index in range(scenario.batches):
            yield from _made_of(simulation, index, tired, stamps, form)
        return
    start = get_context("spawn")
    queues: list[Queue[Made | VraError | None]] = [start.Queue(_WAITING) for _ in range(workers)]
    processes = [
        start.Process(
            target=_make, args=(scenario, seed, tired, stamps, form, part, workers, queue), daemon=True
        )
        for part, queue in enumerate(queues)
    ]
    for process in processes:
        process.start()
    try:
        for index in range(scenario.batches):
            while (piece := _next(queues[index % workers], processes[index % workers])) is not None:
                yield piece
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _made_of(
    simulation: Simulation, index: int, tired: bool, stamps: Stamps, form: FileFormat
) -> Iterator[Made]:
    """The alerts of a batch in pieces, the truth of all of it with the last."""
    batch, scenario = simulation.batch(index), simulation.scenario
    told = truth_rows(batch, tired, scenario.survey)
    survey = installed_surveys()[scenario.survey]
    pieces: Iterable[Packet | Refusal]
    if form == "json":
        items = enumerate(objects(batch, simulation.survey.instrument), start=1)
        pieces = (Packet("simulated", f"object {number}", item) for number, item in items)
    else:
        pieces = _by_wire(packets_of(batch, simulation, stamps, index), scenario.survey)
    alerts: list[Alert] = []
    for piece in pieces:
        if isinstance(piece, Refusal):
            raise VraError(f"A simulated packet cannot be read back ({piece.position}): {piece.reason}.")
        with suppress(NotAnAlert):
            alerts.append(survey.alert(piece))
        if len(alerts) == _AT_ONCE:
            yield alerts, []
            alerts = []
    yield alerts, told


def _by_wire(packets: Iterator[SimulatedPacket], survey: str) -> Iterator[Packet | Refusal]:
    """Packets as they arrive: written as Avro, where numbers lose digits, and read again."""
    from fastavro import parse_schema, writer

    schema = parse_schema(SCHEMAS[survey])
    while values := [packet.value for packet in islice(packets, _AT_ONCE)]:
        file = BytesIO()
        writer(file, schema, values)
        file.seek(0)
        yield from read_container(Peekable(file), "simulated")


def _next(queue: "Queue[Made | VraError | None]", process: BaseProcess) -> Made | None:
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
    stamps: Stamps,
    form: FileFormat,
    part: int,
    workers: int,
    queue: "Queue[Made | VraError | None]",
) -> None:
    """Return what a process does: its share of the batches, in order."""
    try:
        simulation = prepare(scenario, seed, DustMap())
        for index in range(part, scenario.batches, workers):
            for piece in _made_of(simulation, index, tired, stamps, form):
                queue.put(piece)
            queue.put(None)
    except VraError as error:
        queue.put(error)
