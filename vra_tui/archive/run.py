"""Work through a catalogue partition by partition, on this machine or on a Dask cluster."""

import contextlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from vra_tui.archive.columns import ColumnMap
from vra_tui.archive.folder import Pixel, begin, finish_hats, is_finished, partition_file
from vra_tui.archive.judge import choose_judge
from vra_tui.archive.partition import features_of, objects_of
from vra_tui.archive.reading import Reader, import_lsdb, pixels_of
from vra_tui.archive.scope import warnings_for
from vra_tui.archive.task import A_TASK, CannotWrite, Counts, Job, reason
from vra_tui.errors import VraError
from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import FeatureTable

if TYPE_CHECKING:
    from distributed import Client, Future
    from lsdb.catalog import Catalog

#: Tasks that wait at each thread of the workers: a graph of a million would not fit.
_AHEAD = 3
#: Partitions of one task at most: what is lost with its worker.
_MOST_TOGETHER = 64
#: What the C library keeps of freed memory, bytes. With Dask's own setting, 64 KB, each array goes back to
#: the system when it is freed, and fetching it again takes as long as the computing.
_MALLOC = {"MALLOC_TRIM_THRESHOLD_": 512 << 20, "MALLOC_MMAP_THRESHOLD_": 32 << 20}
#: Objects, and partitions, that are looked at before a model is asked.
_FIRST, _LOOKED_AT = 1_000, 16
#: A partition whose worker was lost, or whose server did not answer, is tried again so many times.
_RETRIES = 2


@dataclass
class Outcome:
    """What a run did. ``finished``: partitions whose files are there; ``before``: of them, earlier ones."""

    counts: Counts = field(default_factory=Counts)
    finished: list[Pixel] = field(default_factory=list)
    before: int = 0
    refused: dict[Pixel, str] = field(default_factory=dict)


@contextlib.contextmanager
def workers(scheduler: str | None, count: int) -> Iterator["Client"]:
    """Dask's workers: of a scheduler, of the one that Dask's configuration names, or ``count`` here.

    Here each is a process with one thread; 0: a thread of this process, for trials. Raises VraError for a
    scheduler that does not answer.
    """
    import_lsdb()
    import dask
    from distributed import Client, LocalCluster

    address = scheduler or dask.config.get("scheduler-address", None)
    if address:
        try:
            client = Client(address, timeout=20)
        except (OSError, ValueError) as error:
            raise VraError(f"No Dask scheduler answers at {address}: {error}") from None
        with client:
            yield client
        return
    ours = {"preload": "vra_tui.archive.own_worker"} if count else {}
    spawn = "distributed.nanny.pre-spawn-environ"
    with (
        dask.config.set({spawn: {**dask.config.get(spawn), **_MALLOC}}),
        LocalCluster(
            n_workers=count or 1,
            threads_per_worker=1,
            processes=count > 0,
            # No dashboard: what it is served by listens here alone, at a port that nobody else has.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=50,
            **ours,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def run(
    catalogue: "Catalog",
    job: Job,
    start: Callable[[], AbstractContextManager["Client"]],
    *,
    asked: Mapping[str, Any],
    on_begin: Callable[[int, int], None] = lambda total, before: None,
    on_partition: Callable[[Pixel, Counts | str], None] = lambda pixel, what: None,
    note: Callable[[str], None] = lambda words: None,
) -> Outcome:
    """Work through all partitions that have no file yet; what is damaged is refused by itself.

    ``start``: gets workers (`workers`), called only where something is left to do. ``asked``: what makes
    this run the same as one before, kept in the folder. ``on_partition`` gets what became of each: counts,
    or a reason. ``note`` gets sentences for the user. Raises VraError for a folder of another run or one
    that cannot be written, for a model that cannot be used here or on a worker, and for unfit workers.
    """
    reader, pixels = Reader.of(catalogue, job.columns), pixels_of(catalogue)
    judge = choose_judge(job.model, job.survey) if job.what == "score" else None
    if not pixels:
        raise VraError("The catalogue is empty: it has no partition. Nothing was written.")
    begin(job.out, asked)
    if job.model is not None and judge is not None:
        for words in warnings_for(judge, _first_features(reader, job.columns, pixels)):
            note(words)
    done = [pixel for pixel in pixels if is_finished(partition_file(job.out, job.form, pixel))]
    outcome = Outcome(finished=list(done), before=len(done))
    on_begin(len(pixels), len(done))
    skipped = {*done}
    if waiting := [pixel for pixel in pixels if pixel not in skipped]:
        job = replace(job, run=f"vra-archive-{uuid4().hex}")
        with start() as client, _readied(client, job):
            turns = _Turns(waiting, sum(client.nthreads().values()))
            for pixel, what in _results(client, turns, reader, job, note):
                if isinstance(what, str):
                    outcome.refused[pixel] = what
                else:
                    outcome.counts += what
                    outcome.finished.append(pixel)
                on_partition(pixel, what)
    if job.form == "hats" and outcome.finished:
        finish_hats(job.out, f"{catalogue.name}_{job.what}", sorted(outcome.finished))
    return outcome


def _first_features(reader: Reader, columns: ColumnMap, pixels: Sequence[Pixel]) -> FeatureTable:
    """The features of some objects, of the first partitions that can be read."""
    found = [np.empty((0, len(STREAM_1)))]
    for pixel in pixels[:_LOOKED_AT]:
        if (wanted := _FIRST - sum(map(len, found))) <= 0:
            break
        # What is damaged is refused in its turn.
        with contextlib.suppress(Exception):
            found.append(features_of(objects_of(reader.read(pixel).iloc[:wanted], columns)).values)
    values = np.concatenate(found)
    return FeatureTable(np.arange(len(values)), STREAM_1, values)


@contextlib.contextmanager
def _readied(client: "Client", job: Job) -> Iterator[None]:
    """Workers that know the job, for the time of a run. Raises VraError for those that cannot do it."""
    from vra_tui.archive.worker import RunOnWorker, fault_here

    versions = client.get_versions(packages=["vra_tui"])["workers"]
    if lacking := [name for name, found in versions.items() if not found["packages"].get("vra_tui")]:
        raise VraError(f"vra-tui is not installed on the workers {', '.join(lacking)}. Nothing was done.")
    client.register_plugin(RunOnWorker(job))
    try:
        faults = [fault for fault in client.run(fault_here, job.run).values() if fault]
        if faults:
            raise VraError("\n".join(sorted(faults)))
        yield
    finally:
        # On a cluster that is gone there is nothing to take back.
        with contextlib.suppress(Exception):
            client.unregister_worker_plugin(job.run)


class _Turns:
    """Which partitions go into the next task: several small ones together, a large one alone."""

    def __init__(self, pixels: list[Pixel], threads: int) -> None:
        self._waiting = deque(pixels)
        self._alone: deque[Pixel] = deque()
        self._tries: Counter[Pixel] = Counter()
        self._threads = max(1, threads)
        self._seen = Counts()
        self._partitions = 0

    def next(self) -> list[Pixel]:
        """The partitions of the next task; none where all are under way."""
        if not self._waiting:
            return [self._alone.popleft()] if self._alone else []
        usual = self._seen.epochs / self._partitions if self._partitions else A_TASK
        # All workers are to have something until the end.
        share = len(self._waiting) // (2 * self._threads)
        number = max(1, min(int(A_TASK / max(usual, 1)), _MOST_TOGETHER, share))
        return [self._waiting.popleft() for _ in range(number)]

    def learn(self, counts: Counts) -> None:
        """Take note of a partition that is done: the others may be as large."""
        self._seen += counts
        self._partitions += 1

    def again(self, pixels: list[Pixel]) -> None:
        """Put partitions back that were not even tried."""
        self._waiting.extendleft(reversed(pixels))

    def may_try_again(self, pixel: Pixel) -> bool:
        """Put a partition that failed back, to be tried alone; False where it had its tries."""
        self._tries[pixel] += 1
        if self._tries[pixel] > _RETRIES:
            return False
        self._alone.append(pixel)
        return True


def _results(
    client: "Client", turns: _Turns, reader: Reader, job: Job, note: Callable[[str], None]
) -> Iterator[tuple[Pixel, Counts | str]]:
    """What becomes of each partition, as it comes in."""
    from distributed import KilledWorker, as_completed

    from vra_tui.archive.worker import WorkerUnfit, work_here

    unfit: set[str] = set()
    of_future: dict[str, list[Pixel]] = {}
    running = as_completed()

    def submit() -> bool:
        if not (pixels := turns.next()):
            return False
        where: dict[str, Any] = {}
        if unfit:
            where = {"workers": [*(client.nthreads().keys() - unfit)], "allow_other_workers": True}
        future = client.submit(work_here, pixels, reader, job, pure=False, **where)
        of_future[future.key] = pixels
        running.add(future)
        return True

    def fill() -> None:
        wanted = _AHEAD * max(1, sum(client.nthreads().values()))
        while len(of_future) < wanted and submit():
            pass

    fill()
    for future in running:
        pixels = of_future.pop(future.key)
        error = future.exception()
        if isinstance(error, CannotWrite):
            raise VraError(f"{error}. What is whole stays there: make room, and the same command goes on.")
        if isinstance(error, WorkerUnfit):
            if error.address not in unfit:
                note(f"{error} It is not used.")
            unfit.add(error.address)
            if not client.nthreads().keys() - unfit:
                raise VraError(f"{error} There is no other worker.")
            turns.again(pixels)
        elif error is not None:
            # Which of several partitions its worker was lost with is found by trying each alone.
            is_sure = isinstance(error, KilledWorker) and len(pixels) == 1
            for pixel in pixels:
                if is_sure or not turns.may_try_again(pixel):
                    yield pixel, reason(error)
        else:
            for pixel, what in _result_of(future).items():
                if isinstance(what, Counts):
                    turns.learn(what)
                    yield pixel, what
                elif not turns.may_try_again(pixel):
                    yield pixel, what
        fill()


def _result_of(future: "Future") -> dict[Pixel, Counts | str]:
    found: dict[Pixel, Counts | str] = future.result()
    return found
