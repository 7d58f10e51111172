"""The fault table: what was done to the program and its store, how often, and what was lost.

`python -m benchmarks.faults [--kills N] [--jobs N]`: the real program in pseudo-terminals, killed without
warning while a scanner decides; a decision counts as confirmed once the screen shows it.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.scanner import Count, scan_and_kill
from benchmarks.screen_store import make_scored_store
from vra_tui.store.connection import open_store

#: Alerts in the store: many more than are decided.
_ALERTS = 2_000
#: The screen lives so long at the most after its first list, seconds.
_SECONDS = 0.8


def kills(template: Path, folder: Path, times: int, jobs: int) -> Count:
    """Kill so many sessions at random moments; ``jobs`` at once, each on a store of its own."""
    shares = [times // jobs + (job < times % jobs) for job in range(jobs)]
    with ProcessPoolExecutor(jobs) as pool:
        work = [
            pool.submit(_kill_often, template, folder / f"kills {job}", share, job)
            for job, share in enumerate(shares)
        ]
        return sum((one.result() for one in work), Count())


def _kill_often(template: Path, folder: Path, times: int, seed: int) -> Count:
    folder.mkdir()
    store = folder / "vra.db"
    shutil.copyfile(template, store)
    chance = random.Random(seed)
    count = Count()
    for _ in range(times):
        one = scan_and_kill(store, chance, _SECONDS)
        count += one
        if one.lost or one.doubled or one.broken:
            print(f"  {one}", flush=True)
    return count


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = folder / "template.db"
        make_scored_store(template, _ALERTS)
        open_store(template).close()
        begin = time.monotonic()
        count = kills(template, folder, options.kills, options.jobs)
        print(
            f"kill -9 while scanning: {count.sessions} kills, {count.sent:,} keys, {count.confirmed:,} "
            f"decisions and undos confirmed, {count.kept:,} kept, {count.lost} lost, {count.doubled} twice, "
            f"{count.broken} stores damaged ({time.monotonic() - begin:.0f} s)"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
