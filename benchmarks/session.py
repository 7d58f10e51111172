"""Fifty decisions in a real tmux: the name is read from the screen before each key, and checked in the end.

`python -m benchmarks.session [--decisions N] [--size 80x24]` makes a store from the sample data, opens the
screen in tmux, decides, moves, undoes and restarts as a scanner does, and compares every label in the store
with what was read.
"""

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.config.locations import shipped
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.pipeline.score import score
from vra_tui.ranking.lists import DECISIONS
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.trained import load_model
from vra_tui.store.connection import open_store

SESSION = "vra-session"
KEYS = {decision.key: decision.list.value for decision in DECISIONS.values() if decision.key != "e"}


def tmux(*arguments: str) -> str:
    return subprocess.run(["tmux", *arguments], check=True, capture_output=True, text=True).stdout


def lines(pane: str = SESSION) -> list[str]:
    return tmux("capture-pane", "-t", pane, "-p").splitlines()


def under_cursor(pane: str = SESSION) -> str | None:
    """The name on the line under the cursor, once the light curve's context names the same."""
    shown = lines(pane)
    for line in shown[2:]:
        if line.startswith(">"):
            short = next((word[1:] for word in line[3:].split() if word.startswith("A")), None)
            # The list has the survey's letter before the name, the context its whole name.
            name = f"ATLAS{short}"
            return name if short and any(name in other for other in shown) else None
    return None


def has_left(name: str | None, pane: str = SESSION) -> bool:
    """Whether another name than ``name`` stands under the cursor, and its context beside it."""
    return under_cursor(pane) not in (None, name)


def wait(reached, what: str, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            raise SystemExit(f"waited in vain: {what}\n" + "\n".join(lines()))
        time.sleep(0.02)


def scan_command(store: Path, folder: Path, scanner: str) -> str:
    vra = Path(sys.executable).parent / "vra"
    # tmux's server has an environment of its own.
    environment = {"XDG_CONFIG_HOME": folder / "c", "XDG_DATA_HOME": folder / "d"}
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = Path(os.environ["PYTHONPATH"])
    assigned = " ".join(f"{name}={value}" for name, value in environment.items())
    return f"env {assigned} {vra} scan --db {store} --scanner {scanner}"


def start(store: Path, size: str, folder: Path) -> None:
    columns, rows = size.split("x")
    tmux("new-session", "-d", "-s", SESSION, "-x", columns, "-y", rows, scan_command(store, folder, "amy"))
    wait(lambda: under_cursor() is not None, "the first list")


def leave(session: str = SESSION, panes: Sequence[str] = (SESSION,)) -> None:
    """Quit the program in each pane, and wait until the last has ended."""
    # The last first: where a pane ends, those behind it get other numbers.
    for pane in reversed(panes):
        tmux("send-keys", "-t", pane, "q")
    running = ["tmux", "has-session", "-t", session]
    wait(lambda: subprocess.run(running, capture_output=True).returncode != 0, "the screen to end")


def scan(store: Path, decisions: int, size: str, folder: Path) -> list[tuple[str, str | None]]:
    """Decide; returns what a person reading along would have written down."""
    chance = random.Random(1)
    written: list[tuple[str, str | None]] = []
    standing: list[tuple[str, str]] = []
    start(store, size, folder)
    for number in range(decisions):
        if number and number % 17 == 0:
            leave()
            start(store, size, folder)
        if number and number % 7 == 0:
            name, list_name = standing.pop()
            tmux("send-keys", "-t", SESSION, "u")
            wait(lambda wanted=name: under_cursor() == wanted, f"undo to go back to {name}")
            written.append((name, None))
            print(f"{number:>3} undo      {name} ({list_name})")
        if chance.random() < 0.3:
            before = under_cursor()
            tmux("send-keys", "-t", SESSION, "j")
            wait(lambda seen=before: has_left(seen), "the cursor to move")
        name, key = under_cursor(), chance.choice(sorted(KEYS))
        tmux("send-keys", "-t", SESSION, key)
        wait(lambda seen=name: has_left(seen), f"the screen to go on from {name}")
        written.append((name, KEYS[key]))
        standing.append((name, KEYS[key]))
        print(f"{number:>3} {key} {KEYS[key]:<11} {name}")
    leave()
    return written


def make_sample_store(path: Path) -> sqlite3.Connection:
    """A store of the sample data, scored."""
    connection = open_store(path)
    ingest(connection, read_paths([shipped("sample_data")]), clock=lambda: datetime.now(UTC))
    score(connection, load_model(default_model()), clock=lambda: datetime.now(UTC))
    return connection


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=50)
    parser.add_argument("--size", default="80x24")
    options = parser.parse_args(arguments)
    if shutil.which("tmux") is None:
        raise SystemExit("There is no tmux here.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = folder / "session.db"
        connection = make_sample_store(store)
        written = scan(store, options.decisions, options.size, folder)
        kept = connection.execute(
            """SELECT name, list FROM decisions JOIN alerts USING (alert_id)
            WHERE scanner = 'amy' ORDER BY sequence"""
        ).fetchall()
    wrong = [(read, tuple(row)) for read, row in zip(written, kept, strict=False) if read != tuple(row)]
    print(f"session: {len(written)} keys written down, {len(kept)} decisions kept, {len(wrong)} differ")
    if wrong or len(written) != len(kept):
        raise SystemExit(f"the labels are not what was read: {wrong[:5]}")


if __name__ == "__main__":
    main(sys.argv[1:])
