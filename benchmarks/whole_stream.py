"""What one machine takes of Rubin's stream: `python -m benchmarks.whole_stream [--packets N] [--quick]`.

Packets of their real size and framing go by a real Kafka protocol to processes of one group: reading and
parsing alone, taking into one store, into a store each, and `vra watch` with its scoring. Then: what the
store grows by, how long its lock is held, what a key costs on the screen meanwhile. What follows from it,
docs/whole_stream.md says.

The machine may be shared: the rate by CPU is what a process would do with a core of its own.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path

from benchmarks.rubin_traffic import Templates
from benchmarks.stream_group import Taken, run_group
from vra_tui.config.reading import load_config
from vra_tui.pipeline.ingest import ingest
from vra_tui.pipeline.score_store import StoreScorer
from vra_tui.sources.reading import Reading
from vra_tui.sources.wires.messages import Messages
from vra_tui.store import Store
from vra_tui.store.connection import open_store
from vra_tui.store.intake import Intake, is_seen

#: Rubin's nights: alerts, and hours in which they come.
_ALERTS, _HOURS = 10_000_000, 10
_NEEDED = _ALERTS / (_HOURS * 3600)
#: Earlier sources, and as many forced ones, that a packet brings: of most objects, and of old ones.
_SHORT, _LONG = 10, 400


def line(what: str, *cells: str) -> None:
    print(f"  {what:<44}" + "".join(f"{cell:>14}" for cell in cells), flush=True)


def report(what: str, taken: Taken, messages: Sequence[bytes]) -> None:
    """One line: the rate, and what it costs each process."""
    count = len(messages) - len(messages) // 10
    size = sum(map(len, messages)) / len(messages)
    rate = count / taken.seconds
    own = sum(one[0] for one in taken.cpu) / count * 1e3
    scoring = sum(sum(one[1:]) for one in taken.cpu) / count * 1e3
    busiest = max(max(one) for one in taken.cpu) / count
    line(
        what,
        f"{rate:,.0f}",
        f"{rate * size / 1e6:.0f}",
        f"{own:.2f}",
        f"{scoring:.2f}" if scoring else "",
        f"{1 / busiest:,.0f}",
        f"{max(taken.memory):,.0f}",
    )


def report_lock(taken: Taken, count: int) -> None:
    """What n processes of one store cannot do at the same time, and how many alerts a second that leaves."""
    locked, cpu = (sum(one[what] for one in taken.said) / count * 1e3 for what in ("locked", "locked_cpu"))
    line("  under the store's lock: ms, CPU ms", f"{locked:.2f}", "", f"{cpu:.2f}", "", f"{1e3 / cpu:,.0f}")


def size_of(store: Store) -> tuple[int, int]:
    """Bytes of a store, and of its stamps."""
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sizes = dict(store.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall())
    return sum(sizes.values()), sum(size for name, size in sizes.items() if "stamps" in name)


def report_growth(path: Path, alerts: int) -> None:
    """Bytes of the store that an alert takes, by what they are."""
    with closing(open_store(path)) as store:
        total, stamps = size_of(store)
    line("store: kB an alert; of it stamps", f"{total / alerts / 1e3:.1f}", f"{stamps / alerts / 1e3:.1f}")
    night = total / alerts * _ALERTS
    line(
        "  of 10 million, GB; without stamps",
        f"{night / 1e9:,.0f}",
        f"{night * (1 - stamps / total) / 1e9:,.0f}",
    )


def report_known(templates: Templates, folder: Path, schemas: Path, count: int, history: int) -> None:
    """What packets of known objects cost, without a broker: CPU, and bytes of the store."""
    with closing(open_store(folder / f"known{history}.db", durable=False)) as store:
        reading = Messages("rubin", Reading(schemas=schemas, is_known=partial(is_seen, store)))

        def taken(messages: Sequence[bytes]) -> Intake:
            packets = (reading.pieces(one, None, str(place)) for place, one in enumerate(messages))
            return ingest(store, chain.from_iterable(packets), clock=lambda: datetime.now(UTC))

        taken(list(templates.messages(10, history, first=10**7)))  # imports what is needed
        for night in range(2):
            messages = list(templates.messages(count, history, nights=night))
            (total, stamps), begin = size_of(store), time.process_time()
            intake = taken(messages)
            cpu = (time.process_time() - begin) / count * 1e3
            assert (intake.new, intake.extended)[night] == count, intake
            now, stamps_now = size_of(store)
            rest = (now - total - stamps_now + stamps) / count / 1e3
            words = "known objects, a night later" if night else "new objects"
            line(f"histories of {history}: {words}", "", "", f"{cpu:.2f}")
            line(
                "  the store grows by kB an alert; without stamps",
                f"{(now - total) / count / 1e3:.1f}",
                f"{rest:.1f}",
            )
        scorer = StoreScorer.configured(load_config(folder / "none.toml"), clock=lambda: datetime.now(UTC))
        for words, step in (("ranks", scorer.score), ("reasons and labels", scorer.explain)):
            begin = time.process_time()
            step(store)
            cpu = (time.process_time() - begin) / (count + 10) * 1e3
            line(f"  {count + 10:,} in one round: {words}", "", "", "", f"{cpu:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=3_000)
    parser.add_argument("--quick", action="store_true", help="without the screen")
    options = parser.parse_args()
    templates = Templates.found()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        schemas = templates.write_schema(folder)
        short = list(templates.messages(options.packets, _SHORT))
        long = list(templates.messages(options.packets // 5, _LONG, first=10**6))
        print(
            f"whole stream: {templates.words}; {sum(map(len, short)) / len(short) / 1e3:.0f} kB each; "
            f"asked for: {_NEEDED:.0f} alerts/s on average"
        )
        line("", "alerts/s", "MB/s", "CPU ms", "scoring ms", "by CPU /s", "MB memory")
        tenth = "keep = {score = 0.9}\n"
        runs: list[tuple[str, str, int, list[bytes], bool, str]] = [
            ("read and parsed, 1 process", "read", 1, short, False, ""),
            ("read and parsed, 2 processes", "read", 2, short, False, ""),
            ("in a store, 1 process", "intake", 1, short, False, ""),
            ("in one store, 2 processes", "intake", 2, short, False, ""),
            ("in a store each, 2 processes", "intake", 2, short, True, ""),
            ("in a store and scored, 1 process", "watch", 1, short, False, ""),
            ("in one store and scored, 2 processes", "watch", 2, short, False, ""),
            ("in a store each and scored, 2 processes", "watch", 2, short, True, ""),
            ("a tenth kept and scored, 1 process", "watch", 1, short, False, tenth),
            ("a tenth kept and scored, 2, one store", "watch", 2, short, False, tenth),
            (f"histories of {_LONG}: read and parsed, 1", "read", 1, long, False, ""),
            (f"histories of {_LONG}: in a store and scored, 1", "watch", 1, long, False, ""),
        ]
        for number, (what, how, members, messages, is_each, more) in enumerate(runs):
            taken, stores = run_group(folder / str(number), schemas, how, members, messages, is_each, more)
            report(what, taken, messages)
            if how == "intake":
                report_lock(taken, len(messages))
            if (how, members, more) == ("watch", 1, ""):
                report_growth(stores[0], len(messages))
            for path in stores:
                path.unlink()
        for history in (_SHORT, _LONG):
            report_known(
                templates, folder, schemas, options.packets // (2 if history == _SHORT else 10), history
            )
        if not options.quick:
            from benchmarks.stream_screen import measure_keys

            measure_keys(folder, schemas, short)
    print(f"  load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
