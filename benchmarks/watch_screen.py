"""Keys on an open screen while `vra watch` takes in 50 alerts a second: `python -m benchmarks.watch_screen`.

Paired: blocks of keys without alerts and with them take turns on one screen and one store, so that whatever
else the machine does falls on both. And how long single alerts take from the wire to a line on the screen.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from benchmarks.screen import DOWN, open_screen
from benchmarks.soak import TOPICS, Watching, line
from benchmarks.wire_traffic import LasairTraffic, lsst_packets, model_for_lsst
from tests.harness.kafka import Cluster, cluster
from tests.harness.terminal import Terminal
from tests.surveys.lsst import made as lsst

_RATE, _PARTITIONS = 50, 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=15, help="in each block")
    parser.add_argument("--blocks", type=int, default=4, help="with alerts, and as many without")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, cluster() as made, cluster() as rubin:
        folder = Path(name)
        made.make(TOPICS["lasair"])
        rubin.make(TOPICS["rubin"])
        for _ in lsst_packets(1, np.random.default_rng(1), folder / "schemas"):
            """Only their schema is wanted."""
        addresses = {"lasair": made.address, "rubin": rubin.address}
        watching = Watching(folder, addresses, model_for_lsst(folder))
        sender = Sender(made)
        watching.wait_until_up()
        time.sleep(3.0)  # the broker is asked
        terminal = open_screen(watching.db)
        terminal.read(quiet=2.0)
        took = [seen(terminal, sender) for _ in range(8)][1:]  # the first brings in what scoring needs
        line(
            "an alert on the wire to a line on the screen, s, median",
            "<= 3",
            f"{statistics.median(took):.2f}",
        )
        line("  the slowest of 7", "<= 3", f"{max(took):.2f}")
        sender.run(10.0)
        terminal.read(quiet=2.0)
        alone: list[float] = []
        beside: list[float] = []
        for _ in range(options.blocks):
            alone += [terminal.key(DOWN).drawn for _ in range(options.keys)]
            flow = threading.Thread(target=sender.run, args=(options.keys * 0.6,))
            flow.start()
            time.sleep(1.0)
            beside += [terminal.key(DOWN).drawn for _ in range(options.keys)]
            flow.join()
            terminal.read(quiet=3.0)
        known = [[value for value in values if value == value] for values in (alone, beside)]
        without, with_ = map(statistics.median, known)
        line("cursor down without alerts: panes drawn, ms", "", f"{without:.1f}")
        line(
            "the same at 50 alerts/s", f"<= {without * 1.1:.1f}", f"{with_:.1f} ({with_ / without - 1:+.0%})"
        )
        line("load of the machine", "", f"{os.getloadavg()[0]:.1f}")
        terminal.close()
        watching.stop()


def seen(terminal: Terminal, sender: "Sender") -> float:
    """Seconds from sending an alert until the screen has written its id."""
    name = str(lsst.OBJECT + sender.number)[-6:].encode()
    here, begin = len(terminal.output), time.perf_counter()
    sender.send()
    terminal.wait_for(name, since=here)
    took = time.perf_counter() - begin
    terminal.read(quiet=1.5)
    return took


class Sender:
    """Sends alerts of objects that were not sent before."""

    def __init__(self, made: Cluster) -> None:
        self._made, self.number = made, 0
        self._traffic = LasairTraffic(np.random.default_rng(1))

    def send(self) -> None:
        number = self.number
        message = self._traffic.message(lsst.OBJECT + number, 10.0 + number * 0.01, -30.0, 4)
        self._made.producer.produce(TOPICS["lasair"], message, None, number % _PARTITIONS)
        self._made.producer.flush(5)
        self.number += 1

    def run(self, seconds: float) -> None:
        begin = time.perf_counter()
        for number in range(int(seconds * _RATE)):
            self.send()
            time.sleep(max(0.0, begin + (number + 1) / _RATE - time.perf_counter()))


if __name__ == "__main__":
    main()
