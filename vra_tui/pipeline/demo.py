"""The demo store: the shipped sample data, ingested and scored once and then reused."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.locations import demo_store, shipped
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.pipeline.score import score
from vra_tui.scoring.model import load_model
from vra_tui.scoring.shelf import default_model
from vra_tui.store.connection import open_store


def make_demo_store(fresh: bool = False, on_step: Callable[[str], None] = lambda step: None) -> Path:
    """The demo store's file, made from the sample data unless it stands already; ``fresh`` makes it anew."""
    path = demo_store()
    if path.exists() and not fresh:
        return path
    # Made beside its place: a demo that was interrupted while it was made is not taken for a whole one.
    making = path.with_name("demo.making.db")
    for leftover in (*_files(making), *(_files(path) if fresh else ())):
        leftover.unlink(missing_ok=True)
    on_step("Making the demo store from the sample data …")
    connection = open_store(making, durable=False)
    ingest(connection, read_paths([shipped("sample_data")]), clock=_now)
    on_step("Scoring it …")
    score(connection, load_model(default_model()), clock=_now)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    making.replace(path)
    return path


def _files(store: Path) -> tuple[Path, ...]:
    return store, store.with_name(store.name + "-wal"), store.with_name(store.name + "-shm")


def _now() -> datetime:
    return datetime.now(UTC)
