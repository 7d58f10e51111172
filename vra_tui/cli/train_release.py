"""`vra train --release`: training tables and a model from a release of alerts as the server's JSON."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vra_tui.cli.common import say
from vra_tui.cli.data import bytes_read
from vra_tui.cli.refusal_report import RefusalReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vra_tui.scoring.model.card import ModelCard
    from vra_tui.scoring.training.from_tables import TrainingTask
    from vra_tui.store.intake import Intake

#: Pieces from which a dry run estimates the rest.
_SAMPLE = 500
#: Seconds between two lines of progress where there is no terminal, as in a cluster's log.
_BETWEEN_LINES = 60.0


@dataclass(frozen=True)
class Release:
    """What was asked for on the command line."""

    paths: tuple[Path, ...]
    labels: Path
    rows: Path
    held_out: Path | None
    last_day: int


def dry_run(release: Release) -> bool:
    """Say what there is and what it would cost; whether nothing of the sample was refused."""
    from vra_tui.pipeline.release_estimate import estimate

    report = RefusalReport(say)
    found = estimate(
        release.paths,
        _labels(release.labels),
        sample=_SAMPLE,
        clock=lambda: datetime.now(UTC),
        stopwatch=time.perf_counter,
        on_refusal=report,
    )
    report.close()
    typer.echo(
        f"{found.files:,} files of {found.bytes / 1e9:.2f} GB. Of the first {found.sample:,} pieces "
        f"{found.refused:,} are refused, {found.labelled:,} objects are labelled.\n"
        f"If all are like these: {found.alerts:,} alerts, {found.rows:,} rows, "
        f"{_words(found.seconds)}, a store of {found.store_bytes / 1e9:.2f} GB. Nothing was kept."
    )
    return not found.refused


def make_tables(release: Release) -> bool:
    """Take the release in and write its tables; whether nothing was refused. Raises VraError, OSError."""
    from vra_tui.pipeline.release_rows import STORE_FILE, ReleaseTables, read_ids, take_in, write_tables
    from vra_tui.private import make_private
    from vra_tui.store.connection import open_store

    labels = _labels(release.labels)  # before the hours that follow
    held_out: frozenset[int] = frozenset()
    if release.held_out is not None:
        with release.held_out.open(encoding="utf-8", errors="replace", newline="") as lines:
            held_out = read_ids(lines)
    make_private(release.rows)
    store = open_store(release.rows / STORE_FILE, durable=False, on_step=say)
    report = RefusalReport(say)
    with _told(release.paths) as (on_bytes, on_progress):
        intake = take_in(
            store,
            release.paths,
            clock=lambda: datetime.now(UTC),
            on_bytes=on_bytes,
            on_refusal=report,
            on_progress=on_progress,
        )
    report.close()
    say(f"{intake.new:,} new, {intake.unchanged:,} known from before, {intake.refused:,} refused.")
    counts = write_tables(store, labels, release.rows, held_out=held_out, last_day=release.last_day)
    store.close()
    rows = ", ".join(f"{number:,} of {stage}" for stage, number in counts.rows.items())
    say(f"Rows: {rows}, of {counts.objects:,} objects, in {release.rows}.")
    if held_out:
        where = ReleaseTables(release.rows, held_out=True).features("dayN").name
        say(f"{counts.held_out:,} objects are held out; their rows stand in {where} and its siblings.")
    for number, what in (
        (counts.missing, "objects with a label are not in the release"),
        (counts.untaught, "objects have a label that teaches nothing"),
        (counts.undated, "objects have no time or place, and no rows"),
    ):
        if number:
            say(f"{number:,} {what}.")
    return not intake.refused


def train_tables(task: "TrainingTask", rows: Path, folder: Path) -> "ModelCard":
    """Train both stages on the tables in ``rows``; day 1 first. Raises VraError."""
    from vra_tui.pipeline.release_rows import ReleaseTables
    from vra_tui.scoring.stages import DAY1, DAYN
    from vra_tui.scoring.training.from_tables import LabelledFiles, train_stage

    tables = ReleaseTables(rows)

    def of(stage: str) -> LabelledFiles:
        return LabelledFiles(tables.features(stage), tables.labels(stage))

    def step(done: int, times: int) -> None:
        say(f"cross-validation {done}/{times}")

    train_stage(replace(task, stage=DAY1, rows=of(DAY1)), folder, progress=step, note=say)
    return train_stage(
        replace(task, stage=DAYN, rows=of(DAYN), day1=of(DAY1)), folder, progress=step, note=say
    )


def _labels(path: Path) -> Mapping[int, str]:
    from vra_tui.scoring.training.table_labels import read_labels

    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
        return read_labels(lines, source=str(path))


@contextmanager
def _told(
    paths: Sequence[Path],
) -> "Iterator[tuple[Callable[[int], None], Callable[[Intake], None]]]":
    """What is told while a release is taken in: a bar on a terminal, else a line now and then."""
    with bytes_read(list(paths)) as bar:
        if sys.stderr.isatty():
            yield bar, lambda intake: None
        else:
            lines = ProgressLines(_size(paths), say, time.monotonic)
            yield lines.on_bytes, lines.on_progress


class ProgressLines:
    """A line of progress now and then: how much is done, and how long the rest will take at that pace.

    ``total``: bytes to read. ``clock`` gives seconds.
    """

    def __init__(self, total: int, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._total, self._say, self._clock = total, say, clock
        self._begun = self._last = clock()
        self._read = 0

    def on_bytes(self, size: int) -> None:
        """So many bytes more were read."""
        self._read += size

    def on_progress(self, intake: "Intake") -> None:
        """What was taken in so far."""
        now = self._clock()
        if now - self._last < _BETWEEN_LINES:
            return
        self._last = now
        left = (now - self._begun) * max(self._total - self._read, 0) / max(self._read, 1)
        self._say(
            f"{intake.new + intake.extended:,} alerts taken in, {intake.unchanged:,} known from before, "
            f"{self._read / 1e9:.2f} of {self._total / 1e9:.2f} GB; {_words(left)} to go"
        )


def _size(paths: Sequence[Path]) -> int:
    from vra_tui.sources.files import find_files

    return sum(found.stat().st_size for found in find_files(paths) if isinstance(found, Path))


def _words(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
