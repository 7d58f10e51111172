"""The fault table: what was done to the program and its store, how often, and what was lost.

`python -m studies.faults [--kills N] [--jobs N]`: the real program in pseudo-terminals, killed without
warning while a scanner decides; a decision counts as confirmed once the screen shows it. Then the other
faults, each as often as a minute allows. tests/faults/ does each of them a few times. Linux only.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.harness.pages import damage
from tests.harness.scanner import Count, Scanner, decisions_since, judged, last_sequence, scan_and_kill
from tests.harness.screen_store import make_scored_store
from vra_tui.store.backup import back_up
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, OnScreen, decide
from vra_tui.store.doctor import examine
from vra_tui.store.restore import restore
from vra_tui.store.salvage import salvage

#: Alerts in the store: many more than are decided.
_ALERTS = 2_000
_KILLS_A_STORE = 50
#: A screen that is to be killed gets so many keys at the most.
_KEYS = 8
_AMY = Author("amy", "here")
_VRA = (sys.executable, "-c", "from vra_tui.cli import main; main()")


@dataclass
class Row:
    """A line of the table. ``confirmed``: decisions that the program had confirmed when the fault came."""

    fault: str
    times: int
    confirmed: int
    lost: int
    doubled: int = 0
    broken: int = 0
    note: str = ""

    def line(self) -> str:
        figures = (self.times, self.confirmed, self.lost, self.doubled, self.broken)
        return f"{self.fault:<50}" + "".join(f"{figure:>10,}" for figure in figures) + f"  {self.note}"


def counted(fault: str, count: Count, note: str = "") -> Row:
    return Row(fault, count.sessions, count.confirmed, count.lost, count.doubled, count.broken, note)


class Bench:
    """A folder, a template of a scored store, and fresh copies of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"
        self._copies = 0
        make_scored_store(self.template, _ALERTS)

    def store(self) -> Path:
        """A store of its own, in a folder of its own."""
        self._copies += 1
        path = self.folder / f"store {self._copies}" / "vra.db"
        path.parent.mkdir(mode=0o700)
        shutil.copyfile(self.template, path)
        return path


def kills(bench: Bench, times: int, jobs: int) -> Row:
    """Kill sessions at random moments; ``jobs`` at once, fifty on a store."""
    begin = time.monotonic()
    # A store that is scanned to its end leaves one alert to be decided over and over, and the line of the
    # last decisions, full of that one, no longer says which of them is new.
    shares = [min(_KILLS_A_STORE, times - done) for done in range(0, times, _KILLS_A_STORE)]
    with ProcessPoolExecutor(jobs) as pool:
        work = [pool.submit(_kill_often, bench.store(), share, seed) for seed, share in enumerate(shares)]
        count = sum((one.result() for one in work), Count())
    note = f"{count.sent:,} keys, {count.kept:,} kept, {time.monotonic() - begin:.0f} s"
    return counted("screen killed (-9) at random moments", count, note)


def _kill_often(store: Path, times: int, seed: int) -> Count:
    chance = random.Random(seed)
    count = Count()
    for _ in range(times):
        one = scan_and_kill(store, chance, _KEYS)
        count += one
        if one.lost or one.doubled or one.broken:
            print(f"  {one}", flush=True)
    return count


def ends(bench: Bench, times: int) -> list[Row]:
    """Ask the screen to end, and drop its line, while a decision is on its way."""
    store = bench.store()
    rows = []
    hows: list[tuple[str, Callable[[Scanner], None]]] = [
        ("SIGTERM", lambda one: one.terminal.kill(signal.SIGTERM)),
        ("SIGHUP", lambda one: one.terminal.kill(signal.SIGHUP)),
        ("line dropped", lambda one: one.terminal.hang_up()),
    ]
    for name, end in hows:
        count, slowest = Count(), 0.0
        for _ in range(times):
            before = last_sequence(store)
            scanner = Scanner(store)
            scanner.wait(" last ")
            scanner.decide("g")
            scanner.press("t")
            begin = time.monotonic()
            end(scanner)
            scanner.terminal.ended()
            slowest = max(slowest, time.monotonic() - begin)
            count += judged(store, before, 2, scanner.confirmed)
        rows.append(counted(f"{name} while a decision is written", count, f"ended within {slowest:.1f} s"))
    return rows


def locks(bench: Bench, seconds: float = 30.0) -> Row:
    """Lock the store for half a minute under a screen and under `vra decide`."""
    store = bench.store()
    with closing(open_store(store)) as other:
        wanted = other.execute("SELECT max(alert_id) FROM alerts").fetchone()[0]
    scanner = Scanner(store)
    scanner.wait(" last ")
    other = sqlite3.connect(store, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(seconds, other.rollback).start()
    scanner.press("g")
    command = [*_VRA, "decide", str(wanted), "pm", "--db", store, "--scanner", "zoe"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as deciding:
        scanner.wait("Waiting for the store")
        scanner.wait("1 decided", limit=seconds + 30)
        refused = deciding.wait() != 0
    scanner.end()
    other.close()
    kept = last_sequence(store)
    return Row(f"store locked for {seconds:.0f} s: screen, vra decide", 2, 2 - refused, 2 - kept)


def full_disks(bench: Bench, times: int) -> Row:
    """Let no file of the screen grow, decide, let them grow again, decide."""
    store = bench.store()
    scanner = Scanner(store)
    scanner.wait(" last ")
    unlimited = resource.RLIM_INFINITY
    for _ in range(times):
        scanner.decide("g")
        resource.prlimit(scanner.terminal.pid, resource.RLIMIT_FSIZE, (4_096, unlimited))
        scanner.press("t")
        scanner.wait("Not saved")
        resource.prlimit(scanner.terminal.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
        scanner.decide("a")
    scanner.end()
    count = judged(store, 0, 2 * times, scanner.confirmed)
    return Row(
        "no room on the disk while deciding", times, count.confirmed, count.lost, count.doubled, count.broken
    )


def cut_logs(bench: Bench, times: int) -> Row:
    """Cut the log at a random place, as a power cut does; what was synced before it must be there."""
    chance = random.Random(1)
    store = bench.store()
    wal = store.with_name("vra.db-wal")
    cut = bench.store()
    lost = broken = confirmed_before_cuts = 0
    with closing(open_store(store)) as connection:
        ids = [row[0] for row in connection.execute("SELECT alert_id FROM alerts")]
        confirmed = []
        for alert_id in ids[:60]:
            with transaction(connection):
                taken = decide(connection, alert_id, "good", _AMY, datetime.now(UTC), OnScreen())
            confirmed.append((taken, wal.stat().st_size))
        for _ in range(times):
            size = chance.randint(0, wal.stat().st_size)
            shutil.copyfile(store, cut)
            cut.with_name("vra.db-wal").write_bytes(wal.read_bytes()[:size] + chance.randbytes(4_096))
            cut.with_name("vra.db-shm").unlink(missing_ok=True)
            safe = {taken for taken, end in confirmed if end <= size}
            with closing(open_store(cut)) as opened:
                kept = {row[0] for row in opened.execute("SELECT decision_id FROM decisions")}
            confirmed_before_cuts += len(safe)
            lost += len(safe - kept)
            broken += any(one.state == "failure" for one in examine(cut, now=datetime.now(UTC)))
    return Row("power cut: log cut at a random byte", times, confirmed_before_cuts, lost, 0, broken)


def damaged_pages(bench: Bench, times: int) -> list[Row]:
    """Overwrite a random page; find it, salvage the store, or restore a backup over it."""
    chance = random.Random(1)
    store = bench.store()
    with closing(open_store(store)) as connection:
        ids = [row[0] for row in connection.execute("SELECT alert_id FROM alerts")]
        with transaction(connection):
            for alert_id in ids[:1_000]:
                decide(connection, alert_id, "good", _AMY, datetime.now(UTC))
        made = back_up(store, now=datetime.now(UTC))
        with transaction(connection):
            for alert_id in ids[1_000:1_500]:
                decide(connection, alert_id, "pm", _AMY, datetime.now(UTC))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    wanted = _labels(store)
    pages = store.stat().st_size // 4_096
    salvaged, restored = (
        Row(f"page overwritten, {what}", times, len(wanted), 0) for what in ("salvaged", "backup restored")
    )
    unnoticed = 0
    for number in range(times):
        damaged = bench.folder / f"damaged {number}" / "vra.db"
        damaged.parent.mkdir()
        shutil.copyfile(store, damaged)
        damage(damaged, chance.randint(2, pages))
        unnoticed += not any(one.state == "failure" for one in examine(damaged, now=datetime.now(UTC)))
        target = damaged.with_name("salvaged.db")
        salvage(damaged, target)
        salvaged.lost += len(wanted - _labels(target))
        restore(made.path, damaged, now=datetime.now(UTC))
        restored.lost += len(wanted - _labels(damaged))
        for row, path in ((salvaged, target), (restored, damaged)):
            row.broken += any(one.state == "failure" for one in examine(path, now=datetime.now(UTC)))
        shutil.rmtree(damaged.parent)
    salvaged.note = f"{times - unnoticed} found by the quick examination"
    return [salvaged, restored]


def _labels(store: Path) -> set[tuple[object, ...]]:
    with closing(open_store(store)) as connection:
        query = "SELECT decision_id, alert_id, list, scanner FROM decisions"
        return {tuple(row) for row in connection.execute(query)}


def clocks(bench: Bench, times: int) -> Row:
    """Put the clock to a random moment before each decision; the latest must stand."""
    chance = random.Random(1)
    store = bench.store()
    wrong = 0
    with closing(open_store(store)) as connection:
        wanted = connection.execute("SELECT max(alert_id) FROM alerts").fetchone()[0]
        for _ in range(times):
            filed = chance.choice(("good", "pm", "garbage", "attic"))
            now = datetime.fromtimestamp(chance.randint(0, 4_000_000_000), UTC)
            with transaction(connection):
                decide(connection, wanted, filed, _AMY, now)
            query = "SELECT decided_list FROM standing WHERE alert_id = ?"
            wrong += connection.execute(query, (wanted,)).fetchone()[0] != filed
    kept = len(decisions_since(store, 0))
    return Row("clock jumping back and forth", times, times, wrong + times - kept)


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    heads = ("times", "confirmed", "lost", "twice", "damaged")
    print(f"{'faults':<50}" + "".join(f"{head:>10}" for head in heads), flush=True)
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name))
        lost = 0
        faults: list[Callable[[], Row | list[Row]]] = [
            lambda: kills(bench, options.kills, options.jobs),
            lambda: ends(bench, 5),
            lambda: full_disks(bench, 20),
            lambda: locks(bench),
            lambda: cut_logs(bench, 100),
            lambda: damaged_pages(bench, 30),
            lambda: clocks(bench, 500),
        ]
        for fault in faults:
            found = fault()
            for row in found if isinstance(found, list) else [found]:
                print(row.line(), flush=True)
                lost += row.lost + row.doubled
    if lost:
        raise SystemExit(f"{lost} decisions were lost or are there twice")


if __name__ == "__main__":
    main(sys.argv[1:])
