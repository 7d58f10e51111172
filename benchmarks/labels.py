"""A store with a million decisions: what the log, undo, the lists, statistics and merging cost."""

import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.harness.stores import make_bare_store
from vra_tui.domain.refusal import InputPiece
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.bundle import bundle_out
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decision_rows import COLUMNS, insert_decisions
from vra_tui.store.decisions import Author, decide, history, latest_by, undo
from vra_tui.store.listing import counts, list_ids
from vra_tui.store.log import HistoryQuery, LogQuery, bound, conflicts, find_decision, history_rows, log_rows
from vra_tui.store.merge import merge
from vra_tui.store.standing import refresh

FIRST_ID = 1_000_000_000_000_000_000
START = datetime(2025, 1, 1, tzinfo=UTC)
#: When others' decisions are merged: later than the latest of them.
MERGED = START + timedelta(days=3_000)
#: Longest that an interactive operation may take, ms.
ASKED = 100
SCANNERS = [f"scanner{n}" for n in range(8)]
ME = Author(SCANNERS[0], "summit")


def make_store(path: Path, decisions: int, alerts: int, rng: random.Random) -> None:
    """A store whose policies took a third of the decisions and whose people undid some of theirs."""
    numbers = make_bare_store(path, spread(alerts))
    connection = open_store(path, durable=False)
    with transaction(connection):
        insert_decisions(connection, history_of(decisions, alerts, rng))
    with transaction(connection):
        connection.execute(
            "UPDATE standing SET filed = 'extragalactic', visit = 2, rank = alert_id % 100 / 10.0"
        )
        refresh(connection, numbers)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def spread(alerts: int) -> list[tuple[float, float]]:
    """Places (RA, Dec in degrees) of which no two are neighbours: those are looked for as alerts come in."""
    return [(number % 3_600 / 10.0, number // 3_600 / 10.0) for number in range(alerts)]


def history_of(
    decisions: int, alerts: int, rng: random.Random, start: datetime = START, scanners: list[str] = SCANNERS
) -> Iterator[tuple[object, ...]]:
    """Rows of decisions, one every half minute: each knows of the one before it on its alert."""
    before: dict[int, str] = {}
    known = None
    for number in range(decisions):
        now = start + timedelta(seconds=30 * number)
        known = new_id(now, known)
        alert = rng.randrange(alerts)
        scanner, filed, reverts = rng.choice(scanners), rng.choice(tuple(DECISIONS)), None
        if rng.random() < 0.33:
            scanner, filed = "vra", "garbage"
        elif rng.random() < 0.05 and alert in before:
            filed, reverts = None, before.pop(alert)
        follows = None if scanner == "vra" else before.get(alert)
        if scanner != "vra" and filed is not None:
            before[alert] = known
        tags = "spectrum" if rng.random() < 0.001 else None
        yield (
            known, FIRST_ID + alert, filed, reverts, scanner, "summit", timestamp(now), None,
            2, 0.9, 0.1, 0.2, 9.0, "duck-2", 2.5, tags, follows, None, known,
        )  # fmt: skip


def measured(name: str, work: Callable[[], object], repeat: int = 7) -> None:
    """Print the median and the worst of several runs, ms."""
    spent = []
    for _ in range(repeat):
        begin = time.perf_counter()
        work()
        spent.append((time.perf_counter() - begin) * 1e3)
    verdict = "" if statistics.median(spent) <= ASKED else f"   MORE THAN {ASKED} ms"
    print(f"labels: {name:<44} {statistics.median(spent):8.1f} ms   worst {max(spent):8.1f} ms{verdict}")


def main(decisions: int = 1_000_000, alerts: int = 200_000) -> None:
    with tempfile.TemporaryDirectory(prefix="vra-labels-") as folder:
        path, rng = Path(folder) / "bench.db", random.Random(1)
        begin = time.perf_counter()
        make_store(path, decisions, alerts, rng)
        spent, size = time.perf_counter() - begin, path.stat().st_size / 1e6
        print(f"labels: {decisions:,} decisions on {alerts:,} alerts made in {spent:.0f} s, {size:.0f} MB")
        _interactive(path, decisions, alerts, rng)
        _bulk(path, Path(folder), alerts, rng)
    print(f"labels: peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


def _interactive(path: Path, decisions: int, alerts: int, rng: random.Random) -> None:
    store = open_store(path)
    now = START + timedelta(seconds=30 * decisions)

    def log(**query: object) -> Callable[[], object]:
        return lambda: log_rows(store, LogQuery(**query))

    middle = START + timedelta(seconds=15 * decisions)
    measured("log, newest 50", log())
    measured("log, with the policies'", log(with_machine=True))
    measured("log of one scanner", log(scanner=ME.scanner))
    measured("log of a scanner who never decided", log(scanner="nobody"))
    measured("log of one list", log(list="attic"))
    measured("log of one scanner and list", log(scanner=ME.scanner, list="attic"))
    measured("log of one label", log(label="good"))
    measured("log since an hour ago", log(after=bound("1h", now)))
    measured("log until halfway", log(until=bound(middle.isoformat(), now)))
    measured("log of one tag", log(tag="spectrum"))
    measured("log of a tag that there is not", log(tag="nothing"))
    measured("log of what was undone", log(only_undone=True))
    measured("log of a scanner's that was undone", log(scanner=ME.scanner, only_undone=True))
    measured("log of one alert", log(alert_id=FIRST_ID + 7))
    measured("history of one alert", lambda: history(store, FIRST_ID + 7))
    measured("latest of one scanner", lambda: latest_by(store, ME.scanner))
    newest = log_rows(store, LogQuery(limit=1))[0].decision_id
    measured("a decision by the end of its id", lambda: find_decision(store, newest[-12:]))
    measured("a list, best 50", lambda: list_ids(store, "attic", 50))
    measured("the list of conflicts", lambda: list_ids(store, "conflicts", 50))
    measured("50 conflicts side by side", lambda: conflicts(store, 50))
    measured("counts of all lists", lambda: counts(store))
    from vra_tui.export.label_files import label_counts

    measured("labels stats", lambda: label_counts(store))

    def decide_one() -> None:
        with transaction(store):
            decide(store, FIRST_ID + rng.randrange(alerts), "good", ME, now)

    def undo_one() -> None:
        with transaction(store):
            undo(store, latest_by(store, ME.scanner, 1)[0].decision_id, ME, now)

    measured("decide, on the disk", decide_one)
    measured("undo of the latest, on the disk", undo_one)
    small = [pieces(100, alerts, rng, now + timedelta(days=n)) for n in range(8)]
    measured("merge of 100 decisions, on the disk", lambda: merge(store, small.pop(), now=MERGED))
    again = pieces(100, alerts, random.Random(2), now + timedelta(days=40))
    merge(store, again, now=MERGED)
    measured("the same merge again", lambda: merge(store, again, now=MERGED))
    store.close()


def pieces(count: int, alerts: int, rng: random.Random, start: datetime) -> list[InputPiece]:
    """Decisions of a laptop that knew of none here, as a file of them is read."""
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in history_of(count, alerts, rng, start, ["laptop"]))
    return [
        InputPiece("laptop", f"row {n}", row | {"survey": "atlas", "object_id": str(row["alert_id"])})
        for n, row in enumerate(rows)
    ]


def _bulk(path: Path, folder: Path, alerts: int, rng: random.Random) -> None:
    store = open_store(path)

    def timed(name: str, work: Callable[[], object]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        found = work()
        spent = f"{time.perf_counter() - wall:6.1f} s, {time.process_time() - cpu:6.1f} s of CPU"
        print(f"labels: {name:<44} {spent}   {found}")

    many = pieces(100_000, alerts, rng, START + timedelta(days=2_000))
    timed("merge of 100,000 decisions", lambda: merge(store, many, now=MERGED))
    timed("the same again", lambda: merge(store, many, now=MERGED))
    timed("the whole history read", lambda: sum(1 for _ in history_rows(store, HistoryQuery())))
    timed(
        "a bundle of 10,000 alerts", lambda: bundle_out(path, folder / "b.db", list_ids(store, "all", 10_000))
    )
    store.close()


if __name__ == "__main__":
    main()
