"""Two scanners in two tmux panes on one store: what each sees of the other, and when; every label is checked.

`python -m benchmarks.screen_pair [--decisions N]`: both begin at the top of the same list and decide what is
under their cursor, or go on where they see that the other has. For each decision the other's pane is watched
until its letter stands there.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.session import (
    KEYS,
    has_left,
    leave,
    lines,
    make_sample_store,
    scan_command,
    tmux,
    under_cursor,
    wait,
)

SESSION = "vra-pair"
SCANNERS = ("ada", "ben")
PANES = (f"{SESSION}:0.0", f"{SESSION}:0.1")


def start(store: Path, folder: Path) -> None:
    first, second = (scan_command(store, folder / scanner, scanner) for scanner in SCANNERS)
    tmux("new-session", "-d", "-s", SESSION, "-x", "120", "-y", "61", first)
    tmux("split-window", "-v", "-t", SESSION, second)
    for pane in PANES:
        wait(lambda pane=pane: under_cursor(pane) is not None, "the first list")


def sign(pane: str, name: str) -> str:
    """The letter before an alert in a pane's list, blank while undecided or out of view."""
    for line in lines(pane)[2:]:
        if name.removeprefix("ATLAS") in line[:20]:
            return line[1]
    return " "


def scan(decisions: int) -> tuple[list[tuple[str, str, str]], list[float]]:
    """Decide in turns; what a person reading along writes down, and the seconds until the other saw it."""
    chance = random.Random(2)
    written, seconds = [], []
    for number in range(decisions):
        mine, other = number % 2, (number + 1) % 2
        if sign(PANES[mine], under_cursor(PANES[mine])) != " ":
            passed = under_cursor(PANES[mine])
            tmux("send-keys", "-t", PANES[mine], "Tab")
            wait(lambda: has_left(passed, PANES[mine]), f"{SCANNERS[mine]} to pass {passed}")  # noqa: B023
        name, key = under_cursor(PANES[mine]), chance.choice(sorted(KEYS))
        is_in_view = any(name.removeprefix("ATLAS") in line[:20] for line in lines(PANES[other])[2:])
        tmux("send-keys", "-t", PANES[mine], key)
        wait(lambda: has_left(name, PANES[mine]), f"{SCANNERS[mine]} to go on from {name}")  # noqa: B023
        saved = time.monotonic()
        written.append((SCANNERS[mine], name, KEYS[key]))
        if is_in_view:
            wait(lambda: sign(PANES[other], name) == key, f"{SCANNERS[other]} to see {name}")  # noqa: B023
            seconds.append(time.monotonic() - saved)
    return written, seconds


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=40)
    options = parser.parse_args(arguments)
    if shutil.which("tmux") is None:
        raise SystemExit("There is no tmux here.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        connection = make_sample_store(folder / "pair.db")
        start(folder / "pair.db", folder)
        try:
            written, seconds = scan(options.decisions)
        except BaseException:
            tmux("kill-session", "-t", SESSION)
            raise
        leave(SESSION, PANES)
        kept = connection.execute(
            """SELECT scanner, name, list FROM decisions JOIN alerts USING (alert_id)
            WHERE scanner != 'vra' ORDER BY sequence"""
        ).fetchall()
        connection.close()
    wrong = sum(read != tuple(row) for read, row in zip(written, kept, strict=False))
    twice = len(written) - len({alert for _, alert, _ in written})
    print(f"pair: {len(written)} decisions, {len(kept)} kept, {wrong} differ, {twice} alerts decided twice")
    print(f"pair: seen by the other {len(seconds)} times, after {max(seconds):.2f} s at most (asked: 2)")
    if wrong or len(written) != len(kept):
        raise SystemExit("the labels are not what was read")


if __name__ == "__main__":
    main(sys.argv[1:])
