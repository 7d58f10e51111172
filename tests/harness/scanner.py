"""A scanner at the real screen: presses keys, and writes down what the screen has confirmed."""

import random
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyte

from tests.harness.terminal import Terminal
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.connection import open_store
from vra_tui.store.doctor import examine

COLUMNS, ROWS = 120, 40
#: The keys that decide without a question, and where they file.
KEYS = {"g": "good", "t": "garbage", "a": "attic", "s": "pm"}
_LIST_OF = {decision.key: decision.list.value for decision in DECISIONS.values()}
#: The letter of a decision, the cursor, the rank where there is one, the survey's letter, and the name.
_UNDER_CURSOR = re.compile(r".?[>▸]\s*(?:[\d.]+\s+|[–-]\s+)?[A-Z](\S+)")
_ENTRY = re.compile(r"(\S) (\S+)")
_END_OF_FRAME = b"\x1b[?2026l"
_UNDO = "undo"

#: What was decided, in order: the list or "undo", and the alert's name without its prefix.
Decisions = list[tuple[str, str]]


class Scanner:
    """The program in a terminal, and a scanner who believes only what stands on the screen."""

    def __init__(self, store: Path, environment: dict[str, str] | None = None, prefix: Sequence[str] = ()):
        command = [sys.executable, "-c", "from vra_tui.cli import main; main()"]
        folders = {name: str(store.parent / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        self.terminal = Terminal(
            [*prefix, *command, "scan", "--db", str(store), "--scanner", "amy"],
            COLUMNS, ROWS, {**folders, **(environment or {})},
        )  # fmt: skip
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0
        self._recent: list[tuple[str, str]] | None = None
        #: What the screen has confirmed since the start.
        self.confirmed: Decisions = []

    def lines(self) -> list[str]:
        """What stands on the screen."""
        return [line.rstrip() for line in self._screen.display]

    def look(self, seconds: float = 0.0) -> None:
        """Watch the screen for so long."""
        self.terminal.read(quiet=max(seconds, 0.002), limit=max(seconds, 0.002))
        # Half a frame is not on the screen yet.
        whole = self.terminal.output.rfind(_END_OF_FRAME) + len(_END_OF_FRAME)
        if whole > self._fed:
            self._stream.feed(bytes(self.terminal.output[self._fed : whole]))
            self._fed = whole
            self._note()

    def wait(self, text: str, limit: float = 60.0) -> None:
        """Watch until a text stands on the screen. Raises TimeoutError."""
        end = time.monotonic() + limit
        while not any(text in line for line in self.lines()):
            if time.monotonic() > end:
                end_of_output = bytes(self.terminal.output[-500:])
                raise TimeoutError(
                    f"{text!r} did not come:\n" + "\n".join([*self.lines(), repr(end_of_output)])
                )
            self.look(0.02)

    def press(self, key: str) -> None:
        """Press a key and do not wait for what it does."""
        self.terminal.send(key.encode())

    def decide(self, key: str, limit: float = 60.0) -> None:
        """Press a key and wait until the screen has confirmed the decision. Raises TimeoutError."""
        before, end = len(self.confirmed), time.monotonic() + limit
        self.press(key)
        while len(self.confirmed) == before:
            if time.monotonic() > end:
                raise TimeoutError("no confirmation:\n" + "\n".join(self.lines()))
            self.look(0.01)

    def under_cursor(self) -> str | None:
        """The name on the line under the cursor, as the last decisions would show it."""
        found = next(filter(None, map(_UNDER_CURSOR.match, self.lines())), None)
        return found[1] if found else None

    def end(self) -> None:
        """Kill the program if it still runs."""
        if not self.terminal.has_ended:
            self.kill()

    def kill(self, number: int = signal.SIGKILL) -> int:
        """Send a signal and wait for the end; what reached the terminal before it counts as seen."""
        self.terminal.kill(number)
        code = self.terminal.ended()
        self.look(0.01)
        return code

    def _note(self) -> None:
        """Compare the line of the last decisions with how it was."""
        line = next((line for line in self.lines() if line.startswith(" last ")), None)
        if line is None:
            return
        # Behind a gap stand warnings.
        entries = line.removeprefix(" last").strip().split("   ")[0]
        now = [] if "nothing decided" in line else _ENTRY.findall(entries)
        before, self._recent = self._recent, now
        if before is None:
            return
        # As many entries as fit are shown: the older ones drop off the end, and come back after an undo.
        for undone in range(len(before) + 1):
            known = before[undone : undone + 3]
            starts = [n for n in range(len(now) + 1) if now[n : n + len(known)] == known]
            if known and starts:
                news = now[: starts[0]]
                break
        else:
            undone, news = len(before), now
        self.confirmed += [(_UNDO, name) for _, name in before[:undone]]
        self.confirmed += [(_LIST_OF[key], name) for key, name in reversed(news)]


@dataclass
class Count:
    """What became of the keys of many sessions."""

    sessions: int = 0
    sent: int = 0
    confirmed: int = 0
    kept: int = 0
    lost: int = 0
    doubled: int = 0
    broken: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


def scan_and_kill(store: Path, chance: random.Random, keys: int) -> Count:
    """Press up to ``keys`` keys, kill the program without warning, and look what is kept."""
    before = last_sequence(store)
    scanner = Scanner(store)
    if chance.random() < 0.95:  # else it may be killed while it starts
        scanner.wait(" last ")
    sent = chance.randint(1, keys)
    for number in range(sent):
        scanner.press(_UNDO[0] if number and chance.random() < 0.1 else chance.choice(sorted(KEYS)))
        # Mostly waits to see what the key did, as a scanner would; sometimes types ahead, or has no patience.
        confirmed, end = len(scanner.confirmed), time.monotonic() + chance.choice((0.0, 0.05, 0.5, 0.5))
        while len(scanner.confirmed) == confirmed and time.monotonic() < end:
            scanner.look(0.005)
    scanner.look(chance.uniform(0.0, 0.1))
    scanner.kill()
    scanner.terminal.hang_up()
    return judged(store, before, sent, scanner.confirmed)


def judged(store: Path, before: int, sent: int, confirmed: Decisions) -> Count:
    """Compare what the store holds since ``before`` with what the screen had confirmed."""
    kept = decisions_since(store, before)
    # In the same order; keys typed ahead may come and be undone between two frames.
    rest = iter(kept)
    lost = sum(decision not in rest for decision in confirmed)
    failures = [one for one in examine(store, now=datetime.now(UTC)) if one.state == "failure"]
    doubled = max(0, len(kept) - sent) + _decided_twice(kept)
    return Count(1, sent, len(confirmed), len(kept), lost, doubled, len(failures))


def _decided_twice(kept: Decisions) -> int:
    """Decisions that say again what was said of the same alert, with nothing undone between."""
    doubled = 0
    standing: dict[str, str] = {}
    for filed, name in kept:
        if filed == _UNDO:
            standing.pop(name, None)
            continue
        doubled += standing.get(name) == filed
        standing[name] = filed
    return doubled


def last_sequence(store: Path) -> int:
    """The place of the last decision in the store."""
    with closing(sqlite3.connect(store)) as connection:
        return int(connection.execute("SELECT coalesce(max(sequence), 0) FROM decisions").fetchone()[0])


def decisions_since(store: Path, sequence: int) -> Decisions:
    """What the scanner did after a decision, as the store has it: opened as the program opens it."""
    with closing(open_store(store, create=False)) as connection:
        rows = connection.execute(
            """SELECT coalesce(list, 'undo'), replace(name, 'ATLAS', '') FROM decisions
            JOIN alerts USING (alert_id) WHERE sequence > ? AND scanner = 'amy' ORDER BY sequence""",
            (sequence,),
        )
        return [(row[0], row[1]) for row in rows]
