"""Estimate what a release of alerts costs to take in, from a sample of it: nothing is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.pipeline.release_rows import STORE_FILE, write_tables
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.sources.files import find_files
from vra_tui.store.connection import open_store


@dataclass(frozen=True)
class Estimate:
    """What is there, and what it would come to if all of it were as the sample.

    ``files`` and ``bytes`` as they lie on the disk; ``sample`` pieces were taken in, ``refused`` of them not,
    ``labelled`` had a label. ``alerts, seconds, store_bytes, rows``: expected of all.
    """

    files: int
    bytes: int
    sample: int
    refused: int
    labelled: int
    alerts: int
    seconds: float
    store_bytes: int
    rows: int


def estimate(
    paths: Sequence[Path],
    labels: Mapping[int, str],
    *,
    sample: int,
    clock: Callable[[], datetime],
    stopwatch: Callable[[], float],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
) -> Estimate:
    """Take the first ``sample`` pieces into a store that is thrown away, and carry on from there.

    ``stopwatch`` gives seconds. A file is read in steps of some megabytes: of less, the figures are too high.
    Raises StoreFault, OSError.
    """
    files = [found for found in find_files(paths) if isinstance(found, Path)]
    size = sum(path.stat().st_size for path in files)
    read = 0

    def count(step: int) -> None:
        nonlocal read
        read += step

    with TemporaryDirectory() as folder:
        where = Path(folder)
        store = open_store(where / STORE_FILE, durable=False)
        begun = stopwatch()
        pieces = islice(read_paths(paths, on_bytes=count), sample)
        intake = ingest(store, pieces, clock=clock, survey=DEFAULT_SURVEY, on_refusal=on_refusal)
        counts = write_tables(store, labels, where)
        seconds = stopwatch() - begun
        store.close()
        held = (where / STORE_FILE).stat().st_size
    times = max(size / read, 1.0) if read else 0.0
    return Estimate(
        files=len(files),
        bytes=size,
        sample=min(sample, intake.new + intake.extended + intake.unchanged + intake.refused),
        refused=intake.refused,
        labelled=counts.objects,
        alerts=round(intake.new * times),
        seconds=seconds * times,
        store_bytes=round(held * times),
        rows=round(sum(counts.rows.values()) * times),
    )
