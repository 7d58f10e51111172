"""A night of brokers in minutes: `python -m benchmarks.soak [--messages N] [--packets N] [--calm]`.

Lasair's messages of 1 to 5 kB over four partitions, 5 % repeats, 1 % poison, and full LSST packets beside,
by a real Kafka protocol; `vra watch` is killed three times (SIGKILL) and loses its broker twice. At the end
every good alert must be in the store once, with every source, and scored. ``--calm``: no kills and no losses,
to measure speed. Then alerts at 50 a second, and how long each takes from the wire to its rank in the store.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.wire_traffic import LasairTraffic, lsst_packets, model_for_lsst
from tests.harness.kafka import Cluster, Proxy, cluster, proxy_before
from tests.surveys.lsst import made as lsst
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curves
from vra_tui.store.following import positions_of, rejected_packets, source_states

#: The mock broker keeps some 5 MB of a partition: so much may lie there unread, bytes.
_UNREAD = 3_000_000
_KILLS, _LOSSES = 3, 2
_LOST_FOR = 4.0
_PARTITIONS = 4
TOPICS = {"lasair": "lasair_2soak", "rubin": "lsst-alerts-v10"}
_RATE, _SECONDS = 50, 20


class Watching:
    """`vra watch` in a process of its own, started again when it was killed."""

    def __init__(self, folder: Path, addresses: dict[str, str], model: Path) -> None:
        self.db = folder / "soak.db"
        self._log = (folder / "watch.log").open("ab")
        config = folder / "config.toml"
        config.write_text(
            f'[source.lasair]\nkind = "lasair-kafka"\nbrokers = "{addresses["lasair"]}"\n'
            f'topic = "{TOPICS["lasair"]}"\ntimeout = 3\n'
            f'[source.rubin]\nkind = "kafka"\nbrokers = "{addresses["rubin"]}"\n'
            f'topic = "{TOPICS["rubin"]}"\nschemas = "{folder / "schemas"}"\ntimeout = 3\n'
        )
        self._environment = {**os.environ, "VRA_CONFIG": str(config), "VRA_DB": str(self.db)}
        self._command = [str(Path(sys.executable).parent / "vra"), "watch", "--model", str(model)]
        open_store(self.db, durable=False).close()
        self._spent = 0.0
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=self._log, stderr=self._log
        )

    def kill(self) -> None:
        self._process.kill()
        self._end()
        self.start()

    def stop(self) -> int:
        self._process.terminate()
        return self._end()

    def wait_until_up(self) -> None:
        """Wait until it says that it watches. Raises RuntimeError where it ends instead."""
        while b" watching " not in (said := Path(self._log.name).read_bytes()):
            if self._process.poll() is not None:
                raise RuntimeError(f"`vra watch` ended: {said.decode(errors='replace')}")
            time.sleep(0.1)

    @property
    def cpu(self) -> float:
        """CPU seconds of all processes so far, user and system."""
        return self._spent + sum(self.cpu_of_each)

    @property
    def cpu_of_each(self) -> list[float]:
        """CPU seconds of the process that takes in, and of the one that scores, as long as they run."""
        found = []
        for process in self._processes():
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
            # Its own, and those of its children that ended.
            found.append(sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK"))
        return found

    @property
    def peak_memory(self) -> list[float]:
        """The most memory that each running process held at once, MB."""
        found = []
        for process in self._processes():
            lines = Path(f"/proc/{process}/status").read_text().splitlines()
            found += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")]
        return found

    def _processes(self) -> list[int]:
        """The program's processes: that which reads and writes, and the one that scores."""
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children")
        return [own, *map(int, children.read_text().split())]

    def _end(self) -> int:
        _, status, usage = os.wait4(self._process.pid, 0)
        self._spent += usage.ru_utime + usage.ru_stime
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return self._process.returncode


class Pacer:
    """Writes to a topic no faster than it is read, lest the mock broker forget what nobody read."""

    def __init__(self, made: Cluster, store: sqlite3.Connection, source: str) -> None:
        self._made, self._store, self._source, self._topic = made, store, source, TOPICS[source]
        self._sizes: list[list[int]] = [[0] for _ in range(_PARTITIONS)]

    @property
    def sent(self) -> int:
        return sum(len(sizes) - 1 for sizes in self._sizes)

    def put(self, messages: Iterator[bytes], most: int) -> bool:
        """Write up to so many messages, as many as there is room for; False at the end."""
        read = positions_of(self._store, self._source)
        unread = [
            sizes[-1] - sizes[int(read.get(f"{self._topic}[{number}]", "0").partition(",")[0])]
            for number, sizes in enumerate(self._sizes)
        ]
        for _ in range(most):
            partition = int(np.argmin(unread))
            if unread[partition] > _UNREAD:
                break
            message = next(messages, None)
            if message is None:
                self._made.producer.flush(30)
                return False
            self._made.producer.produce(self._topic, message, None, partition)
            self._made.producer.poll(0)
            unread[partition] += len(message)
            self._sizes[partition].append(self._sizes[partition][-1] + len(message))
        self._made.producer.flush(30)
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--packets", type=int, default=500)
    parser.add_argument("--calm", action="store_true")
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    # A broker of each source, as in the field.
    with (
        tempfile.TemporaryDirectory() as name,
        cluster() as made,
        cluster() as rubin,
        proxy_before(made) as proxy,
    ):
        folder = Path(name)
        made.make(TOPICS["lasair"])
        rubin.make(TOPICS["rubin"])
        packets = list(lsst_packets(options.packets, rng, folder / "schemas"))
        addresses = {"lasair": proxy.address, "rubin": rubin.address}
        watching = Watching(folder, addresses, model_for_lsst(folder))
        store = open_store(watching.db)
        traffic = LasairTraffic(rng)
        watching.wait_until_up()
        before, each_before = watching.cpu, watching.cpu_of_each
        seconds = soak(options.messages, made, rubin, proxy, watching, store, traffic, packets, options.calm)
        report(store, traffic, packets, seconds, watching.cpu - before, options.calm)
        if options.calm:
            each = [now - then for now, then in zip(watching.cpu_of_each, each_before, strict=True)]
            report_each(each, (traffic.sent + len(packets)) / 1_000)
        line("most memory of each process, MB", "", " + ".join(f"{one:,.0f}" for one in watching.peak_memory))
        report_latency(made, store)
        print(f"  `vra watch` ended on SIGTERM with exit code {watching.stop()}")
        store.close()
        print((folder / "watch.log").read_text()[-1_500:])


def soak(
    messages: int,
    made: Cluster,
    rubin: Cluster,
    proxy: Proxy,
    watching: Watching,
    store: sqlite3.Connection,
    traffic: LasairTraffic,
    packets: list[tuple[int, bytes]],
    is_calm: bool,
) -> float:
    """Send all, with faults between, and wait until all is scored; seconds from the first message."""
    pacers = {"lasair": Pacer(made, store, "lasair"), "rubin": Pacer(rubin, store, "rubin")}
    sending = {
        "lasair": traffic.messages(messages),
        "rubin": (content for _, content in packets),
    }
    kills = [] if is_calm else [int(messages * (n + 1) / (_KILLS + 1)) for n in range(_KILLS)]
    losses = [] if is_calm else [int(messages * (n + 0.5) / (_LOSSES + 0.5)) for n in range(_LOSSES)]
    begin = time.perf_counter()
    lost_at = 0.0
    while sending:
        for source in list(sending):
            if not pacers[source].put(sending[source], 500 if source == "lasair" else 5):
                del sending[source]
        if kills and pacers["lasair"].sent >= kills[0]:
            kills.pop(0)
            watching.kill()
        if losses and pacers["lasair"].sent >= losses[0] and proxy.mode == "open":
            losses.pop(0)
            proxy.set("silent" if len(losses) % 2 else "closed")
            lost_at = time.perf_counter()
        if proxy.mode != "open" and time.perf_counter() - lost_at > _LOST_FOR:
            proxy.set("open")
        time.sleep(0.02)
    proxy.set("open")
    wait_until_scored(store, len(traffic.sources) + len(packets))
    return time.perf_counter() - begin


def wait_until_scored(store: sqlite3.Connection, alerts: int, limit: float = 900.0) -> None:
    until = time.perf_counter() + limit
    while time.perf_counter() < until:
        (scored,) = store.execute("SELECT count(*) FROM standing WHERE mjd IS NOT NULL").fetchone()
        (waiting,) = store.execute(
            "SELECT count(*) FROM standing WHERE pending_revision IS NOT NULL"
        ).fetchone()
        if scored >= alerts and not waiting:
            return
        time.sleep(0.1)
    print("  NOT ALL WAS SCORED IN TIME")


def line(what: str, asked: str, measured: str) -> None:
    print(f"  {what:<58} {asked:>12} {measured:>22}")


def report(
    store: sqlite3.Connection,
    traffic: LasairTraffic,
    packets: list[tuple[int, bytes]],
    seconds: float,
    cpu: float,
    is_calm: bool,
) -> None:
    good = {str(name) for name in traffic.sources} | {str(name) for name, _ in packets}
    held = dict(
        store.execute("SELECT object_id, alert_id FROM objects JOIN alerts USING (alert_id)").fetchall()
    )
    lacking = 0
    names = list(traffic.sources)
    for first in range(0, len(names), 2_000):
        part = [name for name in names[first : first + 2_000] if str(name) in held]
        ids = sorted(held[str(name)] for name in part)
        counts = dict(zip(ids, detections_of(store, ids), strict=True))
        lacking += sum(counts[held[str(name)]] != len(traffic.sources[name]) for name in part)
    (scored,) = store.execute("SELECT count(*) FROM standing WHERE mjd IS NOT NULL").fetchone()
    rejected = rejected_packets(store, "lasair")
    refused = {state.source: state.refused for state in source_states(store)}
    faults = "none" if is_calm else f"{_KILLS} kills, {_LOSSES} lost connections"
    print(f"soak: {traffic.sent:,} messages ({traffic.repeated:,} repeats, {traffic.poisoned:,} poison), "
          f"{len(packets)} LSST packets; faults: {faults}")  # fmt: skip
    line("good alerts that are in the store", f"{len(good):,}", f"{len(good & held.keys()):,}")
    line("alerts in the store that are none", "0", f"{len(held.keys() - good):,}")
    line("alerts that lack a source, or have one twice", "0", f"{lacking:,}")
    line("alerts with a rank", f"{len(good):,}", f"{scored:,}")
    line(
        "poison refused (more: read again after a kill)",
        f">= {traffic.poisoned:,}",
        f"{refused.get('lasair', 0):,}",
    )
    line(
        "poison kept with its bytes (the newest 1,000)",
        f"{min(1_000, traffic.poisoned):,}",
        f"{len(rejected):,}",
    )
    line("minutes from the first message to the last rank", "<= 15", f"{seconds / 60:.1f}")
    line("CPU seconds of `vra watch`; load of the machine", "", f"{cpu:,.0f}; {os.getloadavg()[0]:.1f}")
    thousands = (traffic.sent + len(packets)) / 1_000
    line("CPU seconds a thousand messages", "", f"{cpu / thousands:.2f}")
    line(
        "full LSST packets a second, where only they are sent", ">= 50", rate_alone(traffic, packets, seconds)
    )
    line("messages a second, taken in, scored and filed", ">= 1,000", f"{traffic.sent / seconds:,.0f}")


def report_each(cpu: Sequence[float], thousands: float) -> None:
    """What each process costs, and so what comes through where each has a core.

    On a machine that others share, the measured rate says how much they left.
    """
    said = " + ".join(f"{one / thousands:.2f}" for one in cpu)
    line("  of the process that takes in, and of the one that scores", "", said)
    line(
        "  messages a second for the busier of the two, by its CPU",
        "",
        f"{thousands * 1_000 / max(cpu):,.0f}",
    )


def rate_alone(traffic: LasairTraffic, packets: Sequence[object], seconds: float) -> str:
    return "not measured" if traffic.sent else f"{len(packets) / seconds:,.0f}"


def detections_of(store: sqlite3.Connection, ids: list[int]) -> list[int]:
    starts = light_curves(store, ids).detection_start
    return [int(number) for number in np.diff(starts)]


def report_latency(made: Cluster, store: sqlite3.Connection) -> None:
    """Alerts at 50 a second: from the wire to a rank in the store."""
    rng = np.random.default_rng(2)
    fresh = LasairTraffic(rng, repeats=0.0, poison=0.0, followed=0.0)
    sent: dict[str, float] = {}
    took: list[float] = []
    begin = time.perf_counter()
    # Other objects than before.
    for number in range(_RATE * _SECONDS):
        name = lsst.OBJECT + 5 * 10**8 + number
        message = fresh.message(name, float(rng.uniform(0, 360)), float(rng.uniform(-75, 10)), 5)
        made.producer.produce(TOPICS["lasair"], message, None, number % _PARTITIONS)
        made.producer.poll(0)
        sent[str(name)] = time.perf_counter()
        took += arrived(store, sent)
        time.sleep(max(0.0, begin + (number + 1) / _RATE - time.perf_counter()))
    until = time.perf_counter() + 30
    while sent and time.perf_counter() < until:
        took += arrived(store, sent)
        time.sleep(0.02)
    line("at 50 alerts/s: from the wire to a rank, s, median", "<= 2", f"{statistics.median(took):.2f}")
    line("  the slowest of 20", "<= 2", f"{statistics.quantiles(took, n=20)[-1]:.2f}")
    line("  the slowest, and how many never came", "<= 3; 0", f"{max(took):.2f}; {len(sent)}")


def arrived(store: sqlite3.Connection, sent: dict[str, float]) -> list[float]:
    """Seconds that those alerts took which have a rank by now; they leave ``sent``."""
    now = time.perf_counter()
    marks = ", ".join("?" * min(len(sent), 500))
    rows = store.execute(
        f"""SELECT object_id FROM objects JOIN standing USING (alert_id)
        WHERE survey = 'lsst' AND object_id IN ({marks}) AND mjd IS NOT NULL""",
        list(sent)[:500],
    )
    return [now - sent.pop(row[0]) for row in rows.fetchall()]


if __name__ == "__main__":
    main()
