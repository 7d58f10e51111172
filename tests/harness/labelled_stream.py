"""A store of a simulated survey's stream of which somebody who knows the truth has labelled a part."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from tests.harness.labelled_store import LIST_OF
from vra_tui.pipeline.simulate_store import fill_store
from vra_tui.scoring.training.boosters import EVEN_MIXTURE
from vra_tui.simulator import load
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.objects import known_numbers

#: Of the stream's last night, so that all of it was seen before it was decided.
DECIDED = datetime(2026, 11, 27, tzinfo=UTC)


def make_labelled_stream(path: Path, survey: str, objects: int, labelled: int, *, seed: int = 1) -> None:
    """A new store of a survey's alerts, as many of each label, of which the first are decided as they are."""
    truth = path.with_suffix(".csv")
    connection = open_store(path, durable=False)
    plan = load("ordinary").by(survey).changed(alerts=objects, mixture=EVEN_MIXTURE)
    fill_store(connection, plan, seed, truth, stamps="none", workers=1, clock=lambda: DECIDED)
    with truth.open(newline="", encoding="utf-8") as text:
        label = {row["object_id"]: row["label"] for row in csv.DictReader(text)}
    numbers = known_numbers(connection, ((survey, name) for name in label))
    with transaction(connection):
        for (_, name), alert_id in list(numbers.items())[:labelled]:
            decide(connection, alert_id, LIST_OF[label[name]], Author("ada", "summit"), DECIDED)
    connection.close()
