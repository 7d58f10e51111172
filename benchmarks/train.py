"""Training on the labels of a store: reading the rows, both stages, and the default grid.

`OPENBLAS_NUM_THREADS=1 python -m benchmarks.train [--alerts N] [--seed S] [--grid] [--card]`: numpy with one
thread, as `vra` itself runs. Simulated alerts, all labelled with their truth.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time

from tests.harness.labelled_store import make_labelled_store
from vra_tui.pipeline.label_rows import label_rows
from vra_tui.pipeline.label_training import LabelTrainingTask, train_from_labels
from vra_tui.scoring.model.card import describe
from vra_tui.scoring.model.library import shipped_default
from vra_tui.scoring.training.new_model import NewModel
from vra_tui.store.connection import open_store


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--grid", action="store_true", help="search the default grid too: some minutes")
    parser.add_argument("--card", action="store_true", help="print the cards")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labelled.db"
        make_labelled_store(path, options.alerts, seed=options.seed)
        connection = open_store(path, durable=False)
        begin, spent = perf_counter(), process_time()
        labels = label_rows(connection)
        rows = len(labels.day1) + len(labels.dayN)
        seconds = perf_counter() - begin
        print(
            f"train, reading: {labels.alerts:,} labelled alerts, {rows:,} rows in {seconds:.1f} s, "
            f"{labels.alerts / seconds:,.0f} alerts/s (asked: the pace of scoring, 10,000); "
            f"CPU {process_time() - spent:.1f} s"
        )
        for words, asked, searched, repeats in (
            ("both stages", "20 s, of 20,000", None, 0),
            ("both stages, cross-validated and compared", "20 s, of 20,000", None, None),
            ("the default grid before that", "5 min", "grid", None),
        ):
            if searched and not options.grid:
                continue
            model = NewModel(
                name="bench",
                folder=Path(folder) / "bench",
                date="2026-01-01",
                repeats=repeats,
                force=True,
            )
            task = LabelTrainingTask(model, shipped_default(), searched=searched)
            begin, spent = perf_counter(), process_time()
            card = train_from_labels(connection, task)
            wall, cpu = perf_counter() - begin, process_time() - spent
            print(f"train, {words}: {wall:.1f} s (asked: {asked}); CPU {cpu:.1f} s on {task.threads} threads")
            if options.card:
                print("\n".join(describe(card)))
        connection.close()


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
