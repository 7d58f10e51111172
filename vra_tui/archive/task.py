"""What a worker does: read some partitions, compute or rank, and write a file of each."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from vra_tui.archive.columns import ColumnMap
from vra_tui.archive.folder import Format, Pixel, partition_file, table_of, write_partition
from vra_tui.archive.partition import objects_of, result_of, sizes_of
from vra_tui.archive.reading import Reader, places_of
from vra_tui.errors import VraError
from vra_tui.scoring.model.judges import Judge
from vra_tui.text import printable

if TYPE_CHECKING:
    import pyarrow as pa
    from pandas import DataFrame

Ints = NDArray[np.int64]
What = Literal["features", "score"]
#: Small partitions are computed together up to so many epochs, a large one by so many at a time, and one task
#: reads partitions of so many. An epoch costs some 200 bytes of memory while it is worked on.
TOGETHER, AT_A_TIME, A_TASK = 200_000, 2_000_000, 2_000_000


class CannotWrite(VraError):
    """Results cannot be written where they belong: no partition is to blame, and the next will fare alike."""


@dataclass(frozen=True)
class Job:
    """What is made of every partition; goes to the workers.

    ``judge``: the fingerprint of who ranks. ``run``: a name of this run alone, by which workers find what
    they keep for it.
    """

    what: What
    columns: ColumnMap
    out: Path
    form: Format
    model: str | None
    survey: str
    judge: str | None = None
    run: str = ""


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


def work(pixels: Sequence[Pixel], reader: Reader, job: Job, judge: Judge | None) -> dict[Pixel, Counts | str]:
    """Make the files of some partitions; of each its counts, or the reason why there is none.

    What is damaged is refused by itself. Raises CannotWrite where nothing can be written.
    """
    done: dict[Pixel, Counts | str] = {}
    waiting: dict[Pixel, DataFrame] = {}
    epochs = 0
    for pixel, read in _read_ahead(pixels, reader):
        try:
            frame = read()
            epochs += int(sizes_of(frame, job.columns).sum())
        # A stranger's file may raise anything.
        except Exception as error:
            done[pixel] = reason(error)
            continue
        waiting[pixel] = frame
        if epochs >= TOGETHER:
            done |= _finish(waiting, job, judge)
            waiting, epochs = {}, 0
    return done | _finish(waiting, job, judge)


def _read_ahead(pixels: Sequence[Pixel], reader: Reader) -> Iterator[tuple[Pixel, Callable[[], "DataFrame"]]]:
    """Partitions with what waits for their rows: the next one is read while one is worked on."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(reader.read, pixels[0])
        for place, pixel in enumerate(pixels):
            current = following
            if place + 1 < len(pixels):
                following = pool.submit(reader.read, pixels[place + 1])
            yield pixel, current.result


def reason(error: BaseException) -> str:
    """The first line of an error, for people; a stranger's file may have put anything into it."""
    words = printable(str(error).strip().split("\n")[0], 300) or type(error).__name__
    return words if isinstance(error, VraError) else f"{type(error).__name__}: {words}"


def _finish(frames: dict[Pixel, "DataFrame"], job: Job, judge: Judge | None) -> dict[Pixel, Counts | str]:
    """Compute partitions in one go, and each by itself where one of them cannot be computed."""
    import pandas as pd

    if not frames:
        return {}
    try:
        whole = next(iter(frames.values())) if len(frames) == 1 else pd.concat(frames.values())
        found = [_computed(rows, judge, job.columns) for rows in _pieces(whole, job.columns)]
        result = pd.concat([one.result for one in found], ignore_index=True)
        epochs = np.concatenate([one.epochs for one in found])
        unusable = np.concatenate([one.unusable for one in found])
    except Exception as error:
        if len(frames) == 1:
            return dict.fromkeys(frames, reason(error))
        alone = [_finish({pixel: frame}, job, judge) for pixel, frame in frames.items()]
        return {pixel: what for one in alone for pixel, what in one.items()}
    done: dict[Pixel, Counts | str] = {}
    first = 0
    for pixel, frame in frames.items():
        rows = slice(first, first + len(frame))
        first = rows.stop
        part = result.iloc[rows]
        _write(job, pixel, table_of(part, places_of(frame, job.columns)))
        ranked = int(part["rank"].notna().sum()) if judge is not None else 0
        done[pixel] = Counts(len(part), ranked, int(epochs[rows].sum()), int(unusable[rows].sum()))
    return done


@dataclass(frozen=True, eq=False)
class _Computed:
    """Results of n objects, with how many epochs each has and how many of them say nothing, shape (n,)."""

    result: "DataFrame"
    epochs: Ints
    unusable: Ints


def _computed(rows: "DataFrame", judge: Judge | None, columns: ColumnMap) -> _Computed:
    objects = objects_of(rows, columns)
    return _Computed(result_of(objects, judge), objects.epochs, objects.unusable)


def _pieces(frame: "DataFrame", columns: ColumnMap) -> Iterator["DataFrame"]:
    """The frame, cut between objects into pieces of some `AT_A_TIME` epochs."""
    reached = np.cumsum(sizes_of(frame, columns))
    total = int(reached[-1]) if len(reached) else 0
    cuts = np.unique(np.searchsorted(reached, np.arange(AT_A_TIME, total, AT_A_TIME)) + 1)
    for first, end in itertools.pairwise([0, *cuts[cuts < len(frame)].tolist(), len(frame)]):
        yield frame.iloc[first:end]


def _write(job: Job, pixel: Pixel, table: "pa.Table") -> None:
    try:
        write_partition(partition_file(job.out, job.form, pixel), table)
    except OSError as error:
        raise CannotWrite(f"{job.out} cannot be written: {error.strerror or reason(error)}") from None
