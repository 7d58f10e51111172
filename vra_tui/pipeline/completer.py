"""Completing beside a watch: a thread with a store and wires of its own, which asks every so often."""

import queue
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.config.alert_sources import AlertSource
from vra_tui.errors import VraError
from vra_tui.pipeline.completing import complete
from vra_tui.pipeline.feeds import Opener
from vra_tui.sources.wires.base import Edges, Stopped, Wire
from vra_tui.store import Store, StoreFault
from vra_tui.store.connection import open_store, reason
from vra_tui.store.transaction import give_up_when
from vra_tui.store.turns import Turn
from vra_tui.surveys import installed_surveys

#: Seconds between two times that the sources are asked for what alerts lack.
EVERY = 60.0


class Completer(threading.Thread):
    """Asks the sources for what alerts that rank high lack, until the program is to end.

    Of several processes that follow streams into one store, one asks each source; another when that ends.

    ``opener`` opens wires that do not wait for a used-up budget, since one source would keep all others
    waiting. ``say`` gets a line for whatever goes wrong, once as long as it stays the same.
    """

    def __init__(
        self,
        path: Path,
        sources: Sequence[AlertSource],
        opener: Opener,
        *,
        edges: Edges,
        stop: threading.Event,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
        every: float = EVERY,
    ) -> None:
        super().__init__(name="completing", daemon=True)
        self._path, self._sources, self._opener = path, sources, opener
        self._edges, self._stop_asked, self._clock = edges, stop, clock
        self._say, self._every = say, every
        self._came: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._told: dict[str, str] = {}

    def came(self) -> int:
        """How many requests brought something since this was asked last."""
        total = 0
        while not self._came.empty():
            total += self._came.get()
        return total

    def run(self) -> None:
        """Ask, wait, ask again; ends at once where no source has what alerts may lack."""
        while True:
            try:
                self._run()
                return
            except Stopped:
                return
            except StoreFault as error:
                self._tell("the store", reason(error))
            except Exception as error:
                # A source that breaks this thread is asked again later; alerts go on coming in meanwhile.
                self._tell("completing", f"an error that should not be: {type(error).__name__}: {error}")
            try:
                self._edges.wait(self._every)
            except Stopped:
                return

    def _run(self) -> None:
        with closing(open_store(self._path, create=False, durable=False)) as store, ExitStack() as opened:
            give_up_when(store, self._stop_asked.is_set)
            wires = [wire for source in self._sources if (wire := self._wire_of(store, source, opened))]
            turns = {one.name: Turn(self._path, f"completing-{one.name}") for one in wires}
            for turn in turns.values():
                opened.callback(turn.close)
            surveys = installed_surveys()
            while wires:
                mine = [one for one in wires if turns[one.name].is_mine()]
                done = complete(
                    store, mine, clock=self._clock, surveys=surveys, is_over=self._stop_asked.is_set
                )
                self._came.put(done.came)
                for name in self._told.keys() - done.faults.keys():
                    del self._told[name]
                for name, fault in done.faults.items():
                    self._tell(name, fault)
                self._edges.wait(self._every)

    def _wire_of(self, store: Store, source: AlertSource, opened: ExitStack) -> Wire | None:
        """The wire of a source that has what alerts may lack; None for others."""
        try:
            wire = self._opener(store, source)
        except VraError:
            return None  # its own thread says what is wrong with it
        opened.callback(wire.close)
        return wire if wire.adds or wire.completes else None

    def _tell(self, name: str, fault: str) -> None:
        """Say what goes wrong, but not again for other numbers in it, such as how long to wait."""
        kind = re.sub(r"[\d.,]+", "", fault)
        if self._told.get(name) != kind:
            self._told[name] = kind
            self._say(f"{self._clock().astimezone(UTC):%Y-%m-%d %H:%M:%S} nothing added by {name}: {fault}")
