"""`vra train --release`: training tables and a model from a release of alerts as the server's JSON."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vra_tui.cli.common import say
from vra_tui.cli.data import bytes_read
from vra_tui.cli.refusal_report import RefusalReport
from vra_tui.cli.steps import say_repeat
from vra_tui.cli.training.options import TrainOptions
from vra_tui.cli.training.trained import Trained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vra_tui.pipeline.release_training import Release, ReleaseTrainingTask
    from vra_tui.scoring.training.new_model import NewModel
    from vra_tui.store.intake import Intake

#: Pieces from which a dry run estimates the rest.
_SAMPLE = 500
#: Seconds between two lines of progress where there is no terminal, as in a cluster's log.
_BETWEEN_LINES = 60.0


def train(options: TrainOptions, model: "NewModel") -> Trained:
    """Make the tables of a release and train on them; or only one or neither, as asked. Raises VraError."""
    from vra_tui.pipeline.release_training import train_on_release
    from vra_tui.scoring.training.new_model import check_name, check_new

    task = _task(options, model)
    check_name(model.name)
    if options.dry_run:
        return Trained(None, is_whole=_estimated(task.release))
    if not options.rows_only:
        check_new(model)
    is_whole = _tables_made(task.release)
    if options.rows_only:
        return Trained(None, is_whole)
    return Trained(train_on_release(task, progress=say_repeat, note=say), is_whole)


def _task(options: TrainOptions, model: "NewModel") -> "ReleaseTrainingTask":
    from vra_tui.errors import VraError
    from vra_tui.pipeline.release_training import Release, ReleaseTrainingTask

    if options.labels is None or options.rows is None:
        raise VraError("Of a release, --labels and --rows are needed. Nothing was done.")
    paths = tuple(options.release or ())
    release = Release(paths, options.labels, options.rows, options.held_out, options.last_day)
    return ReleaseTrainingTask(model, release, options.source, options.balance)


def _estimated(release: "Release") -> bool:
    """Say what there is and what it would cost; whether nothing of the sample was refused."""
    from vra_tui.pipeline.release_estimate import estimate

    report = RefusalReport(say)
    found = estimate(
        release.paths,
        release.read_labels(),
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


def _tables_made(release: "Release") -> bool:
    """Make the tables and say what stands in them; whether nothing was refused. Raises VraError, OSError."""
    from vra_tui.pipeline.release_rows import ReleaseTables
    from vra_tui.pipeline.release_training import make_tables

    report = RefusalReport(say)
    with _told(release.paths) as (on_bytes, on_progress):
        intake, counts = make_tables(
            release,
            clock=lambda: datetime.now(UTC),
            on_step=say,
            on_bytes=on_bytes,
            on_refusal=report,
            on_progress=on_progress,
        )
    report.close()
    say(f"{intake.new:,} new, {intake.unchanged:,} known from before, {intake.refused:,} refused.")
    rows = ", ".join(f"{number:,} of {stage}" for stage, number in counts.rows.items())
    say(f"Rows: {rows}, of {counts.objects:,} objects, in {release.rows}.")
    if release.held_out is not None:
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
