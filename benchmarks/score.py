"""Alerts scored a second: from the store to ranks in it, and what share goes to which step."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from tests.harness.stores import make_store
from vra_tui.pipeline.score import score
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.trained import load_model
from vra_tui.store.connection import open_store


def main(alerts: int = 20_000) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    model = load_model(default_model())
    for visits, what in ((0, "at entry"), (1, "entry and first revisit")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bench.db"
            make_store(path, alerts, visits=visits)
            connection = open_store(path, durable=False)
            # The first call pays for imports and for building the trees.
            first = [row[0] for row in connection.execute("SELECT alert_id FROM alerts LIMIT 100")]
            score(connection, model, clock=lambda: now, alert_ids=first)
            begin = perf_counter()
            report = score(connection, model, clock=lambda: now)
            spent = perf_counter() - begin
            shares = ", ".join(f"{step} {s / spent:.0%}" for step, s in report.seconds.items())
            print(
                f"score, {what}: {report.alerts / spent:,.0f} alerts/s, {report.scores / spent:,.0f} scores/s"
                f" ({report.alerts:,} alerts x 400 epochs; asked: 10,000 alerts/s); {shares}"
            )
            connection.close()


if __name__ == "__main__":
    main()
