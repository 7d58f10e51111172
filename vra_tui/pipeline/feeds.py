"""Feeds: each source in a thread of its own, which asks its wire and hands over what came, one at a time."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from vra_tui.config.alert_sources import AlertSource
from vra_tui.errors import VraError
from vra_tui.sources.wires.base import Delivery, Edges, Stopped, Wire, WireFault
from vra_tui.sources.wires.budget import backoff
from vra_tui.store import Store, StoreFault
from vra_tui.store.connection import open_store, reason
from vra_tui.store.following import positions_of
from vra_tui.store.transaction import give_up_when
from vra_tui.store.turns import Turn

#: Between two tries of a source that failed: at first, and at most, seconds.
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 300.0
#: How often one who waits for the writer looks whether the program is to end, seconds.
_LOOKS = 0.2

#: Opens the wire of a source for the thread that opened the store.
Opener = Callable[[Store, AlertSource], Wire]


@dataclass
class Handed:
    """What a feed hands to the writer: a delivery of its wire, or why there is none.

    The writer says `done` when it is in the store, with ``error`` where it could not be written.
    """

    feed: "Feed"
    wire: Wire | None = None
    delivery: Delivery | None = None
    fault: str | None = None
    done: threading.Event = field(default_factory=threading.Event)
    error: StoreFault | None = None


class StoredPositions(Mapping[str, str]):
    """The positions of a source as the store holds them when they are read, which others may change too."""

    def __init__(self, store: Store, source: str) -> None:
        self._store, self._source = store, source

    def __getitem__(self, part: str) -> str:
        return positions_of(self._store, self._source)[part]

    def __iter__(self) -> Iterator[str]:
        return iter(positions_of(self._store, self._source))

    def __len__(self) -> int:
        return len(positions_of(self._store, self._source))


class Feed(threading.Thread):
    """One source: followed for ever or asked every so often, opened anew after a while when it fails."""

    def __init__(
        self,
        path: Path,
        source: AlertSource,
        opener: Opener,
        handed: "queue.Queue[Handed]",
        stop: threading.Event,
        edges: Edges,
        once: bool = False,
    ) -> None:
        super().__init__(name=f"source {source.name}", daemon=True)
        self.source = source
        #: Why it ended before it was told to; None as long as it runs, and where all went well.
        self.gave_up: str | None = None
        self._path, self._opener, self._handed = path, opener, handed
        self._brought = False
        self._stop_asked, self._edges, self._once = stop, edges, once

    def run(self) -> None:
        """Follow or ask the source until the program is to end; with ``once`` until there is no more."""
        attempt = 0
        while True:
            self._brought = False
            wait = 0.0
            try:
                self._run_wire()
                return
            except Stopped:
                return
            except WireFault as fault:
                told, wait = str(fault), fault.retry_after or 0.0
            except StoreFault as error:
                told = f"what came could not be kept: {reason(error)}"
            except VraError as error:
                # Nothing that time mends: a wrong option, a secret that is not there.
                self.gave_up = str(error)
                self._tell(self.gave_up)
                return
            except Exception as error:
                told = f"an error that should not be: {type(error).__name__}: {error}"
            if not self._tell(told):
                return
            if self._once:
                self.gave_up = told
                return
            # One that brought something before it failed is tried again soon.
            attempt = 0 if self._brought else attempt + 1
            wait = max(wait, backoff(attempt, self._edges.chance(), _FIRST_WAIT, _LONGEST_WAIT))
            try:
                self._edges.wait(wait)
            except Stopped:
                return

    def _run_wire(self) -> None:
        with (
            closing(open_store(self._path, create=False, durable=False)) as store,
            closing(self._opener(store, self.source)) as wire,
            closing(Turn(self._path, f"asking-{self.source.name}")) as turn,
        ):
            give_up_when(store, self._stop_asked.is_set)
            if wire.only_completes:
                return
            if wire.is_followed:
                with closing(wire.follow(StoredPositions(store, wire.name))) as deliveries:  # type: ignore[type-var]
                    for delivery in deliveries:
                        self._hand(Handed(self, wire, delivery))
                        if self._once and delivery.is_quiet:
                            return
            while not wire.is_followed:
                # Another watch of this store may ask it already.
                if self._once or turn.is_mine():
                    for delivery in wire.query(positions_of(store, wire.name)):
                        self._hand(Handed(self, wire, delivery))
                    self._hand(Handed(self, wire, Delivery([])))
                if self._once:
                    return
                self._edges.wait(wire.every)

    def _hand(self, handed: Handed) -> None:
        """Give it to the writer, and wait until it is in the store. Raises Stopped, StoreFault."""
        while True:
            try:
                self._handed.put(handed, timeout=_LOOKS)
                break
            except queue.Full:
                self._look()
        while not handed.done.wait(_LOOKS):
            self._look()
        if handed.error is not None:
            raise handed.error
        self._brought |= handed.delivery is not None

    def _look(self) -> None:
        if self._stop_asked.is_set():
            raise Stopped

    def _tell(self, fault: str) -> bool:
        """Tell the writer that the source is down; False where the program is to end."""
        try:
            self._hand(Handed(self, fault=fault))
        except (Stopped, StoreFault):
            return not self._stop_asked.is_set()
        return True
