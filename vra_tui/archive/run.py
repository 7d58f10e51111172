"""Work through a catalogue partition by partition, on this machine or on a Dask cluster."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vra_tui.archive.columns import PRESETS, ColumnMap, find_columns
from vra_tui.archive.folder import (
    HEALPIX,
    Format,
    Pixel,
    begin,
    finish_hats,
    is_finished,
    partition_file,
    table_of,
    write_partition,
)
from vra_tui.archive.judge import choose_judge
from vra_tui.archive.partition import layout_of, objects_of, result_of
from vra_tui.errors import VraError
from vra_tui.text import printable

if TYPE_CHECKING:
    from distributed import Client
    from lsdb.catalog import Catalog
    from pandas import DataFrame

What = Literal["features", "score"]
#: Partitions that wait at each worker: a graph of a million would not fit.
_AHEAD = 4
#: A partition whose worker was lost, or whose server did not answer, is tried again so many times.
_RETRIES = 2


@dataclass(frozen=True)
class Job:
    """What is made of every partition; goes to the workers."""

    what: What
    columns: ColumnMap
    out: Path
    form: Format
    model: str | None
    survey: str


@dataclass(frozen=True)
class Counts:
    """What became of objects and of their epochs."""

    objects: int = 0
    ranked: int = 0
    epochs: int = 0
    unusable: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.objects + other.objects,
            self.ranked + other.ranked,
            self.epochs + other.epochs,
            self.unusable + other.unusable,
        )


@dataclass
class Outcome:
    """What a run did. ``finished``: partitions whose files are there; ``before``: of them, earlier ones."""

    counts: Counts = field(default_factory=Counts)
    finished: list[Pixel] = field(default_factory=list)
    before: int = 0
    refused: dict[Pixel, str] = field(default_factory=dict)


def open_catalogue(
    path: str, preset: str | None, said: Mapping[str, str], bands: Mapping[str, str]
) -> tuple["Catalog", ColumnMap]:
    """The catalogue, of which only the needed columns are read, and their map. Raises VraError."""
    lsdb = _lsdb()
    try:
        layout = layout_of(lsdb.open_catalog(path, columns="all").meta)
        known = PRESETS[preset] if preset else None
        theirs = {**(known.columns if known else {}), **said}
        if "lightcurve" not in said and theirs.get("lightcurve") not in layout.nested:
            # Catalogues of one release differ in what they call the nested table.
            theirs.pop("lightcurve", None)
        columns = find_columns(layout, theirs, {**(known.bands if known else {}), **bands})
        return lsdb.open_catalog(path, columns=columns.read), columns
    except (OSError, ValueError, KeyError) as error:
        raise VraError(f"{path} cannot be opened as a HATS catalogue: {error}") from None


@contextlib.contextmanager
def workers(scheduler: str | None, count: int) -> Iterator["Client"]:
    """Dask's workers: of a scheduler, of the one that Dask's configuration names, or ``count`` here.

    Here each is a process with one thread; 0: a thread of this process, for trials. Raises VraError for a
    scheduler that does not answer.
    """
    _lsdb()
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
    with (
        LocalCluster(
            n_workers=count or 1,
            threads_per_worker=1,
            processes=count > 0,
            dashboard_address=None,
            silence_logs=50,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def run(
    catalogue: "Catalog",
    job: Job,
    client: "Client",
    *,
    asked: Mapping[str, Any],
    on_begin: Callable[[int, int], None] = lambda total, before: None,
    on_partition: Callable[[Pixel, Counts | str], None] = lambda pixel, what: None,
) -> Outcome:
    """Work through all partitions that have no file yet; what is damaged is refused by itself.

    ``asked``: what makes this run the same as one before, kept in the folder. ``on_partition`` gets what
    became of each: counts, or a reason. Raises VraError for a folder of another run, or a model that cannot
    be used here or on a worker.
    """
    import dask
    from distributed import as_completed

    from vra_tui.archive.worker import JudgeOnWorker

    if job.what == "score":
        choose_judge(job.model, job.survey)
    begin(job.out, asked)
    pixels: list[Pixel] = [(int(one.order), int(one.pixel)) for one in catalogue.get_healpix_pixels()]
    done = [pixel for pixel in pixels if is_finished(partition_file(job.out, job.form, pixel))]
    outcome = Outcome(finished=list(done), before=len(done))
    on_begin(len(pixels), len(done))
    if job.what == "score":
        client.register_plugin(JudgeOnWorker(job.model, job.survey))
    skipped = {*done}
    waiting = iter([pixel for pixel in pixels if pixel not in skipped])
    of_future: dict[str, Pixel] = {}

    def submitted() -> Iterator[Any]:
        for pixel in waiting:
            part = catalogue.get_partition(*pixel).to_delayed()[0]
            task = dask.delayed(work, pure=False)(part, pixel, job)
            future = client.compute(task, retries=_RETRIES)
            of_future[future.key] = pixel
            yield future

    futures = submitted()
    ahead = _AHEAD * max(1, sum(client.nthreads().values()))
    at_first = [future for _, future in zip(range(ahead), futures, strict=False)]
    running = as_completed(at_first)
    for future in running:
        pixel = of_future.pop(future.key)
        error = future.exception()
        if error is None:
            counts: Counts = future.result()
            outcome.counts += counts
            outcome.finished.append(pixel)
            on_partition(pixel, counts)
        else:
            outcome.refused[pixel] = _reason(error)
            on_partition(pixel, outcome.refused[pixel])
        following = next(futures, None)
        if following is not None:
            running.add(following)
    if job.form == "hats" and outcome.finished:
        finish_hats(job.out, f"{catalogue.name}_{job.what}", sorted(outcome.finished))
    return outcome


def work(frame: "DataFrame", pixel: Pixel, job: Job) -> Counts:
    """Make one partition's file; runs on a worker."""
    from vra_tui.archive.worker import judge_here

    objects = objects_of(frame, job.columns)
    judge = judge_here(job.model, job.survey) if job.what == "score" else None
    result = result_of(objects, judge)
    index = frame.index.to_numpy() if frame.index.name == HEALPIX else frame[HEALPIX].to_numpy()
    write_partition(partition_file(job.out, job.form, pixel), table_of(result, index))
    ranked = int(result["rank"].notna().sum()) if judge is not None else 0
    return Counts(len(objects), ranked, objects.n_epochs, objects.n_unusable)


def _reason(error: BaseException) -> str:
    """The first line of an error, for people; a stranger's file may have put anything into it."""
    words = printable(str(error).strip().split("\n")[0], 300) or type(error).__name__
    return words if isinstance(error, VraError) else f"{type(error).__name__}: {words}"


def _lsdb() -> Any:
    try:
        import lsdb
    except ImportError:
        raise VraError(
            "Archives need LSDB, an extra of 900 MB: pip install 'vra-tui[archive]'. Nothing was read."
        ) from None
    return lsdb
