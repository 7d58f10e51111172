"""What a key costs on the screen while `vra watch` takes in all it can, for `benchmarks.whole_stream`."""

import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
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
        alone, beside = Keys(), Keys()
        for block in range(1, _BLOCKS + 1):
            for _ in range(_KEYS):
                alone.press(terminal)
            sending = threading.Thread(target=group.send, args=(messages[block * part : (block + 1) * part],))
            sending.start()
            time.sleep(1.0)
            while sending.is_alive():
                beside.press(terminal)
            sending.join()
            terminal.read(quiet=_STILL)
        _line(f"cursor down, {_ALERTS:,} alerts: drawn, ms", alone.down)
        _line("  while a watch writes at full rate", beside.down)
        _line("decision: written and drawn, ms", alone.decision)
        _line("  while a watch writes at full rate", beside.decision)
        terminal.close()
        group.end()


@dataclass
class Keys:
    """What keys cost: the cursor down, and a decision, which is on the disk before the screen moves on."""

    down: list[Cost] = field(default_factory=list)
    decision: list[Cost] = field(default_factory=list)

    def press(self, terminal: Terminal) -> None:
        self.down.append(terminal.key(DOWN))
        self.decision.append(terminal.key(b"g"))


def _line(what: str, costs: Sequence[Cost]) -> None:
    drawn = [cost.drawn for cost in costs if cost.drawn == cost.drawn]
    print(f"  {what:<44} median {statistics.median(drawn):.1f}, p95 {p95(drawn):.1f}, of {len(drawn)} keys")
