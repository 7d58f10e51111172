"""One process of a Kafka group, of which `benchmarks.whole_stream` starts several.

`python -m benchmarks.stream_member HOW`: `read` reads and parses alone, `intake` takes in without scoring,
`watch` is `vra watch`. VRA_CONFIG and VRA_DB name the configuration and the store. SIGTERM ends it, with a
line of JSON.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from vra_tui.cli.common import give_way
from vra_tui.config.reading import load_config
from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline import pull
from vra_tui.pipeline.ingest import alerts_of
from vra_tui.pipeline.sources import Keys, chosen_sources, open_source, real_edges
from vra_tui.pipeline.watch import Watch
from vra_tui.sources.wires import kafka_client
from vra_tui.sources.wires.base import Stopped
from vra_tui.store import Store, intake
from vra_tui.store.connection import open_store
from vra_tui.surveys import installed_surveys

#: The mock broker keeps a group waiting for so long whenever one joins; real brokers do not.
_SESSION_MS = 6_000


class LockedTime:
    """Counts how long this process holds the store's lock, and its CPU seconds meanwhile.

    What it does then, no second process can do at the same time.
    """

    def __init__(self) -> None:
        self.seconds = self.cpu = 0.0

    @contextmanager
    def transaction(self, store: Store, real=intake.transaction) -> Iterator[Store]:
        begin = None
        try:
            with real(store):
                begin = time.perf_counter(), time.thread_time()
                yield store
        finally:
            if begin is not None:
                self.seconds += time.perf_counter() - begin[0]
                self.cpu += time.thread_time() - begin[1]


def _now() -> datetime:
    return datetime.now(UTC)


def read(stop: threading.Event) -> dict[str, float]:
    """Read and parse what comes; nothing is kept."""
    config, surveys = load_config(), installed_surveys()
    (source,) = chosen_sources(config)
    refused = 0
    with (
        closing(open_store(Path(os.environ["VRA_DB"]), durable=False)) as store,
        closing(open_source(store, source, edges=real_edges(stop), keys=Keys.beside(config))) as wire,
        suppress(Stopped),
        closing(wire.follow({})) as deliveries,  # type: ignore[type-var]
    ):
        for one in deliveries:
            parsed = alerts_of(one.pieces, surveys, None, clock=_now)
            refused += sum(isinstance(alert, Refusal) for _, alert in parsed)
    return {"refused": refused}


def take_in(stop: threading.Event) -> dict[str, float]:
    """Take in what comes, as `vra watch` does; another process scores, or nobody."""
    config, edges, locked = load_config(), real_edges(stop), LockedTime()
    for module in (intake, pull):
        module.transaction = locked.transaction  # type: ignore[attr-defined]
    run = Watch(
        Path(os.environ["VRA_DB"]),
        chosen_sources(config),
        partial(open_source, edges=edges, keys=Keys.beside(config), is_patient=True),
        rounds=None,
        edges=edges,
        stop=stop,
        clock=_now,
    )
    run.run()
    (came,) = run.watched.values()
    return {"refused": came.intake.refused, "locked": locked.seconds, "locked_cpu": locked.cpu}


def main(how: str) -> None:
    kafka_client._SESSION_MS = _SESSION_MS
    if how == "watch":
        from vra_tui.cli import main as vra

        sys.argv = ["vra", "watch"]
        vra()
        return
    give_way()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    print(json.dumps({"read": read, "intake": take_in}[how](stop)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
