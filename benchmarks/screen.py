"""What the screen costs: the real program in a pseudo-terminal, 120x40, truecolour, 100,000 alerts.

`python -m benchmarks.screen [--alerts N] [--store FILE] [--keys N]`; with --store, a store is made
once and kept. Linux only: CPU and memory are read from /proc.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.harness.screen_store import make_scored_store
from tests.harness.terminal import Cost, Terminal
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.query import ListQuery, query_ids

DOWN = b"\x1b[B"
COLUMNS, ROWS = 120, 40
#: Beside the first list the counts and the rest of the ids are read; a key then is measured on its own.
_SETTLING = 3.0
#: After so long without a byte, nothing is on its way, seconds.
_STILL = 4.0


def open_screen(path: Path) -> Terminal:
    command = [str(Path(sys.executable).parent / "vra"), "scan", "--db", str(path), "--scanner", "bench"]
    # Neither the user's configuration nor the place where an earlier run stopped.
    folders = {name: str(path.parent / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    return Terminal(command, COLUMNS, ROWS, folders | compiled(path.parent))


def compiled(folder: Path) -> dict[str, str]:
    """Variables with which Python runs modules that are compiled, as those of an installed program are.

    A checkout that must not be written into would be compiled anew with each start.
    """
    kept = folder / "compiled"
    variables = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(kept)}
    if not kept.exists():
        imports = [sys.executable, "-c", "import vra_tui.cli, vra_tui.tui.app"]
        subprocess.run(imports, env={**os.environ, **variables}, check=True)
    return variables


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def line(what: str, asked: str, measured: str) -> None:
    print(f"  {what:<50} {asked:>10} {measured:>24}")


def report_keys(what: str, costs: Sequence[Cost], most_last: int) -> None:
    for name, asked, values in (
        ("bytes", "4,500", [float(cost.written) for cost in costs]),
        ("first byte, ms", "10", [cost.first for cost in costs]),
        ("last byte, ms", str(most_last), [cost.last for cost in costs]),
    ):
        line(f"{what}: {name}", f"<= {asked}", f"{statistics.median(values):,.1f} (p95 {p95(values):,.1f})")
    line(f"{what}: CPU, mean, ms", "<= 12", f"{statistics.mean(cost.cpu for cost in costs):.1f}")


def hold(terminal: Terminal, seconds: float = 3.0, rate: float = 30.0) -> tuple[float, float]:
    """Bytes a second while a key is held, and ms from its release to the last byte."""
    begin = time.perf_counter()
    written = 0
    for number in range(int(seconds * rate)):
        terminal.send(DOWN)
        due = begin + (number + 1) / rate
        written += terminal.read(quiet=max(0.0005, due - time.perf_counter()), limit=1 / rate)[2]
        time.sleep(max(0.0, due - time.perf_counter()))
    released = time.perf_counter()
    _, last, rest = terminal.read()
    return (written + rest) / seconds, max(0.0, (last - released) * 1e3)


def measure(path: Path, keys: int) -> None:
    terminal = open_screen(path)
    first_list = terminal.wait_for(b"ATLAS26")
    terminal.read()
    line("first list from the shell, s", "<= 0.9", f"{first_list:.2f}")
    time.sleep(_SETTLING)
    terminal.key(DOWN)
    report_keys("cursor down", [terminal.key(DOWN) for _ in range(keys)], 40)
    rate, lag = hold(terminal)
    line("key held at 30 Hz: kB/s", "<= 60", f"{rate / 1e3:.1f}")
    line("key held at 30 Hz: last byte after release, ms", "no lag", f"{lag:.0f}")
    report_keys("decision", [terminal.key(b"g") for _ in range(keys)], 45)
    line("memory, greatest, MB", "<= 120", f"{terminal.memory():.0f}")
    code = terminal.close()
    if code:
        raise SystemExit(f"the screen ended with exit code {code}")


def measure_news(path: Path, times: int = 3) -> None:
    """How long after its commit another scanner's decision is on the screen, in a line and as a new line."""
    store = open_store(path)
    ben = Author("ben", "elsewhere")

    def decide_now(alert_id: int, list_name: str) -> float:
        with transaction(store):
            decide(store, alert_id, list_name, ben, datetime.now(UTC))
        return time.perf_counter()

    ids = query_ids(store, ListQuery("eyeball"), limit=2 * times + 1).tolist()
    away, seen = ids[1::2][:times], ids[2::2][:times]
    for alert_id in away:
        decide_now(alert_id, "garbage")
    terminal = open_screen(path)
    terminal.wait_for(b"ATLAS26")
    terminal.read()
    time.sleep(_SETTLING)
    in_line, as_new = [], []
    for back, here in zip(away, seen, strict=True):
        for alert_id, list_name, found in ((here, "attic", in_line), (back, "eyeball", as_new)):
            terminal.read(quiet=_STILL)
            begin = decide_now(alert_id, list_name)
            # Nobody presses a key: what is written is news.
            first, _, _ = terminal.read(quiet=_STILL)
            found.append(first - begin)
    line("another's decision in view, s", "<= 2", f"{max(in_line):.2f} at most")
    line("an alert new in the list, s", "<= 2", f"{max(as_new):.2f} at most")
    terminal.close()
    store.close()


def measure_beside_scoring(path: Path, keys: int) -> None:
    """The same while another process scores the store, beside what it was just before.

    What scoring commits is shown when it comes: its bytes too follow a key within moments. So the key is
    judged by the frame that shows the next alert's light curve and context, and its CPU by what the same time
    costs without a key.
    """
    terminal = open_screen(path)
    terminal.wait_for(b"ATLAS26")
    terminal.read()
    time.sleep(_SETTLING)
    terminal.key(DOWN)
    before = [terminal.key(DOWN) for _ in range(keys)]
    vra = str(Path(sys.executable).parent / "vra")
    scoring = subprocess.Popen(
        [vra, "score", "--all", "--db", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(3.0)
    beside, pauses, decisions = [], [], []
    while len(beside) < keys and scoring.poll() is None:
        beside.append(terminal.key(DOWN))
        decisions.append(terminal.key(b"g"))
        pauses.append(terminal.key(b"").cpu)
    scoring.terminate()
    scoring.wait()
    if len(beside) < 2:
        print("  (scoring was over before a key could be measured beside it)")
    else:
        report_beside(before, beside, decisions, pauses)
    terminal.close()


def report_beside(
    before: Sequence[Cost], beside: Sequence[Cost], decisions: Sequence[Cost], pauses: Sequence[float]
) -> None:
    what = "cursor down while scoring runs"
    shown, then = [cost.drawn for cost in beside], [cost.drawn for cost in before]
    line(f"{what}: bytes", "<= 4,500", f"{statistics.median(cost.written for cost in beside):,.1f}")
    line(f"{what}: first byte, ms", "<= 11", summary([cost.first for cost in beside]))
    line(f"{what}: panes drawn, ms", "<= 44", summary(shown))
    line("  the same before scoring began", "", summary(then))
    line(f"{what}: CPU, mean, ms", "<= 13", f"{statistics.mean(cost.cpu for cost in beside):.1f}")
    line("  the same time without a key", "", f"{statistics.mean(pauses):.1f}")
    line("decision while scoring runs: panes drawn, ms", "<= 50", summary([cost.drawn for cost in decisions]))


def summary(values: Sequence[float]) -> str:
    known = [value for value in values if value == value]
    return f"{statistics.median(known):,.1f} (p95 {p95(known):,.1f})"


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--keys", type=int, default=60)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        kept = options.store or Path(folder) / "kept.db"
        if not kept.exists():
            make_scored_store(kept, options.alerts)
        path = Path(folder) / "screen.db"
        shutil.copyfile(kept, path)  # decisions and scoring change it
        print(f"screen: {options.alerts:,} alerts, {COLUMNS}x{ROWS}, truecolour")
        line("", "asked", "measured")
        measure(path, options.keys)
        measure_news(path)
        measure_beside_scoring(path, options.keys)


if __name__ == "__main__":
    main(sys.argv[1:])
