"""Compare what a key and the start cost in two checkouts, in turns: a busy machine slows both alike.

`python -m benchmarks.keys_paired OLD NEW --store FILE [--keys N] [--starts N]`: each opens its screen
on a copy of the store in a pseudo-terminal; every key goes to both, now to the one first, now to the other.
Told are medians, in ms and bytes where nothing else is said, and the median of the ratios new / old.
`benchmarks.screen` makes a store of 100,000 alerts. Linux only: CPU is read from /proc.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.screen import COLUMNS, DOWN, ROWS, line, p95
from tests.harness.terminal import Cost, Terminal

_MAIN = "from vra_tui.cli import main; main()"
_SETTLING = 3.0
_KEYS = (("cursor down", DOWN), ("decision", b"g"))


@dataclass(frozen=True)
class Checkout:
    """A checkout and the folder where its store and its compiled modules lie."""

    path: Path
    folder: Path

    def open_screen(self) -> Terminal:
        """Its screen on its store, as on a first start."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        environment = {
            "PYTHONPATH": str(self.path),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self.folder / "compiled"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
        }
        os.chdir(self.path)  # Python looks for modules there first
        command = [sys.executable, "-c", _MAIN, "scan", "--db", str(self.folder / "screen.db")]
        return Terminal([*command, "--scanner", "bench"], COLUMNS, ROWS, environment)


def first_list(checkout: Checkout) -> tuple[float, float]:
    """Seconds until the first list is on the screen, and CPU seconds of that."""
    terminal = checkout.open_screen()
    elapsed, cpu = terminal.wait_for(b"ATLAS26"), terminal.cpu()
    terminal.read()
    terminal.close()
    return elapsed, cpu


def in_turns(checkouts: Sequence[Checkout], starts: int) -> None:
    """Starts of both, the first of each not counted: it compiles."""
    found: list[list[tuple[float, float]]] = [[] for _ in checkouts]
    for _ in range(starts + 1):
        for checkout, costs in zip(checkouts, found, strict=True):
            costs.append(first_list(checkout))
    for what, which in (("first list, s", 0), ("first list, CPU s", 1)):
        told(what, *([cost[which] for cost in costs[1:]] for costs in found))


def keys(terminals: Sequence[Terminal], name: str, key: bytes, count: int) -> None:
    """One key, pressed so often in both."""
    found: list[list[Cost]] = [[] for _ in terminals]
    for number in range(count + 1):
        pairs = list(zip(terminals, found, strict=True))
        for terminal, costs in pairs if number % 2 else pairs[::-1]:
            costs.append(terminal.key(key))
    for what in ("cpu", "first", "last", "written"):
        told(f"{name}: {what}", *([float(getattr(cost, what)) for cost in costs[1:]] for costs in found))
    old, new = (p95([cost.last for cost in costs[1:]]) for costs in found)
    line(f"{name}: last, p95", f"{old:,.2f}", f"{new:,.2f}  x {new / old:.2f}")


def told(what: str, old: Sequence[float], new: Sequence[float]) -> None:
    """Both medians, and that of the ratios."""
    ratio = statistics.median(after / before for before, after in zip(old, new, strict=True) if before)
    line(what, f"{statistics.median(old):,.2f}", f"{statistics.median(new):,.2f}  x {ratio:.2f}")


def main(arguments: Sequence[str] = ()) -> None:
    """Measure both checkouts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--starts", type=int, default=5)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        checkouts = []
        for number, path in enumerate((options.old, options.new)):
            folder = Path(name) / str(number)
            folder.mkdir()
            shutil.copyfile(options.store, folder / "screen.db")
            checkouts.append(Checkout(path.resolve(), folder))
        line("", "old", "new")
        in_turns(checkouts, options.starts)
        terminals = [checkout.open_screen() for checkout in checkouts]
        for terminal in terminals:
            terminal.wait_for(b"ATLAS26")
            terminal.read(quiet=_SETTLING)
        for name_of_key, key in _KEYS:
            keys(terminals, name_of_key, key, options.keys)
        for terminal in terminals:
            terminal.close()
        os.chdir("/")


if __name__ == "__main__":
    main(sys.argv[1:])
