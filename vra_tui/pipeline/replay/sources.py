"""Sources of streams to replay: a new simulation, an earlier one, or a store with decisions."""

import csv
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.pipeline.replay.stream import ReplayError, ReplayStream, read_stream
from vra_tui.pipeline.simulate_store import fill_store
from vra_tui.simulator import Scenario
from vra_tui.simulator.api_json import TRUTH_FILE
from vra_tui.store import Store
from vra_tui.store.connection import open_store
from vra_tui.store.objects import number_of

Clock = Callable[[], datetime]


def simulated_stream(
    scenario: Scenario,
    seed: int,
    *,
    clock: Clock,
    workers: int = 2,
    on_progress: Callable[[int], None] = lambda alerts: None,
) -> ReplayStream:
    """The stream of a scenario, simulated now. Raises ScenarioError."""
    with _scratch() as (store, folder):
        truth = folder / TRUTH_FILE
        fill_store(store, scenario, seed, truth, workers=workers, clock=clock, on_progress=on_progress)
        return read_stream(store, f"{scenario.name}, seed {seed}", read_truth(truth))


def folder_stream(folder: Path, *, clock: Clock) -> ReplayStream:
    """The stream that `vra simulate --out` wrote into a folder. Raises ReplayError without its truth."""
    truth = folder / TRUTH_FILE
    if not truth.is_file():
        raise ReplayError(f"{folder} holds no {TRUTH_FILE}: it takes one that `vra simulate --out` wrote.")
    with _scratch() as (store, _):
        ingest(store, read_paths([folder]), clock=clock)
        return read_stream(store, folder.name, read_truth(truth))


def store_stream(store: Store, name: str, truth: Path | None) -> ReplayStream:
    """The stream that a store holds. ``truth``: a truth file; else what the scanners decided is it."""
    return read_stream(store, name, None if truth is None else read_truth(truth))


def read_truth(path: Path) -> Mapping[int, Mapping[str, str]]:
    """Rows of a truth file by id. Raises ReplayError where it is none."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["label"] is not None]
            return {number_of(row["survey"], row["object_id"]): row for row in rows}
    except (OSError, UnicodeError, KeyError, ValueError) as error:
        raise ReplayError(
            f"{path} is no truth file with columns survey, object_id and label: {error!r}."
        ) from None


@contextmanager
def _scratch() -> Iterator[tuple[Store, Path]]:
    """A store to be thrown away, and its folder."""
    with tempfile.TemporaryDirectory(prefix="vra-replay-") as name:
        folder = Path(name)
        with closing(open_store(folder / "replay.db", durable=False)) as store:
            yield store, folder
