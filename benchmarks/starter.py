"""How fast the starter ranks, on one core: `python -m benchmarks.starter`.

The rule alone, its reasons in words, and whole runs from the store to lists in it (features of `stream-1` for
each visit among them). Rates are of processor time.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.stream_features import CASES, fill, made_up
from vra_tui.pipeline.renew_insights import renew_insights
from vra_tui.pipeline.score import score
from vra_tui.pipeline.stream_features import stream_features
from vra_tui.scoring.model.starter import Starter
from vra_tui.store.connection import open_store
from vra_tui.store.listing import list_ids

_ROUNDS = 7


def seconds(compute: Callable[[], object], rounds: int = _ROUNDS) -> float:
    """Processor time, median of some rounds."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        compute()
        taken.append(time.process_time() - start)
    return sorted(taken)[rounds // 2]


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    starter = Starter.shipped("ztf")

    def now() -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    for name, case in CASES.items():
        n = case[0]
        with TemporaryDirectory() as folder:
            store = open_store(Path(folder) / "bench.db", durable=False)
            fill(store, made_up(*case))
            table = stream_features(store, list_ids(store, "all").tolist())
            rule = n / seconds(lambda: starter.scores(table, "dayN"))  # noqa: B023
            found = starter.explain(table)
            words = n / seconds(lambda: [found.of(row) for row in range(n)], 3)  # noqa: B023
            start = time.process_time()
            report = score(store, starter, clock=now)
            spent = time.process_time() - start
            shares = ", ".join(
                f"{step} {s / sum(report.seconds.values()):.0%}" for step, s in report.seconds.items()
            )
            start = time.process_time()
            renew_insights(store, starter)
            explained = time.process_time() - start
            store.close()
        print(
            f"starter, {name}: the rule {rule:,.0f} alerts/s, reasons {words:,.0f} alerts/s; from the store "
            f"{n / spent:,.0f} alerts/s, {report.scores / spent:,.0f} scores/s ({shares}); all insights "
            f"{n / explained:,.0f} alerts/s",
            flush=True,
        )


if __name__ == "__main__":
    main()
