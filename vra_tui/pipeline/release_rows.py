"""Make training tables from a release of alerts as the server's JSON, of any size: streamed and resumable.

The alerts are taken into a store of the folder's own, as `vra ingest` does it: what was taken in before is
known by its bytes, repeats and pieces of one object are united whatever their order, and memory stays flat.
The tables are then computed from that store in the order of ids. So they are the same bytes however often it
was interrupted, and in whatever order the files came.
"""

import csv
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from vra_tui.domain.refusal import Refusal
from vra_tui.features.csv_table import ID_COLUMNS
from vra_tui.pipeline.feature_tables import context_of
from vra_tui.pipeline.ingest import ingest_paths
from vra_tui.pipeline.looks_and_visits import first_looks, later_visits
from vra_tui.pipeline.visits import N_DAYS
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.scoring.model.questions import LABELS
from vra_tui.scoring.stages import DAY1, DAYN, STAGES
from vra_tui.scoring.training.recipes import STAGE_COLUMNS
from vra_tui.store import Store
from vra_tui.store.curves import light_curves
from vra_tui.store.intake import Intake
from vra_tui.store.objects import known_numbers
from vra_tui.store.scores import read_records

#: The store of the alerts, in the folder of the tables.
STORE_FILE = "alerts.db"
LAST_DAY = N_DAYS - 1

# Alerts computed at a time: bounds memory.
_AT_ONCE = 500


@dataclass(frozen=True)
class ReleaseTables:
    """Where the tables of a release stand: as `vra train` and `vra evaluate` take them."""

    folder: Path
    held_out: bool = False

    def features(self, stage: str) -> Path:
        """The feature table of a stage."""
        return self.folder / f"X_{self._part}_{stage}.csv"

    def labels(self, stage: str) -> Path:
        """The labels of a stage."""
        return self.folder / f"y_{self._part}_{stage}.csv"

    @property
    def _part(self) -> str:
        return "heldout" if self.held_out else "train"


@dataclass(frozen=True)
class RowCounts:
    """What became of the labels: objects with rows, rows by stage, objects that the release does not hold.

    ``untaught``: objects with a label that teaches nothing. ``undated``: alerts without a t0 or a place.
    """

    objects: int
    held_out: int
    rows: Mapping[str, int]
    missing: int
    untaught: int
    undated: int


def take_in(
    store: Store,
    paths: Sequence[Path],
    *,
    clock: Callable[[], datetime],
    on_bytes: Callable[[int], None] = lambda size: None,
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    on_progress: Callable[[Intake], None] = lambda intake: None,
) -> Intake:
    """Take the alerts of files, folders and archives into the store. Interrupted, it can simply be repeated.

    What is broken is refused piece by piece, in every run anew. Raises StoreFault, OSError.
    """
    return ingest_paths(
        store,
        paths,
        on_bytes=on_bytes,
        clock=clock,
        survey=DEFAULT_SURVEY,
        on_refusal=on_refusal,
        on_progress=on_progress,
    )


def write_tables(
    store: Store,
    labels: Mapping[int, str],
    folder: Path,
    *,
    held_out: frozenset[int] = frozenset(),
    last_day: int = LAST_DAY,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> RowCounts:
    """Write the tables of all labelled objects that the store holds, in the order of their ids.

    ``labels``: label by ATLAS id. ``held_out``: ids whose rows go into tables of their own, so that they
    teach nothing. ``last_day``: the last day after t0 of which there are rows. ``progress`` is called with
    objects done and to do. The tables appear when whole. Raises OSError.
    """
    taught = {number: label for number, label in sorted(labels.items()) if label in LABELS}
    known = known_numbers(store, [(DEFAULT_SURVEY, str(number)) for number in taught])
    present = [number for number in taught if (DEFAULT_SURVEY, str(number)) in known]
    counts: dict[str, int] = dict.fromkeys(STAGES, 0)
    undated = apart = 0
    with _Tables(folder, held_out) as tables:
        for first in range(0, len(present), _AT_ONCE):
            part = present[first : first + _AT_ONCE]
            ids = [known[DEFAULT_SURVEY, str(number)] for number in part]
            found = read_records(store, ids)
            about, curves = context_of(found), light_curves(store, ids)
            name_of = dict(zip(ids, part, strict=True))
            names = [name_of[number] for number in found.alert_id.tolist()]
            looks = first_looks(curves, about).values.tolist()
            visits, owner = later_visits(curves, about, last_day)
            rows_of: dict[int, list[list[float]]] = {}
            for row, values in zip(owner.tolist(), visits.values.tolist(), strict=True):
                rows_of.setdefault(row, []).append(values)
            for row in sorted(range(len(names)), key=names.__getitem__):
                number, label = names[row], taught[names[row]]
                tables.put(DAY1, number, label, looks[row])
                for values in rows_of.get(row, ()):
                    tables.put(DAYN, number, label, values)
                apart += number in held_out
                counts[DAY1] += 1
                counts[DAYN] += len(rows_of.get(row, ()))
            undated += len(part) - len(names)
            progress(first + len(part), len(present))
    return RowCounts(
        objects=len(present) - undated,
        held_out=apart,
        rows=counts,
        missing=len(taught) - len(present),
        untaught=len(labels) - len(taught),
        undated=undated,
    )


def read_ids(lines: TextIO) -> frozenset[int]:
    """The ids of a table's first id column; cells that are no ATLAS id are left out."""
    reader = csv.DictReader(lines)
    name = next((name for name in ID_COLUMNS if name in (reader.fieldnames or ())), None)
    cells: Iterator[str] = (str(row.get(name) or "").strip() for row in reader)
    return frozenset(int(cell) for cell in cells if cell.isascii() and cell.isdigit())


class _Tables:
    """The tables while they are written: beside their places, which they take when all are whole."""

    def __init__(self, folder: Path, held_out: frozenset[int]) -> None:
        self._held_out = held_out
        self._mark = f".{secrets.token_hex(6)}.part"
        self._places: list[tuple[Path, TextIO]] = []
        self._writers: dict[tuple[bool, str, str], Callable[[Sequence[object]], object]] = {}
        for apart in (False, True) if held_out else (False,):
            where = ReleaseTables(folder, apart)
            for stage in STAGES:
                self._open((apart, stage, "X"), where.features(stage), STAGE_COLUMNS[stage])
                self._open((apart, stage, "y"), where.labels(stage), ("type",))

    def _open(self, key: tuple[bool, str, str], path: Path, columns: Sequence[str]) -> None:
        file = path.with_name(path.name + self._mark).open("x", encoding="utf-8", newline="")
        self._places.append((path, file))
        self._writers[key] = csv.writer(file, lineterminator="\n").writerow
        self._writers[key](["ATLAS_ID", *columns])

    def put(self, stage: str, number: int, label: str, values: Sequence[float]) -> None:
        apart = number in self._held_out
        # Of NaN nothing is written, of a number as many digits as tell it from its neighbours.
        self._writers[apart, stage, "X"]([number, *("" if v != v else repr(v) for v in values)])
        self._writers[apart, stage, "y"]([number, label])

    def __enter__(self) -> "_Tables":
        return self

    def __exit__(self, kind: type[BaseException] | None, *details: object) -> None:
        for _, file in self._places:
            if kind is None:
                file.flush()
                os.fsync(file.fileno())
            file.close()
        for path, file in self._places:
            if kind is None:
                Path(file.name).replace(path)
            else:
                Path(file.name).unlink(missing_ok=True)
