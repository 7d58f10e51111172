"""The demo: a store made from the sample data up to its last night, and that night replayed into it."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vra_tui.locations import demo_store, shipped
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.pipeline.insights import renew_insights
from vra_tui.pipeline.score import score
from vra_tui.pipeline.teach import renew_teach
from vra_tui.scoring.shelf import load_in_use
from vra_tui.store.connection import open_store
from vra_tui.store.whole import into_one_file
from vra_tui.surveys.atlas.as_of import as_of, epochs_of, t0_mjd
from vra_tui.surveys.base import Packet

#: The last night of the sample is the last day of its exposures: the units stand around the globe.
_NIGHT_DAYS = 1.0
#: The night arrives in so many parts, over so many seconds.
_PARTS = 24
_SECONDS = 240.0


def make_demo_store(fresh: bool = False, on_step: Callable[[str], None] = lambda step: None) -> Path:
    """The demo store's file, made and scored up to the last night unless it stands; ``fresh``: anew."""
    path = demo_store()
    if path.exists() and not fresh:
        return path
    # Made beside its place: a demo that was interrupted while it was made is not taken for a whole one.
    making = path.with_name("demo.making.db")
    for leftover in (*_files(making), *(_files(path) if fresh else ())):
        leftover.unlink(missing_ok=True)
    on_step("Making the demo store from the sample data …")
    connection = open_store(making, durable=False)
    objects = sample_objects()
    _put(connection, objects, _last_epoch(objects) - _NIGHT_DAYS)
    into_one_file(connection)
    connection.close()
    making.replace(path)
    return path


def sample_objects() -> list[dict[str, Any]]:
    """The shipped sample, decoded."""
    pieces = read_paths([shipped("sample_data")])
    return [piece.value for piece in pieces if isinstance(piece, Packet)]


def replay_last_night(path: Path, seconds: float = _SECONDS) -> None:
    """Bring the sample's last night into the demo store, part by part, scoring each as it arrives.

    What is already there stays as it is, so that a replay that was cut off goes on where it stopped.
    """
    connection = open_store(path, durable=False)
    objects = sample_objects()
    end = _last_epoch(objects)
    begin = end - _NIGHT_DAYS
    parts = _PARTS if seconds > 0 else 1
    for part in range(1, parts + 1):
        time.sleep(seconds / parts)
        since = begin + _NIGHT_DAYS * (part - 1) / parts
        until = begin + _NIGHT_DAYS * part / parts
        changed = [raw for raw in objects if any(since < mjd <= until for mjd in _events(raw))]
        _put(connection, changed, until)
    connection.close()


@contextmanager
def night_arriving(path: Path) -> Iterator[None]:
    """While the block runs, another process replays the last night into the store."""
    # A process of its own: threads that compute would double the time between a key and the screen.
    with path.with_name("demo.log").open("wb") as log:
        feeding = subprocess.Popen(
            [sys.executable, "-m", "vra_tui.pipeline.demo", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            feeding.terminate()
            feeding.wait()


def _put(connection: sqlite3.Connection, objects: list[dict[str, Any]], mjd: float) -> None:
    cut = [raw for raw in (as_of(item, mjd) for item in objects) if raw is not None]
    pieces = (Packet("sample", f"object {number}", raw) for number, raw in enumerate(cut, start=1))
    ingest(connection, pieces, clock=_now)
    model, _ = load_in_use()
    score(connection, model, clock=_now)
    renew_insights(connection, model)
    renew_teach(connection)


def _events(raw: dict[str, Any]) -> list[float]:
    return [*epochs_of(raw), t0_mjd(raw)]


def _last_epoch(objects: list[dict[str, Any]]) -> float:
    return max(row["mjd"] for raw in objects for row in [*raw["lc"], *raw["lcnondets"]])


def _files(store: Path) -> tuple[Path, ...]:
    return store, store.with_name(store.name + "-wal"), store.with_name(store.name + "-shm")


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    replay_last_night(Path(sys.argv[1]))
