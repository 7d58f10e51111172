"""Seconds of processor time that the Python interface takes: `import vra_tui`, `store.alerts()` and others.

    python -m benchmarks.python_interface [--alerts 100000] [--db FILE]

The goals are 0.1 s for the import and 1 s for the alerts of a store of 100,000.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import vra_tui as vra
from tests.harness.stores import make_store

_IMPORT = "import time; t = time.process_time(); import vra_tui; print(time.process_time() - t)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--db", type=Path, help="A store that is there already, in place of a made one.")
    options = parser.parse_args()
    run = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True)
    print(f"import vra_tui                   {float(run.stdout):8.3f} s")
    with tempfile.TemporaryDirectory() as folder:
        path = options.db or Path(folder) / "vra.db"
        if options.db is None:
            make_store(path, options.alerts)
        with vra.open(path) as store:
            print(store)
            store.alerts(limit=1)  # the first call imports pandas
            alerts = measured("alerts()", store.alerts)
            measured("alerts(filter='mag<19')", lambda: store.alerts(filter="mag<19"))
            measured("scores()", store.scores)
            measured("matches()", store.matches)
            measured("light_curve(one)", lambda: store.light_curve(alerts["object_id"].iloc[0]))
            measured("light_curves(1,000 of them)", lambda: store.light_curves(alerts[:1_000]))


def measured(what: str, call: Callable[[], Any]) -> Any:
    """What a call returns; prints the best of three."""
    best, found = float("inf"), None
    for _ in range(3):
        since = time.process_time()
        found = call()
        best = min(best, time.process_time() - since)
    print(f"{what:<32} {best:8.3f} s  {len(found):,} rows")
    return found


if __name__ == "__main__":
    main()
