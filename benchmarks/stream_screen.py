"""What a key costs on the screen while `vra watch` takes in all it can, for `benchmarks.whole_stream`."""

import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.screen import DOWN, open_screen, p95
from benchmarks.stream_group import Group
from tests.harness.kafka import cluster
from tests.harness.screen_store import make_scored_store
from tests.harness.terminal import Cost, Terminal

_ALERTS, _KEYS, _BLOCKS = 20_000, 12, 3
#: A list in which alerts of the stream appear while keys are pressed is read again, seconds.
_STILL = 3.0


def measure_keys(folder: Path, schemas: Path, messages: Sequence[bytes]) -> None:
    """Keys by blocks, without alerts and with them in turns, on one screen and one store."""
    place = folder / "screen"
    place.mkdir()
    store = place / "0.db"
    make_scored_store(store, _ALERTS)
    with cluster() as made:
        group = Group(made, place, schemas, "watch", 1)
        part = len(messages) // (_BLOCKS + 1)
        group.settle(messages[:part])
        terminal = open_screen(store)
        terminal.wait_for(b"ATLAS26")
        terminal.read(quiet=_STILL)
        alone: list[Cost] = []
        beside: list[Cost] = []
        for block in range(1, _BLOCKS + 1):
            alone += _pressed(terminal, _KEYS)
            sending = threading.Thread(target=group.send, args=(messages[block * part : (block + 1) * part],))
            sending.start()
            time.sleep(1.0)
            while sending.is_alive():
                beside += _pressed(terminal, 1)
            sending.join()
            terminal.read(quiet=_STILL)
        _line(f"cursor down, {_ALERTS:,} alerts: drawn, ms", alone)
        _line("  while a watch writes at full rate", beside)
        terminal.close()
        group.end()


def _pressed(terminal: Terminal, keys: int) -> list[Cost]:
    return [terminal.key(DOWN) for _ in range(keys)]


def _line(what: str, costs: Sequence[Cost]) -> None:
    drawn = [cost.drawn for cost in costs if cost.drawn == cost.drawn]
    print(f"  {what:<44} median {statistics.median(drawn):.1f}, p95 {p95(drawn):.1f}, of {len(drawn)} keys")
