"""Stores of simulated alerts that somebody who knows the truth has labelled, for benchmarks and tests."""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from vra_tui.pipeline.score import score
from vra_tui.pipeline.simulate_store import fill_store
from vra_tui.scoring.model.library import load_checked, shipped_default
from vra_tui.simulator import load
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, OnScreen, decide

LIST_OF = {"good": "good", "galactic": "attic", "garbage": "garbage", "pm": "pm"}
_NOW = datetime(2026, 11, 22, tzinfo=UTC)


def make_labelled_store(
    path: Path,
    alerts: int,
    *,
    seed: int = 1,
    scanner: str = "truth",
    tired: bool = False,
    workers: int = 2,
    mixture: Mapping[str, float] | None = None,
) -> None:
    """A new store of ``alerts`` of the ordinary stream, scored by the shipped model and all decided.

    Half of those that are left are decided at each visit. ``tired``: with the errors of a tired human.
    ``mixture``: shares of the labels in place of the stream's.
    """
    truth = path.with_suffix(".csv")
    connection = open_store(path, durable=False)
    plan = load("ordinary").changed(alerts=alerts, forced="none", mixture=mixture)
    fill_store(connection, plan, seed, truth, tired=tired, workers=workers, clock=lambda: _NOW)
    score(connection, load_checked(shipped_default()), clock=lambda: _NOW)
    with truth.open(newline="", encoding="utf-8") as text:
        label = {int(row["object_id"]): row["human" if tired else "label"] for row in csv.DictReader(text)}
    seen: dict[int, list[tuple[object, ...]]] = {}
    query = "SELECT alert_id, visit, preal, pgal, pfast, rank, model FROM scores ORDER BY alert_id, visit"
    for alert_id, *on_screen in connection.execute(query):
        seen.setdefault(alert_id, []).append(tuple(on_screen))
    rng = np.random.default_rng(seed)
    author, later = Author(scanner, "simulated"), _NOW + timedelta(hours=1)
    with transaction(connection):
        for alert_id, visits in seen.items():
            visit = min(int(rng.geometric(0.5)), len(visits)) - 1
            on_screen = OnScreen(*visits[visit])  # type: ignore[arg-type]
            decide(connection, alert_id, LIST_OF[label[alert_id]], author, later, on_screen)
    connection.close()
