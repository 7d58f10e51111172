"""Compare two checkouts step by step: CPU time, peak memory and size of the store, run in turns.

`python -m benchmarks.paired OLD NEW [--alerts N] [--rounds N] [--real FOLDER]`: both take in and score the
same files of ATLAS API objects. Each step is the command line's own verb in a process of its own, and the two
checkouts take turns at going first, so that a busy machine slows both alike. CPU time is that of the process
and its children. Told is the median of the rounds' ratios new / old with the interval in which that median
lies in 95 of 100 cases (order statistics: no assumption on how the ratios scatter).
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path

_MAIN = "from vra_tui.cli import main; main()"
#: How sure the interval is to hold the median, at least, where there are rounds enough.
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Cost:
    """What one process took, its children included: CPU time in seconds, peak memory in MB."""

    cpu: float
    peak: float


def run(checkout: Path, code: str, *arguments: str) -> Cost:
    """Run Python code with a checkout on its path, and nothing of the other. Raises where it fails."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{checkout}: {' '.join(arguments)}\n{said.read().decode()[-2_000:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3)


def steps_of(checkout: Path, source: Path, db: Path) -> dict[str, float]:
    """One round of one checkout: every figure by its name."""
    first = run(checkout, _MAIN, "ingest", str(source), "--db", str(db))
    size = sum(file.stat().st_size for file in db.parent.glob(f"{db.name}*"))
    again = run(checkout, _MAIN, "ingest", str(source), "--db", str(db))
    scored = run(checkout, _MAIN, "score", "--db", str(db))
    for file in db.parent.glob(f"{db.name}*"):
        file.unlink() if file.is_file() else shutil.rmtree(file)
    return {
        "ingest, CPU s": first.cpu,
        "ingest, peak MB": first.peak,
        "ingest again, CPU s": again.cpu,
        "score, CPU s": scored.cpu,
        "score, peak MB": scored.peak,
        "store after ingest, MB": size / 1e6,
    }


def median_interval(ratios: Sequence[float]) -> tuple[float, float]:
    """The least and greatest ratio between which the median lies, see the module.

    With fewer than six ratios all of them span less than 95 of 100 cases: then it is all that was seen.
    """
    ordered, n = sorted(ratios), len(ratios)
    cut = 0
    # P(the median lies outside of the cut-th lowest to the cut-th highest) = 2 P(Binomial(n, 1/2) <= cut).
    while 2 * sum(comb(n, k) for k in range(cut + 2)) / 2**n <= 1 - _CONFIDENCE and cut + 1 < n / 2:
        cut += 1
    return ordered[cut], ordered[n - 1 - cut]


def make_input(checkout: Path, folder: Path, alerts: int) -> None:
    """API objects as the checkout's simulator makes them."""
    run(checkout, _MAIN, "simulate", "--out", str(folder), "--alerts", str(alerts), "--seed", "1")
    (folder / "truth.csv").unlink()


def copy_input(templates: Path, folder: Path, alerts: int) -> None:
    """Copies of real API objects under ids of their own, a degree apart on the sky."""
    found = [json.loads(path.read_bytes()) for path in sorted(templates.rglob("*.json"))]
    if not found:
        raise SystemExit(f"{templates} holds no API object")
    folder.mkdir()
    for number in range(alerts):
        value = found[number % len(found)]
        value["object"]["id"] = 1_000_000_000_000_000_000 + number
        value["object"]["ra"] = number % 360 + 0.5
        (folder / f"{number}.json").write_text(json.dumps(value))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--alerts", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--real", type=Path, help="a folder of real API objects, of which copies are made")
    options = parser.parse_args()
    checkouts = {"old": options.old.resolve(), "new": options.new.resolve()}
    seen: dict[str, dict[str, list[float]]] = defaultdict(lambda: {"old": [], "new": []})
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "input"
        if options.real:
            copy_input(options.real.resolve(), source, options.alerts)
        else:
            make_input(checkouts["old"], source, options.alerts)
        for turn in range(options.rounds):
            for which in ("old", "new") if turn % 2 == 0 else ("new", "old"):
                for step, value in steps_of(checkouts[which], source, Path(name) / f"{which}.db").items():
                    seen[step][which].append(value)
    print(f"{options.alerts:,} alerts, {options.rounds} rounds\n")
    print(f"{'step':24s} {'old':>9s} {'new':>9s}  ratio [interval]")
    for step, values in seen.items():
        ratios = [new / old for old, new in zip(values["old"], values["new"], strict=True)]
        low, high = median_interval(ratios)
        old, new = (statistics.median(values[which]) for which in ("old", "new"))
        print(f"{step:24s} {old:9.2f} {new:9.2f}  {statistics.median(ratios):.3f} [{low:.3f} .. {high:.3f}]")
    size = {which: statistics.median(seen["store after ingest, MB"][which]) for which in ("old", "new")}
    each = {which: megabytes * 1e3 / options.alerts for which, megabytes in size.items()}
    print(f"\nkB an alert: old {each['old']:.2f}, new {each['new']:.2f}")


if __name__ == "__main__":
    main()
