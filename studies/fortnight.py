"""A simulated fortnight scored night by night: list lengths each night, and the path of ten alerts.

`python -m studies.fortnight [--alerts N] [--seed S]`. Each night is scored from the data of then
(`--at-mjd`); at the end the same stream is scored once, late, which must leave the same probabilities. (Ranks
may differ: a TNS report between two visits reaches the earlier one only when it is scored before the later.)
"""

import argparse
import csv
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from vra_tui.pipeline.score import score
from vra_tui.pipeline.simulate_store import fill_store
from vra_tui.scoring.model.library import load_in_use
from vra_tui.simulator import load
from vra_tui.store.connection import open_store

_LISTS = ("fasttrack", "extragalactic", "galactic", "purgatory", "garbage")
_LABELS = ("good", "galactic", "garbage", "pm")


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    plan = load("ordinary").changed(alerts=options.alerts)
    model, _ = load_in_use()
    with tempfile.TemporaryDirectory() as folder:
        nightly, late = (Path(folder) / name for name in ("nightly.db", "late.db"))
        for path in (nightly, late):
            connection = open_store(path, durable=False)
            fill_store(connection, plan, options.seed, Path(folder) / "truth.csv", clock=_now)
            connection.close()
        with (Path(folder) / "truth.csv").open() as file:
            truth = {int(row["object_id"]): row for row in csv.DictReader(file)}
        connection, whole = open_store(nightly, durable=False), open_store(late, durable=False)
        first, last = connection.execute("SELECT min(t0_mjd), max(t0_mjd) FROM alerts").fetchone()
        begin = perf_counter()
        for night in range(int(first) + 1, int(last) + 3):
            score(connection, model, clock=_now, everything=True, at_mjd=float(night))
            standing = dict(
                connection.execute("SELECT list, count(*) FROM standing GROUP BY list").fetchall()
            )
            lengths = "  ".join(f"{name} {standing.get(name, 0):5d}" for name in _LISTS)
            print(f"MJD {night}  {lengths}  not yet {standing.get(None, 0):5d}")
        print(f"fortnight: {night - int(first)} nights in {perf_counter() - begin:.1f} s")
        _print_paths(connection, truth)
        score(whole, model, clock=_now)
        same = _scores(connection) == _scores(whole)
        print(f"fortnight: one late run gives the same probabilities: {'yes' if same else 'NO'}")
        connection.close()
        whole.close()


def _print_paths(connection, truth) -> None:
    """Ten alerts with several visits, some of each label: the rank at each visit, and where they ended."""
    rows = connection.execute(
        "SELECT alert_id, max(visit) FROM scores GROUP BY alert_id ORDER BY max(visit) DESC, alert_id"
    )
    chosen: list[int] = []
    taken: Counter[str] = Counter()
    for alert_id, _ in rows:
        label = truth[alert_id]["label"]
        if label in _LABELS and taken[label] < 3 and len(chosen) < 10:
            chosen.append(alert_id)
            taken[label] += 1
    for alert_id in chosen:
        ranks = connection.execute(
            """SELECT day, rank FROM scores WHERE score_id IN
            (SELECT max(score_id) FROM scores WHERE alert_id = ? GROUP BY day) ORDER BY day""",
            (alert_id,),
        ).fetchall()
        where = connection.execute("SELECT list FROM standing WHERE alert_id = ?", (alert_id,)).fetchone()[0]
        path = " ".join(f"d{day}:{rank:.1f}" for day, rank in ranks)
        print(f"{alert_id} {truth[alert_id]['label']:8s} {truth[alert_id]['kind']:12s} {path} -> {where}")


def _scores(connection) -> list[tuple[object, ...]]:
    rows = connection.execute(
        """SELECT alert_id, day, mjd, round(preal, 6), round(pgal, 6) FROM scores WHERE score_id IN
        (SELECT max(score_id) FROM scores GROUP BY alert_id, day) ORDER BY alert_id, day"""
    )
    return [tuple(row) for row in rows]


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
