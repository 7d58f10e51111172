"""Runs a verb, and writes down what it does beside SQL while it holds the store's lock.

``python -m tests.faults.watched REPORT STORE VERB ...``; the verb ``screen`` presses keys on the screen.
REPORT becomes JSON: ``transactions``, how often the store was locked, and ``deeds``, what was done meanwhile.
"""

import json
import sqlite3
import sys
import threading
import time
import traceback
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

#: Audit events (https://docs.python.org/3/library/audit_events.html) of what may take long: modules, files,
#: folders, other programs, the network. SQLite's own use of its files raises none.
_SLOW = (
    "import", "open", "os.", "shutil.", "tempfile.", "glob.", "pathlib.", "subprocess.", "socket.", "fcntl.",
    "time.sleep", "pty.", "urllib.", "mmap.",
)  # fmt: skip
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "REINDEX")


class Watch:
    """Knows which threads hold the lock on a store, from the statements of their connections."""

    def __init__(self, store: Path) -> None:
        self.transactions = 0
        self.deeds: Counter[str] = Counter()
        self._store = store.resolve()
        self._numbers = count()
        self._begun: set[int] = set()
        self._holding: Counter[int] = Counter()

    def start(self) -> None:
        """Watch from here on, for as long as the process lives."""
        sys.addaudithook(self._hear)
        sleep, connect = time.sleep, sqlite3.connect

        def heard(seconds: float) -> None:
            self._hear("time.sleep", (seconds,))
            sleep(seconds)

        def followed(database: Any, *arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(database, *arguments, **options)
            if self._is_store(str(database)):
                number = next(self._numbers)
                connection.set_trace_callback(lambda statement: self._follow(number, statement))
            return connection

        time.sleep, sqlite3.connect = heard, followed

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        here = threading.get_ident()
        if self._holding[here] and event.startswith(_SLOW):
            # Not by `traceback.extract_stack`, which opens the files.
            codes = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_stack(None)]
            places = [f"{Path(name).name}:{line}" for name, line in codes if "vra_tui" in name][:3]
            self.deeds[f"{event} {arguments[:1]} at {' < '.join(places)}"] += 1

    def _is_store(self, name: str) -> bool:
        if name.startswith("file:"):
            name = name.removeprefix("file:").partition("?")[0]
        return Path(name.removeprefix("//")).resolve() == self._store

    def _follow(self, connection: int, statement: str) -> None:
        here, word = threading.get_ident(), statement.lstrip().upper()
        if word.startswith("BEGIN"):
            self._begun.add(connection)
        if connection not in self._begun:
            return
        if word.startswith(("COMMIT", "ROLLBACK", "END")):
            self._begun.discard(connection)
            self._holding[here] = 0
        elif not self._holding[here] and word.startswith(("BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", *_WRITES)):
            self._holding[here] = 1
            self.transactions += 1


def press_keys(store: Path) -> None:
    """Scan a little: decide, undo, note, ask for an opinion; others look and decide meanwhile."""
    import asyncio

    from tests.tui.conftest import look, press, scanning

    async def scan() -> None:
        async with scanning(store) as (_, pilot):
            await press(pilot, "g", "t", "u", "C", *"nearby", "enter", "O", "p", "space", "j", "space", "a")
            await press(pilot, "N", *"odd", "enter", "backspace", "c")
            await look(pilot)

    asyncio.run(scan())


def main() -> None:
    """Run what the arguments say, watched."""
    report, store, *arguments = sys.argv[1:]
    watch = Watch(Path(store))
    if arguments == ["screen"]:
        import tests.tui.conftest  # noqa: F401
    watch.start()
    code: object = 0
    try:
        if arguments == ["screen"]:
            press_keys(Path(store))
        else:
            sys.argv = ["vra", *arguments]
            from vra_tui.cli import main as vra

            vra()
    except SystemExit as ended:
        code = ended.code
    deeds = dict(watch.deeds)
    Path(report).write_text(json.dumps({"code": code, "transactions": watch.transactions, "deeds": deeds}))


if __name__ == "__main__":
    main()
